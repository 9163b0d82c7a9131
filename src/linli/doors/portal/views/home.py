"""The first page: report something, what became of mine, what is being done around me."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.doors.portal import remembered
from linli.doors.portal.tour import told
from linli.rooms.cases.queries.public import my_reports, public_rows, reports_by_codes, thumbs
from linli.rooms.cases.queries.tour import story_to_show
from linli.rooms.people.rights import Viewer


def own_reports(request: HttpRequest) -> list[dict]:
    """The reports of this account, else of this phone."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if viewer.kind == "resident":
        return my_reports(viewer)
    kept = remembered.codes(request)
    return reports_by_codes(kept) if kept else []


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Three answers on one screen."""
    rows, _cursor = public_rows(state="closed", size=4)
    mine = own_reports(request)
    pictures = thumbs([row["id"] for row in rows])
    for row in rows:
        row["photo"] = pictures.get(row["id"])
    return render(
        request,
        "portal/home.html",
        {"mine": mine[:3], "mine_count": len(mine), "to_rate": [r for r in mine if r["rate"]], "recent": rows},
    )


@require_GET
def tour(request: HttpRequest) -> HttpResponse:
    """The story of one case from report to rating, step by step; only where there is a demo town to look at."""
    if not settings.DEMO:
        raise Http404
    story = story_to_show()
    return render(request, "portal/tour.html", {"story": story, "steps": told(story) if story else []})
