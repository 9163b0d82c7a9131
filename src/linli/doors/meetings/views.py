"""The pages of meetings: list, preparation, live typing, projection, minutes."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.common.formwork import carry_out, put_into, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.step_forms import unit_choices, unit_label
from linli.doors.common.steps import safe_next
from linli.doors.common.widgets import Suggested
from linli.doors.meetings.apps import USERS
from linli.doors.meetings.forms import CallForm, KindForm, PlanForm
from linli.kernel import clock
from linli.kernel.errors import Conflict, LinliError, NotFound, Refused
from linli.kernel.web.when import near_words
from linli.rooms.cases.queries.page import open_case
from linli.rooms.oversight.actions import agenda, closing, meetings
from linli.rooms.oversight.models import AgendaItem
from linli.rooms.oversight.queries import meetings as reads
from linli.rooms.oversight.rhythm import Rhythm
from linli.rooms.people.models import in_language

FRAMES = {"command": "web/base_command.html", "field": "web/base_field.html"}


def _frame(request: HttpRequest) -> str:
    return FRAMES.get(viewer_of_request(request).home_door, "web/base_desk.html")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None


def _said(error: LinliError) -> str:
    return " ".join(str(part) for part in (error.message, error.what_next) if part)


@require_GET
@opens(*USERS)
def index(request: HttpRequest) -> HttpResponse:
    """Meetings to come and those that were; the regular ones."""
    viewer = viewer_of_request(request)
    past = request.GET.get("past") == "1"
    start = _number(request.GET.get("from")) or 0
    rows, more = reads.meetings(viewer, past, start)
    seats = reads.seats(viewer) if not past else []
    for seat in seats:
        seat.words = str(Rhythm.parse(seat.kind.rhythm)) if seat.kind.rhythm else ""
    context = {
        "frame": _frame(request),
        "rows": rows,
        "past": past,
        "more": f"?past={int(past)}&from={more}" if more else "",
        "seats": seats,
        "may_hold": viewer.has("meeting.hold"),
    }
    return render(request, "meetings/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@opens("meeting.hold")
def create(request: HttpRequest) -> HttpResponse:
    """Call a meeting, or let it be held regularly."""
    viewer = viewer_of_request(request)
    known = [kind for kind in reads.kinds() if kind.active]
    choices = [(kind.code, f"{kind.name}{_rhythm(kind.rhythm)}") for kind in known]
    start = next((post.place_id for post in viewer.posts if "meeting.hold" in post.duties and post.place_id), None)
    form = CallForm(typed(request), kinds=choices, initial={"place": str(start or "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        place = _number(given["place"]) or 0
        if request.POST.get("as") == "regular":
            done = carry_out(
                form, lambda: meetings.hold_regularly(given["kind"], place, viewer=viewer, venue=given["venue"])
            )
            if done:
                seat = done.value
                when = near_words(seat.next_at, clock.now()) if seat.next_at else ""
                messages.success(request, _("已定为例会，下一次 %(when)s，到备会时间会自动建好议程。") % {"when": when})
                return HttpResponseRedirect(reverse("meetings:index"))
        else:
            if given["at"] is None:
                form.add_error("at", _("请选时间。"))
            else:
                key = f"meeting:{viewer.account_id}:{given['key']}"
                called = carry_out(
                    form,
                    lambda: meetings.call_meeting(
                        given["kind"], place, given["at"], viewer=viewer, title=given["title"], venue=given["venue"],
                        request_key=key,
                    ),
                )  # fmt: skip
                if called:
                    messages.success(request, _("会议已召集，议程先列好了，可以再改。"))
                    return HttpResponseRedirect(reverse("meetings:meeting", args=[called.value.pk]))
    return render(request, "meetings/new.html", {"frame": _frame(request), "form": form}, status=status_of(form))


def _rhythm(text: str) -> str:
    return f"（{Rhythm.parse(text)}）" if text else ""


@require_GET
@opens(*USERS)
def show(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """One meeting: being prepared, under way with live typing, or closed with its minutes."""
    return _show(request, meeting_id)


def _show(request: HttpRequest, meeting_id: int, status: int = 200, **more: Any) -> HttpResponse:
    viewer = viewer_of_request(request)
    meeting = reads.open_one(meeting_id, viewer)
    items = reads.agenda(meeting)
    holds = reads.may_hold(meeting, viewer)
    live = meeting.state in ("planned", "running") and holds
    chosen = _number(request.GET.get("item")) or meeting.current_item_id
    current = next((item for item in items if item.pk == chosen), items[0] if items else None)
    context: dict[str, Any] = {
        "frame": _frame(request),
        "meeting": meeting,
        "items": items,
        "current": current if live else None,
        "holds": holds,
        "live": live,
        "total_minutes": sum(item.minutes for item in items),
        "attendance": list(meeting.attendance.all()),
        "minutes": reads.minutes_of(meeting) if meeting.state == "closed" else None,
        "plan": PlanForm(initial={
            "version": meeting.version, "at": meeting.planned_for, "venue": meeting.venue, "chair": meeting.chair
        }),
        "outcomes": AgendaItem.Outcome.choices,
        "words": {
            "saving": _("正在保存"), "saved": _("已保存"), "offline": _("没有连上，写的都在，连上后再存"),
            "both": _("另一位也在写这一项"), "theirs": _("对方写的"),
        },
    }  # fmt: skip
    if live and current is not None:
        place_ids = current.case.lineage if current.case else meeting.lineage
        context["owners"] = [
            {"id": one.id, "name": f"{in_language(one.kind_zh, one.kind_en)} {one.place} {one.name}"}
            for one in reads.owners(place_ids)
        ]
        context["unit_field"] = _unit_field(current)
    return render(request, "meetings/meeting.html", {**context, **more}, status=status)


def _unit_field(item: AgendaItem) -> str:
    widget = Suggested("units", unit_choices, unit_label)
    widget.scripts = False
    return widget.render("unit", str(item.unit_id or ""), {"id": "id_unit", "class": "form-control"})


@require_GET
@opens(*USERS)
def screen(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """What is projected: the current point in letters to be read from six metres. Looks again by itself.

    With `seen` it answers 204 while nothing has changed.
    """
    meeting = reads.open_one(meeting_id, viewer_of_request(request))
    fragment = bool(request.headers.get("HX-Request"))
    if fragment and request.GET.get("seen") == str(meeting.version):
        return HttpResponse(status=204)
    items = reads.agenda(meeting)
    place = next((n for n, item in enumerate(items) if item.pk == meeting.current_item_id), 0)
    context = {
        "meeting": meeting,
        "items": items,
        "item": items[place] if items else None,
        "position": place + 1,
        "next": items[place + 1] if place + 1 < len(items) else None,
        "decided": sum(1 for item in items if item.outcome),
        "owner": _owner(items[place]) if items else "",
    }
    return render(request, "meetings/_screen.html" if fragment else "meetings/screen.html", context)


def _owner(item: AgendaItem) -> str:
    if item.unit:
        return item.unit.name
    return f"{item.post.kind.name} {item.post.holder.name}" if item.post else ""


@require_POST
@opens("meeting.hold")
def type_in(request: HttpRequest, meeting_id: int, item_id: int) -> HttpResponse:
    """Save what is typed. Scripts get JSON (200 or 409 with what stands there now), a plain form a page."""
    scripts = request.headers.get("Accept", "").startswith("application/json")
    day = request.POST.get("due_on", "")
    status = 200
    try:
        try:
            due_on = dt.date.fromisoformat(day) if day else None
        except ValueError:
            raise Refused(_("请写成 2026-01-31。"), "meeting.due", "due_on") from None
        item = agenda.type_item(
            meeting_id,
            item_id,
            viewer=viewer_of_request(request),
            version=_number(request.POST.get("version")) or 0,
            decision=request.POST.get("decision", "")[:12_000],
            outcome=request.POST.get("outcome", ""),
            unit_id=_number(request.POST.get("unit")),
            post_id=_number(request.POST.get("post")),
            due_on=due_on,
        )
    except (Refused, Conflict) as error:
        status = error.status
        if scripts:
            return JsonResponse(_conflict(meeting_id, item_id, request, error), status=status)
        extra = {"error": _said(error), "typed": request.POST.get("decision", "")[:4000], "error_item": item_id}
        return _show(request, meeting_id, status, **extra)
    if scripts:
        return JsonResponse({"version": item.version, "by": item.typed_name})
    messages.success(request, _("已保存。"))
    return HttpResponseRedirect(f"{reverse('meetings:meeting', args=[meeting_id])}?item={item_id}")


def _conflict(meeting_id: int, item_id: int, request: HttpRequest, error: LinliError) -> dict[str, Any]:
    answer: dict[str, Any] = {"message": _said(error)}
    if isinstance(error, Conflict):
        meeting = reads.open_one(meeting_id, viewer_of_request(request))
        now = meeting.items.filter(pk=item_id).first()
        if now is not None:
            answer |= {"version": now.version, "theirs": now.decision, "by": now.typed_name}
    return answer


@require_POST
@opens("meeting.hold")
def add(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """A point of its own, or a case by its number."""
    viewer = viewer_of_request(request)
    number = request.POST.get("case", "").strip()[:24]
    try:
        case_id = None
        if number:
            try:
                case_id = open_case(number, viewer).pk
            except NotFound:
                raise Refused(
                    _("没有编号为“%(number)s”的事件，请核对。") % {"number": number}, "meeting.no_case"
                ) from None
        agenda.add_item(
            meeting_id,
            viewer=viewer,
            case_id=case_id,
            title=request.POST.get("title", "")[:400],
            words=request.POST.get("words", "")[:6000],
            minutes=_number(request.POST.get("minutes")),
        )
    except Refused as error:
        return _show(request, meeting_id, 422, add_error=_said(error), add_typed=request.POST)
    return HttpResponseRedirect(reverse("meetings:meeting", args=[meeting_id]))


@require_POST
@opens("meeting.hold")
def change(request: HttpRequest, meeting_id: int, item_id: int, what: str) -> HttpResponse:
    """up, down, remove, current."""
    viewer = viewer_of_request(request)
    acts: dict[str, Any] = {
        "up": lambda: agenda.move_item(meeting_id, item_id, True, viewer=viewer),
        "down": lambda: agenda.move_item(meeting_id, item_id, False, viewer=viewer),
        "remove": lambda: agenda.remove_item(meeting_id, item_id, viewer=viewer),
        "current": lambda: agenda.set_current(meeting_id, item_id, viewer=viewer),
    }
    if what not in acts:
        raise NotFound()
    try:
        acts[what]()
    except Refused as error:
        messages.error(request, _said(error))
    kept = f"?item={item_id}" if what == "current" else ""
    return HttpResponseRedirect(reverse("meetings:meeting", args=[meeting_id]) + kept)


@require_POST
@opens("meeting.hold")
def attend(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Somebody who was asked, or who came."""
    try:
        meetings.attend(
            meeting_id,
            request.POST.get("name", "")[:200],
            request.POST.get("role", "")[:300],
            request.POST.get("present") == "1",
            viewer=viewer_of_request(request),
        )
    except Refused as error:
        messages.error(request, _said(error))
    return HttpResponseRedirect(reverse("meetings:meeting", args=[meeting_id]) + "#attendance")


