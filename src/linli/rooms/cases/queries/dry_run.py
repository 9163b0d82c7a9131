"""Past cases as the responsibility matrix sees them: for trying out a changed matrix before it is in force."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models.functions import Coalesce

from linli.rooms.cases.models import Case
from linli.rooms.people.queries import PastCase


def past_cases_for_dry_run(limit: int = 5000) -> Iterator[PastCase]:
    """The newest cases that were given to a unit, each at the moment it was dispatched; one query.

    No words and nobody's name: whoever edits the matrix need not see the cases themselves.
    """
    rows = (
        Case.objects.filter(unit__isnull=False, parent__isnull=True, item__isnull=False)
        .order_by("-reported_at", "-id")
        .annotate(at=Coalesce("dispatched_at", "registered_at", "reported_at"))
        .values_list("id", "item__key", "matter_class", "lineage", "at", "unit_id")[:limit]
    )
    for row in rows:
        yield PastCase(*row)
