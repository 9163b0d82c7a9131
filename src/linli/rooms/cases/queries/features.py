"""Cases as features for geographic systems: the public's, or those a viewer may see; newest first, page after page.

Pages follow one another by the time of the report and the id, neither of which ever changes: what is reported
between two pages comes before the first one and moves nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.public import listed
from linli.rooms.cases.queries.scope import visible
from linli.rooms.cases.rules import public_text
from linli.rooms.people.rights import Viewer

Box = tuple[float, float, float, float]  # west, south, east, north
After = tuple[dt.datetime, int]
COUNT_AT_MOST = 10_000
_COUNT_KEPT_S = 300
_PUBLIC = (
    "id", "number", "state", "matter_class", "lng", "lat", "place_id", "lineage", "reported_at", "state_since",
    "closed_at", "description", "public_words", "report_count", "solved", "level", "item__key", "item__name_zh",
    "item__name_en", "unit__name_zh", "unit__name_en",
)  # fmt: skip
_INNER = ("channel", "urgent", "legacy", "is_open", "address", "accepted_at", "due_at", "current_due_at", "version")


@dataclass(frozen=True, slots=True)
class CasePage:
    """Rows of cases; `after`: what the next page follows.

    matched: all of them; None when more than `COUNT_AT_MOST` of a box or a time, and on further pages of a time.
    """

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
    """Cases reported from `since` until just before `before`, in a box. viewer None: the public's. Three queries
    at most.

    The public's rows carry the masked words, a viewer's the words as they were told, and what the desk shows
    beside them; never who reported.
    """
    found = _of(viewer)
    matched: int | None = None
    many = True
    if boxes:
        few = found.filter(_on_the_map(boxes))
        matched = _counted(few)
        many = matched is None
        # Where a box holds very many cases the newest of them are found soonest by going back in time.
        found = found.filter(_by_degrees(boxes)) if many else few
    if since is not None:
        found = found.filter(reported_at__gte=since)
    if before is not None:
        found = found.filter(reported_at__lt=before)
    if not boxes and since is None and before is None:
        matched = _counted(found) if after is None else None
        matched = _all(viewer, found) if matched is None else matched
    elif (not boxes and after is None) or (not many and (since or before)):
        matched = _counted(found)
    if after is not None:
        moment, last = after
        found = found.filter(reported_at__lte=moment).filter(Q(reported_at__lt=moment) | Q(id__lt=last))
    rows = _read(viewer, found.order_by("-reported_at", "-id"), limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return CasePage(
        rows,
        (rows[-1]["reported_at"], rows[-1]["id"]) if more else None,
        matched,
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


def _counted(found: QuerySet[Case]) -> int | None:
    """How many, None when more than `COUNT_AT_MOST`: a map asks again and again."""
    number = found.order_by()[: COUNT_AT_MOST + 1].count()
    return number if number <= COUNT_AT_MOST else None


def _all(viewer: Viewer | None, found: QuerySet[Case]) -> int:
    """All of very many, looked at once in five minutes: a program that is not told counts them by reading them."""
    scope = repr(viewer.reach("case.view")) if viewer else "public"
    key = f"all-cases:{blake2b(scope.encode(), digest_size=16).hexdigest()}"
    number: int | None = cache.get(key)
    if number is None:
        number = found.order_by().count()
        if number > COUNT_AT_MOST:
            cache.set(key, number, _COUNT_KEPT_S)
    return number


def _on_the_map(boxes: Sequence[Box]) -> Q:
    """Inside a box, by the index of points."""
    inside = Q(pk__in=[])
    for box in boxes:
        inside |= Q(RawSQL("cases_case.point <@ box(point(%s, %s), point(%s, %s))", box, BooleanField()))
    return inside


def _by_degrees(boxes: Sequence[Box]) -> Q:
    """The same without that index."""
    inside = Q(pk__in=[])
    for west, south, east, north in boxes:
        inside |= Q(lng__range=(west, east), lat__range=(south, north))
    return inside


def _read(viewer: Viewer | None, found: QuerySet[Case], limit: int) -> list[dict[str, Any]]:
    columns = _PUBLIC if viewer is None else (*_PUBLIC, *_INNER)
    rows: list[dict[str, Any]] = list(found.values(*columns)[:limit])
    if viewer is None:
        for row in rows:
            row["description"] = public_text(row["description"])
    return rows
