"""Small rules of a case that need no database: its clocks, its number, what the public may read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from linli.kernel.clock import Calendar, TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.rules import deadline, light
from linli.kernel.flow import Step
from linli.rooms.cases.flow import FLOW, HANDLING, STEP

if TYPE_CHECKING:
    from linli.rooms.cases.models import Case

StepLimits = Mapping[tuple[str, bool], TimeLimit]

# How long a case may stay in each state, general and urgent. Hotline practice (DOMAIN §2): dispatched within 1 h
# when life is in danger, 24 h in general. Seeded once, then the operator's.
DEFAULT_STEP_LIMITS: dict[tuple[str, bool], TimeLimit] = {
    ("reported", False): TimeLimit(4, "working_hours"),
    ("reported", True): TimeLimit(1, "urgent_hours"),
    ("checking", False): TimeLimit(8, "working_hours"),
    ("checking", True): TimeLimit(1, "urgent_hours"),
    ("accepted", False): TimeLimit(4, "working_hours"),
    ("accepted", True): TimeLimit(1, "urgent_hours"),
    ("registered", False): TimeLimit(4, "working_hours"),
    ("registered", True): TimeLimit(1, "urgent_hours"),
    ("dispatched", False): TimeLimit(4, "working_hours"),
    ("dispatched", True): TimeLimit(1, "urgent_hours"),
    ("confirming", False): TimeLimit(4, "working_hours"),
    ("confirming", True): TimeLimit(2, "urgent_hours"),
    ("verifying", False): TimeLimit(2, "working_days"),
    ("verifying", True): TimeLimit(8, "urgent_hours"),
    ("closing", False): TimeLimit(1, "working_days"),
    ("closing", True): TimeLimit(1, "working_days"),
}

# Statutory words for "the reporter may ask to reopen": within this time after closing.
REOPEN_WITHIN = dt.timedelta(days=30)


def case_number(case_id: int, reported_at: dt.datetime) -> str:
    """The public number: day of the report and the serial, "20261122-000017". The same in the database's trigger."""
    return f"{reported_at.astimezone(CIVIL):%Y%m%d}-{case_id:06d}"


def limit_of(case: Case) -> TimeLimit | None:
    """The time limit of the filing rule the case was registered under."""
    return TimeLimit(case.limit_amount, case.limit_unit) if case.limit_amount else None  # type: ignore[arg-type]


def run_clocks(
    case: Case,
    step: Step,
    now: dt.datetime,
    calendar: Calendar,
    step_limits: StepLimits,
    extensions: Iterable[TimeLimit] = (),
) -> None:
    """Start and stop the clocks that a step names; `case.state` is already the new one.

    The step clock starts afresh with every state. The handling clock is stopped by a pause that stays open
    until the clock is started again; registering or reopening (which sets `clock_from`) begins a new run.
    """
    if HANDLING in step.stops and case.clock_from and not (case.pauses and case.pauses[-1][1] is None):
        case.pauses = [*case.pauses, [now.isoformat(), None]]
    if HANDLING in step.starts and case.pauses and case.pauses[-1][1] is None:
        case.pauses = [*case.pauses[:-1], [case.pauses[-1][0], now.isoformat()]]
    if STEP in step.starts:
        limit = step_limits.get((case.state, case.urgent))
        case.step_due_at = deadline(now, limit, calendar).at if limit else None
    elif STEP in step.stops:
        case.step_due_at = None
    set_due(case, calendar, extensions)


def set_due(case: Case, calendar: Calendar, extensions: Iterable[TimeLimit] = ()) -> None:
    """Compute the handling deadline anew, and which deadline counts now.

    An assisting unit's sub-case without a limit has the day that the unit promised: it stands (LK-8).
    """
    limit = limit_of(case)
    if limit is None and case.parent_id is not None:
        pass
    elif limit is not None and case.clock_from is not None:
        found = deadline(case.clock_from, limit, calendar, pauses_of(case, closed_only=True), extensions)
        case.due_at, case.due_provisional = found.at, found.provisional
    else:
        case.due_at, case.due_provisional = None, False
    case.current_due_at = current_due(case)


def pauses_of(case: Case, *, closed_only: bool = False) -> list[tuple[dt.datetime, dt.datetime | None]]:
    """The standstills of the handling clock as moments."""
    return [
        (dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end) if end else None)
        for start, end in case.pauses
        if end or not closed_only
    ]


def handling_runs(case: Case) -> bool:
    """Whether the handling clock is ticking."""
    return case.is_open and case.due_at is not None and not (case.pauses and case.pauses[-1][1] is None)


def current_due(case: Case) -> dt.datetime | None:
    """The deadline that counts in the present state: the earlier one of the step's and the handling's."""
    if not case.is_open:
        return None
    dues = [case.step_due_at, case.due_at if handling_runs(case) else None]
    return min((due for due in dues if due is not None), default=None)


def light_of(
    state: str,
    current_due_at: dt.datetime | None,
    state_since: dt.datetime,
    now: dt.datetime,
    near_share: float = 0.25,
) -> str:
    """The light of a case: on_track | near | overdue | suspended | done."""
    kind = FLOW.state(state).kind
    if kind == "ended":
        return "done"
    if kind == "waiting":
        return "suspended"
    if current_due_at is None:
        return "on_track"
    return light(now, state_since, current_due_at, near_share)


_DIGITS = re.compile(r"(?<!\d)(\d[\d\s-]{5,20}\d)(?!\d)")
_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][·・ ]?[A-Z0-9]{5,6}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def public_text(words: str) -> str:
    """A reporter's words fit for everybody: telephone, identity and plate numbers and mail addresses masked.

    Seven and more digits in a row (blanks and dashes between them do not help) are taken for a number of a
    person.
    """

    def mask(found: re.Match[str]) -> str:
        text = found.group(0)
        return "*" * 6 if sum(c.isdigit() for c in text) >= 7 else text

    return _MAIL.sub("******", _PLATE.sub("*****", _DIGITS.sub(mask, words)))
