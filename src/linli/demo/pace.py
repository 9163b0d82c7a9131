"""Walking forth and back in working time, for planning believable moments. Pure."""

from __future__ import annotations

import datetime as dt
import random

from linli.kernel.clock.calendar import CIVIL, MINUTE, Calendar, WorkingTime, micros, moment_of
from linli.kernel.clock.limits import ROUND_THE_CLOCK, TimeLimit


class Pace:
    """Steps in working minutes over one calendar, good for the years around `now`."""

    def __init__(self, calendar: Calendar, now: dt.datetime) -> None:
        year = now.astimezone(CIVIL).year
        self.now = now
        self._time = WorkingTime(calendar, False, year - 1, year + 1)

    def later(self, moment: dt.datetime, minutes: float) -> dt.datetime:
        """The moment at which this many working minutes have gone by."""
        return moment_of(self._time.reach(self._time.count(micros(moment)) + max(1, int(minutes * MINUTE))))

    def earlier(self, moment: dt.datetime, minutes: float) -> dt.datetime:
        """The moment since which this many working minutes have gone by."""
        return moment_of(self._time.reach(self._time.count(micros(moment)) - int(minutes * MINUTE)))

    def along(self, moment: dt.datetime, limit: TimeLimit, share: float) -> dt.datetime:
        """The moment at which a share of a limit that began at `moment` has gone by."""
        if limit.unit in ROUND_THE_CLOCK:
            return moment + _real(limit) * share
        return self.later(moment, working_minutes(limit) * share)

    def back(self, moment: dt.datetime, limit: TimeLimit, share: float) -> dt.datetime:
        """The moment at which a limit must have begun for a share of it to be gone at `moment`."""
        if limit.unit in ROUND_THE_CLOCK:
            return moment - _real(limit) * share
        return self.earlier(moment, working_minutes(limit) * share)


def _real(limit: TimeLimit) -> dt.timedelta:
    return dt.timedelta(hours=limit.amount) if limit.unit == "urgent_hours" else dt.timedelta(days=limit.amount)


def working_minutes(limit: TimeLimit) -> float:
    """How many working minutes a limit is about, with working days of eight hours."""
    return limit.amount * {"working_days": 480.0, "calendar_days": 340.0}.get(limit.unit, 60.0)


def leisure(rng: random.Random, moment: dt.datetime) -> dt.datetime:
    """A time of that day at which residents tell of things: mostly morning and evening."""
    hour = rng.choices((7, 8, 9, 10, 12, 15, 17, 18, 19, 20, 21, 22), (4, 7, 8, 6, 5, 5, 6, 9, 10, 9, 6, 2))[0]
    local = moment.astimezone(CIVIL).replace(hour=hour, minute=rng.randint(0, 59), second=rng.randint(0, 59))
    return local.astimezone(dt.UTC)
