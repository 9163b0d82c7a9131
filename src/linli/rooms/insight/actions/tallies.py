"""Keeping up what other rooms count for: each thing is one tally, derived anew as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from linli.rooms.insight.actions.totals import Changes, add, one_at_a_time
from linli.rooms.insight.models import Tally
from linli.rooms.insight.sources import Told, kept_as
from linli.rooms.insight.telling import SOURCES


def recount_tallies(source: str, ids: Sequence[int]) -> int:
    """Derive these tallies anew and apply what differs; returns how many had changed."""
    with transaction.atomic():
        one_at_a_time()
        live = {row.source_id: row for row in Tally.objects.filter(source=source, source_id__in=list(ids))}
        told = {each.id: each for each in SOURCES[source](ids)}
        changes: Changes = {}
        changed = 0
        for source_id in ids:
            row, new = live.get(source_id), told.get(source_id)
            if row is not None and new is not None and kept_as(row) == new:
                continue
            if row is None and new is None:
                continue
            changed += 1
            if row is not None:
                _count(changes, kept_as(row), -1)
            if new is None:
                Tally.objects.filter(source=source, source_id=source_id).delete()
                continue
            _count(changes, new, 1)
            Tally.objects.update_or_create(
                source=source,
                source_id=source_id,
                defaults={"keys": [list(key) for key in new.keys], "marks": [list(mark) for mark in new.marks]},
            )
        add(changes)
        return changed


def _count(changes: Changes, told: Told, sign: int) -> None:
    for key in told.keys:
        kept: Any = changes.setdefault(key, Counter())
        for measure, day, number in told.marks:
            kept[measure, day] += sign * number
