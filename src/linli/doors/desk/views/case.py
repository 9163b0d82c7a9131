"""One case at the desk: as a page, in the drawer, as a printed sheet; its neighbours; a reporter's contact."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.doors.common.steps import go_on, safe_next, told
from linli.doors.desk.process_form import ProcessForm, roads
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, LinliError, NotAllowed, NotFound
from linli.kernel.flow import say
from linli.kernel.web.when import duration_words
from linli.rooms.cases.actions.contact import reveal_contact
from linli.rooms.cases.actions.several import process
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.near import likely_duplicates
from linli.rooms.cases.queries.page import CasePage, case_page, open_case, related
from linli.rooms.cases.queries.worklist import NEAR
from linli.rooms.cases.rules import limit_of, pauses_of
from linli.rooms.people.rights import Viewer

# The step that usually comes next stands first and is the primary one.
STRAIGHT = (
    "accept",
    "register",
    "dispatch",
    "receive",
    "handle",
    "confirm",
    "finish_assist",
    "verify_pass",
    "close",
    "resume",
    "check",
    "grant_extension",
)
# What may be done beside the road stands in a menu, so that the bar keeps to one line.
ASIDE = ("amend", "publish", "note", "mark", "merge", "ask_extension", "suspend")
TONES = {
    "close": "done",
    "refuse": "overdue",
    "return": "near",
    "verify_fail": "near",
    "send_back": "near",
    "reopen": "overdue",
    "suspend": "suspended",
    "dispatch": "info",
    "handle": "on_track",
    "verify_pass": "on_track",
}
ICONS = {
    "report": "message-report",
    "join": "users",
    "accept": "check",
    "refuse": "ban",
    "register": "file-check",
    "dispatch": "send",
    "receive": "inbox",
    "return": "arrow-back-up",
    "handle": "tool",
    "confirm": "clipboard-check",
    "verify_pass": "eye-check",
    "verify_fail": "rotate",
    "close": "circle-check",
    "rate": "star",
    "reopen": "refresh",
    "merge": "git-merge",
    "note": "note",
    "suspend": "clock-pause",
    "resume": "clock-play",
    "check": "eye",
    "request_check": "eye",
    "reveal_contact": "phone",
    "ask_extension": "calendar-plus",
    "grant_extension": "calendar-plus",
    "refuse_extension": "calendar-off",
    "withdraw": "arrow-back-up",
}


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined]


@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The case: a fragment for the drawer when htmx asks, else a page of its own."""
    fragment = bool(request.headers.get("HX-Request"))
    back = _list_address(request, number) if fragment else ""
    context = case_context(request, _viewer(request), number, back, in_drawer=fragment)
    return render(request, "desk/_drawer.html" if fragment else "desk/case.html", context)


def _list_address(request: HttpRequest, number: str) -> str:
    """The list this case is opened from, with the case in its address: where a step leads back to."""
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    if here.path != reverse("desk:worklist"):
        return ""
    query = QueryDict(here.query[:2000], mutable=True)
    query["case"] = number
    return f"{here.path}?{query.urlencode()}"


def case_context(request: HttpRequest, viewer: Viewer, number: str, back: str, *, in_drawer: bool) -> dict[str, Any]:
    """Everything the page of a case shows. Raises NotFound."""
    page = case_page(number, viewer)
    case = page.case
    offers = sorted((offer for offer in page.possible if offer.step.code not in ASIDE), key=_rank)
    road = roads(case, {offer.step.code for offer in offers}, viewer)
    more = [offer for offer in page.possible if offer.step.code in ASIDE]
    now = clock.now()
    return {
        "page": page,
        "case": case,
        "in_drawer": in_drawer,
        "back": back,
        "offers": offers,
        "more": more,
        "impossible": page.impossible,
        "road": road,
        "clocks": clocks(case, now),
        "story": story(page),
        "now": now,
        "may_reveal": viewer.may("case.reveal", target_of(case)).ok,
        "may_move": any(offer.step.code == "amend" for offer in more),
        "after_photos": page.photos.get("handle", []) + page.photos.get("verify", []),
        "before_photos": page.photos.get("report", []) + page.photos.get("check", []),
        "title": case.item.name if case.item else "",
    }


def _rank(offer: Any) -> int:
    code = offer.step.code
    return STRAIGHT.index(code) if code in STRAIGHT else len(STRAIGHT)


def story(page: CasePage) -> list[dict[str, Any]]:
    """The story of the case as the design system's timeline shows it, the newest last."""
    items = []
    for moment in page.moments:
        late = " · " + _("超时") if moment.late else ""
        items.append(
            {
                "at": moment.at,
                "title": f"{moment.label}{late}",
                "who": moment.by or ("" if moment.code not in ("report", "join") else _("居民")),
                "post": moment.post,
                "words": moment.words,
                "note": moment.note,
                "photos": _strip(moment.photos),
                "took": moment.took,
                "tone": "overdue" if moment.late else TONES.get(moment.code, "plain"),
                "icon": ICONS.get(moment.code, "circle-dot"),
            }
        )
    return items


def _strip(photos: list[Any]) -> list[dict[str, Any]]:
    from linli.doors.common.templatetags.cases import as_strip

    return as_strip(photos)


def clocks(case: Case, now: dt.datetime) -> list[dict[str, Any]]:
    """Every clock of the case in words: what it measures, until when, how much is left."""
    found = []
    if case.is_open and case.step_due_at:
        found.append(_clock(_("本环节"), case.step_due_at, now))
    limit = limit_of(case)
    if case.due_at and limit:
        shown = _clock(_("处置时限"), case.due_at, now, case.confirmed_at or case.ended_at)
        shown["limit"] = str(limit)
        shown["provisional"] = case.due_provisional
        shown["stopped"] = case.confirmed_at or any(end is None for _start, end in pauses_of(case))
        shown["extended"] = case.extended
        found.append(shown)
    if case.suspended_until and case.state == "suspended":
        found.append({"label": _("挂账到"), "at": case.suspended_until, "light": "suspended", "left": ""})
    return found


