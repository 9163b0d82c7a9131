"""A synthetic district with very many cases in the journal and nothing else, to measure figures in a transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

GRIDS_EACH, COMMUNITIES, STREETS, UNITS, ITEMS = 4, 72, 12, 100, 250
YEARS = 3

_ENTRIES = """
INSERT INTO journal_entry (uid, at, actor_kind, actor_id, actor_name, post_id, post_name, action, object_type,
    object_id, before, after, words, note, evidence, place_ids, request_key, mac)
SELECT gen_random_uuid(), reported, 'system', NULL, '', NULL, '', 'case.report', 'case', (900000000 + i)::text, NULL,
    jsonb_build_object('version', 1, 'state', 'reported', 'channel', 'portal', 'item_id', item, 'unit_id', unit,
        'due_at', due, 'history', jsonb_build_object('state', state,
            'registered', reported + interval '3 hours', 'first_dispatched',
            reported + interval '5 hours', 'received', reported + interval '7 hours', 'returned', (d[4] < 0.05)::int,
            'reworked', (d[5] < 0.04)::int, 'extended', (d[6] < 0.03)::int)
        || CASE WHEN state = 'closed' THEN jsonb_build_object('handled', handled, 'closed', handled + interval '1 day')
                ELSE '{}' END
        || CASE WHEN state = 'closed' AND d[7] < 0.5 THEN jsonb_build_object('rated', handled + interval '2 days',
                'solved', CASE WHEN d[8] < 0.9 THEN 'yes' ELSE 'no' END, 'level', 1 + (d[9] * 3.99)::int)
                ELSE '{}' END),
    '', '', '[]', lineage, NULL, '\\x00'
FROM (
    SELECT i, d, p.lineage, u.id AS unit, t.id AS item, reported, reported + interval '3 days' AS due,
        reported + (0.2 + 3.4 * d[3]) * interval '1 day' AS handled,
        CASE WHEN i > %(count)s - 8000 THEN 'handling' ELSE 'closed' END AS state
    FROM (
        SELECT i, d, %(now)s - (%(count)s - i)::float8 / %(count)s * %(years)s * interval '365 days' AS reported
        FROM (SELECT i, array(SELECT (hashint8extended(i, k) & 1048575) / 1048577.0::float8
                              FROM generate_series(1, 9) k) d
              FROM generate_series(1, %(count)s) i) thrown
    ) timed
    JOIN bench_place p ON p.n = floor(d[1] * %(places)s)::int
    JOIN bench_unit u ON u.n = floor(d[2] * %(units)s)::int
    JOIN bench_item t ON t.n = floor(d[9] * %(items)s)::int
) told ORDER BY i
"""


@dataclass(frozen=True)
class District:
    """What was made: the root place, its 288 grids, 100 units."""

    root: int
    street: int
    community: int
    grids: list[int]
    units: list[int]


def make(cursor: Any, count: int, now: dt.datetime) -> District:
    """Places, units and `count` cases of three years, each as one entry that tells its whole history."""
    from linli.rooms.catalogue.models import Item
    from linli.rooms.people.models import Unit
    from linli.rooms.places import atlas
    from linli.rooms.places.models import Place

    day = dt.date(2020, 1, 1)
    root = Place.objects.create(kind="district", name_zh="测速区", code="430299000000", valid_from=day)
    grids, lineages = [], []
    street = community = root
    for number in range(STREETS):
        street = Place.objects.create(kind="street", name_zh=f"测速镇{number}", parent=root, valid_from=day)
        for below in range(COMMUNITIES // STREETS):
            community = Place.objects.create(
                kind="community", name_zh=f"测速社区{number}-{below}", parent=street, valid_from=day
            )
            for grid in range(GRIDS_EACH):
                place = Place.objects.create(kind="grid", name_zh=f"测速网格{grid}", parent=community, valid_from=day)
                grids.append(place.pk)
                lineages.append([root.pk, street.pk, community.pk, place.pk])
    made = Unit.objects.bulk_create(
        Unit(code=f"FIGURES-{n}", name_zh=f"测速单位{n}", valid_from=day) for n in range(UNITS)
    )
    items = list(Item.objects.order_by("pk").values_list("pk", flat=True)[:ITEMS])
    _table(cursor, "bench_place", "lineage bigint[]", lineages)
    _table(cursor, "bench_unit", "id bigint", [unit.pk for unit in made])
    _table(cursor, "bench_item", "id bigint", items)
    given = {"count": count, "now": now, "years": YEARS, "places": len(grids), "units": UNITS, "items": len(items)}
    cursor.execute(_ENTRIES, given)
    cursor.execute("ANALYZE journal_entry")
    atlas.forget()
    return District(root.pk, street.pk, community.pk, grids, [unit.pk for unit in made])


def _table(cursor: Any, name: str, column: str, values: list[Any]) -> None:
    cursor.execute(f"CREATE TEMP TABLE {name} (n int PRIMARY KEY, {column}) ON COMMIT DROP")
    cursor.executemany(f"INSERT INTO {name} VALUES (%s, %s)", list(enumerate(values)))
