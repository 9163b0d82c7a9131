"""The working calendar as a value, and its tables for counting working time fast.

Civil time is that of Asia/Shanghai, UTC+8 without summer time (there has been none since 1991). Inside this
module a moment is a whole number of microseconds of civil time, so that counting is exact.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cached_property
from math import lcm
from types import MappingProxyType
from typing import Literal

from django.utils.translation import gettext as _

from linli.kernel.errors import Refused

CIVIL = timezone(timedelta(hours=8), "Asia/Shanghai")

DayKind = Literal["off", "work"]
#: Opening and closing time of one stretch of work, in minutes of the day.
Span = tuple[int, int]

DEFAULT_HOURS: tuple[Span, ...] = ((8 * 60, 12 * 60), (14 * 60, 18 * 60))
WEEKDAYS = frozenset(range(5))
FIRST_YEAR, LAST_YEAR = 1900, 2400

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=CIVIL)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def micros(moment: datetime) -> int:
    """An aware moment in whole microseconds of civil time."""
    since = moment - _EPOCH
    return since.days * DAY + since.seconds * 1_000_000 + since.microseconds


def moment_of(count: int) -> datetime:
    """The moment (UTC) of so many microseconds of civil time."""
    return (_EPOCH + timedelta(microseconds=count)).astimezone(UTC)


def year_of(count: int) -> int:
    """The civil year of a moment in microseconds."""
    return (_EPOCH + timedelta(microseconds=count)).year


def parse_clock(text: str) -> int:
    """Minutes of the day from "08:30" (also "8:30", full-width colon, "24:00"); `Refused` otherwise."""
    parts = text.strip().replace("：", ":").split(":")
    try:
        hour, minute = (int(part) for part in parts)
        if (hour, minute) == (24, 0):
            return 24 * 60
        moment = time(hour, minute)
    except ValueError:
        raise Refused(
            _("看不懂时间“%(text)s”。") % {"text": text.strip()[:20]},
            "time_unreadable",
            "hours",
            what_next=_("请写成 08:30。"),
        ) from None
    return moment.hour * 60 + moment.minute


def check_hours(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Working hours in order, each within one day and after the one before; `Refused` otherwise."""
    ordered = tuple(sorted((int(opens), int(closes)) for opens, closes in spans))
    before = 0
    if not ordered:
        raise Refused(_("至少要有一段工作时间。"), "hours_empty", "hours", what_next=_("例如 08:00-12:00。"))
    for opens, closes in ordered:
        if not 0 <= opens < closes <= 24 * 60:
            raise Refused(
                _("工作时间的结束必须晚于开始，并在同一天之内。"),
                "hours_order",
                "hours",
                what_next=_("例如 08:00-12:00。"),
            )
        if opens < before:
            raise Refused(_("两段工作时间重叠了。"), "hours_overlap", "hours", what_next=_("请把它们合并或错开。"))
        before = closes
    return ordered


@dataclass(frozen=True, eq=False)
class Calendar:
    """The working calendar as a value: the same for everyone who holds it, nothing read from outside.

    hours: working hours by the day from which they hold, the first from `date.min`.
    exceptions: days that differ from the week: "off" for holidays, "work" for make-up days.
    official_years: years whose exceptions are complete.
    workweek: weekdays worked, Monday = 0.
    """

    hours: tuple[tuple[date, tuple[Span, ...]], ...] = ((date.min, DEFAULT_HOURS),)
    exceptions: Mapping[date, DayKind] = field(default_factory=dict)
    official_years: frozenset[int] = frozenset()
    workweek: frozenset[int] = WEEKDAYS

    def __post_init__(self) -> None:
        hours = tuple(sorted((since, check_hours(spans)) for since, spans in self.hours))
        if not hours or hours[0][0] != date.min:
            hours = ((date.min, DEFAULT_HOURS), *hours)
        object.__setattr__(self, "hours", hours)
        object.__setattr__(self, "exceptions", MappingProxyType(dict(self.exceptions)))
        object.__setattr__(self, "official_years", frozenset(self.official_years))
        object.__setattr__(self, "workweek", frozenset(self.workweek))
        if not self.workweek:
            raise Refused(_("一周至少要有一个工作日。"), "workweek_empty", "workweek")

    @cached_property
    def _identity(self) -> tuple[object, ...]:
        return (self.hours, frozenset(self.exceptions.items()), self.official_years, self.workweek)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        kind = self.exceptions.get(day)
        return kind == "work" if kind else day.weekday() in self.workweek

    def hours_on(self, day: date) -> tuple[Span, ...]:
        """The working hours of this day, empty when it is off."""
        if not self.is_workday(day):
            return ()
        return next(spans for since, spans in reversed(self.hours) if since <= day)

    def is_working(self, moment: datetime) -> bool:
        """Whether this moment lies in working hours (opening included, closing not)."""
        local = moment.astimezone(CIVIL)
        minute = local.hour * 60 + local.minute
        return any(opens <= minute < closes for opens, closes in self.hours_on(local.date()))

    def knows(self, since: datetime, until: datetime) -> bool:
        """Whether every year touched between two moments has an official calendar."""
        years = range(since.astimezone(CIVIL).year, until.astimezone(CIVIL).year + 1)
        return all(year in self.official_years for year in years)

    def _days(self, first_year: int, last_year: int) -> "_DayTable":
        """The day table covering these years, kept and only ever replaced by a wider one."""
        table: _DayTable | None = self.__dict__.get("_table")
        if table is None or first_year < table.first_year or last_year > table.last_year:
            if not FIRST_YEAR <= first_year <= last_year <= LAST_YEAR:
                raise Refused(_("这个日期超出了日历的范围。"), "calendar_range", "date")
            if table is not None:
                first_year, last_year = min(first_year, table.first_year), max(last_year, table.last_year)
            table = _DayTable(self, first_year, last_year)
            self.__dict__["_table"] = table  # a lost race costs one more building, never a wrong answer
        return table


