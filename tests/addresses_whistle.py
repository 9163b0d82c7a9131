"""The whistle's addresses for `tests.addresses`, and the whistle they lead to: (name, GET, POST, arguments, eye)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

NO = "*:405"
LIST = "nobody:login dispatcher:ok lamp_contact:ok power_contact:ok supervisor:ok leader:ok *:403"
READS = "nobody:login clerk:ok dispatcher:ok supervisor:ok leader:ok system:ok *:403"
LIMITS, LIMITS_HEARD = "nobody:login system:ok *:403", "nobody:login system:heard *:403"
SEES = "nobody:login resident:403 admins:403 own:ok *:404"
# Of those who come by, only the lamp unit's contact may answer for it; the dispatcher may look.
ANSWERS = "nobody:login lamp_contact:ok dispatcher:ok power_contact:404 *:403"
ANSWERED = "nobody:login lamp_contact:heard power_contact:404 *:403"
HERE, HERE_HEARD = (
    "nobody:login lamp_contact:ok power_contact:404 *:403",
    "nobody:login lamp_contact:heard power_contact:404 *:403",
)
# A step without its reason is shown again before anybody is asked for the right to it.
UNSAID = "nobody:login lamp_contact:heard dispatcher:heard power_contact:404 *:403"
SCANNED = "nobody:login lamp_contact:heard foreign:404 *:403"

Args = Callable[[SimpleNamespace], Mapping[str, Any]]


def _nothing(world: SimpleNamespace) -> dict[str, Any]:
    return {}


def _whistle(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.whistle.pk}


def _call(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.whistle.pk, "call": world.whistle_call.pk}


def _code(world: SimpleNamespace) -> dict[str, Any]:
    from linli.kernel import clock
    from linli.rooms.whistles.codes import code_for

    return {"code": code_for(world.whistle.pk, clock.now())}


ROWS: list[tuple[str, str, str, Args, str]] = [
    ("list", LIST, NO, _nothing, "dispatcher"),
    ("precedents", READS, NO, _nothing, "system"),
    ("limits", LIMITS, LIMITS_HEARD, _nothing, "system"),
    ("blow", "nobody:login *:403", "nobody:login *:403", lambda w: {"number": w.closed.number}, ""),
    ("check_in", SEES, SCANNED, _code, "lamp_contact"),
    ("page", SEES, NO, _whistle, "dispatcher"),
    ("screen", "nobody:login resident:403 admins:403 *:404", NO, _whistle, ""),
    ("by_place", HERE, HERE_HEARD, _call, "lamp_contact"),
    ("call_step", ANSWERS, ANSWERED, lambda w: {**_call(w), "step": "confirm"}, "lamp_contact"),
    (
        "step",
        ANSWERS,
        UNSAID,
        lambda w: {**_whistle(w), "step": "cancel"},
        "dispatcher",
    ),
]


def lay_out_whistles(world: SimpleNamespace) -> None:
    """A whistle on a case that the lamp unit handles, blown by the community, with the lamp unit called."""
    from linli.kernel import clock
    from linli.rooms.whistles.actions import Blow, blow

    town, case = world.town, world.cases["handling"]
    world.whistle = blow(
        case.pk,
        Blow(
            mode="on_site",
            at=clock.now() + dt.timedelta(days=1),
            why="灯不亮，要两家一起看",
            units=[town.lamps.pk],
            lead=town.lamps.pk,
            place_words="路口",
            lng=case.lng,
            lat=case.lat,
        ),
        viewer=town.viewer("cadre_a"),
    )
    world.whistle_call = world.whistle.calls.get()
