"""Suggestions while typing, as JSON for `suggest.js`: items, likely duplicates, places, units."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.kernel.errors import Refused
from linli.kernel.geo import read_point
from linli.rooms.cases.queries.near import likely_duplicates
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.catalogue.suggest import suggest
from linli.rooms.people import queries as people
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places import queries as places_queries

MOST_WORDS = 500


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined]


@require_GET
def items(request: HttpRequest) -> JsonResponse:
    """`q` → items found by name or everyday word; with `by=words`, items a description may mean, and why."""
    query = request.GET.get("q", "").strip()[:MOST_WORDS]
    if request.GET.get("by") != "words":
        found = [
            {"value": one.item.key, "label": one.item.name, "hint": one.item.matter_class.name}
            for one in catalogue.search(query, limit=12)
        ]
        return JsonResponse(found, safe=False)
    guessed = suggest(query, top=5) if len(query) >= 2 else []
    return JsonResponse(
        [
            {
                "value": one.item.key, "label": one.item.name,
                "hint": _("因为提到“%(words)s”") % {"words": "”“".join(one.because[:3])} if one.because else "",
                "score": round(one.score, 3),
            }
            for one in guessed
        ],
        safe=False,
    )


@require_GET
def duplicates(request: HttpRequest) -> JsonResponse:
    """Open problems within 50 m that may be the same: join instead of repeating."""
    try:
        lng, lat = read_point(request.GET.get("lng"), request.GET.get("lat"))
    except Refused:
        return JsonResponse([], safe=False)
    found = likely_duplicates(
        lng,
        lat,
        request.GET.get("words", "")[:MOST_WORDS],
        request.GET.get("item", "")[:12],
        _viewer(request),
    )
    return JsonResponse(
        [
            {
                "id": one.case_id,
                "number": one.number,
                "state": one.state_label,
                "item": one.item,
                "words": one.words,
                "metres": one.metres,
                "reports": one.report_count,
                "at": one.reported_at.isoformat(),
            }
            for one in found
        ],
        safe=False,
    )


@require_GET
def places(request: HttpRequest) -> JsonResponse:
    """Grids, communities and buildings by name, code or address; the hint says what they lie in."""
    query = request.GET.get("q", "").strip()[:60]
    found = places_queries.search(query, limit=12) if query else []
    known = atlas.current().places
    return JsonResponse(
        [
            {
                "value": one.pk,
                "label": one.name,
                "hint": " › ".join(
                    places_queries.localized(known[above]) for above in one.lineage[1:-1] if above in known
                ),
                "lng": one.lng,
                "lat": one.lat,
            }
            for one in found
        ],
        safe=False,
    )


@require_GET
def units(request: HttpRequest) -> JsonResponse:
    """Responsible units by name; for signed-in staff."""
    viewer = _viewer(request)
    query = request.GET.get("q", "").strip()[:60]
    found = people.units(query)[:15] if viewer.kind == "staff" else []
    return JsonResponse(
        [
            {"value": unit.pk, "label": unit.name, "hint": unit.place.name if unit.place else unit.get_kind_display()}
            for unit in found
        ],
        safe=False,
    )
