"""Moving one case: take it over (接收), pass it up (上交), assign it (交办)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from linli.doors.common.gate import viewer_of_request
from linli.doors.common.steps import go_on, safe_next, told
from linli.doors.duty.forms import AssignForm, ClimbForm
from linli.doors.duty.frames import case_url, frame_of
from linli.doors.duty.standing import Standing, bearer_words, standing_of
from linli.kernel import clock
from linli.kernel.errors import Conflict, LinliError, NotAllowed
from linli.rooms.cases.queries.page import open_case
from linli.rooms.ladder import actions
from linli.rooms.ladder.models import Stay


def _back(request: HttpRequest, number: str) -> str:
    """Where the person came from: the list with the case in its drawer, or the case's own page."""
    try:
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        here = urlsplit("")
    address = f"{here.path}?{here.query}" if here.query else here.path
    hosts = {request.get_host()}
    if here.path and not url_has_allowed_host_and_scheme(address, allowed_hosts=hosts):
        address = ""
    return safe_next(request, address or case_url(viewer_of_request(request), number))


@require_POST
def receive(request: HttpRequest, number: str) -> HttpResponse:
    """Say that the duty has come in."""
    viewer = viewer_of_request(request)
    case = open_case(number, viewer)
    key = "".join(mark for mark in request.POST.get("key", "")[:80] if mark.isascii() and mark.isalnum())
    stay = actions.receive(case.pk, viewer, request_key=f"duty-receive:{case.pk}:{key}" if key else None)
    words = _("%(number)s 已接收，%(left)s。")
    left = _("没有时限") if stay.due_at is None else _("%(at)s 前办理") % {"at": _civil(stay.due_at)}
    messages.success(request, words % {"number": case.number, "left": left})
    return go_on(request, _back(request, number))


@require_http_methods(["GET", "HEAD", "POST"])
def climb(request: HttpRequest, number: str) -> HttpResponse:
    """Pass the case up, with what was tried and why it failed."""
    viewer = viewer_of_request(request)
    case = open_case(number, viewer)
    found = standing_of(case, viewer)
    if request.method != "POST":
        return _show(request, found, ClimbForm(found))
    form = ClimbForm(found, request.POST)
    if not form.is_valid():
        return _show(request, found, form, 422)
    given = form.cleaned_data
    try:
        stay = actions.climb(
            case.pk,
            viewer,
            given["tried"],
            given["why"],
            to_level=given["to_level"],
            version=given["version"],
            request_key=f"duty-climb:{case.pk}:{given['key']}",
        )
    except LinliError as error:
        return _refused(request, number, ClimbForm, error)
    _say(request, number, stay, found, _("%(number)s 已上交到“%(tier)s”，由%(bearer)s承担。"))
    return go_on(request, _back(request, number))


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, number: str) -> HttpResponse:
    """Assign the case to this tier or a lower one: to its bearer, or to a unit or post by name."""
    viewer = viewer_of_request(request)
    case = open_case(number, viewer)
    found = standing_of(case, viewer)
    fragment = bool(request.headers.get("HX-Request"))
    if request.method != "POST":
        return _show(request, found, AssignForm(found, scripts=fragment))
    form = AssignForm(found, request.POST, scripts=fragment)
    if not form.is_valid():
        return _show(request, found, form, 422)
    given = form.cleaned_data
    try:
        stay = actions.assign_down(
            case.pk,
            viewer,
            given["to_level"],
            given["words"],
            unit_id=given["unit_id"],
            post_id=given["post_id"],
            limit=given["limit"],
            version=given["version"],
            request_key=f"duty-assign:{case.pk}:{given['key']}",
        )
    except LinliError as error:
        return _refused(request, number, AssignForm, error)
    _say(request, number, stay, found, _("%(number)s 已交办到“%(tier)s”，由%(bearer)s承担。"))
    return go_on(request, _back(request, number))


def _say(request: HttpRequest, number: str, stay: Stay, found: Standing, words: str) -> None:
    fresh = Stay.objects.select_related("unit", "post__kind", "post__holder", "post__deputy").get(pk=stay.pk)
    bearer = bearer_words(fresh, clock.now())
    messages.success(
        request, words % {"number": number, "tier": found.names.get(stay.ladder_id, stay.tier_code), "bearer": bearer}
    )


def _civil(moment: Any) -> str:
    from linli.kernel.web.when import exact

    return exact(moment)


def _refused(request: HttpRequest, number: str, kind: Any, error: LinliError) -> HttpResponse:
    """The form again, on the case as it is now, with what was typed and what stood against it."""
    if error.status not in (403, 409, 422):
        raise error
    viewer = viewer_of_request(request)
    found = standing_of(open_case(number, viewer), viewer)
    data = request.POST.copy()
    changes: list[dict[str, Any]] = []
    if isinstance(error, Conflict):
        data["version"] = str(found.case.version)
        changes = told(error.changes)
    form = kind(found, data, scripts=bool(request.headers.get("HX-Request")))
    form.is_valid()
    if not changes:
        field = error.field if error.field in form.fields else None
        form.add_error(field, " ".join(str(part) for part in (error.message, error.what_next) if part))
    return _show(request, found, form, error.status, changes)


def _show(
    request: HttpRequest, found: Standing, form: Any, status: int = 200, changes: list[dict[str, Any]] | None = None
) -> HttpResponse:
    viewer = viewer_of_request(request)
    case = found.case
    possible = bool(found.may.climb or found.may.jump) if isinstance(form, ClimbForm) else bool(found.may.assign)
    if request.method in ("GET", "HEAD") and not possible and found.stay is None:
        raise NotAllowed(_("这一件现在不在任何层级上。"))
    fragment = bool(request.headers.get("HX-Request"))
    typed = {}
    if form.is_bound and not possible:
        typed = {str(form.fields[name].label): form.data.get(name, "") for name in form.TYPED if form.data.get(name)}
    return render(
        request,
        "duty/_move_form.html" if fragment else "duty/move.html",
        {
            **frame_of(viewer),
            "case": case,
            "form": form,
            "possible": possible,
            "changes": changes or [],
            "typed": typed,
            "step": "climb" if isinstance(form, ClimbForm) else "assign",
            "title": form.title,
            "action": request.path,
            "next": safe_next(request, ""),
            "case_url": case_url(viewer, case.number),
            "tier_name": found.names.get(found.stay.ladder_id, found.stay.tier_code) if found.stay else "",
        },
        status=status,
    )
