"""Which unit answers, for many matters and places at once: what `answerable` says, without its reasons."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from linli.rooms.people import picking
from linli.rooms.people.queries.answerable import IN_FORCE, LOOKUP, rule_of

Question = tuple[str, str, tuple[int, ...]]
"""Item key, class key, lineage (root first): the first arguments of `answerable`."""

_TERRITORY = """
SELECT u.id, u.place_id, CASE u.kind WHEN 'community' THEN 0 WHEN 'street' THEN 1 ELSE 2 END
FROM people_unit u
WHERE u.place_id = ANY(%(places)s::bigint[]) AND u.kind IN ('community', 'street', 'district')
  AND u.valid_from <= %(day)s AND (u.valid_to IS NULL OR u.valid_to > %(day)s)
ORDER BY u.id
"""


def answering_units(questions: Iterable[Question], at: dt.datetime) -> dict[Question, int | None]:
    """The unit that answers to each question by the matrix in force, else the territory's; two queries in all."""
    asked = list(dict.fromkeys(questions))
    if not asked:
        return {}
    places = sorted({place for _item, _class, lineage in asked for place in lineage})
    matters = sorted({matter for item, kind, _lineage in asked for matter in picking.matters_of(item, kind)})
    by_matter: dict[str, list[picking.Rule]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(LOOKUP.format(matrix=IN_FORCE), {"matrix": None, "lineage": places, "matters": matters})
        for row in cursor.fetchall():
            rule = rule_of(row)
            by_matter[rule.matter].append(rule)
        cursor.execute(_TERRITORY, {"places": places, "day": picking.civil(at).date()})
        territory = cursor.fetchall()
    return {question: _answer(question, by_matter, territory, at) for question in asked}


def _answer(
    question: Question,
    by_matter: dict[str, list[picking.Rule]],
    territory: list[tuple[int, int, int]],
    at: dt.datetime,
) -> int | None:
    item, kind, lineage = question
    depth = {place: position for position, place in enumerate(lineage)}
    here = [
        rule
        for matter in picking.matters_of(item, kind)
        for rule in by_matter.get(matter, ())
        if rule.place_id in depth
    ]
    holding = picking.ranked(here, lineage, at)
    if holding:
        return holding[0].unit_id
    near = [(rank, -depth[place], unit) for unit, place, rank in territory if place in depth]
    return min(near)[2] if near else None
