"""Periods a person can choose: today, this week, half-month, month, year, or any days. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

DAY = dt.timedelta(days=1)
NAMES = {
    "today": _("今天"),
    "week": _("本周"),
    "half": _("半月"),
    "month": _("本月"),
    "last_month": _("上月"),
    "year": _("今年"),
    "any": _("自选"),
}
LONGEST = 366 * 5


@dataclass(frozen=True, slots=True)
class Period:
    """[since, until) in civil days, and by which name it was chosen."""

    name: str
    since: dt.date
    until: dt.date

    @property
    def last(self) -> dt.date:
        """The last day that belongs to it."""
        return self.until - DAY

    def before(self, many: int) -> list[tuple[dt.date, dt.date]]:
        """This period and the ones before it, as many in all, the oldest first: months by months, others by length."""
        found: list[tuple[dt.date, dt.date]] = []
        since, until = self.since, self.until
        months = self.name in ("month", "last_month")
        for _number in range(many):
            found.append((since, until))
            if months:
                since, until = (since - DAY).replace(day=1), since
            elif self.name == "year":
                since, until = since.replace(year=since.year - 1), since
            else:
                since, until = since - (self.until - self.since), since
        return found[::-1]


def period(name: str, today: dt.date, since: dt.date | None = None, until: dt.date | None = None) -> Period:
    """A period by its name. since, until: the first and the last day of "any". Unknown names mean this month.

    Periods that still run end with today: what falls due tomorrow is not due yet.
    """
    tomorrow = today + DAY
    if name == "any" and since is not None and until is not None and since <= until:
        return Period("any", max(since, until - LONGEST * DAY), until + DAY)
    if name == "today":
        return Period(name, today, tomorrow)
    if name == "week":
        return Period(name, today - today.weekday() * DAY, tomorrow)
    if name == "half":
        return Period(name, today.replace(day=1 if today.day <= 15 else 16), tomorrow)
    if name == "year":
        return Period(name, today.replace(month=1, day=1), tomorrow)
    if name == "last_month":
        end = today.replace(day=1)
        return Period(name, (end - DAY).replace(day=1), end)
    return Period("month", today.replace(day=1), tomorrow)
