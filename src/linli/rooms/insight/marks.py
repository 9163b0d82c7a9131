"""Which marks a case leaves, for one case with numbers as for a million with arrays: the same lines of code. Pure.

Moments are whole microseconds since 2000-01-01 UTC as PostgreSQL keeps them, `NEVER` for none; days are civil days
since 2000-01-01. Arithmetic and comparison do the same to a number and to an array of numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from linli.rooms.insight.facts import BAD_UP_TO, SATISFIED_FROM, Fact
from linli.rooms.insight.rules import CLOSING_ALLOWANCE

NEVER = -(2**63)
DAY = 86_400_000_000
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_EIGHT_HOURS = 8 * 3_600_000_000
_FIRST = dt.date(2000, 1, 1).toordinal()
_ALLOWANCE = CLOSING_ALLOWANCE.days * DAY

MOMENTS = (
    "reported", "registered", "first_dispatched", "received", "due", "handled", "closed", "reopened", "rated", "bad_at",
    "bad_called", "righted", "right_by",
)  # fmt: skip
NUMBERS = ("received_late", "returned", "reworked", "extended", "solved", "level", "out")
"""Small numbers: flags as 0 and 1; solved: 0 no answer, 1 another answer, 2 "yes"; level: 0 none."""


def micros(moment: dt.datetime | None) -> int:
    """A moment as a number; NEVER for none."""
    if moment is None:
        return NEVER
    since = moment - _EPOCH
    return since.days * DAY + since.seconds * 1_000_000 + since.microseconds


def day_number(day: dt.date) -> int:
    """A civil day as a number."""
    return day.toordinal() - _FIRST


def day_of(number: int) -> dt.date:
    """The civil day of a number."""
    return dt.date.fromordinal(number + _FIRST)


def civil(moment: Any) -> Any:
    """The civil day of a moment in China, both as numbers (or arrays of them)."""
    return (moment + _EIGHT_HOURS) // DAY


def in_numbers(fact: Fact) -> SimpleNamespace:
    """A fact as `marks` reads it."""
    return SimpleNamespace(
        **{name: micros(getattr(fact, name)) for name in MOMENTS},
        received_late=int(fact.received_late),
        returned=fact.returned,
        reworked=fact.reworked,
        extended=fact.extended,
        solved=2 if fact.solved == "yes" else 1 if fact.solved else 0,
        level=fact.level or 0,
        out=1 if fact.out else 0,
    )


def later(one: Any, other: Any) -> Any:
    """The later of two moments, for numbers and arrays alike."""
    swap = other > one
    return one + (other - one) * swap


def marks(f: Any) -> Iterator[tuple[str, Any, Any]]:
    """(measure, civil day, whether it counts) of a fact in numbers; the day means nothing where it does not count."""
    known = {name: getattr(f, name) > NEVER for name in MOMENTS}
    reported, dispatched = civil(f.reported), civil(f.first_dispatched)
    right = f.returned == 0
    yield "reported", reported, known["reported"]
    yield "valid", reported, known["registered"]
    yield "registered", civil(f.registered), known["registered"]
    yield "dispatched", dispatched, known["first_dispatched"]
    yield "accurate", dispatched, known["first_dispatched"] & right
    yield "responded", dispatched, known["first_dispatched"] & known["received"] & (f.received_late == 0)
    yield from _timed(f, known)
    yield "closed", civil(f.closed), known["closed"]
    rated, answered, levelled = civil(f.rated), known["rated"] & (f.solved > 0), known["rated"] & (f.level > 0)
    yield "answered", rated, answered
    yield "solved", rated, answered & (f.solved == 2)
    yield "levelled", rated, levelled
    yield "satisfied", rated, levelled & (f.level >= SATISFIED_FROM)
    bad, right_by = civil(f.bad_at), civil(f.right_by)
    yield "bad", bad, known["bad_at"]
    yield "bad_called", bad, known["bad_at"] & known["bad_called"]
    yield "right_due", right_by, known["right_by"]
    yield "righted", right_by, known["right_by"] & known["righted"] & (f.righted <= f.right_by)
    yield "reopened", civil(f.reopened), known["reopened"]


def _timed(f: Any, known: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What hangs on the handling deadline. "Done" is marked on the later one of deadline and handling."""
    # Where there is no deadline nothing counts; sums of "never" are not looked at.
    due, handled, closed = f.due * known["due"], f.handled * known["handled"], f.closed * known["closed"]
    counted, left = known["due"] & (f.out == 0), known["due"] & (f.out > 0)
    due_day, done_day = civil(due), civil(later(due, handled))
    yield "due", due_day, counted
    yield "done", done_day, counted & known["handled"]
    yield "in_time", due_day, counted & known["handled"] & (handled <= due)
    extended = counted & (f.extended > 0)
    yield "ext_due", due_day, extended
    yield "ext_done", done_day, extended & known["handled"]
    yield "out_due", due_day, left
    yield "out_done", done_day, left & known["handled"]
    close_by = due + _ALLOWANCE
    close_day, ended_day = civil(close_by), civil(later(close_by, closed))
    reworked = counted & (f.reworked > 0)
    yield "close_due", close_day, counted
    yield "close_done", ended_day, counted & known["closed"]
    yield "closed_in_time", close_day, counted & known["closed"] & (closed <= close_by)
    yield "rework_due", close_day, reworked
    yield "rework_done", ended_day, reworked & known["closed"]


__all__ = ["BAD_UP_TO", "MOMENTS", "NEVER", "NUMBERS", "civil", "day_number", "day_of", "in_numbers", "marks", "micros"]
