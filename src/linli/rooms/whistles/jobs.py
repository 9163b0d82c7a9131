"""What the worker does for whistles: each moment that falls due, and what the cases' own steps mean for promises."""

from __future__ import annotations

from linli.kernel.beats import beat
from linli.kernel.outbox import StoredEvent, subscriber
from linli.rooms.whistles.actions import sweeping


@beat("whistles.sweep", every=10, falls_due=sweeping.next_moment)
def sweep() -> None:
    """Reminders, lateness, successors of dissolved units."""
    sweeping.sweep()


@subscriber("whistles.tasks", kinds={"case.assisted", "case.confirmed"})
def tasks_done(event: StoredEvent) -> None:
    """Promises are kept when their part of the case is done; a second delivery finds them kept."""
    sweeping.tasks_done(event.object_id)


@subscriber("whistles.case_ended", kinds={"case.closed", "case.withdrawn", "case.merged", "case.refused"})
def case_ended(event: StoredEvent) -> None:
    """A whistle does not outlive its case."""
    sweeping.tasks_done(event.object_id)
    sweeping.case_ended(event.object_id)


@subscriber("whistles.calendar_changed", kinds={"clock.calendar_changed"})
def calendar_changed(event: StoredEvent) -> None:
    """A year was imported or a day moved: limits that run are counted anew."""
    sweeping.calendar_changed()
