"""One step for many cases: first what would happen to which, then what did happen."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.doors.common.step_forms import unit_choices, unit_label
from linli.doors.common.steps import safe_next
from linli.doors.common.widgets import Suggested
from linli.doors.desk.views.worklist import staff
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.flow import say
from linli.rooms.cases.actions.several import AT_ONCE, take_each
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.queries.page import Candidate, candidates_for

# What is safe to do to many at once: nothing that needs a look at the single case.
STEPS = ("dispatch", "receive")


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """GET: what would happen to which of the chosen cases. POST: do it, and tell of each."""
    viewer = staff(request)
    asked = request.POST if request.method == "POST" else request.GET
    step = asked.get("step", "dispatch")
    if step not in STEPS:
        raise NotFound(code="flow.no_such_step")
    ids = [int(pk) for pk in asked.getlist("case")[: AT_ONCE + 1] if pk.isdigit() and len(pk) < 18]
    back = safe_next(request, reverse("desk:worklist"))
    if not ids:
        messages.info(request, _("先在列表里选中要办的事件。"))
        return HttpResponseRedirect(back)
    if request.method != "POST":
        found = candidates_for(ids, step, viewer)
        return render(request, "desk/bulk.html", _context(step, found, back))
    versions = {
        int(pk): int(version)
        for pk, _sep, version in (pair.partition(":") for pair in asked.getlist("version"))
        if pk.isdigit() and version.isdigit() and len(pk) < 18 and len(version) < 9
    }
    unit = Suggested("units", unit_choices, unit_label).value_from_datadict(request.POST, None, "unit")
    if step == "dispatch" and not unit_label(unit):
        context = _context(step, candidates_for(ids, step, viewer), back)
        context.update(error=_("请选择派给哪个单位。"), unit_text=unit)
        return render(request, "desk/bulk.html", context, status=422)
    given = {"unit": unit, "note": request.POST.get("note", "")} if step == "dispatch" else {}
    seen = {one.id: one for one in candidates_for(ids, step, viewer)}
    try:
        results = take_each(
            [(pk, versions.get(pk, seen[pk].version)) for pk in ids if pk in seen],
            step,
            given,
            viewer=viewer,
            key=f"bulk:{request.POST.get('key', '')[:40] or uuid.uuid4().hex}",
        )
    except LinliError as error:
        context = _context(step, list(seen.values()), back)
        context.update(error=str(error.message), unit_text=unit)
        return render(request, "desk/bulk.html", context, status=error.status)
    return render(
        request,
        "desk/bulk_done.html",
        {
            "step": FLOW.by_step[step],
            "unit": unit_label(unit) if step == "dispatch" else "",
            "taken": [seen[r.case_id] for r in results if r.taken],
            "left": [(seen[r.case_id], r.why) for r in results if not r.taken],
            "back": back,
        },
    )


def _context(step: str, found: list[Candidate], back: str) -> dict[str, Any]:
    fit = [one for one in found if one.allowed]
    proposed = {one.proposed_unit for one in fit if one.proposed_unit}
    unit = next(iter(proposed)) if len(proposed) == 1 else ("", "")
    return {
        "step": FLOW.by_step[step],
        "label": say(FLOW.by_step[step].label),
        "fit": fit,
        "unfit": [one for one in found if not one.allowed],
        "unit": unit,
        "proposals": sorted({one.proposed_unit for one in fit if one.proposed_unit}, key=lambda pair: pair[1]),
        "units": list(unit_choices()) if step == "dispatch" else [],
        "key": uuid.uuid4().hex,
        "back": back,
    }
