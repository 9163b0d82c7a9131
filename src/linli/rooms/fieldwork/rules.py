"""Which days a plan falls on, how a sample is drawn, what a checklist comes to. Pure: no database, no clock."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from linli.kernel.clock import Calendar, TimeLimit
from linli.kernel.clock.calendar import CIVIL

MADE_BY = dt.time(6)
"""The day's patrols are there by six in the morning, or an hour before an earlier start."""
LOOK_AHEAD = 400
"""Days within which a plan must fall on one, or it never does."""
REPEATED_WITHIN = dt.timedelta(days=180)
"""The same matter found again in the same grid within this time is a repeat."""

# What inspectors choose from until the operator writes other limits (立行立改).
RECTIFY_LIMITS: tuple[tuple[str, str, TimeLimit], ...] = (
    ("立即整改（2 小时内）", "at once (2 hours)", TimeLimit(2, "urgent_hours")),
    ("24 小时内整改", "within 24 hours", TimeLimit(24, "urgent_hours")),
    ("3 个工作日内整改", "within 3 working days", TimeLimit(3, "working_days")),
    ("7 个工作日内整改", "within 7 working days", TimeLimit(7, "working_days")),
)


def falls_on(day: dt.date, days: str, weekdays: Collection[int], calendar: Calendar) -> bool:
    """Whether a plan falls on a day. days: "workdays" (holidays left out, make-up days taken in) or "every_day".

    weekdays: 1 = Monday … 7 = Sunday, empty for all; with working days both must hold, so a make-up Saturday counts
    only for a plan that names Saturday or no weekday at all.
    """
    if weekdays and day.isoweekday() not in weekdays:
        return False
    return days == "every_day" or calendar.is_workday(day)


def next_day(
    since: dt.date, until: dt.date | None, days: str, weekdays: Collection[int], calendar: Calendar
) -> dt.date | None:
    """The first day from `since` on that the plan falls on, at the latest `until`; None when there is none."""
    for ahead in range(LOOK_AHEAD):
        day = since + dt.timedelta(days=ahead)
        if until is not None and day > until:
            return None
        if falls_on(day, days, weekdays, calendar):
            return day
    return None


def made_at(day: dt.date, window_from: dt.time) -> dt.datetime:
    """When the patrols of a day are made: by six, or an hour before they begin, but never the day before."""
    early = dt.time(window_from.hour - 1, window_from.minute) if window_from.hour else dt.time(0)
    return dt.datetime.combine(day, min(MADE_BY, early), CIVIL)


def closes_at(day: dt.date) -> dt.datetime:
    """The end of the civil day: what was not walked by then is missed."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), CIVIL)


def rank(seed: str, code: str) -> str:
    """What a grid's place in the draw is made of: SHA-256 of "seed:code" in hex, to be checked with any tool."""
    return hashlib.sha256(f"{seed}:{code}".encode()).hexdigest()


def draw(pool: Iterable[tuple[int, str]], size: int, seed: str) -> list[int]:
    """`size` grids of the pool (id, code), by the smallest `rank`; the same pool and seed give the same grids.

    The order of the pool does not matter, and a grid's rank does not depend on the other grids.
    """
    return [place_id for place_id, _code in sorted(pool, key=lambda entry: (rank(seed, entry[1]), entry[1]))[:size]]


@dataclass(frozen=True, slots=True)
class Score:
    """Points of a checklist: `reached` of `base`; questions that do not apply are in neither."""

    reached: int
    base: int

    @property
    def percent(self) -> float | None:
        """0–100; None without a base."""
        return round(100 * self.reached / self.base, 1) if self.base else None


def score(answers: Iterable[tuple[str, int]]) -> Score:
    """The score of answers (value, weight): the weights of "yes" among those of "yes" and "no"."""
    reached = base = 0
    for value, weight in answers:
        if value in ("yes", "no"):
            base += weight
            reached += weight if value == "yes" else 0
    return Score(reached, base)


def proof_missing(proof: str, value: str, photos: int) -> bool:
    """Whether an answer still needs a picture. proof: never | on_no | always."""
    if photos or value in ("", "na"):
        return False
    return proof == "always" or (proof == "on_no" and value == "no")


def kept_in_time(
    is_open: bool, due_at: dt.datetime | None, confirmed_at: dt.datetime | None, now: dt.datetime
) -> bool | None:
    """Whether a finding was put right in time: True, False, or None while its limit still runs (or it has none)."""
    if due_at is None:
        return None
    if confirmed_at is not None:
        return confirmed_at <= due_at
    if is_open:
        return False if now > due_at else None
    return None


def weekdays_of(values: Sequence[int]) -> list[int]:
    """Weekdays in order, each once; ValueError for what is none."""
    found = sorted(set(values))
    if any(not 1 <= value <= 7 for value in found):
        raise ValueError("a weekday is a number from 1 to 7")
    return found
