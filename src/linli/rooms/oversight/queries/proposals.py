"""What waits for a decision whether to supervise it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from linli.rooms.cases.models import Case
from linli.rooms.oversight.models import Proposal, Source
from linli.rooms.oversight.queries.scope import visible_proposals
from linli.rooms.people.rights import Viewer

PAGE = 30


def waiting(viewer: Viewer, source: str = "", decided: bool = False, offset: int = 0) -> tuple[list[Proposal], int]:
    """One page of proposals with `cases` (rows) on each, and the next offset (0: that was all). Two queries."""
    found = visible_proposals(viewer).select_related("unit", "place", "order")
    found = found.exclude(state="waiting") if decided else found.filter(state="waiting")
    if source in Source.values:
        found = found.filter(source=source)
    rows = list(found.order_by("-decided_at" if decided else "-found_at", "-id")[offset : offset + PAGE + 1])
    ids = {pk for row in rows[:PAGE] for pk in row.case_ids}
    cases: dict[int, Any] = {
        row["id"]: row
        for row in Case.objects.filter(pk__in=ids).values(
            "id", "number", "state", "description", "due_at", "address", "is_open"
        )
    }
    for row in rows[:PAGE]:
        row.cases = [cases[pk] for pk in row.case_ids if pk in cases]  # type: ignore[attr-defined]
    return rows[:PAGE], offset + PAGE if len(rows) > PAGE else 0


def counts(viewer: Viewer) -> dict[str, int]:
    """How many wait, by source, and in all under "". One query."""
    found = dict(
        visible_proposals(viewer).filter(state="waiting").values_list("source").annotate(n=Count("id")).order_by()
    )
    return {"": sum(found.values()), **found}


def called_back(viewer: Viewer) -> tuple[int, int]:
    """Bad ratings that were called back, and all bad ratings within reach (100 % are to be, DOMAIN §3)."""
    found = visible_proposals(viewer).filter(source=Source.RATING)
    row = found.aggregate(called=Count("id", filter=Q(called_at__isnull=False)), base=Count("id"))
    return row["called"], row["base"]
