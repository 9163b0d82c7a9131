"""What a new house starts with: the three rhythms of LK-8. From then on they belong to the operator."""

from __future__ import annotations

import datetime as dt
from typing import Any

from linli.rooms.bulletins.sections import HALF_MONTHLY, MONTHLY, WEEKLY

_LEADING = ["leader", "supervisor", "dispatcher", "grid_chief", "town_cadre", "unit_contact"]
KINDS: tuple[dict[str, Any], ...] = (
    {"code": "weekly", "name_zh": "一周工作调度", "name_en": "Weekly schedule", "prefix": "网调", "every": "week",
     "day": 1, "at": dt.time(8, 30), "off_day": "next", "sections": list(WEEKLY), "reader_kinds": _LEADING, "sort": 10},
    {"code": "half-monthly", "name_zh": "网格化治理工作半月通报", "name_en": "Half-monthly bulletin", "prefix": "网通",
     "every": "half_month", "day": 1, "at": dt.time(9, 0), "off_day": "next", "sections": list(HALF_MONTHLY),
     "reader_kinds": [*_LEADING, "community_cadre"], "sort": 20},
    {"code": "monthly", "name_zh": "网格化治理工作一月点评", "name_en": "Monthly review", "prefix": "网评",
     "every": "month", "day": 3, "at": dt.time(9, 0), "off_day": "next", "sections": list(MONTHLY),
     "reader_kinds": [*_LEADING, "community_cadre"], "sort": 30},
)  # fmt: skip


def seed(sender: object = None, using: str = "default", **_: Any) -> None:
    """Write the kinds into an empty table (signal `post_migrate`)."""
    from linli.rooms.bulletins.models import Kind

    if not Kind.objects.using(using).exists():
        Kind.objects.using(using).bulk_create([Kind(**facts) for facts in KINDS], ignore_conflicts=True)
