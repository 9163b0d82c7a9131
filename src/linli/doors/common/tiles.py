"""Vector tiles for maps: grids and public cases for everybody, a member of staff's own cases by session."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.kernel.errors import NotAllowed
from linli.kernel.geo.vector_tiles import Tile
from linli.rooms.cases.queries import tiles as cases
from linli.rooms.people.rights import Viewer
from linli.rooms.places import tiles as grids
from linli.rooms.places.queries import extent

MEDIA = "application/vnd.mapbox-vector-tile"


def _tile(z: int, x: int, y: int, zooms: range) -> Tile:
    tile = Tile(z, x, y)
    if not tile.real or z not in zooms:
        raise Http404
    return tile


def _answer(request: HttpRequest, tag: str, draw: Any, keep: str) -> HttpResponse:
    """The tile with its ETag; 304 for whoever has it, before it is drawn."""
    tag = f'"{tag}"'
    if tag in request.headers.get("If-None-Match", "")[:2000]:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(draw(), content_type=MEDIA)
    answer["ETag"] = tag
    answer["Cache-Control"] = keep
    if keep.startswith("public"):
        answer["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
def grid_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """Grids in force today: the same until a set of grids is published, or the day ends."""
    tile = _tile(z, x, y, range(grids.MIN_ZOOM, grids.MAX_ZOOM + 1))
    return _answer(request, f"{grids.revision()}-{z}-{x}-{y}", lambda: grids.grid_tile(tile), "public, max-age=60")


@require_safe
def case_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """Everybody's open cases: accepted, public, without reporters."""
    return _cases(request, _tile(z, x, y, range(cases.MIN_ZOOM, cases.MAX_ZOOM + 1)), None)


@require_safe
def my_case_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """The open cases this member of staff may see."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if not viewer.has("case.view"):
        raise NotAllowed()
    return _cases(request, _tile(z, x, y, range(cases.MIN_ZOOM, cases.MAX_ZOOM + 1)), viewer)


def _cases(request: HttpRequest, tile: Tile, viewer: Viewer | None) -> HttpResponse:
    drawn = cases.case_tile(tile, viewer)
    keep = "public, max-age=20" if viewer is None else "private, no-cache"
    answer = _answer(request, blake2b(drawn, digest_size=12).hexdigest(), lambda: drawn, keep)
    if viewer is not None:
        patch_vary_headers(answer, ("Cookie",))
    return answer


@require_safe
def grids_json(request: HttpRequest) -> JsonResponse:
    """TileJSON 3.0 of the grids."""
    text = {"id": "Number", "kind": "String", "code": "String", "name": "String", "name_en": "String"}
    layers = [{"id": name, "fields": text} for name in ("grids", "names")]
    return _tilejson(request, _("网格（边界）"), "common:grid_tile", layers, grids.MIN_ZOOM, grids.MAX_ZOOM)


@require_safe
def cases_json(request: HttpRequest) -> JsonResponse:
    """TileJSON 3.0 of the public cases."""
    fields = dict.fromkeys(("number", "state", "light", "title", "title_en"), "String")
    fields |= dict.fromkeys(("reports", "count", "overdue"), "Number")
    layers = [{"id": "cases", "fields": fields}]
    return _tilejson(request, _("公开的在办事件"), "common:case_tile", layers, cases.MIN_ZOOM, cases.MAX_ZOOM)


def _tilejson(
    request: HttpRequest, name: str, view: str, layers: list[dict[str, Any]], least: int, most: int
) -> JsonResponse:
    address = reverse(view, args=[7, 8, 9]).replace("7/8/9", "{z}/{x}/{y}")
    bounds = extent() or (-180.0, -85.0, 180.0, 85.0)
    answer = JsonResponse(
        {
            "tilejson": "3.0.0",
            "name": name,
            "scheme": "xyz",
            "tiles": [request.build_absolute_uri("/")[:-1] + address],
            "minzoom": least,
            "maxzoom": most,
            "bounds": bounds,
            "center": [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, max(least, 12)],
            "vector_layers": layers,
        }
    )
    answer["Cache-Control"] = "public, max-age=300"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
