"""Likely duplicates: what others have already told about the same spot (≤ 50 m, DOMAIN §2)."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import get_language

from linli.kernel import clock
from linli.kernel.text import grams
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.rules import public_text
from linli.rooms.people.rights import Viewer

NEAR_M = 50.0
# Filing checks look 24 h back; a person about to report is also shown what is still open from before.
RECENT = dt.timedelta(hours=24)
SHOW = 5

_SQL = """
SELECT c.id, c.number, c.state, c.description, c.reported_at, c.report_count, c.lng, c.lat, c.accepted_at,
       i.key, i.name_zh, i.name_en, c.grams, c.is_public
FROM cases_case c LEFT JOIN catalogue_item i ON i.id = c.item_id
WHERE c.point <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s))
  AND c.is_open AND c.parent_id IS NULL AND (c.is_public OR %(staff)s)
ORDER BY c.point <-> point(%(lng)s, %(lat)s) LIMIT 40
"""


@dataclass(frozen=True, slots=True)
class Likely:
    """An open case that may be the same problem."""

    case_id: int
    number: str
    state_label: str
    item: str
    words: str
    metres: int
    reported_at: dt.datetime
    report_count: int
    same_item: bool
    alike: float


def likely_duplicates(
    lng: float, lat: float, words: str, item_key: str, viewer: Viewer, *, metres: float = NEAR_M
) -> list[Likely]:
    """Open cases within `metres` of a point that name the same item or sound alike, likeliest first. One query."""
    span = metres / 111_320
    wide = span / max(math.cos(math.radians(lat)), 0.1)
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL,
            {
                "west": lng - wide,
                "east": lng + wide,
                "south": lat - span,
                "north": lat + span,
                "lng": lng,
                "lat": lat,
                "staff": viewer.has("case.intake"),
            },
        )
        rows = cursor.fetchall()
    told = set(grams(words))
    now = clock.now()
    found = [_likely(row, lng, lat, told, item_key, viewer) for row in rows]
    near = [one for one in found if one.metres <= metres and (one.same_item or one.alike >= 0.15)]
    near.sort(key=lambda one: (not one.same_item, now - one.reported_at > RECENT, -one.alike, one.metres))
    return near[:SHOW]


def _likely(row: Any, lng: float, lat: float, told: set[str], item_key: str, viewer: Viewer) -> Likely:
    (case_id, number, state, words, at, count, x, y, accepted, key, name_zh, name_en, pieces, _public) = row
    dx = (x - lng) * 111_320 * math.cos(math.radians(lat))
    dy = (y - lat) * 111_320
    known = set(pieces)
    shared = len(told & known) / min(len(told), len(known)) if told and known else 0.0
    english = (get_language() or "zh").startswith("en")
    readable = accepted is not None or viewer.has("case.intake")
    return Likely(
        case_id=case_id,
        number=number,
        state_label=str(FLOW.state(state).label),
        item=((name_en if english else name_zh) or "") if key else "",
        words=public_text(words)[:80] if readable else "",
        metres=round(math.hypot(dx, dy)),
        reported_at=at,
        report_count=count,
        same_item=bool(item_key) and key == item_key,
        alike=round(shared, 2),
    )
