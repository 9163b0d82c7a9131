"""The limits that inspectors choose from (立行立改)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Refused
from linli.kernel.identifiers import clean_text
from linli.rooms.fieldwork.actions.telling import tell
from linli.rooms.fieldwork.models import RectifyLimit
from linli.rooms.people.rights import Viewer


@dataclass(frozen=True, slots=True)
class LimitWords:
    """One limit to choose: what it is called, and how long it is."""

    name_zh: str
    name_en: str
    limit: TimeLimit


def set_rectify_limits(limits: Sequence[LimitWords], *, viewer: Viewer) -> None:
    """Replace the limits to choose from, in their order; cases keep what they were filed with.

    Raises Refused when there is none or one has no name, NotAllowed.
    """
    viewer.require("inspection.plan")
    rows = [
        RectifyLimit(
            name_zh=clean_text(one.name_zh, 40),
            name_en=clean_text(one.name_en, 60),
            amount=one.limit.amount,
            unit=one.limit.unit,
            sort=number,
        )
        for number, one in enumerate(limits)
    ]
    if not rows or not all(row.name_zh for row in rows):
        raise Refused(_("至少要有一个时限，每个都要有名称。"), code="fieldwork.limits", field="limits")
    with transaction.atomic():
        before = [row.name_zh for row in RectifyLimit.objects.select_for_update()]
        RectifyLimit.objects.all().delete()
        RectifyLimit.objects.bulk_create(rows)
        tell(
            "inspection.limits_set", "rectify_limits", 0, viewer.acting(viewer.may("inspection.plan").post), (),
            before={"limits": before}, after={"limits": [f"{row.name_zh}: {row.amount} {row.unit}" for row in rows]},
        )  # fmt: skip
