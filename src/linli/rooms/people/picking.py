"""Which rule of the responsibility matrix wins. Pure: no database, no clock.

Order of winning: a rule for the item beats one for the class beats one for every matter; then the deeper
place; then a rule bound to a time beats one that always holds; then the older rule (lowest id). Time windows
are civil time. Hours may run over midnight: the hours after midnight belong to the day they began on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from linli.kernel.clock.calendar import CIVIL

Breadth = Literal["item", "class", "any"]
_BREADTHS: tuple[Breadth, ...] = ("item", "class", "any")
_EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the matrix with the span of its unit; days are half-open spans [from, to)."""

    id: int
    matter: str
    place_id: int
    unit_id: int
    post_kind_id: int | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    weekdays: tuple[int, ...] = ()
    from_time: dt.time | None = None
    to_time: dt.time | None = None
    unit_from: dt.date | None = None
    unit_to: dt.date | None = None

    @property
    def time_bound(self) -> bool:
        return bool(self.valid_from or self.valid_to or self.weekdays or self.from_time)


def civil(at: dt.datetime) -> dt.datetime:
    """The moment as the wall clock in Shanghai shows it (aware)."""
    return at.astimezone(CIVIL)


def within(day: dt.date, since: dt.date | None, until: dt.date | None) -> bool:
    """Whether a day lies in the half-open span; an empty end is open."""
    return (since is None or since <= day) and (until is None or day < until)


def applies(rule: Rule, moment: dt.datetime) -> bool:
    """Whether the rule holds at a moment of civil time, its unit still existing."""
    if not within(moment.date(), rule.unit_from, rule.unit_to):
        return False
    day = moment.date()
    if rule.from_time and rule.to_time:
        time = moment.time().replace(tzinfo=None)
        if rule.from_time < rule.to_time:
            if not rule.from_time <= time < rule.to_time:
                return False
        elif time < rule.to_time:
            day -= dt.timedelta(days=1)
        elif time < rule.from_time:
            return False
    if rule.weekdays and day.isoweekday() not in rule.weekdays:
        return False
    return within(day, rule.valid_from, rule.valid_to)


def matters_of(item_key: str, class_key: str) -> list[str]:
    """The matters a rule may name to be about this item, exactest first."""
    return [key for key in (item_key, class_key) if key] + [""]


def breadth(rule: Rule) -> Breadth:
    return "any" if not rule.matter else "class" if len(rule.matter) == 3 else "item"


def ranked(rules: Iterable[Rule], lineage: Sequence[int], at: dt.datetime) -> list[Rule]:
    """Of rules about one matter at places of the lineage (root first) those that hold, the winner first."""
    moment = civil(at)
    depth = {place_id: position for position, place_id in enumerate(lineage)}
    return sorted(
        (rule for rule in rules if applies(rule, moment)),
        key=lambda rule: (
            _BREADTHS.index(breadth(rule)),
            -depth[rule.place_id],
            not rule.time_bound,
            rule.id,
        ),
    )


def _hours(rule: Rule) -> tuple[tuple[dt.time, dt.time], ...]:
    """The spans of a day in which the rule holds; an end of `time.max` means midnight."""
    if not rule.from_time or not rule.to_time:
        return ((dt.time.min, dt.time.max),)
    if rule.from_time < rule.to_time:
        return ((rule.from_time, rule.to_time),)
    return ((rule.from_time, dt.time.max), (dt.time.min, rule.to_time))


def time_covers(wide: Rule, narrow: Rule) -> bool:
    """Whether `wide` holds whenever `narrow` does, as far as their days and hours go."""
    if wide.valid_from and (narrow.valid_from is None or narrow.valid_from < wide.valid_from):
        return False
    if wide.valid_to and (narrow.valid_to is None or narrow.valid_to > wide.valid_to):
        return False
    if not set(narrow.weekdays or _EVERY_DAY) <= set(wide.weekdays or _EVERY_DAY):
        return False
    if wide.from_time is None:
        return True
    if narrow.from_time is None or narrow.to_time is None or wide.to_time is None:
        return False
    over_wide, over_narrow = wide.from_time > wide.to_time, narrow.from_time > narrow.to_time
    if over_wide == over_narrow:
        return wide.from_time <= narrow.from_time and narrow.to_time <= wide.to_time
    # A span within one day lies in one over midnight only by its evening part, which is the same day's.
    return over_wide and narrow.from_time >= wide.from_time


def times_meet(one: Rule, other: Rule) -> bool:
    """Whether some moment may exist at which both hold; days after midnight are counted generously."""
    if one.valid_from and other.valid_to and one.valid_from >= other.valid_to:
        return False
    if other.valid_from and one.valid_to and other.valid_from >= one.valid_to:
        return False
    if not set(one.weekdays or _EVERY_DAY) & set(other.weekdays or _EVERY_DAY):
        return False
    return any(a[0] < b[1] and b[0] < a[1] for a in _hours(one) for b in _hours(other))
