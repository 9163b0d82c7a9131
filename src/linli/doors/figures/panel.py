"""On the page of a case that was closed late: the way to an appeal, for the unit that had it."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.doors.common.gate import viewer_of_request
from linli.rooms.cases.models import Case
from linli.rooms.insight.actions.appeals import cannot_ask, target_of_case


def render(request: HttpRequest, case: Case) -> str:
    """ "" unless the viewer may appeal and an appeal is possible. One question, for closed and late cases only."""
    viewer = viewer_of_request(request)
    if case.parent_id is not None or not viewer.may("appeal.ask", target_of_case(case)).ok or cannot_ask(case):
        return ""
    return render_to_string("figures/_panel.html", {"case": case}, request)