def _clock(label: str, due: dt.datetime, now: dt.datetime, stopped: dt.datetime | None = None) -> dict[str, Any]:
    left = due - (stopped or now)
    in_time = left >= dt.timedelta()
    if stopped:
        words = _("按期，提前 %(t)s") if in_time else _("超期 %(t)s")
    else:
        words = _("还剩 %(t)s") if in_time else _("超期 %(t)s")
    return {
        "label": label,
        "at": due,
        "light": _clock_light(left, bool(stopped)),
        "left": words % {"t": duration_words(abs(left))},
    }


def _clock_light(left: dt.timedelta, stopped: bool) -> str:
    if left < dt.timedelta():
        return "overdue"
    if stopped:
        return "done"
    return "near" if left < NEAR else "on_track"


@require_GET
def near(request: HttpRequest, number: str) -> HttpResponse:
    """Likely duplicates and related cases, fetched after the case: neither is needed to read it."""
    viewer = _viewer(request)
    case = open_case(number, viewer)
    found = []
    if case.lng is not None and case.lat is not None and case.parent_id is None:
        key = case.item.key if case.item else ""
        found = [
            one
            for one in likely_duplicates(case.lng, case.lat, case.description, key, viewer)
            if one.case_id != case.pk
        ]
    may_merge = viewer.may("case.merge", target_of(case)).ok and case.state in FLOW.by_step["merge"].from_states
    return render(
        request,
        "desk/_near.html",
        {
            "case": case,
            "found": found,
            "may_merge": may_merge,
            "related": related(case, viewer),
            "back": safe_next(request, ""),
        },
    )


@require_GET
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The case as a document: A4, numbered, with a QR code that leads back to it."""
    context = case_context(request, _viewer(request), number, "", in_drawer=False)
    address = request.build_absolute_uri(reverse("desk:case", args=[number]))
    return render(request, "desk/sheet.html", {**context, "address": address, "printed_by": _viewer(request).name})


@require_http_methods(["GET", "HEAD", "POST"])
def process_case(request: HttpRequest, number: str) -> HttpResponse:
    """The quick road: accept, register and dispatch in one form and one commit."""
    viewer = _viewer(request)
    page = case_page(number, viewer)
    case = page.case
    road = roads(case, {offer.step.code for offer in page.possible}, viewer)
    fragment = bool(request.headers.get("HX-Request"))
    if not road:
        if request.method == "POST":
            return _show_process(request, ProcessForm(case, (), request.POST, scripts=fragment), fragment, 409)
        raise NotAllowed(_("这个事件现在不能一次办到派遣，请一步一步办。"))
    if request.method != "POST":
        chosen = request.GET.get("item", "")[:12]
        return _show_process(request, ProcessForm(case, road, item=chosen, scripts=fragment), fragment)
    form = ProcessForm(case, road, request.POST, scripts=fragment)
    if not form.is_valid():
        return _show_process(request, form, fragment, 422)
    try:
        case = process(
            case.pk,
            form.steps(),
            viewer=viewer,
            version=form.cleaned_data["version"],
            request_key=f"process:{case.pk}:{form.cleaned_data['key']}",
        )
    except LinliError as error:
        fresh = open_case(number, viewer)
        data = request.POST.copy()
        if isinstance(error, Conflict):
            data["version"] = str(fresh.version)
        form = ProcessForm(fresh, road, data, scripts=fragment)
        form.is_valid()
        changes = told(error.changes) if isinstance(error, Conflict) else []
        if not changes:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _show_process(request, form, fragment, error.status, changes)
    messages.success(
        request,
        _("%(number)s 已受理并派给%(unit)s。处置期限 %(due)s。")
        % {
            "number": case.number,
            "unit": case.unit.name if case.unit else "",
            "due": f"{case.due_at.astimezone(CIVIL):%m-%d %H:%M}" if case.due_at else "—",
        },
    )
    return go_on(request, safe_next(request, reverse("desk:case", args=[case.number])))


def _show_process(
    request: HttpRequest, form: ProcessForm, fragment: bool, status: int = 200, changes: Any = ()
) -> HttpResponse:
    return render(
        request,
        "desk/_process.html" if fragment else "desk/process.html",
        {
            "form": form,
            "case": form.case,
            "changes": changes,
            "state_label": say(FLOW.state(form.case.state).label),
            "next": safe_next(request, ""),
        },
        status=status,
    )


class PurposeForm(forms.Form):
    """Why a contact is looked at; the look is recorded with it."""

    purpose = forms.CharField(max_length=200, required=False)


@require_http_methods(["POST"])
def contact(request: HttpRequest, number: str, report_id: int) -> HttpResponse:
    """Show a reporter's name and phone for a stated purpose, on record."""
    viewer = _viewer(request)
    case = open_case(number, viewer)
    if not case.reports.filter(pk=report_id).exists():
        raise NotFound()
    context: dict[str, Any] = {"case": case, "report_id": report_id, "purpose": request.POST.get("purpose", "")[:200]}
    status = 200
    try:
        context["contact"] = reveal_contact(report_id, request.POST.get("purpose", "")[:400], viewer=viewer)
    except LinliError as error:
        if error.status != 422:
            raise
        context["error"], status = str(error.message), 422
    if request.headers.get("HX-Request"):
        return render(request, "desk/_contact.html", context, status=status)
    if status == 422:
        messages.error(request, context["error"])
        return HttpResponseRedirect(reverse("desk:case", args=[number]))
    return render(request, "desk/contact.html", context)
