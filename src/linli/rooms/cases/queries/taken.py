"""What somebody took in at the desk lately: the running list beside the form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from linli.kernel import clock
from linli.kernel.flow import say
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Report
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized

LATELY = dt.timedelta(hours=16)


def taken_lately(viewer: Viewer, *, occasion: str = "", limit: int = 100) -> list[dict[str, Any]]:
    """The reports the viewer took in during the last hours, newest first, of one occasion when given; one query."""
    rows = Report.objects.filter(taken_by_id=viewer.account_id, reported_at__gte=clock.now() - LATELY).exclude(
        channel__in=("sheet", "field")
    )
    if occasion:
        rows = rows.filter(occasion=occasion)
    known = atlas.current().places
    found: list[dict[str, Any]] = [
        dict(row)
        for row in rows.order_by("-id").values(
            "id",
            "words",
            "joined",
            "occasion",
            "reported_at",
            "tracking_code",
            "case__number",
            "case__state",
            "case__place_id",
            "case__item__name_zh",
            "case__item__name_en",
        )[:limit]
    ]
    for row in found:
        facts = known.get(row["case__place_id"])
        row["place_name"] = localized(facts) if facts else ""
        row["state_label"] = say(FLOW.state(row["case__state"]).label)
    return found
