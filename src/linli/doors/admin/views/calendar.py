"""The working calendar: a year at a glance, days, hours, official years; and how long each step may take."""

from __future__ import annotations

import calendar as months
import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.matters import DayForm, HoursForm, LimitForm, YearSheetForm
from linli.doors.common import waiting
from linli.doors.common.formwork import carry_out, put_into, status_of
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel import clock
from linli.kernel.clock import actions, queries
from linli.kernel.clock.calendar import CIVIL, DEFAULT_HOURS
from linli.kernel.clock.published import YEARS, published_years, read_days
from linli.kernel.errors import Refused
from linli.rooms.cases.actions.settings import set_step_limit
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.queries.limits import step_limits_now


def today() -> dt.date:
    """The civil day."""
    return clock.now().astimezone(CIVIL).date()


@require_GET
@opens("clock.edit_calendar")
def index(request: HttpRequest) -> HttpResponse:
    """This year."""
    return redirect("admin_door:calendar_year", today().year)


@require_GET
@opens("clock.edit_calendar")
def year(request: HttpRequest, year: int) -> HttpResponse:
    """Twelve months; `?day=` opens one day."""
    return _year(request, year)


def _year(request: HttpRequest, year: int, status: int = 200, **forms: Any) -> HttpResponse:
    if year not in YEARS:
        raise Http404
    days = {day.day: day for day in queries.days(year)}
    chosen = forms.pop("chosen", None) or _chosen(request, year)
    found = days.get(chosen) if chosen else None
    summary = next((item for item in queries.years() if item.year == year), None)
    hours = [(since, _spans(spans)) for since, spans in queries.hours()]
    context = {
        "year": year,
        "months": [
            (
                dt.date(year, month, 1),
                [[days.get(day) if day.month == month else None for day in week] for week in weeks],
            )
            for month in range(1, 13)
            for weeks in [months.Calendar(0).monthdatescalendar(year, month)]
        ],
        "weekdays": [_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")],
        "today": today(),
        "official": bool(summary and summary.official),
        "summary": summary,
        "years": sorted({today().year + step for step in (-1, 0, 1, 2)} | {item.year for item in queries.years()}),
        "can_seed": year in published_years() and not (summary and summary.official),
        "unknown": queries.unknown_years(clock.now()),
        "hours": hours,
        "hours_form": HoursForm(initial={"hours": hours[-1][1], "valid_from": today() + dt.timedelta(days=1)}),
        "import_form": YearSheetForm(),
        "day": found,
        "day_form": DayForm(
            initial={"day": found.day, "kind": found.kind or "", "name_zh": found.name_zh, "name_en": found.name_en}
        )
        if found
        else None,
        "default_hours": _spans(DEFAULT_HOURS),
    }
    return render(request, "admin_door/calendar.html", context | forms, status=status)


def _chosen(request: HttpRequest, year: int) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
    return day if day.year == year else None


def _spans(spans: Any) -> str:
    return "，".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in spans)


@require_POST
@opens("clock.edit_calendar")
def set_day(request: HttpRequest, year: int) -> HttpResponse:
    """Make a day off or worked, or let it follow the week."""
    form = DayForm(request.POST)
    if form.is_valid() and form.cleaned_data["day"].year == year:
        given = form.cleaned_data
        kind = given["kind"] or None
        done = carry_out(
            form,
            lambda: actions.set_day(viewer_of_request(request), given["day"], kind, given["name_zh"], given["name_en"]),
        )
        if done:
            messages.success(request, _("%(day)s 已改好，时限会自动重算。") % {"day": given["day"].isoformat()})
            return redirect(f"{reverse('admin_door:calendar_year', args=[year])}?day={given['day'].isoformat()}")
    chosen = form.cleaned_data.get("day") if hasattr(form, "cleaned_data") else None
    return _year(request, year, 422, day_form=form, chosen=chosen)


@require_POST
@opens("clock.edit_calendar")
def mark(request: HttpRequest, year: int) -> HttpResponse:
    """Say whether a year is complete."""
    official = request.POST.get("official") == "1"
    actions.mark_year(viewer_of_request(request), year, official, request.POST.get("source", "")[:200])
    words = _("%(year)d 年已标为完整，暂定的时限会重算。") if official else _("%(year)d 年改为不完整，时限显示为暂定。")
    messages.success(request, words % {"year": year})
    return redirect("admin_door:calendar_year", year)


