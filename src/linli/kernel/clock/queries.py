"""Reading the calendar: as a value for rules, and as rows for the pages that show and edit it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from linli.kernel.clock.calendar import CIVIL, Calendar, DayKind, Span
from linli.kernel.clock.models import CalendarDay, CalendarRevision, CalendarYear, WorkingHours

#: A process may work with a calendar this many seconds old.
STALE_AFTER = 1.0


@dataclass(slots=True)
class _Kept:
    asked_at: float
    revision: object
    calendar: Calendar


_kept: _Kept | None = None
_held: ContextVar[Calendar | None] = ContextVar("linli_calendar_held", default=None)


def calendar() -> Calendar:
    """The calendar in force. Kept by each process; a change elsewhere is seen within a second.

    Costs nothing within that second, one look at the revision's row after it. Inside the transaction that
    changes the calendar the changed one is returned and nobody else sees it.
    """
    global _kept
    held = _held.get()
    if held is not None:
        return held
    if _changed_in_this_transaction():
        return _load()
    moment = time.monotonic()
    kept = _kept
    if kept is not None and moment - kept.asked_at < STALE_AFTER:
        return kept.calendar
    revision = CalendarRevision.objects.values_list("number", "changed_at").first()
    fresh = kept.calendar if kept is not None and kept.revision == revision else _load()
    _kept = _Kept(moment, revision, fresh)
    return fresh


@contextmanager
def held(value: Calendar) -> Iterator[None]:
    """Let `calendar()` answer `value` within this block: for bulk work and for tests that count queries."""
    token = _held.set(value)
    try:
        yield
    finally:
        _held.reset(token)


def forget() -> None:
    """Drop the kept calendar; actions ask for it when their change is committed."""
    global _kept
    _kept = None


def _changed_in_this_transaction() -> bool:
    # `forget` waits there from a change until its commit, and a rollback throws it out.
    return any(waiting[1] is forget for waiting in connection.run_on_commit)


def _load() -> Calendar:
    hours: list[tuple[date, tuple[Span, ...]]] = [
        (since, tuple((opens, closes) for opens, closes in spans))
        for since, spans in WorkingHours.objects.order_by("valid_from").values_list("valid_from", "spans")
    ]
    exceptions: dict[date, Any] = dict(CalendarDay.objects.values_list("day", "kind"))
    official = CalendarYear.objects.filter(official=True).values_list("year", flat=True)
    plain = Calendar()
    return Calendar(tuple(hours) or plain.hours, exceptions, frozenset(official))


@dataclass(frozen=True, slots=True)
class DayOfYear:
    """One day as the calendar page shows it."""

    day: date
    works: bool
    kind: DayKind | None
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class YearSummary:
    year: int
    official: bool
    source: str
    days_off: int
    make_up_days: int


def days(year: int) -> list[DayOfYear]:
    """Every day of a year."""
    rows = {row.day: row for row in CalendarDay.objects.filter(day__year=year)}
    value = calendar()
    result = []
    for offset in range((date(year + 1, 1, 1) - date(year, 1, 1)).days):
        day = date(year, 1, 1) + timedelta(days=offset)
        row = rows.get(day)
        kind: Any = row.kind if row else None
        result.append(
            DayOfYear(day, value.is_workday(day), kind, row.name_zh if row else "", row.name_en if row else "")
        )
    return result


def years() -> list[YearSummary]:
    """The years on file, the latest first."""
    counts: dict[int, dict[str, int]] = {}
    for day, kind in CalendarDay.objects.values_list("day", "kind"):
        year = counts.setdefault(day.year, {"off": 0, "work": 0})
        year[kind] += 1
    known = {row.year: row for row in CalendarYear.objects.all()}
    return [
        YearSummary(
            year,
            known[year].official if year in known else False,
            known[year].source if year in known else "",
            counts.get(year, {}).get("off", 0),
            counts.get(year, {}).get("work", 0),
        )
        for year in sorted(known.keys() | counts.keys(), reverse=True)
    ]


def unknown_years(moment: datetime) -> list[int]:
    """This year and the next, as far as they have no official calendar: deadlines in them are provisional."""
    this_year = moment.astimezone(CIVIL).year
    official = calendar().official_years
    return [year for year in (this_year, this_year + 1) if year not in official]


def hours() -> list[tuple[date, tuple[Span, ...]]]:
    """Working hours by the day from which they hold, the usual ones from the beginning of time."""
    return list(calendar().hours)


def revision() -> int:
    """Number of the calendar in force; it grows with every change."""
    return CalendarRevision.objects.values_list("number", flat=True).first() or 0
