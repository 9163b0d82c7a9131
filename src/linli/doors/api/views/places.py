"""Places, grids, posts, units, and who answers. Public facts for whoever has a key or is signed in."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Router, Schema
from pydantic import Field

from linli.doors.api import schemas, shapes
from linli.doors.api.door import json, needs
from linli.kernel import clock
from linli.kernel.errors import NotFound, Refused
from linli.kernel.geo import read_point, read_system
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.people import queries as people
from linli.rooms.places import atlas
from linli.rooms.places import queries as places

_BOX = gettext_lazy("范围请写成：西,南,东,北（度）。")
router = Router(tags=["places"])
people_router = Router(tags=["people"])


class PlaceQuery(Schema):
    kind: list[schemas.PlaceKind] = Field(default_factory=list, max_length=7)
    under: schemas.Id | None = Field(None, description="only what lies in this place")
    code: str = Field("", max_length=15)
    q: str = Field("", max_length=60, description="name, code or address")
    limit: int = Field(100, ge=1, le=1000)
    after: schemas.Id | None = Field(None, description="`next` of the page before")


@router.get("/places", response=schemas.PlaceList, url_name="places")
def list_places(request: HttpRequest, asked: Query[PlaceQuery]) -> HttpResponse:
    """The tree of places in force today. Buildings come with `q`, or with `kind=building` and `under`."""
    if asked.q:
        found = places.search(asked.q, limit=min(asked.limit, 100), kinds=list(asked.kind) or None)
        return json({"items": [shapes.place(one) for one in found], "next": None})
    if "building" in asked.kind and asked.under:
        houses = sorted(places.buildings_in(asked.under), key=lambda one: one.pk)
        rows = [shapes.place(one) for one in houses if one.pk > (asked.after or 0)]
    else:
        known = atlas.current().places
        rows = [
            shapes.facts(facts)
            for place_id, facts in known.items()
            if (not asked.kind or facts.kind in asked.kind)
            and (asked.under is None or asked.under in facts.lineage)
            and (not asked.code or facts.code == asked.code)
            and place_id > (asked.after or 0)
        ]
    more = len(rows) > asked.limit
    rows = rows[: asked.limit]
    return json({"items": rows, "next": str(rows[-1]["id"]) if more else None})


@router.get("/places/locate", response=schemas.Located, url_name="locate")
def locate(
    request: HttpRequest,
    lng: schemas.Degrees,
    lat: schemas.Degrees,
    system: schemas.System = "wgs84",
    accuracy_m: schemas.Metres | None = None,
) -> HttpResponse:
    """The grid around a point, all above it, and other grids it may lie in given its accuracy."""
    x, y = read_point(lng, lat, read_system(system))
    found = places.locate(x, y, accuracy_m=accuracy_m)
    return json(
        {
            "kind": found.kind,
            "place_id": found.place_id,
            "grid_id": found.grid_id,
            "division_id": found.division,
            "path": _path(found.lineage),
            "candidates": [
                {"place_id": one.place_id, "name": one.name, "distance_m": one.distance_m} for one in found.candidates
            ],
            "distance_m": found.distance_m,
            "swapped": found.swapped,
        }
    )


class BoundaryQuery(Schema):
    bbox: str = Field("", max_length=120, description="west,south,east,north")
    kind: list[schemas.PlaceKind] = Field(default_factory=list, max_length=7)
    under: schemas.Id | None = None
    simplify_m: schemas.Metres = 0.0


@router.get("/places.geojson", response=schemas.FeatureCollection, url_name="places_geojson")
def geojson(
    request: HttpRequest,
    asked: Query[BoundaryQuery],
) -> HttpResponse:
    """Boundaries as GeoJSON (WGS-84); without `kind` the grids."""
    blob = places.grids_geojson(
        _box(asked.bbox) if asked.bbox else None,
        simplify_m=asked.simplify_m,
        kinds=list(asked.kind) or ["grid", "special", "micro"],
        root_id=asked.under,
    )
    return HttpResponse(blob, content_type="application/geo+json")


@router.get("/places/{place_id}", response=schemas.PlaceWhole, url_name="place")
def place(request: HttpRequest, place_id: schemas.Id) -> HttpResponse:
    """One place, ended ones and buildings too."""
    found = places.get(place_id)
    return json(shapes.place(found) | {"path": _path(found.lineage), "extent": places.extent(place_id)})


@router.get("/places/{place_id}/geojson", response=schemas.Feature, url_name="place_geojson")
def place_geojson(request: HttpRequest, place_id: schemas.Id) -> HttpResponse:
    """The boundary of one place; geometry null where it has none."""
    found = places.get(place_id)
    point = {"type": "Point", "coordinates": [found.lng, found.lat]} if found.lng is not None else None
    properties = shapes.place(found)
    feature = {
        "type": "Feature",
        "id": found.pk,
        "properties": properties,
        "geometry": places.boundary_geojson(place_id) or point,
    }
    answer = json(feature)
    answer["Content-Type"] = "application/geo+json"
    return answer


@people_router.get("/posts", response=schemas.PostList, url_name="posts")
def posts(request: HttpRequest, place: schemas.Id) -> HttpResponse:
    """Who answers for a place and all above it: posts that residents may see, nearest first."""
    lineage = places.get(place).lineage
    rows = [
        {
            "post_id": one.post_id,
            "kind": one.kind,
            "kind_name": one.kind_name,
            "name": one.name,
            "place": {"id": one.place_id, "name": one.place_name},
            "phone": one.phone,
            "standing_in": one.standing_in,
        }
        for one in people.contacts_of(lineage)
    ]
    return json({"items": rows})


class UnitQuery(Schema):
    q: str = Field("", max_length=60)
    kind: Literal["", "department", "district", "street", "community", "enterprise", "institution"] = ""
    under: schemas.Id | None = None
    limit: int = Field(100, ge=1, le=500)
    after: schemas.Id | None = Field(None, description="`next` of the page before")


@people_router.get("/units", response=schemas.UnitList, url_name="units")
def units(request: HttpRequest, asked: Query[UnitQuery]) -> HttpResponse:
    """Responsible units that exist today, by words of name or code."""
    rows = people.units(asked.q.strip(), kind=asked.kind, within=asked.under).order_by("id")
    if asked.after:
        rows = rows.filter(id__gt=asked.after)
    found = list(rows[: asked.limit + 1])
    more = len(found) > asked.limit
    found = found[: asked.limit]
    return json({"items": [shapes.unit(one) for one in found], "next": str(found[-1].pk) if more else None})


@people_router.get("/units/{unit_id}", response=schemas.UnitOut, url_name="unit")
def unit(request: HttpRequest, unit_id: schemas.Id) -> HttpResponse:
    """One unit, ended ones too."""
    return json(shapes.unit(people.unit(unit_id)))


class AnswerQuery(Schema):
    item: str = Field("", max_length=12, description="key of an item (M06012) or class (M06); empty: not known")
    place: schemas.Id | None = None
    lng: schemas.Degrees | None = None
    lat: schemas.Degrees | None = None
    system: schemas.System = "wgs84"
    at: schemas.Moment | None = Field(None, description="a moment with its zone; now if left out")


@people_router.get("/answerable", response=schemas.AnswerOut, url_name="answerable")
def answerable(request: HttpRequest, asked: Query[AnswerQuery]) -> HttpResponse:
    """Which unit answers for an item, here, at that time, and why."""
    needs(request, "matrix.view")
    item_key, class_key = _matter(asked.item.strip())
    if asked.place is not None:
        lineage = list(places.get(asked.place).lineage)
    else:
        lng, lat = read_point(asked.lng, asked.lat, read_system(asked.system))
        lineage = list(places.locate(lng, lat).lineage)
    found = people.answerable(item_key, class_key, lineage, _moment(asked.at))
    return json(
        {
            "unit": {"id": found.unit_id, "name": found.unit_name} if found.unit_id else None,
            "via": found.via,
            "post_id": found.post_id,
            "holder": found.holder_name,
            "rule_id": found.rule_id,
            "place_id": found.place_id,
            "reasons": found.reasons,
            "alternatives": found.alternatives,
        }
    )


def _moment(at: dt.datetime | None) -> dt.datetime:
    if at is None:
        return clock.now()
    if at.tzinfo is None or not 1950 < at.year < 3000:
        raise Refused(_("请写明时刻和时区，例如 2026-11-22T08:00:00+08:00。"), "request.fields", "at")
    return at


def _matter(key: str) -> tuple[str, str]:
    present = catalogue.catalogue()
    if not key or key in present.classes:
        return "", key
    entry = present.items.get(key)
    if entry is None:
        raise NotFound(code="catalogue.no_item", field="item")
    return entry.key, entry.class_key


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Refused(_BOX, "request.fields", "bbox") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # also refuses what is no number
        raise Refused(_BOX, "request.fields", "bbox")
    return west, south, east, north


def _path(lineage: object) -> list[dict[str, object]]:
    known = atlas.current().places
    return [
        {"id": pk, "kind": known[pk].kind, "code": known[pk].code, "name": atlas.localized(known[pk])}
        for pk in lineage  # type: ignore[attr-defined]
        if pk in known
    ]
