"""Numbers for the tests of what happens to an issue: quick, and told apart by the moment of the count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from linli.rooms.bulletins.actions.drafting import draft_due, plan
from linli.rooms.bulletins.models import Issue, Kind
from linli.rooms.bulletins.sections import column, light, number, pair, rate

MONDAY = dt.datetime(2026, 11, 16, 0, 30, tzinfo=dt.UTC)  # 08:30 in China
counted = SimpleNamespace(open=7)


def gathered(place: Any, period: Any, as_of: dt.datetime, sections: Iterable[str]) -> dict[str, Any]:
    """What `numbers.gather` would give, without asking anybody."""
    parts: dict[str, Any] = {
        "totals": {
            "figures": [
                number("open", "正在办", "Open now", counted.open),
                rate("in_time", "按期处置率", "In time", 41, 53),
            ],
            "note": pair("按期处置 ÷ 应处置", "in time ÷ due"),
        },
        "overdue": {
            "columns": [column("编号", "Number"), column("责任单位", "Unit"), column("超期", "Overdue")],
            "rows": [["20261101-000001", pair("路灯所", "Lamp unit"), light("overdue", "3 天", "3 d")]],
            "named": True,
            "more": 2,
        },
    }
    return {code: parts[code] for code in sections if code in parts}


def drafted(code: str = "weekly") -> Issue:
    """The one draft of a kind that is due at the moment of the clock; other kinds rest."""
    Kind.objects.exclude(code=code).update(active=False)
    Kind.objects.filter(code=code).update(
        next_from="2026-11-09", next_until="2026-11-16", next_at=MONDAY, prefix="渌网调", reader_kinds=["unit_contact"]
    )
    plan()
    draft_due()
    return Issue.objects.get(kind__code=code, starts_on="2026-11-09")
