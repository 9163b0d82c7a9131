"""Changing the calendar: every change is one transaction with a journal entry and the event that lets
deadlines be counted anew.

Event "clock.calendar_changed": object ("calendar", 1), data {"revision": int, "from": "YYYY-MM-DD"},
where `from` is the first day whose working time may have changed.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.clock import queries
from linli.kernel.clock.calendar import DayKind, Span, check_hours
from linli.kernel.clock.models import CalendarDay, CalendarRevision, CalendarYear, WorkingHours
from linli.kernel.clock.published import (
    FEWEST_HOLIDAYS,
    YEARS,
    Day,
    DayList,
    published,
    published_years,
)
from linli.kernel.errors import Refused
from linli.kernel.outbox import Event

CAPABILITY = "clock.edit_calendar"
CHANGED = "clock.calendar_changed"


@transaction.atomic
def set_day(who: Authority, day: date, kind: DayKind | None, name_zh: str = "", name_en: str = "") -> None:
    """Make one day off or worked; None lets it follow the week again. Doing it twice changes nothing."""
    who.require(CAPABILITY)
    _check_year(day.year)
    if kind not in ("off", "work", None):
        raise Refused(_("请选择放假、上班或按周排班。"), "day_kind", "kind")
    _lock()
    row = CalendarDay.objects.filter(day=day).first()
    before = _day_facts(row)
    if kind is None:
        if row is not None:
            row.delete()
        row = None
    else:
        row = row or CalendarDay(day=day)
        row.kind, row.name_zh, row.name_en = kind, name_zh.strip()[:60], name_en.strip()[:60]
        row.save()
    after = _day_facts(row)
    if before != after:
        _changed(who, "clock.set_day", day, {"day": day.isoformat(), **before}, {"day": day.isoformat(), **after})


@transaction.atomic
def set_hours(who: Authority, spans: Iterable[Span], valid_from: date) -> None:
    """Let these working hours (minutes of the day) hold from a day on."""
    who.require(CAPABILITY)
    _check_year(valid_from.year)
    checked = [list(span) for span in check_hours(spans)]
    _lock()
    row = WorkingHours.objects.filter(valid_from=valid_from).first()
    before = {"valid_from": valid_from.isoformat(), "spans": row.spans if row else None}
    if row is not None and row.spans == checked:
        return
    WorkingHours.objects.update_or_create(valid_from=valid_from, defaults={"spans": checked})
    _changed(who, "clock.set_hours", valid_from, before, {"valid_from": valid_from.isoformat(), "spans": checked})


@transaction.atomic
def remove_hours(who: Authority, valid_from: date) -> None:
    """Take back working hours that were to hold from a day on."""
    who.require(CAPABILITY)
    _lock()
    row = WorkingHours.objects.filter(valid_from=valid_from).first()
    if row is None:
        raise Refused(_("没有从这一天开始的工作时间。"), "hours_unknown", "valid_from")
    before = {"valid_from": valid_from.isoformat(), "spans": row.spans}
    row.delete()
    _changed(who, "clock.remove_hours", valid_from, before, None)


@transaction.atomic
def mark_year(who: Authority, year: int, official: bool, source: str = "") -> None:
    """Say whether a year's calendar is complete; while it is not, deadlines in it are provisional."""
    who.require(CAPABILITY)
    _check_year(year)
    _lock()
    if official:
        _check_complete(year, CalendarDay.objects.filter(day__year=year, kind="off").count())
    before, after = _store_year(year, official, source)
    if before != after:
        _changed(who, "clock.mark_year", date(year, 1, 1), before, after)


@transaction.atomic
def import_days(who: Authority, listed: DayList, source: str, official: bool = True) -> list[int]:
    """Put the listed days in the place of all days of their years; returns the years.

    All or nothing: a list with problems is refused, naming the first of them.
    """
    who.require(CAPABILITY)
    if listed.problems:
        first = listed.problems[0]
        raise Refused(
            _("表里有 %(count)s 处问题，没有导入。第 %(row)s 行：%(message)s")
            % {"count": len(listed.problems), "row": first.row, "message": first.message},
            "calendar_problems",
            "file",
            what_next=_("请改正后重新上传整张表。"),
        )
    _lock()
    for year in listed.years:
        _check_year(year)
        _replace_year(who, year, [day for day in listed.days if day.day.year == year], source, official)
    return listed.years


