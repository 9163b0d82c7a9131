"""One whistle: its page, and the screen to be projected at the meeting with the code to check in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.whistle.frames import case_url, show
from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.rooms.whistles import codes, queries
from linli.rooms.whistles.queries.page import WhistlePage
from linli.rooms.whistles.rules import may_check_in

ICONS = {
    "blow": "speakerphone",
    "call": "user-plus",
    "move": "calendar-plus",
    "end": "circle-check",
    "cancel": "ban",
    "confirm": "check",
    "arrive": "map-pin",
    "vouch": "map-pin",
    "promise": "clipboard-check",
    "refuse": "arrow-back-up",
    "decide": "gavel",
    "release": "message-report",
    "finish_task": "circle-check",
    "withdraw": "ban",
    "succeed": "git-merge",
    "remind": "bell",
    "overdue": "alert-triangle",
    "score": "star",
    "lead": "users",
}
TONES = {
    "overdue": "overdue",
    "refuse": "near",
    "remind": "near",
    "arrive": "on_track",
    "vouch": "on_track",
    "promise": "on_track",
    "finish_task": "done",
    "blow": "brand",
    "decide": "info",
}


@require_GET
@opens("case.view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The whistle with every department, its light and next step, and the story."""
    viewer = viewer_of_request(request)
    found = queries.whistle_page(pk, viewer)
    context: dict[str, Any] = {
        "page": found,
        "whistle": found.whistle,
        "case": found.case,
        "case_url": case_url(viewer, found.case.number),
        "story": story(found),
        "place_names": _places(found),
        "open_now": may_check_in(clock.now(), found.whistle.meet_at),
        "decides": viewer.has("whistle.decide"),
    }
    return show(request, "page.html", context)


def _places(found: WhistlePage) -> list[str]:
    from linli.rooms.cases.queries.page import place_names

    return place_names(found.case.lineage)


def story(found: WhistlePage) -> list[dict[str, Any]]:
    """What happened, for the timeline of the design system."""
    return [
        {
            "at": moment.at,
            "title": f"{moment.title} · {moment.unit}" if moment.unit and moment.code != "blow" else moment.title,
            "who": moment.who,
            "post": moment.post,
            "words": moment.note,
            "icon": ICONS.get(moment.code, "circle-dot"),
            "tone": TONES.get(moment.code, "plain"),
        }
        for moment in found.moments
    ]


@require_GET
@opens("case.view")
def screen(request: HttpRequest, pk: int) -> HttpResponse:
    """The code to check in, large, and who is there; made anew while it stands on the wall. For the whistler."""
    viewer = viewer_of_request(request)
    found = queries.whistle_page(pk, viewer)
    if not found.whistler or not found.whistle.on_site or not found.whistle.is_open:
        raise NotFound(code="whistle.no_screen")
    now = clock.now()
    code = codes.code_for(found.whistle.pk, now)
    context = {
        "page": found,
        "whistle": found.whistle,
        "case": found.case,
        "address": request.build_absolute_uri(reverse("whistle:check_in", args=[code])),
        "now": now,
        "open_now": may_check_in(now, found.whistle.meet_at),
    }
    name = "whistle/_screen.html" if request.headers.get("HX-Request") else "whistle/screen.html"
    return render(request, name, context)
