"""Counting: any period of any place, unit, post or item from the running totals, in two looks at an index each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from django.db import connection

from linli.rooms.insight.dimensions import (
    CLASS,
    DIMENSIONS,
    FIRST_DAY,
    PLACE,
    PLACE_KINDS,
    STREET_CLASS,
    STREET_UNIT,
    UNIT,
)
from linli.rooms.insight.measures import NOTHING, POPULATIONS, Counts
from linli.rooms.insight.queries.slow import counts_from_facts
from linli.rooms.places import atlas
from linli.rooms.places.models import Place


def _expression(population: str) -> str:
    said = " ".join(f"{'+' if term.sign > 0 else '-'} {term.at}.{term.measure}" for term in POPULATIONS[population])
    return said.removeprefix("+ ")


_NUMBERS = ", ".join(_expression(population) for population in POPULATIONS)
_LAST = (
    "JOIN LATERAL (SELECT * FROM insight_rollup r WHERE r.kind = k.kind AND r.id = k.id AND r.other = k.other"
    " AND r.day < %({at})s ORDER BY r.kind DESC, r.id DESC, r.other DESC, r.day DESC LIMIT 1) {at} ON true"
)
_ALL = (
    f"SELECT k.id, {_NUMBERS} FROM insight_rollup k {_LAST.format(at='a')} {_LAST.format(at='b')}"
    f" WHERE k.day = '{FIRST_DAY}' AND k.kind = %(kind)s AND k.other = %(other)s"
)
_CHOSEN = _ALL + " AND k.id = ANY(%(ids)s)"


def counts(
    dimension: str,
    since: dt.date,
    until: dt.date,
    ids: Collection[int] | None = None,
    under: int | None = None,
) -> dict[int, Counts]:
    """Counts of a period [since, until) of civil days for each place, unit, post, item or class: id → `Counts`.

    dimension: a name of `dimensions.DIMENSIONS`. ids: only these. under: only what lies in this place; places below it,
    or the share of units, posts, items and classes there. Who has nothing at all in the house is missing, who has
    nothing in the period has noughts. Not scoped: the caller asks for what its viewer may see.
    Streets and the whole house come from the totals; units and items of a smaller place are counted from its facts.
    """
    kind, other = DIMENSIONS[dimension], 0
    if kind == PLACE:
        within = places_of(dimension, under)
        ids = within if ids is None else set(within) & set(ids)
    elif under is not None and not _is_root(under):
        if kind not in (UNIT, CLASS) or not _is_street(under):
            return counts_from_facts(dimension, since, until, ids, under)
        kind, other = (STREET_UNIT if kind == UNIT else STREET_CLASS), under
    return _read(kind, other, since, until, ids)


def counts_of(dimension: str, id: int, since: dt.date, until: dt.date) -> Counts:
    """The counts of one place, unit, post or item; noughts when there is nothing."""
    return _read(DIMENSIONS[dimension], 0, since, until, (id,)).get(id, NOTHING)


def _read(kind: int, other: int, since: dt.date, until: dt.date, ids: Collection[int] | None) -> dict[int, Counts]:
    given: dict[str, Any] = {"kind": kind, "other": other, "a": since, "b": until}
    with connection.cursor() as cursor:
        if ids is None:
            cursor.execute(_ALL, given)
        else:
            cursor.execute(_CHOSEN, {**given, "ids": list(ids)})
        return {row[0]: Counts(row[1:]) for row in cursor.fetchall()}


def places_of(dimension: str, under: int | None = None) -> list[int]:
    """Ids of the places of this level, also of those that have ended: old cases stay with the grid of their day."""
    here, kinds = atlas.current(), PLACE_KINDS[dimension]
    standing = [
        place.id
        for place in here.places.values()
        if place.kind in kinds and (under is None or under in place.lineage) and _outermost(here, place)
    ]
    return standing + [
        place_id for place_id, lineage in _ended(kinds, here.revision) if under is None or under in lineage
    ]


def _outermost(here: atlas.Atlas, place: atlas.Facts) -> bool:
    """A grid within another one is counted with it, so that the rows of a table add up to their place."""
    return not any(
        above != place.id and (outer := here.places.get(above)) is not None and outer.kind in PLACE_KINDS["grid"]
        for above in place.lineage
    )


@lru_cache(maxsize=8)
def _ended(kinds: tuple[str, ...], revision: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
    rows = Place.objects.filter(kind__in=kinds, valid_to__isnull=False).values_list("id", "lineage", "parent__kind")
    return tuple((place_id, tuple(lineage)) for place_id, lineage, above in rows if above not in PLACE_KINDS["grid"])


def _is_root(place_id: int) -> bool:
    place = atlas.current().places.get(place_id)
    return place is not None and place.parent_id is None


def _is_street(place_id: int) -> bool:
    place = atlas.current().places.get(place_id)
    return place is not None and place.kind == "street"
