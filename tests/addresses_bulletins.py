"""The addresses of bulletins for `tests.addresses`: the world has one weekly schedule, drafted and not yet issued."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

NO = "*:405"
MAKERS = "nobody:login supervisor:ok leader:ok *:404"
BOTH = "nobody:login supervisor:ok leader:ok *:403"
EDITOR, EDITOR_HEARD = "nobody:login supervisor:ok leader:403 *:403", "nobody:login supervisor:heard leader:403 *:403"
SYSTEM, SYSTEM_HEARD = "nobody:login system:ok *:403", "nobody:login system:heard *:403"
SYSTEM_NO = "*:405"

Args = Callable[[SimpleNamespace], dict[str, Any]]


def _nothing(world: SimpleNamespace) -> dict[str, Any]:
    return {}


def _issue(world: SimpleNamespace) -> dict[str, Any]:
    return {"issue_id": world.bulletin.pk}


# Name, get, post, arguments, who may look at the page ("" for what is no page).
ROWS: list[tuple[str, str, str, Args, str]] = [
    ("home", "*:ok", NO, _nothing, "supervisor"),
    ("issue", MAKERS, NO, _issue, "supervisor"),
    ("pdf", MAKERS, NO, _issue, ""),
    ("xlsx", MAKERS, NO, _issue, ""),
    ("picture", "nobody:login *:404", NO, lambda w: {**_issue(w), "name": "1-before.jpg"}, ""),
    ("readers", MAKERS, NO, _issue, "supervisor"),
    ("edit", EDITOR, EDITOR_HEARD, _issue, "supervisor"),
    ("changes", BOTH, NO, _issue, "supervisor"),
    ("step", NO, "nobody:login supervisor:heard *:403", lambda w: {**_issue(w), "step": "submit"}, ""),
    ("kinds", SYSTEM, SYSTEM_NO, _nothing, "system"),
    ("kind_new", SYSTEM, SYSTEM_HEARD, _nothing, "system"),
    ("kind", SYSTEM, SYSTEM_HEARD, lambda w: {"code": "weekly"}, "system"),
]
