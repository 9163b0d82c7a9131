"""Cases as features for geographic systems: the public's, or those a viewer may see; newest first, page after page.

Pages follow one another by the time of the report and the id, neither of which ever changes: what is reported
between two pages comes before the first one and moves nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.public import listed
from linli.rooms.cases.queries.scope import visible
from linli.rooms.cases.rules import public_text
from linli.rooms.people.rights import Viewer
from linli.rooms.places.queries import extent

Box = tuple[float, float, float, float]  # west, south, east, north
After = tuple[dt.datetime, int]
COUNT_AT_MOST = 10_000
# A box that takes in more of the district than this is looked for among the newest, not on the map.
_WIDE = 0.02
_PUBLIC = (
    "id", "number", "state", "matter_class", "lng", "lat", "place_id", "lineage", "reported_at", "state_since",
    "closed_at", "description", "public_words", "report_count", "solved", "level", "item__key", "item__name_zh",
    "item__name_en", "unit__name_zh", "unit__name_en",
)  # fmt: skip
_INNER = ("channel", "urgent", "legacy", "is_open", "address", "accepted_at", "due_at", "current_due_at", "version")


@dataclass(frozen=True, slots=True)
class CasePage:
    """Rows of cases; `after`: what the next page follows; matched: all of them, None when over `COUNT_AT_MOST`."""

    rows: list[dict[str, Any]]
    after: After | None
    matched: int | None


def cases(
    viewer: Viewer | None,
    boxes: Sequence[Box] = (),
    since: dt.datetime | None = None,
    before: dt.datetime | None = None,
    *,
    after: After | None = None,
    limit: int = 100,
) -> CasePage:
    """Cases reported from `since` until just before `before`, in a box. viewer None: the public's. Two queries.

    The public's rows carry the masked words, a viewer's the words as they were told, and what the desk shows
    beside them; never who reported.
    """
    found = _within(_of(viewer), boxes)
    if since is not None:
        found = found.filter(reported_at__gte=since)
    if before is not None:
        found = found.filter(reported_at__lt=before)
    matched: int | None = found.order_by()[: COUNT_AT_MOST + 1].count()
    if after is not None:
        moment, last = after
        found = found.filter(reported_at__lte=moment).filter(Q(reported_at__lt=moment) | Q(id__lt=last))
    rows = _read(viewer, found.order_by("-reported_at", "-id"), limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return CasePage(
        rows,
        (rows[-1]["reported_at"], rows[-1]["id"]) if more else None,
        matched if matched is None or matched <= COUNT_AT_MOST else None,
    )


def case(viewer: Viewer | None, number: str) -> dict[str, Any] | None:
    """One case by its number, None when there is none that may be seen. One query."""
    rows = _read(viewer, _of(viewer).filter(number=number), 1)
    return rows[0] if rows else None


def first_reported() -> dt.datetime | None:
    """When the first case was reported: the beginning of the collection."""
    return Case.objects.order_by("reported_at", "id").values_list("reported_at", flat=True).first()


def _of(viewer: Viewer | None) -> QuerySet[Case]:
    return listed() if viewer is None else visible(viewer)


def _within(found: QuerySet[Case], boxes: Sequence[Box]) -> QuerySet[Case]:
    if not boxes:
        return found
    inside = Q(pk__in=[])
    for west, south, east, north in boxes:
        if _share((west, south, east, north)) > _WIDE:
            inside |= Q(lng__range=(west, east), lat__range=(south, north))
        else:
            sql = "cases_case.point <@ box(point(%s, %s), point(%s, %s))"
            inside |= Q(RawSQL(sql, (west, south, east, north), output_field=BooleanField()))
    return found.filter(inside)


def _share(box: Box) -> float:
    """How much of the district's own box this one takes in, 0 to 1."""
    whole = extent()
    if whole is None:
        return 1.0
    wide = min(box[2], whole[2]) - max(box[0], whole[0])
    high = min(box[3], whole[3]) - max(box[1], whole[1])
    area = (whole[2] - whole[0]) * (whole[3] - whole[1])
    return max(wide, 0.0) * max(high, 0.0) / area if area else 1.0


def _read(viewer: Viewer | None, found: QuerySet[Case], limit: int) -> list[dict[str, Any]]:
    columns = _PUBLIC if viewer is None else (*_PUBLIC, *_INNER)
    rows: list[dict[str, Any]] = list(found.values(*columns)[:limit])
    if viewer is None:
        for row in rows:
            row["description"] = public_text(row["description"])
    return rows
