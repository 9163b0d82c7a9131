"""Where a case begins on a ladder, which tiers are above it, and how its clock runs there. Pure: no database, no clock.

**When the ladder changes while cases climb.** A running stay keeps bearer, limit and clock as they were given to it.
Its next move, by the clock or by hand, goes by the ladder in force at that moment: the tier the case stands on is found
there by its code; where that code is gone, by its level, so that all tiers with a higher level are above it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from linli.kernel.clock import Calendar, TimeLimit
from linli.kernel.clock.rules import deadline, elapsed, near_at


class Rung(Protocol):
    """What the rules ask of a tier."""

    @property
    def code(self) -> str: ...
    @property
    def level(self) -> int: ...


R = TypeVar("R", bound=Rung)


def level_in_force(tiers: Sequence[Rung], code: str, level: int) -> int:
    """The level, on the ladder in force, of the tier that a stay is on."""
    return next((tier.level for tier in tiers if tier.code == code), level)


def above(tiers: Sequence[R], code: str, level: int) -> list[R]:
    """The tiers above a stay's, nearest first."""
    here = level_in_force(tiers, code, level)
    return sorted((tier for tier in tiers if tier.level > here), key=lambda tier: tier.level)


def is_everyday(everyday: Collection[str], item_key: str, matter_class: str) -> bool:
    """Whether a matter is one that neighbours settle: its item or its whole class is named."""
    return bool(item_key and item_key in everyday) or bool(matter_class and matter_class in everyday)


Span = list[str | None]
"""A standstill as it is kept: [from, to or None], ISO."""


def pauses_within(pauses: Sequence[Sequence[str | None]], since: dt.datetime) -> list[Span]:
    """The standstills of a case's clock that touch a stay which began at `since`."""
    return [[start, end] for start, end in pauses if end is None or dt.datetime.fromisoformat(end) > since]


def moments(pauses: Sequence[Sequence[str | None]]) -> list[tuple[dt.datetime, dt.datetime | None]]:
    """Standstills as moments."""
    return [
        (dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end) if end else None)
        for start, end in pauses
        if start
    ]


@dataclass(frozen=True, slots=True)
class Times:
    """A stay's clock: due None when the tier has no limit; warn_at: from when it is near."""

    due_at: dt.datetime | None
    warn_at: dt.datetime | None
    provisional: bool
    stands: bool


def times(
    clock_from: dt.datetime,
    limit: TimeLimit | None,
    warn_share: float,
    pauses: Sequence[Sequence[str | None]],
    calendar: Calendar,
) -> Times:
    """When a stay's limit runs out and when its bearer is warned, as its standstills are known now."""
    stands = bool(pauses) and pauses[-1][1] is None
    if limit is None:
        return Times(None, None, False, stands)
    closed = [pause for pause in moments(pauses) if pause[1] is not None]
    found = deadline(clock_from, limit, calendar, closed)
    warn_at = near_at(clock_from, found.at, warn_share, limit.unit, calendar, closed)
    return Times(found.at, warn_at, found.provisional, stands)


def days_used(
    entered: dt.datetime, left: dt.datetime, pauses: Sequence[Sequence[str | None]], calendar: Calendar
) -> float:
    """Working days a stay took, standstills left out."""
    return round(elapsed(entered, left, "working_days", calendar, moments(pauses)), 2)


_TERRITORIAL: Mapping[str, str] = {"community": "community", "street": "street"}


def tier_of_unit(
    tiers: Sequence[R], units: Mapping[str, int | None], found_by: Mapping[str, str], unit_id: int, unit_kind: str
) -> R:
    """The tier on which a unit takes a case up that it was given.

    units: by code of tier, the unit that would bear it; found_by: by code, how that unit is found ("" for posts).
    The lowest tier that this unit bears; else the one where units of its kind stand; else the first.
    """
    rungs = sorted((tier for tier in tiers if tier.level > 0), key=lambda tier: tier.level) or list(tiers)
    for tier in rungs:
        if units.get(tier.code) == unit_id:
            return tier
    wanted = _TERRITORIAL.get(unit_kind, "responsible")
    return next((tier for tier in rungs if found_by.get(tier.code) == wanted), rungs[0])
