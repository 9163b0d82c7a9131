"""What supervision shows on the page of a case: its orders, and a way to issue one."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.doors.common.gate import viewer_of_request
from linli.doors.supervision.apps import USERS
from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case
from linli.rooms.oversight.queries.order import orders_of_case


def render(request: HttpRequest, case: Case) -> str:
    """One query; nothing for who has no use for it."""
    viewer = viewer_of_request(request)
    if not any(viewer.has(duty) for duty in USERS):
        return ""
    orders = orders_of_case(case.pk, viewer)
    may_issue = case.is_open and viewer.may("case.supervise", target_of(case)).ok
    if not orders and not may_issue:
        return ""
    return render_to_string(
        "supervision/_panel.html", {"orders": orders, "case": case, "may_issue": may_issue}, request
    )
