"""What everybody may see: the list and the map of problems and results."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.doors.portal.finding import town_bounds
from linli.rooms.cases.queries.public import public_case, public_rows, thumbs
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 18 else None


@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    """Problems and results, newest first. state=open|closed, place=ID, class=M06, after=cursor."""
    state = request.GET.get("state", "")
    place = _number(request.GET.get("place", ""))
    matter_class = request.GET.get("class", "")[:3]
    rows, after = public_rows(state=state, place=place, matter_class=matter_class, after=request.GET.get("after", ""))
    pictures = thumbs([row["id"] for row in rows])
    for row in rows:
        row["photo"] = pictures.get(row["id"])
    known = atlas.current().places
    communities = sorted(
        (facts for facts in known.values() if facts.kind == "community"), key=lambda facts: facts.sort_key
    )
    return render(
        request,
        "portal/problems.html",
        {
            "rows": rows,
            "after": after,
            "state": state,
            "place": place,
            "matter_class": matter_class,
            "place_name": localized(known[place]) if place in known else "",
            "place_listed": place in known and known[place].kind == "community",
            "communities": [(facts.id, localized(facts)) for facts in communities],
            "classes": [branch.matter_class for branch in catalogue.tree()],
            "more": f"{_query(request)}after={after}" if after else "",
            "all_states": not state,
            "open_states": state == "open",
            "closed_states": state == "closed",
        },
    )


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    return f"?{query.urlencode()}&" if query else "?"


@require_GET
def problem(request: HttpRequest, number: str) -> HttpResponse:
    """One problem as a story, without anything about who reported it."""
    return render(request, "portal/problem.html", {"public": public_case(number)})


@require_GET
def problem_map(request: HttpRequest) -> HttpResponse:
    """The public map, with the same things as a list beside it."""
    rows, _after = public_rows(state="open", size=30)
    return render(request, "portal/map.html", {"rows": rows, "bounds": town_bounds()})
