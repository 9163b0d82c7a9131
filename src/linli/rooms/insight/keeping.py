"""Facts as they are kept, and what deriving them needs beside the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from django.db import connection

from linli.kernel.clock.queries import calendar
from linli.rooms.catalogue.models import Item
from linli.rooms.insight.facts import Fact, Surroundings, Window
from linli.rooms.insight.models import Exclusion

COLUMNS = tuple(field.name for field in fields(Fact))
_NAMES = ", ".join(COLUMNS)
_classes: dict[int, int] = {}


def surroundings() -> Surroundings:
    """What facts need beside the journal, as it is now."""
    windows = [
        Window(row.pk, row.place_id, row.since, row.until, frozenset(row.item_ids))
        for row in Exclusion.objects.filter(revoked_at=None).order_by("pk")
    ]
    return Surroundings(calendar(), windows, classes())


def classes() -> dict[int, int]:
    """Item → class, kept in memory: an item never changes its class. New items are looked up by `learn_classes`."""
    if not _classes:
        _classes.update(Item.objects.values_list("pk", "matter_class_id"))
    return _classes


def learn_classes(item_ids: Iterable[int]) -> None:
    """See that the classes of these items are known."""
    missing = {item_id for item_id in item_ids if item_id not in _classes}
    if missing:
        _classes.update(Item.objects.filter(pk__in=missing).values_list("pk", "matter_class_id"))


def facts(case_ids: Sequence[int]) -> dict[int, Fact]:
    """The facts of these cases as they are kept."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_NAMES} FROM insight_casefact WHERE case_id = ANY(%s)", [list(case_ids)])
        return {row[0]: fact_from(row) for row in cursor.fetchall()}


def fact_from(row: Sequence[Any]) -> Fact:
    """A fact from its row, columns in the order of `COLUMNS`."""
    fact = Fact(*row)
    fact.lineage = tuple(fact.lineage)
    return fact


def row_of(fact: Fact) -> list[Any]:
    """The values of `COLUMNS`."""
    return [list(fact.lineage) if name == "lineage" else getattr(fact, name) for name in COLUMNS]
