"""Making orders in tests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from linli.rooms.oversight.actions.issuing import Writ, issue
from linli.rooms.oversight.models import Order


def issued(town: SimpleNamespace, by: str = "supervisor", **given: Any) -> Order:
    """An order to the lamp unit, from the supervisor, about nothing in particular unless said otherwise."""
    key = given.pop("request_key", None)
    draft = given.pop("draft", False)
    given.setdefault("unit_id", town.lamps.pk)
    given.setdefault("title", "滨江路路灯长期不亮")
    given.setdefault("demand", "请在时限内修复并回复")
    return issue(Writ(**given), viewer=town.viewer(by), draft=draft, request_key=key)
