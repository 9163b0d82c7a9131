"""What presses: what is overdue, by unit and case, and what falls due in the week that follows."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.bulletins.numbers.scope import Scope
from linli.rooms.bulletins.rhythm import midnight
from linli.rooms.bulletins.sections import Pair, Part, column, light, pair

SHOWN = 20


def _unit(zh: str | None, en: str | None) -> Pair:
    return pair(zh, en or zh) if zh else pair("未派遣", "not dispatched")


def _days_late(due: dt.datetime, as_of: dt.datetime) -> int:
    return max(1, (as_of.astimezone(CIVIL).date() - due.astimezone(CIVIL).date()).days)


def overdue(scope: Scope) -> Part:
    """Named by unit, case number and days; never a resident."""
    late = scope.open.filter(due_at__lt=scope.as_of).exclude(state="suspended")
    rows = late.order_by("due_at", "id").values_list(
        "number", "unit__name_zh", "unit__name_en", "item__name_zh", "item__name_en", "due_at"
    )[:SHOWN]
    total = late.count()
    found = [
        [
            case_number,
            _unit(unit_zh, unit_en),
            pair(item_zh or "未定事项", item_en or item_zh or "no item yet"),
            f"{due.astimezone(CIVIL):%m-%d %H:%M}",
            light("overdue", f"{_days_late(due, scope.as_of)} 天", f"{_days_late(due, scope.as_of)} d"),
        ]
        for case_number, unit_zh, unit_en, item_zh, item_en, due in rows
        if due is not None
    ]
    return {
        "columns": [
            column("编号", "Number"),
            column("责任单位", "Unit", width=1.4),
            column("事项", "Matter", width=1.4),
            column("时限", "Due"),
            column("超期", "Overdue"),
        ],
        "rows": found,
        "total": total,
        "more": total - len(found),
        "named": True,
    }


def coming(scope: Scope) -> Part:
    """What has to be done in the week that follows, by unit: the schedule of the week."""
    since, until = scope.as_of, max(scope.as_of, midnight(scope.period.end)) + dt.timedelta(days=7)
    due = scope.open.filter(due_at__gte=since, due_at__lt=until).exclude(state="suspended")
    rows = (
        due.values("unit__name_zh", "unit__name_en")
        .annotate(n=Count("id"), urgent=Count("id", filter=Q(urgent=True)), legacy=Count("id", filter=Q(legacy=True)))
        .order_by("-n", "unit__name_zh")[:SHOWN]
    )
    return {
        "columns": [
            column("责任单位", "Unit", width=2),
            column("到期", "Due", "right"),
            column("其中紧急", "Urgent", "right"),
            column("其中历史遗留", "Legacy", "right"),
        ],
        "rows": [
            [
                pair(
                    row["unit__name_zh"] or "未派遣", row["unit__name_en"] or row["unit__name_zh"] or "not dispatched"
                ),
                row["n"],
                row["urgent"],
                row["legacy"],
            ]
            for row in rows
        ],
        "note": pair(
            f"到 {until.astimezone(CIVIL):%m月%d日} 前到期、还没有处置的事件。",
            f"Cases due before {until.astimezone(CIVIL):%d %b} and not handled yet.",
        ),
    }
