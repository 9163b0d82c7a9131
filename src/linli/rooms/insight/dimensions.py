"""By what is counted: places, units, posts, items, classes, and a street's units and classes. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from linli.rooms.insight.facts import Fact

PLACE, UNIT, POST, ITEM, CLASS, STREET_UNIT, STREET_CLASS = range(1, 8)

DIMENSIONS: dict[str, int] = {
    "district": PLACE,
    "street": PLACE,
    "community": PLACE,
    "grid": PLACE,
    "unit": UNIT,
    "post": POST,
    "item": ITEM,
    "class": CLASS,
}
"""What a table may be broken down by → the kind of its rows."""

PLACE_KINDS: dict[str, tuple[str, ...]] = {
    "district": ("district",),
    "street": ("street",),
    "community": ("community",),
    "grid": ("grid", "special", "micro"),
}

FIRST_DAY = dt.date(1900, 1, 1)
"""The day of the row of noughts with which every dimension begins."""

Key = tuple[int, int, int]
"""(kind, id, other): other is the street of the two pairs, else 0."""


def keys_of(fact: Fact) -> Iterator[Key]:
    """Everything that a fact is counted for."""
    for place_id in fact.lineage:
        yield PLACE, place_id, 0
    street = fact.street_id
    if fact.unit_id is not None:
        yield UNIT, fact.unit_id, 0
        if street is not None:
            yield STREET_UNIT, fact.unit_id, street
    if fact.post_id is not None:
        yield POST, fact.post_id, 0
    if fact.item_id is not None:
        yield ITEM, fact.item_id, 0
    if fact.class_id is not None:
        yield CLASS, fact.class_id, 0
        if street is not None:
            yield STREET_CLASS, fact.class_id, street
