"""The resources of OGC API - Features, part 1 (OGC 17-069r4): landing page, conformance, API, collections, items."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.doors.ogc import shapes
from linli.doors.ogc.answers import GEOJSON, JSON, OPENAPI, document, link, linked, missing, served
from linli.doors.ogc.asked import CRS84, Asked, only, read
from linli.doors.ogc.description import openapi
from linli.doors.ogc.who import viewer_of
from linli.kernel import clock
from linli.rooms.cases.queries import features as cases
from linli.rooms.places import atlas
from linli.rooms.places import features as places
from linli.rooms.places.queries import extent

CONFORMS = [f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30")]
COLLECTIONS = ("grids", "buildings", "cases")
_F = ("f",)


@served
def landing(request: HttpRequest) -> HttpResponse:
    only(request.GET, _F)
    return document(
        request,
        {
            "title": _("邻里：网格、楼栋与公开事件"),
            "description": _("按 OGC API - Features 提供的网格、楼栋与公开的事件；坐标为 WGS-84，经度在前。"),
            "links": [
                link(request, "self", "landing", JSON, _("本页")),
                link(request, "service-desc", "api", OPENAPI, _("接口说明（OpenAPI 3.0）")),
                link(request, "conformance", "conformance", JSON, _("符合的标准")),
                link(request, "data", "collections", JSON, _("要素集")),
            ],
        },
    )


@served
def conformance(request: HttpRequest) -> HttpResponse:
    only(request.GET, _F)
    return document(request, {"conformsTo": CONFORMS})


@served
def api(request: HttpRequest) -> HttpResponse:
    only(request.GET, _F)
    return document(request, openapi(request.build_absolute_uri(reverse("ogc:landing"))), OPENAPI)


@served
def collections(request: HttpRequest) -> HttpResponse:
    only(request.GET, _F)
    return document(
        request,
        {
            "links": [link(request, "self", "collections", JSON, _("要素集"))],
            "collections": [_collection(request, name) for name in COLLECTIONS],
        },
    )


@served
def collection(request: HttpRequest, name: str) -> HttpResponse:
    _known(name)
    only(request.GET, _F)
    return document(request, _collection(request, name))


@served
def items(request: HttpRequest, name: str) -> HttpResponse:
    """A page of features. The next page is linked as long as there is one."""
    _known(name)
    asked = read(request.GET)
    if name == "cases":
        viewer = viewer_of(request)
        found = _cases(viewer, asked)
        features = [shapes.case(row, inner=viewer is not None) for row in found.rows]
        after = f"{_micros(found.after[0])}.{found.after[1]}" if found.after else ""
        return _features(request, name, features, after, found.matched, seconds=20)
    page = _places(name, asked)
    features = [shapes.place(feature, page) for feature in page.features]
    return _features(request, name, features, str(page.after or ""), page.matched, seconds=300)


@served
def item(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One feature with links to itself, its collection and, for a case, its page for people."""
    _known(name)
    only(request.GET, _F)
    inner = False
    if name == "cases":
        viewer = viewer_of(request)
        inner = viewer is not None
        row = cases.case(viewer, key[:40])
        feature = shapes.case(row, inner=inner) if row else None
    else:
        number = int(key) if key.isascii() and key.isdigit() and len(key) <= 18 else 0
        page = places.grid(number) if name == "grids" else places.building(number)
        feature = shapes.place(page.features[0], page) if page.features else None
    if feature is None:
        raise missing(_("没有这个要素，或者它没有公开。"))
    feature["links"] = [
        link(request, "self", "item", GEOJSON, name=name, key=key),
        link(request, "collection", "collection", JSON, name=name),
    ]
    if name == "cases":
        feature["links"].append(
            linked(request, "alternate", shapes.page_of_case(request, key, inner=inner), "text/html")
        )
    return document(request, feature, GEOJSON, seconds=20 if name == "cases" else 300)


@served
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    raise missing(_("这个接口没有这个地址。"))


def _known(name: str) -> None:
    if name not in COLLECTIONS:
        raise missing(_("没有这个要素集。有：%(names)s。") % {"names": ", ".join(COLLECTIONS)})


def _collection(request: HttpRequest, name: str) -> dict[str, Any]:
    titles = {
        "grids": (_("网格（边界）"), _("今天有效的网格（一般、专属、微网格）及其边界；datetime 给出别的日子。")),
        "buildings": (_("楼栋（位置）"), _("楼栋的名称、编号与位置。")),
        "cases": (_("事件（公开）"), _("公开的事件：不含上报人；带有 read 范围的密钥时，为该密钥可见的事件。")),
    }
    title, words = titles[name]
    start: str | None
    if name == "cases":
        start = shapes.moment(cases.first_reported())
    else:
        day = places.first_day(places.GRIDS if name == "grids" else ("building",))
        start = f"{day.isoformat()}T00:00:00Z" if day else None
    return {
        "id": name,
        "title": title,
        "description": words,
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [extent() or (-180, -90, 180, 90)], "crs": CRS84},
            "temporal": {
                "interval": [[start, None]],
                "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
            },
        },
        "crs": [CRS84],
        "links": [
            link(request, "self", "collection", JSON, title, name=name),
            link(request, "items", "items", GEOJSON, title, name=name),
        ],
    }


def _cases(viewer: Any, asked: Asked) -> cases.CasePage:
    span = asked.span
    after = None
    if asked.cursor:
        micros, last = asked.cursor
        after = (dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=micros), last)
    since, before = (span.since, span.before) if span else (None, None)
    return cases.cases(viewer, asked.boxes, since, before, after=after, limit=asked.limit)


def _places(name: str, asked: Asked) -> places.PlacePage:
    today = atlas.today()
    days = places.Days(*asked.span.days) if asked.span else places.Days(today, today)
    after = asked.cursor[0] if asked.cursor else 0
    reads = places.grids if name == "grids" else places.buildings
    return reads(days, asked.boxes, after=after, limit=asked.limit)


def _micros(at: dt.datetime) -> int:
    return (at - dt.datetime.fromtimestamp(0, dt.UTC)) // dt.timedelta(microseconds=1)


def _features(
    request: HttpRequest, name: str, features: list[dict[str, Any]], after: str, matched: int | None, *, seconds: int
) -> HttpResponse:
    where = reverse("ogc:items", kwargs={"name": name})
    here = request.GET.urlencode()
    links = [
        linked(request, "self", f"{where}?{here}" if here else where, GEOJSON),
        link(request, "collection", "collection", JSON, name=name),
    ]
    if after:
        further = {key: value for key, value in request.GET.items() if key != "cursor"}
        links.append(linked(request, "next", f"{where}?{urlencode({**further, 'cursor': after})}", GEOJSON))
    body: dict[str, Any] = {"type": "FeatureCollection", "links": links, "numberReturned": len(features)}
    if matched is not None:
        body["numberMatched"] = matched
    body["features"] = features
    stamp = f'"timeStamp":"{shapes.moment(clock.now())}",'.encode()
    return document(request, body, GEOJSON, seconds=seconds, moment=stamp)
