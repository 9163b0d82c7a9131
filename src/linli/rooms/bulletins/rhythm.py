"""When bulletins fall due and which days each of them covers (一周一调度、半月一通报、一月一点评, LK-8). Pure.

Periods of a rhythm follow one another without a gap and never overlap: weeks, halves of months (1–15, 16–end) or
months. The draft of a period falls due `day` days into what follows it, at a civil time; where nobody works on that
day, on the next or the previous working day, by the working calendar with its make-up days. The period stays the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel.clock import Calendar
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Refused

Every = Literal["week", "half_month", "month"]
OffDay = Literal["next", "previous", "keep"]
EVERY: tuple[Every, ...] = ("week", "half_month", "month")
OFF_DAYS: tuple[OffDay, ...] = ("next", "previous", "keep")
MOST_DAY: dict[str, int] = {"week": 7, "half_month": 12, "month": 25}
WEEKDAYS = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)
_LONGEST_HOLIDAY = 30


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Civil days from `start` up to, not with, `end`."""

    start: dt.date
    end: dt.date

    @property
    def last(self) -> dt.date:
        return self.end - dt.timedelta(days=1)

    @property
    def since(self) -> dt.datetime:
        return midnight(self.start)

    @property
    def until(self) -> dt.datetime:
        return midnight(self.end)


def midnight(day: dt.date) -> dt.datetime:
    """The moment at which a civil day begins."""
    return dt.datetime.combine(day, dt.time(), CIVIL)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """every week: `day` is the weekday (1 = Monday) on which the draft is made, the period are the seven days before.
    half_month, month: `day` is the day after the period's end (1 = the first). at: civil time.
    """

    every: Every
    day: int
    at: dt.time
    off_day: OffDay = "next"

    def __post_init__(self) -> None:
        if self.every not in EVERY or self.off_day not in OFF_DAYS:
            raise Refused(gettext_lazy("请选周、半月或月。"), "bulletin.rhythm", "every")
        if not 1 <= self.day <= MOST_DAY[self.every]:
            raise Refused(
                _("第几天请填 1 到 %(most)d。") % {"most": MOST_DAY[self.every]}, "bulletin.rhythm_day", "day"
            )

    def __str__(self) -> str:
        """In words: 每周一 08:30，遇休息日顺延."""
        facts = {"at": f"{self.at:%H:%M}", "day": self.day}
        if self.every == "week":
            words = _("每%(weekday)s %(at)s") % {**facts, "weekday": WEEKDAYS[self.day - 1]}
        elif self.every == "half_month":
            words = _("半月结束后第 %(day)d 天 %(at)s") % facts
        else:
            words = _("每月 %(day)d 日 %(at)s") % facts
        after = {"next": _("遇休息日顺延"), "previous": _("遇休息日提前"), "keep": _("休息日照常")}[self.off_day]
        return _("%(when)s，%(after)s") % {"when": words, "after": after}

    def period_of(self, day: dt.date) -> Period:
        """The period in which a civil day lies."""
        if self.every == "week":
            start = day - dt.timedelta(days=(day.weekday() - (self.day - 1)) % 7)
            return Period(start, start + dt.timedelta(days=7))
        if self.every == "half_month" and day.day <= 15:
            return Period(day.replace(day=1), day.replace(day=16))
        after = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        return Period(day.replace(day=16 if self.every == "half_month" else 1), after)

    def next_period(self, period: Period) -> Period:
        """The period that follows."""
        return self.period_of(period.end)

    def planned(self, period: Period) -> dt.date:
        """The day on which the draft of a period would be made if everybody worked every day."""
        return period.end if self.every == "week" else period.end + dt.timedelta(days=self.day - 1)

    def moment(self, period: Period, calendar: Calendar) -> dt.datetime:
        """When the draft of a period falls due (UTC)."""
        day = self.planned(period)
        if self.off_day != "keep":
            step = dt.timedelta(days=1 if self.off_day == "next" else -1)
            for _tries in range(_LONGEST_HOLIDAY):
                if calendar.is_workday(day):
                    break
                day += step
        return dt.datetime.combine(day, self.at, CIVIL).astimezone(dt.UTC)

    def next_due(self, now: dt.datetime, calendar: Calendar) -> Period:
        """The first period whose draft falls due after `now`."""
        period = self.period_of(now.astimezone(CIVIL).date() - dt.timedelta(days=70))
        while self.moment(period, calendar) <= now:
            period = self.next_period(period)
        return period
