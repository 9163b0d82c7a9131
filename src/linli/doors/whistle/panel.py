"""What the page of a case shows of its whistles, and what the matrix editor sees of decided refusals."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.doors.common.gate import viewer_of_request
from linli.kernel import clock
from linli.rooms.cases.models import Case
from linli.rooms.whistles import queries
from linli.rooms.whistles.actions import may_blow
from linli.rooms.whistles.queries.listing import row_of


def render(request: HttpRequest, case: Case) -> str:
    """The last whistle with each department's light, and the button to blow one; two queries at most."""
    viewer = viewer_of_request(request)
    found = queries.of_case(case.pk) if case.parent_id is None else []
    running = bool(found) and found[0].state in ("blown", "working")
    may = not running and may_blow(case, viewer)
    if not found and not may:
        return ""
    now = clock.now()
    for whistle in found:
        whistle.case = case
    return render_to_string(
        "whistle/_panel.html",
        {"case": case, "rows": [row_of(whistle, viewer, now) for whistle in found], "may_blow": may},
        request,
    )


def matrix_note(request: HttpRequest, matter: str, place_id: int | None) -> str:
    """Decided refusals on this matter wherever they hold, for whoever draws up the matrix."""
    item, kind = (matter, matter[:3]) if len(matter) > 3 else ("", matter)
    if not matter:
        found = list(queries.precedents(viewer_of_request(request))[:5])
    else:
        found = queries.precedents_of(item, kind, limit=5)
    if not found:
        return ""
    return render_to_string("whistle/_matrix_note.html", {"precedents": found, "matter": matter}, request)
