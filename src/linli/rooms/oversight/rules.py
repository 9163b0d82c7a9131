"""Rules of supervision without database and clock: numbers, deadlines, lights, what is like what."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from linli.kernel.clock import Calendar, TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.rules import deadline, near_at

if TYPE_CHECKING:
    from linli.rooms.oversight.models import Order

DEFAULT_LEVELS: tuple[tuple[str, str], ...] = (
    ("督办", "supervision"),
    ("重点督办", "priority supervision"),
    ("挂牌督办", "listed supervision"),
)

# DOMAIN §3: on track, near, overdue; besides what stands still and what is done. From then on the operator's.
DEFAULT_LIGHTS: tuple[dict[str, Any], ...] = (
    {"code": "on_track", "kind": "running", "name_zh": "期限内", "name_en": "on track", "colour": "on_track",
     "shape": "circle", "share": 100, "proposes": False, "sort": 10},
    {"code": "near", "kind": "running", "name_zh": "临期", "name_en": "due soon", "colour": "near",
     "shape": "triangle", "share": 25, "proposes": False, "sort": 20},
    {"code": "overdue", "kind": "overdue", "name_zh": "超期", "name_en": "overdue", "colour": "overdue",
     "shape": "square", "share": 100, "proposes": True, "sort": 30},
    {"code": "suspended", "kind": "suspended", "name_zh": "停表", "name_en": "clock stopped", "colour": "suspended",
     "shape": "bars", "share": 100, "proposes": False, "sort": 40},
    {"code": "done", "kind": "done", "name_zh": "已了结", "name_en": "closed", "colour": "done", "shape": "tick",
     "share": 100, "proposes": False, "sort": 50},
)  # fmt: skip


def number_text(prefix: str, year: int, serial: int) -> str:
    """渌督〔2026〕12号, as official documents are numbered (GB/T 9704)."""
    return f"{prefix}〔{year}〕{serial}号"


def default_prefix(district_name: str, series: str) -> str:
    """The first character of the district's name and what the series is: 渌督, 渌会纪."""
    return (district_name[:1] or "区") + {"order": "督", "minutes": "会纪"}[series]


def civil_year(moment: dt.datetime) -> int:
    """The year of a number: that of the civil day in China."""
    return moment.astimezone(CIVIL).year


@dataclass(frozen=True, slots=True)
class Lamp:
    """A light as rules need it."""

    code: str
    kind: str
    share: int


Turn = tuple[dt.datetime, str]


def turns_of(
    start: dt.datetime,
    due: dt.datetime,
    lamps: Iterable[Lamp],
    unit: str = "calendar_days",
    calendar: Calendar | None = None,
) -> list[Turn]:
    """The moments from which each light shines, in order: the running ones by what is left, then overdue.

    A light that would begin after the deadline or together with a later one is left out. The deadline's own moment is
    still in time, so overdue begins a microsecond after it.
    """
    lamps = list(lamps)
    found: list[Turn] = []
    for lamp in sorted((one for one in lamps if one.kind == "running"), key=lambda one: -one.share):
        at = start if lamp.share >= 100 else near_at(start, due, lamp.share / 100, unit, calendar)  # type: ignore[arg-type]
        while found and found[-1][0] >= at:
            found.pop()
        found.append((at, lamp.code))
    for lamp in lamps:
        if lamp.kind == "overdue":
            at = due + dt.timedelta(microseconds=1)
            found = [turn for turn in found if turn[0] < at]
            found.append((at, lamp.code))
    return found


def light_at(turns: Sequence[Turn], now: dt.datetime) -> str:
    """The light that shines at a moment; before the first turn already the first."""
    shining = turns[0][1] if turns else ""
    for at, code in turns:
        if at <= now:
            shining = code
    return shining


def next_turn(turns: Sequence[Turn], now: dt.datetime) -> dt.datetime | None:
    """When the light changes next."""
    return next((at for at, _code in turns if at > now), None)


def stored(turns: Sequence[Turn]) -> list[list[str]]:
    """Turns as the database keeps them."""
    return [[at.isoformat(), code] for at, code in turns]


def read(turns: Sequence[Sequence[str]]) -> list[Turn]:
    """Turns as they were kept."""
    return [(dt.datetime.fromisoformat(at), code) for at, code in turns]


def of_kind(lamps: Iterable[Lamp], kind: str) -> str:
    """The code of the light for overdue, suspended or done."""
    return next((lamp.code for lamp in lamps if lamp.kind == kind), kind)


def own_limit(order: Order) -> TimeLimit | None:
    """The order's own time limit; None: it goes by its cases alone."""
    return TimeLimit(order.limit_amount, order.limit_unit) if order.limit_amount else None  # type: ignore[arg-type]


def standing(order: Order) -> bool:
    """Whether the order's clock stands still."""
    return bool(order.pauses) and order.pauses[-1][1] is None


def set_due(order: Order, calendar: Calendar, cases_due: dt.datetime | None) -> None:
    """When the answer is due: the own limit from `clock_from`, and never before the cases, while in step with them.

    cases_due: the latest handling deadline of its open cases. Without a limit and without such a deadline the order
    keeps the one it has.
    """
    limit = own_limit(order)
    if limit is not None and order.clock_from is not None:
        pauses = [
            (dt.datetime.fromisoformat(since), dt.datetime.fromisoformat(until))
            for since, until in order.pauses
            if until
        ]
        more = [TimeLimit(amount, unit) for amount, unit in order.extensions]
        found = deadline(order.clock_from, limit, calendar, pauses, more)
        order.due_at, order.due_provisional = found.at, found.provisional
        if order.in_step and cases_due is not None and cases_due > found.at:
            order.due_at = cases_due
    elif order.in_step and cases_due is not None:
        order.due_at = cases_due


def set_light(
    order: Order, calendar: Calendar, lamps: Sequence[Lamp], now: dt.datetime, *, announce: bool = False
) -> None:
    """Which deadline counts in the present state, and when its lights turn.

    A light that changes by what somebody does is told with that step; announce: leave it to the sweep to tell.
    """
    counts = {"issued": order.sign_due_at, "signed": order.due_at, "answered": order.check_due_at}
    due = counts.get(order.state)
    if order.state == "issued" and due and order.due_at:
        due = min(due, order.due_at)
    order.current_due_at = due
    turns: list[Turn] = []
    if not order.is_open:
        turns = [(order.state_since, of_kind(lamps, "done"))]
    elif standing(order):
        turns = [(dt.datetime.fromisoformat(order.pauses[-1][0]), of_kind(lamps, "suspended"))]
    elif due is not None:
        start = order.clock_from if order.state == "signed" and order.clock_from else order.state_since
        turns = turns_of(min(start, due), due, lamps, order.limit_unit or "working_hours", calendar)
    order.turns = stored(turns)
    shining = light_at(turns, now)
    if announce and shining != order.light:
        order.light_next_at = now
    else:
        order.light, order.light_next_at = shining, next_turn(turns, now)


def metres_between(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two points (lng, lat) some streets apart."""
    lat = math.radians((a[1] + b[1]) / 2)
    return math.hypot((a[0] - b[0]) * 111_320 * math.cos(lat), (a[1] - b[1]) * 110_574)


def common_path(lineages: Sequence[Sequence[int]]) -> list[int]:
    """The places that all lie in, from the district down: where an order about several cases belongs."""
    shared: list[int] = []
    for steps in zip(*lineages, strict=False):
        if len(set(steps)) > 1:
            break
        shared.append(steps[0])
    return shared