@transaction.atomic
def seed_years(who: Authority, years: Iterable[int] | None = None) -> list[int]:
    """Enter the officially published years that ship with Linli; years already official stay as they are."""
    who.require(CAPABILITY)
    _lock()
    kept = set(CalendarYear.objects.filter(official=True).values_list("year", flat=True))
    entered = []
    for year in sorted(published_years() if years is None else years):
        if year in kept:
            continue
        if year not in published_years():
            raise Refused(
                _("%(year)s 年的放假安排没有随附，请导入官方公布的日历。") % {"year": year},
                "year_not_shipped",
                "year",
            )
        source, days = published(year)
        _replace_year(who, year, days, source, official=True)
        entered.append(year)
    return entered


def _replace_year(who: Authority, year: int, days: list[Day], source: str, official: bool) -> None:
    if official:
        _check_complete(year, sum(day.kind == "off" for day in days))
    before = _year_facts(year)
    CalendarDay.objects.filter(day__year=year).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=day.day, kind=day.kind, name_zh=day.name_zh, name_en=day.name_en) for day in days
    )
    _store_year(year, official, source)
    after = _year_facts(year)
    if before != after:
        _changed(who, "clock.import_year", date(year, 1, 1), before, after)


def _store_year(year: int, official: bool, source: str) -> tuple[dict[str, Any], dict[str, Any]]:
    row = CalendarYear.objects.filter(year=year).first() or CalendarYear(year=year)
    before = {"year": year, "official": row.official, "source": row.source}
    row.official, row.source = official, source.strip()[:200] or row.source
    row.save()
    return before, {"year": year, "official": row.official, "source": row.source}


def _check_year(year: int) -> None:
    if year not in YEARS:
        raise Refused(
            _("年份 %(year)s 不在可用范围内（%(first)s–%(last)s）。")
            % {"year": year, "first": YEARS[0], "last": YEARS[-1]},
            "year_range",
            "year",
        )


def _check_complete(year: int, days_off: int) -> None:
    if days_off < FEWEST_HOLIDAYS:
        raise Refused(
            _("%(year)s 年只有 %(count)s 个放假日，不像完整的官方安排。") % {"year": year, "count": days_off},
            "year_incomplete",
            "official",
            what_next=_("请补全后再标为已公布；在此之前落在这一年的时限显示为暂定。"),
        )


def _day_facts(row: CalendarDay | None) -> dict[str, Any]:
    return {
        "kind": row.kind if row else None,
        "name_zh": row.name_zh if row else "",
        "name_en": row.name_en if row else "",
    }


def _year_facts(year: int) -> dict[str, Any]:
    row = CalendarYear.objects.filter(year=year).first()
    days = CalendarDay.objects.filter(day__year=year).order_by("day")
    return {
        "year": year,
        "official": bool(row and row.official),
        "source": row.source if row else "",
        "days": [[day.day.isoformat(), day.kind, day.name_zh, day.name_en] for day in days],
    }


def _lock() -> CalendarRevision:
    """Take the revision's row: changes of the calendar follow one another."""
    CalendarRevision.objects.get_or_create(only=True, defaults={"number": 0, "changed_at": clock.now()})
    return CalendarRevision.objects.select_for_update().get(only=True)


def _changed(
    who: Authority, action: str, since: date, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    with connection.cursor() as cursor:
        # The database's own clock: an injected moment must not give two changes the same revision.
        cursor.execute(
            "UPDATE clock_calendar_revision SET number = number + 1, changed_at = clock_timestamp() RETURNING number"
        )
        number = int(cursor.fetchone()[0])
    journal.record(
        action=action,
        actor=who.actor,
        object_type="calendar",
        object_id=1,
        before=before,
        after=after,
        events=[Event(CHANGED, "calendar", 1, {"revision": number, "from": since.isoformat()})],
    )
    transaction.on_commit(queries.forget)
