"""GeoJSON for the maps of all doors: grids, the public's cases, the viewer's own."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from linli.kernel.errors import NotAllowed, Refused
from linli.kernel.geo import read_point
from linli.rooms.cases.queries.overview import Box, by_place, viewport
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places import queries as places


def read_box(request: HttpRequest) -> Box:
    """`bbox=west,south,east,north`. Raises Refused."""
    parts = request.GET.get("bbox", "").split(",")
    if len(parts) != 4:
        raise Refused("bbox=west,south,east,north", code="map.bbox", field="bbox")
    west, south = read_point(parts[0], parts[1])
    east, north = read_point(parts[2], parts[3])
    return min(west, east), min(south, north), max(west, east), max(south, north)


@require_GET
def public_cases(request: HttpRequest) -> HttpResponse:
    """Everybody's map: accepted, public, without reporters."""
    found = viewport(read_box(request), None, open_only=request.GET.get("all") != "1")
    answer = _linked(found, "portal:problem")
    answer["Cache-Control"] = "public, max-age=20"
    return answer


@require_GET
def my_cases(request: HttpRequest) -> HttpResponse:
    """The open cases this member of staff may see."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if not viewer.has("case.view"):
        raise NotAllowed()
    found = viewport(read_box(request), viewer, open_only=request.GET.get("all") != "1")
    return _linked(found, "field:case" if request.GET.get("to") == "field" else "desk:case")


def _linked(found: dict[str, Any], url_name: str) -> HttpResponse:
    """GeoJSON in which each case has the address its point leads to."""
    before, after = reverse(url_name, args=[_ANY]).split(_ANY)  # looked up once, not for five hundred points
    for feature in found["features"]:
        if number := feature["properties"].get("number"):
            feature["properties"].update(id=number, url=f"{before}{number}{after}")
    return HttpResponse(orjson.dumps(found), content_type="application/json")


_ANY = "00000000-000000"


@require_GET
def grids(request: HttpRequest) -> HttpResponse:
    """Grid borders inside a box; with `counts=1` open and overdue cases of each for staff."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if request.GET.get("counts") == "1" and viewer.has("case.view"):
        # One level only: the colours of grids that lie over one another would mix.
        shapes = orjson.loads(places.grids_geojson(read_box(request), kinds=("grid", "special")))
        counts = by_place(viewer, [feature["properties"]["id"] for feature in shapes["features"]])
        for feature in shapes["features"]:
            found = counts.get(feature["properties"]["id"], {"open": 0, "overdue": 0, "near": 0})
            feature["properties"].update(found, count=_count_words(found), light=_light(found))
        blob = orjson.dumps(shapes)
    else:
        blob = places.grids_geojson(read_box(request))
    answer = HttpResponse(blob, content_type="application/geo+json")
    answer["Cache-Control"] = "private, max-age=15"
    return answer


def _light(counts: dict[str, int]) -> str:
    if counts["overdue"]:
        return "overdue"
    return "near" if counts["near"] else "on_track"


def _count_words(counts: dict[str, int]) -> str:
    """What stands under a grid's name: the light's shape, so that colour is never alone, and how many."""
    if counts["overdue"]:
        return f"■ {counts['overdue']}/{counts['open']}"
    return f"▲ {counts['near']}/{counts['open']}" if counts["near"] else f"● {counts['open']}"


@require_GET
def where(request: HttpRequest) -> JsonResponse:
    """What lies at a point: the grid and all above it, or how far outside. For the words beside a pin."""
    try:
        lng, lat = read_point(request.GET.get("lng"), request.GET.get("lat"))
    except Refused as refused:
        return JsonResponse(refused.as_json(), status=refused.status)
    accuracy = request.GET.get("accuracy", "")
    found = places.locate(
        lng, lat, accuracy_m=float(accuracy) if accuracy.replace(".", "", 1).isdigit() else None
    )
    known = atlas.current().places
    return JsonResponse(
        {
            "kind": found.kind,
            "names": [places.localized(known[pk]) for pk in found.lineage[1:] if pk in known],
            "place": found.place_id,
            "candidates": [
                {"place": c.place_id, "name": c.name, "metres": c.distance_m} for c in found.candidates
            ],
            "swapped": found.swapped,
            "distance_m": found.distance_m,
        }
    )
