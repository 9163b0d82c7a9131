"""Taking a step on a case from a page: shows the form, hands it to the action, gives back what was typed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from linli.doors.common.photos import photo_url
from linli.doors.common.step_forms import StepForm
from linli.doors.common.widgets import PhotoPicker
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, LinliError, NotFound, Refused
from linli.kernel.flow import Offer, say
from linli.rooms.cases.actions.photos import keep_photo
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.flow import FLOW, NOT_BY_HAND
from linli.rooms.cases.queries.page import open_case, steps_for
from linli.rooms.cases.queries.photos import photos_of
from linli.rooms.people import queries as people
from linli.rooms.people.rights import Viewer


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """GET: the form of one step (a fragment for htmx, else a page). POST: take it.

    After success: back to `next` (an address of this house), else to the case. A refusal shows the form again with
    the reason at its field; a conflict answers 409 with what changed and the typed input in a form that is ready to
    be sent again.
    """
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    case = open_case(number, viewer)
    found = FLOW.by_step.get(step)
    if found is None or step in NOT_BY_HAND or found.who == "reporter":
        raise NotFound(code="flow.no_such_step")
    scripts = bool(request.headers.get("HX-Request"))
    if request.method != "POST":
        return _show(request, StepForm(found, case, scripts=scripts))
    data, refusal = with_files(request, viewer)
    form = StepForm(found, case, data, scripts=scripts)
    if not form.is_valid() or refusal:
        if refusal:
            form.add_error("photos" if "photos" in form.fields else None, str(refusal.message))
        return _show(request, form, status=422)
    try:
        case = take(
            case.pk,
            step,
            form.given(),
            viewer=viewer,
            version=form.cleaned_data["version"],
            request_key=f"step:{case.pk}:{form.cleaned_data['key']}",
        )
    except LinliError as error:
        return _refused(request, form, error)
    messages.success(
        request,
        _("%(number)s：%(step)s，现在是“%(state)s”。")
        % {"number": case.number, "step": say(found.label), "state": say(FLOW.state(case.state).label)},
    )
    return go_on(request, safe_next(request, reverse("desk:case", args=[case.number])))


def go_on(request: HttpRequest, target: str) -> HttpResponse:
    """To the next page, from a plain form and from a fragment alike."""
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = target
        return answer
    return HttpResponseRedirect(target)


def with_files(request: HttpRequest, viewer: Viewer) -> tuple[QueryDict, Refused | None]:
    """What was sent, with pictures of a form without scripts taken in: their uids join the others."""
    data, refusal = request.POST.copy(), None
    for file in request.FILES.getlist("photos")[:9]:
        try:
            data.appendlist("photo_ids", str(keep_photo(file.read(), file.name or "", viewer=viewer).uid))
        except Refused as error:
            refusal = error
    return data, refusal


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """The address to go on to, if it is one of this house."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return otherwise


def _refused(request: HttpRequest, sent: StepForm, error: LinliError) -> HttpResponse:
    """The form again, on the case as it is now, with what was typed and what stood against it."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    case = open_case(sent.case.number or "", viewer)
    data = request.POST.copy()
    data.setlist("photo_ids", sent.data.getlist("photo_ids"))  # type: ignore[attr-defined]
    if isinstance(error, Conflict):
        data["version"] = str(case.version)
    form = StepForm(sent.step, case, data, scripts=bool(request.headers.get("HX-Request")))
    form.is_valid()
    changes = told(error.changes) if isinstance(error, Conflict) else []
    if not changes:
        field = error.field if error.field in form.fields else None
        form.add_error(field, " ".join(str(part) for part in (error.message, error.what_next) if part))
    return _show(request, form, status=error.status, changes=changes)


# What is said of a change, and how its values become words.
_TOLD: dict[str, Any] = {
    "state": gettext_lazy("状态"),
    "unit_id": gettext_lazy("主办单位"),
    "due_at": gettext_lazy("处置时限"),
    "address": gettext_lazy("地址"),
    "public_words": gettext_lazy("对外说明"),
}


def told(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What changed meanwhile in words: rows `what before after by at` for the design system's table."""
    wanted = {row[side].get("unit_id") for row in changes for side in ("before", "after")} - {None}
    names = {u.pk: u.name for u in people.units(past=True).filter(pk__in=wanted)} if wanted else {}
    return [
        {**row, "before": _side(row["before"], names), "after": _side(row["after"], names) or row.get("words", "")}
        for row in changes
    ]


def _side(facts: dict[str, Any], units: dict[int, str]) -> str:
    parts = []
    for name, label in _TOLD.items():
        value = facts.get(name)
        if value in (None, ""):
            continue
        if name == "state" and value in FLOW.by_state:
            parts.append(say(FLOW.state(value).label))
        elif name == "unit_id":
            parts.append(units.get(value, ""))
        elif name == "due_at":
            parts.append(f"{label} {_civil(value)}")
        else:
            parts.append(f"{label}：{value}")
    return "；".join(part for part in parts if part)


def _civil(text: str) -> str:
    import datetime as dt

    return f"{dt.datetime.fromisoformat(text).astimezone(CIVIL):%Y-%m-%d %H:%M}"


def _show(
    request: HttpRequest, form: StepForm, *, status: int = 200, changes: list[dict[str, Any]] | None = None
) -> HttpResponse:
    """The form as a fragment or a page; where the step cannot be taken (any more), why, and what can be."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    case, step = form.case, form.step
    offers = steps_for(case, viewer)
    mine = next((offer for offer in offers if offer.step.code == step.code), None)
    for field in form.fields.values():
        if isinstance(field.widget, PhotoPicker) and form.is_bound:
            field.widget.kept = [
                {"id": str(photo.uid), "thumb_url": photo_url(photo, thumb=True), "url": photo_url(photo)}
                for photo in photos_of(form.data.getlist("photo_ids"))  # type: ignore[attr-defined]
            ]
    fragment = bool(request.headers.get("HX-Request"))
    possible = mine is not None and mine.allowed
    typed = {} if possible or not form.is_bound else _typed(form)
    return render(
        request,
        "common/step_form.html" if fragment else "common/step_page.html",
        {
            "case": case,
            "form": form,
            "step": step,
            "changes": changes or [],
            "possible": possible,
            "why_not": _why_not(case.state, step.code, mine),
            "others": [offer for offer in offers if offer.allowed],
            "state_label": say(FLOW.state(case.state).label),
            "typed": typed,
            "next": safe_next(request, ""),
            "desk": any(post.door == "desk" for post in viewer.posts),
        },
        status=status,
    )


def _why_not(state: str, code: str, offer: Offer | None) -> str:
    if offer is not None:
        return str(offer.why_not)
    if state not in FLOW.by_step[code].from_states:
        return _("现在是“%(state)s”，不能“%(step)s”。") % {
            "state": say(FLOW.state(state).label),
            "step": say(FLOW.by_step[code].label),
        }
    return _("您的岗位不办这一步。")


def _typed(form: StepForm) -> dict[str, str]:
    """The words somebody wrote, by the label of their field, to be copied elsewhere."""
    return {
        say(need.label): str(form.data.get(need.name, "")).strip()
        for need in form.step.needs
        if need.kind == "text" and form.data.get(need.name)
    }
