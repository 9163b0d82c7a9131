"""One case as the statistics see it, derived by one pure function from the case's entries in the journal.

The live figures and `./linli manage recount` use the same `fact_of`, so that they can only agree. Names are never kept
here: places, units and items are ids. What the journal does not tell (working calendar, windows left out) is passed in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from linli.kernel.clock import Calendar, TimeLimit
from linli.kernel.clock.rules import deadline

PUT_RIGHT = TimeLimit(15, "working_days")
SATISFIED_FROM, BAD_UP_TO = 3, 2
_ELSEWHERE = frozenset({"refused", "withdrawn", "merged"})
_AFTER_REGISTERING = frozenset(
    {"registered", "dispatched", "handling", "suspended", "confirming", "verifying", "closing", "closed"}
)
_MOMENTS = ("registered", "first_dispatched", "received", "handled", "closed", "rated", "reopened")


class Line(NamedTuple):
    """What is read of an entry of the journal."""

    id: int
    action: str
    at: dt.datetime
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    place_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which cases are left out: weather, a cut of power. items: ids, empty for all; with all places below."""

    id: int
    place_id: int
    since: dt.datetime
    until: dt.datetime
    items: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a fact needs beside the journal: the working calendar, the windows in force, the class of each item."""

    calendar: Calendar
    windows: Sequence[Window] = ()
    classes: Mapping[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Fact:
    """One case: where, whose, what; when it came to which point; what else became of it.

    due: the handling deadline that counts now (none while it stands suspended, none if it ended unhandled).
    handled: the unit's confirmation of the present round. rated: the last answer; bad_at: the first bad rating.
    out, out_ref: why it is left out of timed indicators ("appeal", "window") and by which. entry_id: the last one read.
    """

    case_id: int
    entry_id: int = 0
    lineage: tuple[int, ...] = ()
    unit_id: int | None = None
    post_id: int | None = None
    item_id: int | None = None
    class_id: int | None = None
    channel: str = ""
    state: str = ""
    reported: dt.datetime | None = None
    registered: dt.datetime | None = None
    first_dispatched: dt.datetime | None = None
    received: dt.datetime | None = None
    received_late: bool = False
    due: dt.datetime | None = None
    handled: dt.datetime | None = None
    closed: dt.datetime | None = None
    returned: int = 0
    reworked: int = 0
    extended: int = 0
    reopened: dt.datetime | None = None
    rated: dt.datetime | None = None
    solved: str = ""
    level: int | None = None
    bad_at: dt.datetime | None = None
    bad_called: dt.datetime | None = None
    righted: dt.datetime | None = None
    right_by: dt.datetime | None = None
    out: str = ""
    out_ref: int | None = None

    @property
    def place_id(self) -> int | None:
        return self.lineage[-1] if self.lineage else None

    @property
    def street_id(self) -> int | None:
        return self.lineage[1] if len(self.lineage) > 1 else None


def fact_of(case_id: int, entries: Iterable[Line], around: Surroundings) -> Fact | None:
    """What the entries of one case (oldest first) come to; None for a sub-case of an assisting unit."""
    fact = Fact(case_id)
    due: dt.datetime | None = None
    appealed: int | None = None
    for line in entries:
        after = line.after or {}
        fact.entry_id = max(fact.entry_id, line.id)
        if line.action == "case.assist_opened":
            return None
        if line.action.startswith("appeal."):
            appealed = after.get("appeal") if after.get("state") == "upheld" else appealed
            continue
        if line.place_ids:
            fact.lineage = tuple(line.place_ids)
        if fact.reported is None:
            fact.reported = line.at
            fact.channel = after.get("channel", "")
        if "due_at" in after:
            due = _moment(after["due_at"])
        _whose(fact, after)
        _moves(fact, line, after)
        _voice(fact, line, after)
    if fact.reported is None:
        return None
    if fact.item_id is not None:
        fact.class_id = around.classes.get(fact.item_id)
    stands = fact.state == "suspended" or (fact.state in _ELSEWHERE and fact.handled is None)
    fact.due = None if stands else due
    if fact.bad_at is not None:
        fact.right_by = deadline(fact.bad_at, PUT_RIGHT, around.calendar).at
    if appealed is not None:
        fact.out, fact.out_ref = "appeal", appealed
    elif fact.due is not None and (window := _window(fact, around.windows)) is not None:
        fact.out, fact.out_ref = "window", window
    return fact


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _whose(fact: Fact, after: Mapping[str, Any]) -> None:
    """Lead unit: the last one it was given to, also after it came back. Item and owner: as they are."""
    if after.get("unit_id") is not None:
        fact.unit_id = after["unit_id"]
    if "item_id" in after:
        fact.item_id = after["item_id"]
    if "owner_post_id" in after:
        fact.post_id = after["owner_post_id"]
    for name in ("returned", "reworked", "extended"):
        if name in after:
            setattr(fact, name, after[name])


def _moves(fact: Fact, line: Line, after: Mapping[str, Any]) -> None:
    history = after.get("history")
    if history:  # taken over whole from somewhere else: moments and counts at once
        for name in _MOMENTS:
            if name in history:
                setattr(fact, name, _moment(history[name]))
        for name in ("returned", "reworked", "extended", "solved", "level"):
            if name in history:
                setattr(fact, name, history[name])
        if fact.level is not None and fact.level <= BAD_UP_TO:
            fact.bad_at = fact.rated
        fact.state = history.get("state", "")
        return
    state = after.get("state")
    if state is None or state == fact.state:
        return
    came_from, fact.state = fact.state, state
    if state in _AFTER_REGISTERING and fact.registered is None:
        fact.registered = line.at
    if state == "dispatched" and fact.first_dispatched is None:
        fact.first_dispatched = line.at
    elif state == "handling" and came_from == "dispatched":
        fact.received = fact.received or line.at
        fact.received_late = bool(after.get("late"))
    elif state == "handling" and came_from == "verifying":
        fact.handled = None
    elif state == "verifying":
        fact.handled = line.at
        if fact.bad_at is not None:
            fact.righted = fact.righted or line.at
    elif state == "closed":
        fact.closed = line.at
        fact.handled = fact.handled or line.at
    elif came_from == "closed":
        fact.reopened = line.at
        fact.handled = fact.closed = None


def _voice(fact: Fact, line: Line, after: Mapping[str, Any]) -> None:
    """Ratings that stand for the case, the call after a bad one, and what put it right."""
    if line.action == "case.rate" and {"solved", "level"} & set(line.before or ()):
        fact.rated = line.at
        fact.solved = after.get("solved") or ""
        fact.level = int(after["level"]) if after.get("level") else None
        if fact.level is not None and fact.level <= BAD_UP_TO:
            fact.bad_at = fact.bad_at or line.at
        elif fact.level is not None and fact.bad_at is not None:
            fact.righted = fact.righted or line.at
    elif line.action in ("case.reveal_contact", "case.tell") and fact.bad_at is not None:
        fact.bad_called = fact.bad_called or line.at


def _window(fact: Fact, windows: Sequence[Window]) -> int | None:
    """The first window in which the handling clock of the case ran."""
    begun = fact.registered or fact.reported
    for window in windows:
        if (
            window.place_id in fact.lineage
            and (not window.items or fact.item_id in window.items)
            and fact.due is not None
            and begun is not None
            and begun < window.until
            and fact.due >= window.since
        ):
            return window.id
    return None