@require_POST
@opens("meeting.hold")
def act(request: HttpRequest, meeting_id: int, what: str) -> HttpResponse:
    """open, close, cancel, plan."""
    viewer = viewer_of_request(request)
    if what == "plan":
        form = PlanForm(request.POST)
        if form.is_valid():
            facts = form.cleaned_data
            try:
                meetings.plan_meeting(meeting_id, viewer=viewer, **facts)
            except (Refused, Conflict) as error:
                put_into(form, error)
            else:
                messages.success(request, _("已保存。"))
                return HttpResponseRedirect(reverse("meetings:meeting", args=[meeting_id]))
        return _show(request, meeting_id, status_of(form), plan=form)
    acts: dict[str, Any] = {
        "open": lambda: meetings.open_meeting(meeting_id, viewer=viewer),
        "close": lambda: closing.close_meeting(meeting_id, viewer=viewer),
        "cancel": lambda: meetings.cancel_meeting(meeting_id, request.POST.get("reason", "")[:2000], viewer=viewer),
    }
    if what not in acts:
        raise NotFound()
    try:
        acts[what]()
    except (Refused, Conflict) as error:
        return _show(request, meeting_id, error.status, error=_said(error))
    if what == "close":
        messages.success(request, _("会议结束，决定已交办，纪要已签发。"))
    return HttpResponseRedirect(reverse("meetings:meeting", args=[meeting_id]))