@require_POST
@opens("clock.edit_calendar")
def seed(request: HttpRequest, year: int) -> HttpResponse:
    """Enter the shipped official year."""
    actions.seed_years(viewer_of_request(request), [year])
    messages.success(request, _("%(year)d 年已按官方通知录入。") % {"year": year})
    return redirect("admin_door:calendar_year", year)


@require_POST
@opens("clock.edit_calendar")
def hours(request: HttpRequest, year: int) -> HttpResponse:
    """New working hours from a day on, or take back such a change."""
    viewer = viewer_of_request(request)
    if remove := request.POST.get("remove"):
        try:
            since = dt.date.fromisoformat(remove)
        except ValueError:
            raise Refused(_("没有从这一天开始的工作时间。"), "hours_unknown") from None
        actions.remove_hours(viewer, since)
        messages.success(request, _("这次改动已撤销，时限会自动重算。"))
        return redirect("admin_door:calendar_year", year)
    form = HoursForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        if carry_out(form, lambda: actions.set_hours(viewer, given["hours"], given["valid_from"])):
            messages.success(request, _("工作时间已保存，时限会自动重算。"))
            return redirect("admin_door:calendar_year", year)
    return _year(request, year, status_of(form), hours_form=form)


@require_POST
@opens("clock.edit_calendar")
def import_year(request: HttpRequest, year: int) -> HttpResponse:
    """Read a list of days and show it, with what is wrong named by row."""
    form = YearSheetForm(request.POST, request.FILES)
    if form.is_valid():
        name, data = form.cleaned_data["file"]
        try:
            listed = read_days(data, name)
        except Refused as refused:
            put_into(form, refused)
        else:
            known = {day.day: day for each in listed.years for day in queries.days(each) if day.kind}
            context = {
                "year": year,
                "name": name,
                "listed": listed,
                "source": form.cleaned_data["source"],
                "rows": [(day, known[day.day].kind if day.day in known else "") for day in listed.days],
                "gone": [day for key, day in sorted(known.items()) if key not in {d.day for d in listed.days}],
                "key": "" if listed.problems else waiting.keep(_owner(request), name, data),
            }
            status = 422 if listed.problems else 200
            return render(request, "admin_door/calendar_preview.html", context, status=status)
    return _year(request, year, status_of(form), import_form=form)


@require_POST
@opens("clock.edit_calendar")
def confirm_year(request: HttpRequest, year: int) -> HttpResponse:
    """Put the listed days in the place of those years."""
    kept = waiting.fetch(_owner(request), request.POST.get("key", ""))
    form = YearSheetForm({"source": request.POST.get("source", "")})
    form.fields["file"].required = False
    source = request.POST.get("source", "").strip()[:200] or kept.name
    official = request.POST.get("official") == "on"
    if form.is_valid():
        done = carry_out(
            form,
            lambda: actions.import_days(
                viewer_of_request(request), read_days(kept.data, kept.name), source, official=official
            ),
        )
        if done:
            waiting.drop(kept.key)
            messages.success(request, _("已导入 %(years)s 年。") % {"years": "、".join(map(str, done.value))})
            return redirect("admin_door:calendar_year", done.value[0] if done.value else year)
    return _year(request, year, status_of(form), import_form=form)


@require_http_methods(["GET", "POST"])
@opens("clock.edit_calendar")
def limits(request: HttpRequest) -> HttpResponse:
    """How long each step may take; running cases keep the deadline they have."""
    present = step_limits_now()
    rows = []
    wrong = False
    for state in FLOW.states:
        if state.kind != "open":
            continue
        before = {key: present.get((state.code, key == "urgent")) for key in ("general", "urgent")}
        form = LimitForm(
            request.POST if request.POST.get("state") == state.code else None,
            prefix=state.code,
            initial={key: str(limit) if limit else "" for key, limit in before.items()},
        )
        if form.is_bound and form.is_valid():

            def save(code: str = state.code, form: LimitForm = form, before: dict[str, Any] = before) -> None:
                for key in ("general", "urgent"):
                    if form.cleaned_data[key] != before[key]:
                        set_step_limit(code, key == "urgent", form.cleaned_data[key], by=viewer_of_request(request))

            if carry_out(form, save):
                messages.success(request, _("“%(state)s”的时限已保存。") % {"state": state.label})
                return redirect("admin_door:limits")
        wrong = wrong or bool(form.is_bound and form.errors)
        rows.append({"state": state, "form": form})
    return render(request, "admin_door/limits.html", {"rows": rows}, status=422 if wrong else 200)


def _owner(request: HttpRequest) -> str:
    return str(viewer_of_request(request).account_id)
