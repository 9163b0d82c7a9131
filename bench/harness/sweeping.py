"""A throw-away database with very many open cases on a ladder, of which a few have run out of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAME = "linli_bench_sweep"
STREETS, COMMUNITIES, GRIDS_EACH, DEPARTMENTS, RULES, ITEMS = 12, 72, 4, 100, 1_000, 120
TEXTS, PIECES = 400, 24
_TABLES = ("cases_case", "ladder_stay")

_CASES = """
INSERT INTO cases_case (id, state, is_open, version, channel, item_id, matter_class, description, address, public_words,
    is_public, legacy, urgent, grams, lng, lat, place_id, lineage, located, candidates, unit_id, handler_ids, routing,
    tokens, limit_amount, limit_unit, due_at, due_provisional, step_due_at, current_due_at, clock_from, pauses,
    reported_at, state_since, accepted_at, registered_at, dispatched_at, returned, reworked, reopened, extended,
    report_count, photo_count, solved)
SELECT i, 'dispatched', true, 4, 'portal', t.id, t.class, w.words, '', '', true, false, false, w.grams,
    113 + d[5] * 0.3, 27.5 + d[6] * 0.3, p.id, p.lineage, 'inside', '[]', u.id, '{}', '{}',
    p.lineage || -u.id, 5, 'working_days', at + interval '7 days', false, at + interval '1 day', at + interval '1 day',
    at, '[]', at, at, at, at, at, 0, 0, 0, 0, 1, 0, ''
FROM (SELECT i, %(now)s - interval '20 days' + (i %% 1700000) * interval '1 second' AS at,
             array(SELECT (hashint8extended(i, k) & 1048575) / 1048577.0::float8 FROM generate_series(1, 7) k) d
      FROM generate_series(1, %(count)s) i) thrown
JOIN bench_place p ON p.n = floor(d[1] * %(places)s)::int
JOIN bench_item t ON t.n = floor(d[2] * %(items)s)::int
JOIN bench_text w ON w.n = floor(d[3] * %(texts)s)::int
JOIN people_unit u ON u.place_id = p.lineage[3] AND u.kind = 'community'
"""
_STAYS = """
INSERT INTO ladder_stay (case_id, ladder_id, sequence, tier_code, level, unit_id, how, words, skipped, entered_at,
    clock_from, limit_amount, limit_unit, due_at, provisional, pauses, stands, warn_share, warn_at, warned_at,
    receive_due_at, received_at, outcome, tried, why)
SELECT c.id, %(ladder)s, 1, t.code, t.level, c.unit_id, 'entered', '', '[]', c.dispatched_at,
    c.dispatched_at, t.limit_amount, t.limit_unit, due, false, '[]', false, 0.25, due - interval '12 hours',
    CASE WHEN due < %(now)s + interval '12 hours' THEN due - interval '12 hours' END,
    c.dispatched_at + interval '4 hours', c.dispatched_at + interval '1 hour', '', '', ''
FROM (SELECT *, CASE WHEN {is_due} THEN %(now)s - (c.id %% 3600) * interval '1 second'
                ELSE %(now)s + interval '1 minute' + (c.id %% 864000) * interval '1 second' END AS due
      FROM cases_case c) c
JOIN ladder_tier t ON t.ladder_id = %(ladder)s AND t.level = 1 + (c.id / %(half)s) %% 2
"""
# What falls due together was given out together, on two days before, among others that have other limits; or, at
# worst, lies anywhere.
_TOGETHER = (
    "c.id %% 5 = 0 AND (c.id > %(late)s AND c.id <= %(late)s + %(part)s"
    " OR c.id > %(early)s AND c.id <= %(early)s + %(part)s)"
)
_SCATTERED = "c.id %% %(every)s = 0"


@contextmanager
def database_of(cases: int, due: int, *, scattered: bool = False) -> Iterator[dt.datetime]:
    """The settings point to the throw-away database while it exists; gives the moment at which `due` cases are due."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from linli.kernel import clock

    home = connection.settings_dict["NAME"]
    _recreate(connection)
    connection.close()
    connection.settings_dict["NAME"] = NAME
    try:
        call_command("migrate", verbosity=0)
        now = clock.now()
        _fill(connection, cases, due, now, scattered)
        yield now
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def _recreate(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME}")


