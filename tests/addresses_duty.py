"""The addresses of the ladder for `tests.addresses`: (name, GET, POST, arguments, who may look or send)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

_AT_WORK = "worker_a:{0} worker_b:{0} lamp_contact:{0} power_contact:{0} dispatcher:{0} supervisor:{0} leader:{0}"
BOARD = f"nobody:login {_AT_WORK.format('ok')} *:403"
SEES = f"nobody:login clerk:ok {_AT_WORK.format('ok')} *:403"
SEES_HEARD = f"nobody:login clerk:heard {_AT_WORK.format('heard')} *:403"
TRIES = "nobody:login dispatcher:ok supervisor:ok leader:ok system:ok *:403"
OPERATOR, OPERATOR_HEARD = "nobody:login system:ok *:403", "nobody:login system:heard *:403"
# The closed case stands on no tier: its own people are told so, to others it is not there.
NOT_STANDING, NOT_STANDING_HEARD = "nobody:login own:403 *:404", "nobody:login own:heard *:404"
NO, STAFF_NO = "*:405", "nobody:login *:405"

Args = Callable[[SimpleNamespace], Mapping[str, Any]]


def _nothing(world: SimpleNamespace) -> dict[str, Any]:
    return {}


def _number(world: SimpleNamespace) -> dict[str, Any]:
    return {"number": world.closed.number}


def _ladder(world: SimpleNamespace) -> dict[str, Any]:
    return {"ladder_id": world.ladder_draft.pk}


def _tier(world: SimpleNamespace) -> dict[str, Any]:
    return {"tier_id": world.ladder_tier.pk}


ROWS: list[tuple[str, str, str, Args, str]] = [
    ("board", BOARD, STAFF_NO, _nothing, "dispatcher"),
    ("stays", BOARD, STAFF_NO, _nothing, "worker_a"),
    ("problems", SEES, STAFF_NO, _nothing, "clerk"),
    ("problems_export", STAFF_NO, SEES_HEARD, _nothing, "clerk"),
    ("receive", STAFF_NO, NOT_STANDING_HEARD, _number, "dispatcher"),
    ("climb", NOT_STANDING, NOT_STANDING_HEARD, _number, "dispatcher"),
    ("assign", NOT_STANDING, NOT_STANDING_HEARD, _number, "dispatcher"),
    ("simulation", TRIES, STAFF_NO, _nothing, "leader"),
    ("ladders", OPERATOR, STAFF_NO, _nothing, "system"),
    ("ladder_new", OPERATOR, OPERATOR_HEARD, _nothing, "system"),
    ("ladder", OPERATOR, STAFF_NO, _ladder, "system"),
    ("ladder_edit", OPERATOR, OPERATOR_HEARD, _ladder, "system"),
    ("ladder_activate", STAFF_NO, OPERATOR_HEARD, _ladder, "system"),
    ("ladder_call_off", STAFF_NO, OPERATOR_HEARD, _ladder, "system"),
    ("ladder_retire", STAFF_NO, OPERATOR_HEARD, _ladder, "system"),
    ("ladder_discard", STAFF_NO, OPERATOR_HEARD, _ladder, "system"),
    ("tier_add", OPERATOR, OPERATOR_HEARD, _ladder, "system"),
    ("tier_edit", OPERATOR, OPERATOR_HEARD, _tier, "system"),
    ("tier_move", STAFF_NO, OPERATOR_HEARD, _tier, "system"),
    ("tier_remove", STAFF_NO, OPERATOR_HEARD, _tier, "system"),
]
