"""Regular work: on the first day of a grid set, buildings move under their new grids."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Min

from linli.kernel.beats import beat
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.places import atlas
from linli.rooms.places.actions.grids import settle
from linli.rooms.places.models import GridSet


def next_settling() -> dt.datetime | None:
    """Midnight at the beginning of the next version's first day."""
    waiting = GridSet.objects.filter(state=GridSet.State.PUBLISHED, settled=False)
    day = waiting.aggregate(day=Min("effective_from"))["day"]
    return dt.datetime.combine(day, dt.time(), CIVIL) if day else None


@beat("places.settle", every=60, falls_due=next_settling)
def settle_due() -> None:
    """Settle every version whose day has come."""
    due = GridSet.objects.filter(
        state=GridSet.State.PUBLISHED, settled=False, effective_from__lte=atlas.today()
    ).order_by("effective_from", "number")
    for grid_set in due:
        with transaction.atomic():
            settle(grid_set)
