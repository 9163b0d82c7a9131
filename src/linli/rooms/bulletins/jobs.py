"""What the worker does for bulletins: makes the drafts at their time, and plans anew when the calendar changes."""

from __future__ import annotations

from linli.kernel.beats import beat
from linli.kernel.outbox import StoredEvent, subscriber
from linli.rooms.bulletins.actions.drafting import draft_due, move_to_calendar, next_moment, plan


@beat("bulletins.draft", every=60, falls_due=next_moment)
def draft_bulletins() -> None:
    """Plan what has no next period yet, then make every draft that is due."""
    plan()
    draft_due()


@subscriber("bulletins.calendar_changed", kinds={"clock.calendar_changed"})
def calendar_changed(event: StoredEvent) -> None:
    """A day was moved or a year imported: the next drafts fall due accordingly."""
    move_to_calendar()