@require_GET
@opens(*USERS)
def minutes(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The minutes as they were issued, byte for byte."""
    number, pdf = reads.minutes_pdf(meeting_id, viewer_of_request(request))
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="minutes-{meeting_id}.pdf"'
    answer["X-Linli-Number"] = number.encode("ascii", "xmlcharrefreplace").decode()
    return answer


@require_POST
@opens("meeting.hold")
def put_on(request: HttpRequest) -> HttpResponse:
    """A case onto the agenda of a planned meeting, from the page of the case."""
    viewer = viewer_of_request(request)
    case = open_case(request.POST.get("case", "")[:24], viewer)
    try:
        agenda.add_item(_number(request.POST.get("meeting")) or 0, viewer=viewer, case_id=case.pk)
    except Refused as error:
        messages.error(request, _said(error))
    else:
        messages.success(request, _("已列入议程。"))
    return HttpResponseRedirect(safe_next(request, reverse("desk:case", args=[case.number])))


@require_POST
@opens("meeting.hold")
def stop(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Hold the regular meeting no more."""
    meetings.stop_regular(seat_id, viewer=viewer_of_request(request))
    messages.success(request, _("例会已停，已经建好的会不受影响。"))
    return HttpResponseRedirect(reverse("meetings:index"))


@require_http_methods(["GET", "HEAD", "POST"])
@opens("oversight.edit")
def kinds(request: HttpRequest) -> HttpResponse:
    """The kinds of meetings: rhythm, sources of the agenda, minutes per point."""
    rows, status = [], 200
    for kind in reads.kinds():
        mine = request.method == "POST" and request.POST.get("code") == kind.code
        form = KindForm(request.POST if mine else None, initial=KindForm.facts(kind), auto_id=f"id_{kind.code}_%s")
        if mine and form.is_valid():
            by = viewer_of_request(request)
            if carry_out(form, partial(meetings.set_kind, by, kind.code, **form.cleaned_data)):
                messages.success(request, _("已保存。"))
                return HttpResponseRedirect(reverse("meetings:kinds"))
        status = max(status, status_of(form))
        rows.append({"kind": kind, "form": form, "rhythm": _rhythm(kind.rhythm)})
    return render(request, "meetings/kinds.html", {"rows": rows}, status=status)
