"""Who answers for my grid."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.kernel.errors import Refused
from linli.kernel.geo import read_point
from linli.rooms.people.queries.people import contacts_of
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized, locate


@require_GET
def who(request: HttpRequest) -> HttpResponse:
    """By place (`place=ID`) or by position (`lng`, `lat`); without either, asks for one."""
    lineage: tuple[int, ...] = ()
    problem, kind = "", ""
    known = atlas.current().places
    place = request.GET.get("place", "")
    if place.isdigit() and len(place) < 18 and int(place) in known:
        lineage = known[int(place)].lineage
    elif request.GET.get("lng"):
        try:
            found = locate(*read_point(request.GET["lng"], request.GET.get("lat")))
            lineage, kind = found.lineage, found.kind
        except Refused as refused:
            problem = str(refused.message)
    names = [(place_id, localized(known[place_id])) for place_id in lineage if place_id in known]
    return render(
        request,
        "portal/who.html",
        {"names": names, "contacts": contacts_of(lineage) if lineage else [], "problem": problem, "kind": kind},
    )
