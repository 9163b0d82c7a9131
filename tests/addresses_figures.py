"""The addresses of figures for `tests.addresses`: an appeal of the lamp unit, a draft, a kept result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

NO = "*:405"
# Units have no place: their own page instead of a district's.
PLACES = "nobody:login dispatcher:ok supervisor:ok leader:ok lamp_contact:elsewhere power_contact:elsewhere *:403"
LOOKS = "nobody:login dispatcher:ok supervisor:ok leader:ok lamp_contact:ok power_contact:ok *:403"
OF_LAMPS = "nobody:login dispatcher:ok supervisor:ok leader:ok lamp_contact:ok power_contact:404 *:403"
OF_LAMPS_HEARD = (
    "nobody:login dispatcher:heard supervisor:heard leader:heard lamp_contact:heard power_contact:404 *:403"
)
LEADER_DECIDES = "nobody:login leader:heard dispatcher:403 supervisor:403 lamp_contact:403 power_contact:403 *:403"
OF_PLACES = "nobody:login dispatcher:ok supervisor:ok leader:ok lamp_contact:404 power_contact:404 *:403"
DRAFT = "nobody:login supervisor:ok leader:ok dispatcher:404 lamp_contact:404 power_contact:404 *:403"
DRAFT_HEARD = "nobody:login supervisor:heard leader:403 dispatcher:404 lamp_contact:404 power_contact:404 *:403"
EDITS = "nobody:login supervisor:heard *:403"
ASKS, ASKS_HEARD = (
    "nobody:login lamp_contact:ok power_contact:404 *:403",
    "nobody:login lamp_contact:heard power_contact:404 *:403",
)

Args = Callable[[SimpleNamespace], Mapping[str, Any]]
Query = Callable[[SimpleNamespace], str]


def _nothing(world: SimpleNamespace) -> dict[str, Any]:
    return {}


def _none(world: SimpleNamespace) -> str:
    return ""


def _one(name: str) -> Args:
    return lambda world: {"pk": getattr(world, name).pk}


def _draft(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.scorecard_draft.pk}


# Name, get, post, arguments, query, who may look at the page ("" for what is no page).
ROWS: list[tuple[str, str, str, Args, Query, str]] = [
    ("home", PLACES, NO, _nothing, _none, "leader"),
    ("one", OF_LAMPS, NO, lambda w: {"dimension": "unit", "number": w.town.lamps.pk}, _none, "leader"),
    ("cases", OF_PLACES, NO, _nothing, lambda w: "?population=reported", "leader"),
    ("definitions", LOOKS, NO, _nothing, _none, "leader"),
    ("left_out", LOOKS, LEADER_DECIDES, _nothing, _none, "leader"),
    ("revoke", NO, LEADER_DECIDES, _one("exclusion"), _none, ""),
    ("appeals", LOOKS, NO, _nothing, _none, "lamp_contact"),
    ("appeal", OF_LAMPS, OF_LAMPS_HEARD, _one("appeal"), _none, "leader"),
    ("ask", ASKS, ASKS_HEARD, lambda w: {"number": w.closed.number}, _none, "lamp_contact"),
    ("scorecards", LOOKS, EDITS, _nothing, _none, "supervisor"),
    ("scorecard", DRAFT, DRAFT_HEARD, _draft, _none, "supervisor"),
    ("try", NO, EDITS, _draft, _none, ""),
    ("approve", NO, "nobody:login leader:heard *:403", _draft, _none, ""),
    ("compute", NO, EDITS, _draft, _none, ""),
    ("result", LOOKS, NO, _one("scorecard_result"), _none, "leader"),
]


def lay_out(world: SimpleNamespace) -> None:
    """An appeal of the lamp unit, a time left out, a scorecard in force with a result, and the next one as a draft."""
    import datetime as dt

    from linli.kernel import clock
    from linli.rooms.insight.models import Appeal, Exclusion, Result, Scorecard

    now, town, closed = clock.now(), world.town, world.closed
    people = town.accounts
    world.appeal = Appeal.objects.create(
        case=closed,
        unit=town.lamps,
        lineage=closed.lineage,
        tokens=sorted({*closed.lineage, -town.lamps.pk}),
        reason="连续暴雨，无法下井",
        asked_by=people["lamp_contact"],
        asked_at=now,
    )
    world.exclusion = Exclusion.objects.create(
        cause="weather",
        reason="暴雨橙色预警",
        place=town.one,
        since=now - dt.timedelta(days=400),
        until=now - dt.timedelta(days=399),
        decided_by=people["leader"],
        decided_at=now,
    )
    given = {
        "subject": "unit",
        "lines": [{"code": "in_time", "weight": 100, "full": 0.95, "zero": 0.5}],
        "drafted_by": people["supervisor"],
        "drafted_at": now,
    }
    card = Scorecard.objects.create(
        name_zh="单位考核",
        state="approved",
        in_force_from=now.date(),
        approved_by=people["leader"],
        approved_at=now,
        **given,
    )
    world.scorecard_draft = Scorecard.objects.create(name_zh="单位考核第二版", edition=2, **given)
    world.scorecard_result = Result.objects.create(
        scorecard=card,
        since=dt.date(2026, 10, 1),
        until=dt.date(2026, 11, 1),
        rows=[
            {
                "id": town.lamps.pk, "score": 80.0, "rank": 1, "left_out": 0,
                "lines": [{"code": "in_time", "numerator": 8, "base": 10, "rate": 0.8, "points": 80, "weight": 100}],
            }
        ],
        formula={"lines": card.lines, "min_base": 5, "edition": 1, "name": card.name_zh},
        computed_at=now,
    )  # fmt: skip
