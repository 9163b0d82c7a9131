"""How delivery is doing, for an operator's page and for `check`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from linli.kernel.outbox.models import Delivery
from linli.kernel.outbox.registry import subscriber_named


@dataclass(frozen=True, slots=True)
class Summary:
    """What is owed and what went wrong. Done deliveries are too many to count on a page."""

    pending: int
    running: int
    dead: int
    oldest_pending: datetime | None
    unknown_subscribers: list[str]

    @property
    def waiting(self) -> timedelta | None:
        """How long the oldest pending delivery has been waiting since its event."""
        if self.oldest_pending is None:
            return None
        return datetime.now(self.oldest_pending.tzinfo) - self.oldest_pending


def summary() -> Summary:
    """Counts by state from the partial indexes, and the moment of the oldest event somebody is still owed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'running'),"
            " min(id) FROM outbox_delivery WHERE state IN ('pending', 'running')"
        )
        pending, running, oldest = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM outbox_delivery WHERE state = 'dead'")
        dead = cursor.fetchone()[0]
        cursor.execute("SELECT DISTINCT subscriber FROM outbox_delivery WHERE state IN ('pending', 'running')")
        names = sorted(row[0] for row in cursor.fetchall())
    first = Delivery.objects.select_related("event").filter(id=oldest).first() if oldest else None
    return Summary(
        pending=pending,
        running=running,
        dead=dead,
        oldest_pending=first.event.at if first else None,
        unknown_subscribers=[name for name in names if subscriber_named(name) is None],
    )


def deliveries(
    *,
    states: Sequence[str] = ("pending", "running", "dead"),
    subscriber: str = "",
    failed_only: bool = False,
    before_id: int | None = None,
    size: int = 50,
) -> list[Delivery]:
    """Deliveries with their events, newest first. Give the last id to turn the page."""
    found = Delivery.objects.select_related("event").filter(state__in=list(states))
    if subscriber:
        found = found.filter(subscriber=subscriber)
    if failed_only:
        found = found.exclude(last_error="")
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return list(found.order_by("-id")[:size])


def of(object_type: str, object_id: int) -> list[Delivery]:
    """Who was told what of one object, oldest first."""
    found = Delivery.objects.select_related("event")
    return list(found.filter(event__object_type=object_type, event__object_id=object_id).order_by("id"))
