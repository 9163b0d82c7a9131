"""Counts what stands in a bulletin, from the rollups of the journal and the rooms below. Reads only; never a resident.

Figures of the period come from `insight`; what is open or overdue is told as it was at the moment of the count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from linli.rooms.bulletins.numbers import figures, pressing, showing, watching
from linli.rooms.bulletins.numbers.scope import Scope
from linli.rooms.bulletins.rhythm import Period
from linli.rooms.bulletins.sections import Part
from linli.rooms.places.models import Place

_PARTS: Mapping[str, Callable[[Scope], Part]] = {
    "totals": figures.totals,
    "places": figures.places,
    "ranking": figures.ranking,
    "overdue": pressing.overdue,
    "coming": pressing.coming,
    "tiers": watching.tiers,
    "orders": watching.orders,
    "inspections": watching.inspections,
    "pairs": showing.pairs,
}


def gather(place: Place, period: Period, as_of: dt.datetime, sections: Iterable[str]) -> dict[str, Part]:
    """The counted parts of these sections by their code (`sections`)."""
    scope = Scope(place, period, as_of)
    return {code: _PARTS[code](scope) for code in sections if code in _PARTS}
