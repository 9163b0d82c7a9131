"""Keeping facts and totals up as cases move: derive the fact anew, apply the difference, both in one transaction.

Deriving twice changes nothing, and the order of events does not matter: a fact is that of the whole story so far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db import connection, transaction

from linli.kernel.journal.models import Entry
from linli.rooms.insight.actions.totals import Changes, add, one_at_a_time
from linli.rooms.insight.dimensions import keys_of
from linli.rooms.insight.facts import Fact, Line, fact_of
from linli.rooms.insight.keeping import COLUMNS, facts, learn_classes, row_of, surroundings
from linli.rooms.insight.marks import in_numbers, marks
from linli.rooms.insight.models import CaseFact

AT_ONCE = 500
_KEEP = (
    f"INSERT INTO insight_casefact ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"
    f" ON CONFLICT (case_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])}"
)


def recount_cases(case_ids: Sequence[int], *, unless_known: int = 0) -> int:
    """Derive the facts of these cases anew and apply what differs; returns how many had changed.

    unless_known: leave the first case alone when its fact has read this entry of the journal already.
    """
    changed = 0
    for start in range(0, len(case_ids), AT_ONCE):
        some = case_ids[start : start + AT_ONCE]
        with transaction.atomic():
            one_at_a_time()
            changed += _recount(some, unless_known)
    return changed


def _recount(case_ids: Sequence[int], unless_known: int) -> int:
    live = facts(case_ids)
    if unless_known and len(case_ids) == 1 and case_ids[0] in live and live[case_ids[0]].entry_id >= unless_known:
        return 0
    stories: dict[int, list[Line]] = {case_id: [] for case_id in case_ids}
    found = Entry.objects.filter(object_type="case", object_id__in=[str(case_id) for case_id in case_ids])
    rows = found.order_by("id").values_list("object_id", "id", "action", "at", "before", "after", "place_ids")
    for object_id, id, action, at, before_it, after_it, place_ids in rows:
        stories[int(object_id)].append(Line(id, action, at, before_it, after_it, place_ids))
    told = ((line.after or {}).get("item_id") for story in stories.values() for line in story)
    learn_classes(item_id for item_id in told if item_id)
    around = surroundings()
    changes: Changes = {}
    changed = 0
    for case_id, story in stories.items():
        before, after = live.get(case_id), fact_of(case_id, story, around)
        if before == after:
            continue
        changed += 1
        _difference(changes, before, after)
        keep(after) if after is not None else CaseFact.objects.filter(case_id=case_id).delete()
    add(changes)
    return changed


def keep(fact: Fact) -> None:
    """Write one fact. Only together with the difference in the totals."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, row_of(fact))


def _difference(changes: Changes, before: Fact | None, after: Fact | None) -> None:
    """Take away what the old fact had brought and add what the new one brings."""
    for fact, sign in ((before, -1), (after, 1)):
        if fact is None:
            continue
        left = [(measure, int(day)) for measure, day, counts in marks(in_numbers(fact)) if counts]
        for key in keys_of(fact):
            kept = changes.setdefault(key, Counter())
            for mark in left:
                kept[mark] += sign