def _fill(connection: Any, cases: int, due: int, now: dt.datetime, scattered: bool) -> None:
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        ladder = _ground(cursor, now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_place")
        given = {
            "count": cases,
            "now": now,
            "places": cursor.fetchone()[0],
            "items": ITEMS,
            "texts": TEXTS,
            "ladder": ladder,
            "every": max(1, cases // due),
            "half": max(1, cases // due) if scattered else cases // 2 + 1,
            "early": cases // 5,
            "late": cases * 4 // 5,
            "part": due * 5 // 2,
        }
        rebuild = _set_aside(cursor)
        cursor.execute(_CASES, given)
        cursor.execute("SELECT setval(pg_get_serial_sequence('cases_case', 'id'), %s)", [cases])
        cursor.execute(_STAYS.format(is_due=_SCATTERED if scattered else _TOGETHER), given)
        for definition in rebuild:
            cursor.execute(definition)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) cases_case")
        cursor.execute("VACUUM (ANALYZE) ladder_stay")
        cursor.execute("ANALYZE")
        cursor.execute("CHECKPOINT")


def _ground(cursor: Any, now: dt.datetime) -> int:
    """A district with its units, chiefs and leaders, a matrix, a ladder in force, and texts; the ladder's id."""
    import random

    from linli.kernel.authority import SystemAuthority
    from linli.rooms.catalogue.actions.shipped import take_in_shipped
    from linli.rooms.catalogue.models import Item
    from linli.rooms.ladder.editing import draft_ladder
    from linli.rooms.ladder.starting import activate_ladder
    from linli.rooms.people.models import Account, MatrixVersion, Post, PostKind, Responsibility, Unit
    from linli.rooms.places.models import Place

    take_in_shipped()
    dice, day = random.Random(430212), dt.date(2020, 1, 1)
    root = Place.objects.create(kind="district", name_zh="测速区", code="430299000000", valid_from=day)
    chief, leader = (PostKind.objects.get(code=code) for code in ("grid_chief", "leader"))
    people = [Account.objects.create_user(f"bench{n}", name=f"测速{n}") for n in range(40)]
    Post.objects.create(kind=leader, holder=people[0], place=root, valid_from=day)
    rows: list[tuple[int, list[int]]] = []
    for number in range(STREETS):
        street = Place.objects.create(kind="street", name_zh=f"测速镇{number}", parent=root, valid_from=day)
        for below in range(COMMUNITIES // STREETS):
            name = f"测速社区{number}-{below}"
            community = Place.objects.create(kind="community", name_zh=name, parent=street, valid_from=day)
            Unit.objects.create(
                code=f"C{number}-{below}", name_zh=name, kind="community", place=community, valid_from=day
            )
            for grid in range(GRIDS_EACH):
                place = Place.objects.create(kind="grid", name_zh=f"网格{grid}", parent=community, valid_from=day)
                Post.objects.create(kind=chief, holder=dice.choice(people), place=place, valid_from=day)
                rows.append((place.pk, [root.pk, street.pk, community.pk, place.pk]))
    units = Unit.objects.bulk_create(Unit(code=f"D{n}", name_zh=f"单位{n}", valid_from=day) for n in range(DEPARTMENTS))
    items = list(Item.objects.order_by("pk").values_list("pk", "key", "matter_class__key")[:ITEMS])
    matrix = MatrixVersion.objects.create(number=1, state="active", created_at=now, activated_at=now)
    said = {(dice.choice(items)[1], dice.choice(dice.choice(rows)[1])) for _ in range(RULES)}
    said |= {(key, root.pk) for _pk, key, _class in items}
    Responsibility.objects.bulk_create(
        Responsibility(matrix=matrix, matter=matter, place_id=place, unit=dice.choice(units))
        for matter, place in sorted(said)
    )
    cursor.execute("CREATE TEMP TABLE bench_place (n int PRIMARY KEY, id bigint, lineage bigint[])")
    cursor.executemany("INSERT INTO bench_place VALUES (%s, %s, %s)", [(n, *row) for n, row in enumerate(rows)])
    cursor.execute("CREATE TEMP TABLE bench_item (n int PRIMARY KEY, id bigint, class text)")
    cursor.executemany(
        "INSERT INTO bench_item VALUES (%s, %s, %s)", [(n, pk, kind) for n, (pk, _key, kind) in enumerate(items)]
    )
    cursor.execute("CREATE TEMP TABLE bench_text (n int PRIMARY KEY, words text, grams text[])")
    words = [chr(0x4E00 + n) for n in range(600)]
    cursor.executemany(
        "INSERT INTO bench_text VALUES (%s, %s, %s)",
        [
            (n, "".join(dice.choices(words, k=PIECES)), ["".join(dice.choices(words, k=2)) for _ in range(PIECES)])
            for n in range(TEXTS)
        ],
    )
    draft = draft_ladder(SystemAuthority(), root.pk, source="lukou")
    return activate_ladder(SystemAuthority(), draft.pk).pk


def _set_aside(cursor: Any) -> list[str]:
    """Drop what makes loading slow; returns how to make it again."""
    cursor.execute(
        "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),"
        " format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
        " FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (%s::text[]::regclass[]) ORDER BY conname",
        [list(_TABLES)],
    )
    keys = cursor.fetchall()
    cursor.execute(
        "SELECT format('DROP INDEX %%I', i.indexname), i.indexdef FROM pg_indexes i"
        " WHERE i.schemaname = current_schema() AND i.tablename = ANY (%s) AND NOT EXISTS"
        " (SELECT FROM pg_constraint k WHERE k.conname = i.indexname) ORDER BY i.indexname",
        [list(_TABLES)],
    )
    indexes = cursor.fetchall()
    for drop, _definition in [*keys, *indexes]:
        cursor.execute(drop)
    return [definition for _drop, definition in [*indexes, *keys]]
