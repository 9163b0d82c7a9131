"""Taking a step on a case from a page: shows the form, hands it to the action, gives back what was typed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from linli.doors.common.photos import photo_url
from linli.doors.common.step_forms import StepForm
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.flow import say
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.page import open_case
from linli.rooms.cases.queries.photos import photos_of
from linli.rooms.people.rights import Viewer


def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """GET: the form of one step (a fragment for htmx, else a page). POST: take it.

    After success: back to `next` (an address of this house), else to the case. A refusal shows the form again with
    the reason at its field; a conflict answers 409 with what changed and the typed input in a form that is ready to
    be sent again.
    """
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    case = open_case(number, viewer)
    found = FLOW.by_step.get(step)
    if found is None or step in ("report", "join") or found.who == "reporter":
        raise NotFound(code="flow.no_such_step")
    if request.method != "POST":
        return _show(request, case, StepForm(found, case))
    form = StepForm(found, case, request.POST)
    if not form.is_valid():
        return _show(request, case, form, status=422)
    try:
        case = take(
            case.pk, step, form.given(), viewer=viewer, version=form.cleaned_data["version"],
            request_key=f"step:{case.pk}:{form.cleaned_data['key']}",
        )
    except LinliError as error:
        return _refused(request, found, number, error)
    messages.success(
        request,
        _("%(number)s：%(step)s，现在是“%(state)s”。")
        % {"number": case.number, "step": say(found.label), "state": say(FLOW.state(case.state).label)},
    )
    target = safe_next(request, reverse("desk:case", args=[case.number]))
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = target
        return answer
    return HttpResponseRedirect(target)


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """The address to go on to, if it is one of this house."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return otherwise


def _refused(request: HttpRequest, found: Any, number: str, error: LinliError) -> HttpResponse:
    """The form again, on the case as it is now, with what was typed and what stood against it."""
    case = open_case(number, request.viewer)  # type: ignore[attr-defined]
    data = request.POST.copy()
    if error.status == 409:
        data["version"] = str(case.version)
    form = StepForm(found, case, data)
    form.is_valid()
    field = error.field if error.field in form.fields else None
    form.add_error(field, " ".join(str(part) for part in (error.message, error.what_next) if part))
    return _show(request, case, form, status=error.status, changes=getattr(error, "changes", []))


def _show(
    request: HttpRequest, case: Case, form: StepForm, *, status: int = 200, changes: list[dict[str, Any]] | None = None
) -> HttpResponse:
    waiting = photos_of(str(form.data.get("photos", "")).split(",")) if form.is_bound else []
    fragment = bool(request.headers.get("HX-Request"))
    return render(
        request,
        "common/step_form.html" if fragment else "common/step_page.html",
        {
            "case": case, "form": form, "step": form.step, "changes": changes or [],
            "still_possible": case.state in form.step.from_states,
            "waiting_photos": [
                {"id": str(p.uid), "thumb_url": photo_url(p, thumb=True), "url": photo_url(p)} for p in waiting
            ],
            "next": safe_next(request, ""),
        },
        status=status,
    )