class _DayTable:
    """Working time and working days before each day of some years, so that counting is two look-ups."""

    __slots__ = (
        "before",
        "days_before",
        "first",
        "first_year",
        "last_year",
        "scale",
        "spans",
        "step",
        "workdays",
    )

    def __init__(self, calendar: Calendar, first_year: int, last_year: int) -> None:
        self.first_year, self.last_year = first_year, last_year
        start = date(first_year, 1, 1).toordinal()
        stop = date(last_year, 12, 31).toordinal() + 1
        self.first = start - _EPOCH_ORDINAL

        lengths = {spans: sum(b - a for a, b in spans) * MINUTE for _since, spans in calendar.hours}
        #: one working day in the measure of working days: divisible by the length of any day
        self.step = lcm(*lengths.values())
        kinds = {
            spans: (tuple((a * MINUTE, b * MINUTE) for a, b in spans), self.step // length)
            for spans, length in lengths.items()
        }
        changes = [(since.toordinal(), spans) for since, spans in calendar.hours]
        special = {day.toordinal(): kind == "work" for day, kind in calendar.exceptions.items()}
        week = [weekday in calendar.workweek for weekday in range(7)]

        self.before: list[int] = [0]
        self.days_before: list[int] = [0]
        self.spans: list[tuple[Span, ...]] = []
        self.scale: list[int] = []
        self.workdays: list[int] = []
        at_change, current = 0, kinds[changes[0][1]]
        work, days, length = 0, 0, lengths[changes[0][1]]
        for ordinal in range(start, stop):
            while at_change + 1 < len(changes) and changes[at_change + 1][0] <= ordinal:
                at_change += 1
                current, length = kinds[changes[at_change][1]], lengths[changes[at_change][1]]
            if special.get(ordinal, week[(ordinal + 6) % 7]):
                self.spans.append(current[0])
                self.workdays.append(ordinal - start)
                work += length
                days += 1
            else:
                self.spans.append(())
            self.scale.append(current[1])
            self.before.append(work)
            self.days_before.append(days)

    def worked_on(self, index: int, clock: int) -> int:
        """Working time of one day up to this time of day."""
        done = 0
        for opens, closes in self.spans[index]:
            if clock <= opens:
                break
            done += (clock if clock < closes else closes) - opens
        return done

    def moment(self, index: int, worked: int) -> int:
        """The earliest moment of a working day at which this much (> 0) has been worked."""
        for opens, closes in self.spans[index]:
            if worked <= closes - opens:
                return (self.first + index) * DAY + opens + worked
            worked -= closes - opens
        raise AssertionError("more work than the day has")


class WorkingTime:
    """The measures of the working units over one calendar; moments are microseconds of civil time."""

    __slots__ = ("by_days", "calendar", "table")

    def __init__(self, calendar: Calendar, by_days: bool, first_year: int, last_year: int) -> None:
        self.calendar, self.by_days = calendar, by_days
        self.table = calendar._days(first_year, last_year)

    @property
    def unit(self) -> int:
        return self.table.step if self.by_days else HOUR

    def count(self, moment: int) -> int:
        table = self.table
        day, clock = divmod(moment, DAY)
        index = day - table.first
        worked = table.worked_on(index, clock)
        if self.by_days:
            return table.days_before[index] * table.step + worked * table.scale[index]
        return table.before[index] + worked

    def reach(self, count: int) -> int:
        """The earliest moment at which `count` is reached; widens the table until it is."""
        while True:
            table = self.table
            if self.by_days:
                # ceiling: the last working day that has to be touched
                index = -(-count // table.step) - 1
                if index < len(table.workdays):
                    day = table.workdays[index]
                    return table.moment(day, -(-(count - index * table.step) // table.scale[day]))
            elif count <= table.before[-1]:
                day = bisect_left(table.before, count) - 1
                return table.moment(day, count - table.before[day])
            more = max(3, table.last_year - table.first_year)
            last_year = min(table.last_year + more, max(LAST_YEAR, table.last_year + 1))
            wider = self.calendar._days(table.first_year, last_year)
            # Counts only keep their meaning over the same first year.
            if wider.first_year != table.first_year:
                wider = _DayTable(self.calendar, table.first_year, last_year)
            self.table = wider
