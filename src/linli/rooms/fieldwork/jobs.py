"""What the worker does: makes each day's patrols, closes the days that are over, follows the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Min

from linli.kernel import clock
from linli.kernel.beats import beat
from linli.kernel.outbox import StoredEvent, subscriber
from linli.rooms.cases.actions.photos import held_elsewhere
from linli.rooms.fieldwork.actions.patrols import close_due, make_due
from linli.rooms.fieldwork.actions.plans import look_ahead
from linli.rooms.fieldwork.models import AnswerPhoto, Patrol, PatrolPlan


def next_plan() -> dt.datetime | None:
    """When the next patrols are to be made."""
    moment: dt.datetime | None = PatrolPlan.objects.filter(active=True).aggregate(at=Min("next_at"))["at"]
    return moment


def next_end() -> dt.datetime | None:
    """When the next day of patrols is over."""
    moment: dt.datetime | None = Patrol.objects.filter(state__in=("due", "walking")).aggregate(at=Min("closes_at"))[
        "at"
    ]
    return moment


@beat("fieldwork.make_patrols", every=20, falls_due=next_plan)
def make_patrols() -> None:
    """The patrols of the plans whose moment has come."""
    make_due()


@beat("fieldwork.close_patrols", every=60, falls_due=next_end)
def close_patrols() -> None:
    """Patrols whose day is over."""
    while close_due():
        pass


@subscriber("fieldwork.calendar_changed", kinds={"clock.calendar_changed"})
def calendar_changed(event: StoredEvent) -> None:
    """A holiday was moved: plans look ahead anew."""
    for pk in PatrolPlan.objects.filter(active=True).values_list("pk", flat=True):
        with transaction.atomic():
            plan = PatrolPlan.objects.select_for_update(of=("self",)).get(pk=pk)
            look_ahead(plan, clock.now())
            plan.save(update_fields=["next_day", "next_at"])


def _proofs(photo_ids: Sequence[int]) -> set[int]:
    return set(AnswerPhoto.objects.filter(photo_id__in=photo_ids).values_list("photo_id", flat=True))


held_elsewhere("fieldwork.answers", _proofs)
