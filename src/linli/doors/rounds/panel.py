"""On the page of a case: which patrol or inspection it was found on."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.rooms.cases.models import Case
from linli.rooms.fieldwork.queries.findings import of_case


def render(request: HttpRequest, case: Case) -> str:
    """ "" for a case that nobody found on the spot. One query."""
    if case.channel != "field" or case.parent_id is not None:
        return ""
    found = of_case(case.pk)
    if found is None:
        return ""
    return render_to_string("rounds/_panel.html", {"found": found, "case": case}, request=request)
