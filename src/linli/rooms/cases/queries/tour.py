"""One case that went all the way, to be told as a story."""

from __future__ import annotations

from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.public import PublicCase, listed, present


def story_to_show() -> PublicCase | None:
    """The newest public case that was handled with photos, closed, and rated as solved; None when there is none."""
    case: Case | None = (
        listed().filter(state="closed", solved="yes", photo_count__gte=3, reopened=0)
        .select_related("item", "unit", "merged_into").order_by("-closed_at").first()
    )
    return present(case) if case is not None else None
