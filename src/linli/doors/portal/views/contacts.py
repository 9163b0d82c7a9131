"""Who answers for my grid."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.doors.portal.finding import found_by_name, place_of
from linli.kernel.errors import Refused
from linli.kernel.geo import read_point
from linli.rooms.people.queries.people import contacts_of
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized, locate


@require_GET
def who(request: HttpRequest) -> HttpResponse:
    """By place (`place=ID`), by name (`q`) or by position (`lng`, `lat`); without any, asks for one."""
    lineage: tuple[int, ...] = ()
    problem, kind = "", ""
    choices: list[dict[str, Any]] = []
    query = request.GET.get("q", "").strip()[:60]
    place = place_of(request.GET.get("place", ""))
    if place is not None:
        lineage = tuple(place.lineage)
    elif request.GET.get("lng"):
        try:
            found = locate(*read_point(request.GET["lng"], request.GET.get("lat")))
            lineage, kind = found.lineage, found.kind
        except Refused as refused:
            problem = str(refused.message)
    elif query:
        choices = found_by_name(query)
        if len(choices) == 1:
            place, choices = choices[0]["place"], []
            lineage = tuple(place.lineage)
    known = atlas.current().places
    names = [(place_id, localized(known[place_id])) for place_id in lineage if place_id in known]
    if place is not None and place.pk not in known:
        names.append((place.pk, place.name))
    return render(
        request, "portal/who.html",
        {
            "names": names, "contacts": contacts_of(lineage) if lineage else [], "problem": problem, "kind": kind,
            "choices": choices, "query": query, "here": names[-1][1] if names else "",
            "here_id": names[-1][0] if names else "",
        },
    )
