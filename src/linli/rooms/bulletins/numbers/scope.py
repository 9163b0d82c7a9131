"""What a bulletin counts: a place, a period, and the moment of the count."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from linli.rooms.bulletins.rhythm import Period
from linli.rooms.bulletins.sections import Pair, pair
from linli.rooms.cases.models import Case
from linli.rooms.places.models import Place


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: the place, the civil days, and the moment of the count."""

    place: Place
    period: Period
    as_of: dt.datetime

    @property
    def cases(self) -> QuerySet[Case]:
        """Cases of the place that had been reported by then, without sub-cases of assisting units."""
        return Case.objects.filter(tokens__contains=[self.place.pk], parent=None, reported_at__lte=self.as_of)

    @property
    def open(self) -> QuerySet[Case]:
        """Those that were registered and not yet handled or ended at the moment of the count."""
        return self.cases.filter(
            # Each half has an index of its own: the many that ended long ago are not looked at.
            Q(is_open=True) | Q(is_open=False, ended_at__gt=self.as_of),
            Q(confirmed_at=None) | Q(confirmed_at__gt=self.as_of),
            registered_at__lte=self.as_of,
        )


def named(thing: Any) -> Pair:
    """Both names of a place or unit."""
    return pair(thing.name_zh, thing.name_en)
