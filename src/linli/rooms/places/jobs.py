"""Regular work: on the first day of a grid set, buildings move under their new grids."""

from __future__ import annotations

from django.db import transaction

from linli.kernel.beats import beat
from linli.rooms.places import atlas
from linli.rooms.places.actions.grids import settle
from linli.rooms.places.models import GridSet


@beat("places.settle", every=60)
def settle_due() -> None:
    """Settle every version whose day has come."""
    due = GridSet.objects.filter(
        state=GridSet.State.PUBLISHED, settled=False, effective_from__lte=atlas.today()
    ).order_by("effective_from", "number")
    for grid_set in due:
        with transaction.atomic():
            settle(grid_set)
