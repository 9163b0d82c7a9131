"""What meetings show on the page of a case: on which agendas it stands, and a button to put it on one."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.doors.common.gate import viewer_of_request
from linli.rooms.cases.models import Case
from linli.rooms.oversight.queries.meetings import agendas_of, next_for_case


def render(request: HttpRequest, case: Case) -> str:
    """At most two queries; nothing for who holds no meetings, or when none is planned."""
    viewer = viewer_of_request(request)
    if not viewer.has("meeting.hold") or not case.is_open or case.parent_id is not None:
        return ""
    planned = next_for_case(viewer, case.lineage)
    if not planned:
        return ""
    known = agendas_of(case.pk)
    rows = [{"meeting": meeting, "on": meeting.pk in known} for meeting in planned]
    return render_to_string("meetings/_panel.html", {"rows": rows, "case": case}, request)
