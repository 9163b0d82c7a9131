"""When a time limit runs out: one pure function over an explicit calendar.

How time is counted:

- Civil time is that of Asia/Shanghai, UTC+8 without summer time (there has been none since 1991).
- Each unit has a *measure* that only grows: clock time for urgent hours and calendar days; working time for
  working hours; for working days the number of working days gone by, the present one as the share of its
  working hours. A deadline is the **earliest** moment at which the measure has grown by the limit.
- So a start outside working hours counts from the next opening, and a limit that is used up at closing time
  runs out at closing time, not at the next opening: Monday 08:00 + 1 working day = Monday 18:00.
- One working day keeps the minute: Friday 16:00 + 1 = Monday 16:00, whatever the working hours are. With the
  usual eight hours it equals 8 working hours. Where a limit runs over a change of working hours the share of
  the day is kept.
- During a pause the clock stands: nothing is added to the measure from its start (inclusive) to its end.
  A pause without an end keeps standing: `Deadline.standing` is true and `at` is the moment it would be if
  the clock went on at once, so never later than the real one.
- An extension is one more limit that begins when the one before runs out.
- Time that runs through a year without official calendar is counted with plain weekends and the deadline is
  marked `provisional`. Limits that run round the clock never are.

Because deadlines are earliest moments, `deadline(deadline(s, a), b) == deadline(s, a + b)`, and
`elapsed(s, deadline(s, n, …), …) == n` with any pauses.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from linli.kernel.clock.calendar import DAY, HOUR, Calendar, WorkingTime, micros, moment_of, year_of
from linli.kernel.clock.limits import ROUND_THE_CLOCK, TimeLimit, Unit

Light = Literal["on_track", "near", "overdue"]
#: From – to; no end means the clock still stands.
Pause = tuple[datetime, datetime | None]


class Deadline(NamedTuple):
    """When a limit runs out (UTC); see the module for what the marks mean."""

    at: datetime
    provisional: bool = False
    standing: bool = False


def _merged(pauses: Iterable[Pause]) -> list[tuple[int, int | None]]:
    """Pauses in order and without overlap, in microseconds; an open one swallows all that follow."""
    merged: list[tuple[int, int | None]] = []
    for since, until in sorted(
        ((micros(since), None if until is None else micros(until)) for since, until in pauses),
        key=lambda pause: pause[0],
    ):
        if until is not None and until < since:
            raise ValueError("a pause ends before it begins")
        if merged and (merged[-1][1] is None or since <= merged[-1][1]):
            last_since, last_until = merged[-1]
            if last_until is not None:
                merged[-1] = (last_since, None if until is None else max(last_until, until))
        else:
            merged.append((since, until))
    return merged


class _Measure(NamedTuple):
    """What a unit counts: its size, the count at a moment, the earliest moment of a count."""

    size: int
    count: Callable[[int], int]
    reach: Callable[[int], int]


_HOURS = _Measure(HOUR, int, int)
_DAYS = _Measure(DAY, int, int)


def _measure(unit: Unit, calendar: Calendar, moments: Iterable[int]) -> _Measure:
    """The measure of a unit, good for counting at these moments."""
    if unit in ROUND_THE_CLOCK:
        return _HOURS if unit == "urgent_hours" else _DAYS
    years = [year_of(moment) for moment in moments]
    time_of = WorkingTime(calendar, unit == "working_days", min(years), max(years))
    return _Measure(time_of.unit, time_of.count, time_of.reach)


def _advance(cursor: int, left: int, measure: _Measure, stands: list[tuple[int, int | None]]) -> tuple[int, bool]:
    """The earliest moment at which `left` more has been counted, and whether the clock still stands."""
    count = measure.count
    standing = False
    for since, until in stands:
        if until is not None and until <= cursor:
            continue
        room = count(max(since, cursor)) - count(cursor)
        if left <= room:
            break
        if until is None:
            standing = True
            break
        left -= room
        cursor = until
    return measure.reach(count(cursor) + left), standing


def deadline(
    start: datetime,
    limit: TimeLimit,
    calendar: Calendar,
    pauses: Iterable[Pause] = (),
    extensions: Iterable[TimeLimit] = (),
) -> Deadline:
    """The moment at which `limit`, lengthened by `extensions`, runs out when counted from `start`.

    start and pauses: aware datetimes. Result in UTC. Pauses may lie anywhere, overlap, or be open.
    """
    stands = _merged(pauses)
    ends = [until or since for since, until in stands]
    begin = cursor = micros(start)
    standing = by_calendar = False
    for part in (limit, *extensions):
        by_calendar = by_calendar or part.unit not in ROUND_THE_CLOCK
        measure = _measure(part.unit, calendar, (begin, cursor, *ends))
        cursor, stands_still = _advance(cursor, part.amount * measure.size, measure, stands)
        standing = standing or stands_still
    at = moment_of(cursor)
    return Deadline(at, by_calendar and not calendar.knows(start, at), standing)


def elapsed(start: datetime, end: datetime, unit: Unit, calendar: Calendar, pauses: Iterable[Pause] = ()) -> float:
    """How much time of this unit has gone from `start` to `end`, pauses left out (negative backwards)."""
    if end < start:
        return -elapsed(end, start, unit, calendar, pauses)
    begin, finish = micros(start), micros(end)
    measure = _measure(unit, calendar, (begin, finish))
    return _counted(begin, finish, measure, _merged(pauses)) / measure.size


def _counted(begin: int, finish: int, measure: _Measure, stands: list[tuple[int, int | None]]) -> int:
    count = measure.count
    total = count(finish) - count(begin)
    for since, until in stands:
        since = max(since, begin)
        until = finish if until is None else min(until, finish)
        if since < until:
            total -= count(until) - count(since)
    return total


def remaining(now: datetime, due: datetime, unit: Unit, calendar: Calendar, pauses: Iterable[Pause] = ()) -> float:
    """How much time of this unit is left until `due`; negative once it is over."""
    return elapsed(now, due, unit, calendar, pauses)


def near_at(
    start: datetime,
    due: datetime,
    near_share: float,
    unit: Unit = "calendar_days",
    calendar: Calendar | None = None,
    pauses: Iterable[Pause] = (),
) -> datetime:
    """From when on a deadline counts as near: when only `near_share` (0–1) of its time is left.

    The share is one of working time when a working unit and a calendar are given, so that a weekend before
    the deadline does not turn the light. Keep the result in a column: lists then only compare moments.
    """
    if calendar is None and not pauses:  # asked for each row of every list: plain time needs no calendar
        return min(start + max(due - start, timedelta()) * (1 - min(max(near_share, 0.0), 1.0)), due).astimezone(UTC)
    begin, finish = micros(start), micros(due)
    if calendar is None:
        unit, calendar = "calendar_days", Calendar()
    stands = _merged(pauses)
    ends = [until or since for since, until in stands]
    measure = _measure(unit, calendar, (begin, finish, *ends))
    total = _counted(begin, finish, measure, stands) if begin < finish else 0
    before = round(total * (1 - min(max(near_share, 0.0), 1.0)))
    if before <= 0:
        return min(start, due)
    moment, _standing = _advance(begin, before, measure, stands)
    return min(moment_of(moment), due)


def light(
    now: datetime,
    start: datetime,
    due: datetime,
    near_share: float,
    unit: Unit = "calendar_days",
    calendar: Calendar | None = None,
    pauses: Iterable[Pause] = (),
) -> Light:
    """The supervision light: the deadline's own moment is still in time; see `near_at` for "near"."""
    if now > due:
        return "overdue"
    return "near" if now >= near_at(start, due, near_share, unit, calendar, pauses) else "on_track"
