"""What the worker does on the ladder: it follows the cases, and acts when a moment has come."""

from __future__ import annotations

from linli.kernel import journal
from linli.kernel.beats import beat
from linli.kernel.outbox import Event, StoredEvent, subscriber
from linli.rooms.cases.actions.steps import SYSTEM
from linli.rooms.ladder import following, heirs, marks, starting, sweeping
from linli.rooms.ladder.models import Ladder, Stay

TAKEN_IN_AT_ONCE = 300
_RECOUNTED_AT_ONCE = 500


@subscriber("ladder.follow", kinds=following.FOLLOWED)
def follow(event: StoredEvent) -> None:
    """A case was dispatched, rests, goes on, ends: so does its stay."""
    following.follow(event)


@subscriber("ladder.mark_by_reports", kinds={"case.joined", "case.merged"})
def mark_by_reports(event: StoredEvent) -> None:
    """One more person has reported it: perhaps it is a major problem now."""
    marks.mark_by_reports(int(event.data.get("into") or event.object_id))


@subscriber(
    "ladder.mark_by_level", kinds={"duty.entered", "duty.climbed", "duty.swept", "duty.assigned", "duty.succeeded"}
)
def mark_by_level(event: StoredEvent) -> None:
    """It stands higher than before: perhaps it is a major problem now."""
    marks.mark_by_level(event.object_id)


@subscriber("ladder.take_in", kinds={"duty.ladder_activated", "duty.taking_in"})
def take_in(event: StoredEvent) -> None:
    """A ladder took force: what is in hand and stands on no tier is put on it, some hundred cases at a time."""
    ladder = Ladder.objects.filter(pk=event.object_id, state=Ladder.State.ACTIVE).first()
    if ladder is None or ladder.activated_at is None:
        return
    last = following.take_in(ladder.district_id, event.at, int(event.data.get("after") or 0), TAKEN_IN_AT_ONCE)
    if last is not None:
        journal.record(
            action="ladder.taking_in",
            actor=SYSTEM,
            object_type="ladder",
            object_id=ladder.pk,
            after={"after": last},
            place_ids=[ladder.district_id],
            events=[Event("duty.taking_in", "ladder", ladder.pk, {"after": last})],
        )


@subscriber("ladder.unit_ended", kinds={"unit.ended", "post.ended"})
def unit_ended(event: StoredEvent) -> None:
    """What it bore goes to whoever comes after; where it ends on a later day, the beat does it then."""
    heirs.succeed()


@subscriber("ladder.calendar_changed", kinds={"clock.calendar_changed"})
def calendar_changed(event: StoredEvent) -> None:
    """A year was imported or a day moved: the clocks of all running stays are counted anew."""
    after = 0
    while True:
        rows = Stay.objects.filter(left_at=None, due_at__isnull=False, case_id__gt=after).order_by("case_id")
        ids = list(rows.values_list("case_id", flat=True)[:_RECOUNTED_AT_ONCE])
        if not ids:
            return
        heirs.recount(ids)
        after = ids[-1]


@beat("ladder.warn", every=20, falls_due=sweeping.next_warning)
def warn() -> None:
    """Who bears a case, and the one above, hear of it before it moves."""
    sweeping.warn()


@beat("ladder.remind", every=20, falls_due=sweeping.next_receipt)
def remind() -> None:
    """Nobody has said that the case has come in."""
    sweeping.remind()


@beat("ladder.sweep", every=5, falls_due=sweeping.next_due)
def sweep() -> None:
    """What was not settled in time moves up."""
    sweeping.sweep()


@beat("ladder.start_planned", every=30, falls_due=starting.next_start)
def start_planned() -> None:
    """Ladders take force at the moment agreed on."""
    starting.start_planned()


@beat("ladder.succeed", every=300, falls_due=heirs.next_end)
def succeed() -> None:
    """Units and posts that have ended bear nothing any more."""
    heirs.succeed()


@beat("ladder.mark_old", every=120, falls_due=marks.next_to_grow_old)
def mark_old() -> None:
    """What has been open for too long becomes a legacy problem."""
    marks.mark_old()
