"""Very many cases at once, for the city and for measuring: believable in spread, genuine in the journal.

Unlike the told cases these do not go through the actions one by one: rows are made inside PostgreSQL from the
town's texts and places, and their journal entries are loaded in bulk. Every case has its report's entry; open
cases and every fiftieth ended one have their whole story. No photos, no contact data.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import shapely
from django.db import connection, transaction
from psycopg import sql

from linli.demo.stories import tell
from linli.demo.town import build_town
from linli.kernel import clock, journal
from linli.kernel.journal import bulk
from linli.kernel.journal.jobs import seal
from linli.kernel.text import grams
from linli.rooms.cases.flow import FLOW
from linli.rooms.catalogue.queries import catalogue, default_rule
from linli.rooms.insight.actions.recount import rebuild
from linli.rooms.people.models import MatrixVersion
from linli.rooms.people.queries import answerable
from linli.rooms.places import atlas

log = logging.getLogger(__name__)

YEARS = 3
_TEXTS = 400
_SPOTS = 24  # points in each grid
_REBUILD_FROM = 100_000  # from so many on indexes are dropped and built anew
_WHOLE_STORY = 50
_TABLES = ("cases_case", "cases_report", "cases_rating")
_SQL = (Path(__file__).parent / "mass.sql").read_text("utf-8").split("-- ;;\n")

_TEMPORARY = """
CREATE TEMP TABLE mass_text (n int PRIMARY KEY, item_id bigint, class text, words text, address text, grams text[],
    rule_id bigint, amount int, unit text, hours float8, danger bool) ON COMMIT DROP;
CREATE TEMP TABLE mass_spot (n int PRIMARY KEY, place_id bigint, community_id bigint, lineage bigint[], lng float8,
    lat float8) ON COMMIT DROP;
CREATE TEMP TABLE mass_owner (item_id bigint, community_id bigint, unit_id bigint, handler_id bigint,
    PRIMARY KEY (item_id, community_id)) ON COMMIT DROP;
"""

_STORY = """
SELECT c.id, c.reported_at, c.accepted_at, c.registered_at, c.dispatched_at, c.received_at, c.handled_at,
       c.confirmed_at, c.verified_at, c.closed_at, c.lineage, c.state, c.unit_id, c.handler_id, c.public_words,
       c.ended_at, c.is_open OR c.id %% %s = 0, c.channel, c.place_id, c.item_id, c.due_at, c.returned, c.reworked,
       c.solved, c.level
FROM cases_case c WHERE c.id > %s ORDER BY c.id
"""


def bulk_cases(
    count: int, *, seed: int = 20261122, moment: dt.datetime | None = None, tidy: bool = True
) -> Iterator[str]:
    """Add `count` cases; yields what it is about to do, for showing progress. One transaction, then statistics.

    tidy: vacuum and take statistics afterwards, which cannot be done inside another transaction.
    The house needs grids, units and a matrix (a demo town of any size). The same seed and moment on the same
    town make the same cases.
    """
    now = moment or clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        yield "Choosing texts, places and owners …"
        cursor.execute(_TEMPORARY)
        items = _texts(cursor, seed)
        _spots(cursor, seed)
        _owners(cursor, items, now)
        cursor.execute("ANALYZE mass_text; ANALYZE mass_spot; ANALYZE mass_owner")
        cursor.execute("SELECT coalesce(max(id), 0) FROM cases_case")
        first = cursor.fetchone()[0]
        dropped = _set_aside(cursor) if count >= _REBUILD_FROM else []
        facts = {"count": count, "first": first, "seed": seed, "now": now, "years": YEARS, "texts": _TEXTS}
        cursor.execute("SELECT count(*) FROM mass_spot")
        facts["spots"] = cursor.fetchone()[0]
        for words, statement in zip(("cases", "reports", "ratings"), _SQL, strict=True):
            yield f"Writing {count:,} cases: {words} …"
            cursor.execute(statement, facts)
        cursor.execute("SELECT setval(pg_get_serial_sequence('cases_case', 'id'), max(id)) FROM cases_case")
        for number, definition in enumerate(dropped, 1):
            yield f"Building indexes and foreign keys ({number} of {len(dropped)}) …"
            cursor.execute(definition)
        yield "Writing the journal …"
        bulk.load(_entries(first))
        yield "Counting the figures …"
        rebuild()
    yield "Sealing the journal …"
    seal()
    if not tidy:
        return
    yield "Taking statistics …"
    with connection.cursor() as cursor:
        for table in (*_TABLES, "journal_entry", "insight_casefact", "insight_rollup"):
            cursor.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)).as_string(cursor.connection))


def _texts(cursor: Any, seed: int) -> list[str]:
    """The texts of a district's stories with their items and bigrams; returns the keys of the items."""
    stories = tell(build_town("district", seed), _TEXTS, _TEXTS // 5)
    entries = catalogue().items
    keys: dict[str, None] = {}
    with cursor.copy("COPY mass_text FROM STDIN") as copy:
        for number, story in enumerate(stories):
            entry, rule = entries[story.item], default_rule(story.item)
            keys[story.item] = None
            address = story.spot.address
            amount, unit = (rule.limit.amount, str(rule.limit.unit)) if rule else (5, "working_days")
            hours = amount * {"working_days": 33.6, "calendar_days": 24.0, "working_hours": 3.0}.get(unit, 1.0)
            copy.write_row(
                (
                    *(number, entry.id, entry.class_key, story.text, address),
                    grams(story.text, address, entry.name_zh),
                    *(rule.id if rule else None, amount, unit, hours, entry.danger),
                )
            )
    return list(keys)


def _spots(cursor: Any, seed: int) -> None:
    """Points inside every most specific grid."""
    here, rng = atlas.current(), random.Random(seed)
    parents = {facts.parent_id for facts in here.places.values() if facts.kind == "micro"}
    number = 0
    with cursor.copy("COPY mass_spot FROM STDIN") as copy:
        for place_id, shape in sorted(here.shapes.items()):
            facts = here.places[place_id]
            if facts.kind not in ("grid", "special", "micro") or place_id in parents:
                continue
            community = next(above for above in facts.lineage if here.places[above].kind == "community")
            west, south, east, north = shape.bounds
            shapely.prepare(shape)
            found = 0
            while found < _SPOTS:
                point = shapely.Point(rng.uniform(west, east), rng.uniform(south, north))
                if shape.contains(point):
                    copy.write_row(
                        (number, place_id, community, list(facts.lineage), round(point.x, 7), round(point.y, 7))
                    )
                    number, found = number + 1, found + 1


def _owners(cursor: Any, items: Sequence[str], now: dt.datetime) -> None:
    """Who answers for each item in each community, and somebody who handles it there."""
    assert MatrixVersion.objects.filter(state="active").exists(), "no matrix in force"
    here, entries = atlas.current(), catalogue().items
    cursor.execute("SELECT DISTINCT community_id FROM mass_spot ORDER BY 1")
    communities = [row[0] for row in cursor.fetchall()]
    cursor.execute("SELECT unit_id, min(holder_id) FROM people_post WHERE unit_id IS NOT NULL GROUP BY unit_id")
    handlers = dict(cursor.fetchall())
    rows = []
    for key in items:
        for community in communities:
            entry = entries[key]
            answer = answerable(key, entry.class_key, here.places[community].lineage, now)
            rows.append((entry.id, community, answer.unit_id, handlers.get(answer.unit_id)))
    with cursor.copy("COPY mass_owner FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _set_aside(cursor: Any) -> list[str]:
    """Drop the plain indexes and the foreign keys of the tables; returns how to make them again.

    A foreign key looked at for each of a million rows costs minutes, for all of them together seconds.
    """
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


_STEPS = ("report", "accept", "register", "dispatch", "receive", "handle", "confirm", "verify_pass", "close")
_STATES = tuple(FLOW.by_step[step].to_state for step in _STEPS)
_WORDS = tuple(str(FLOW.by_step[step].words) for step in _STEPS)
_ANYBODY = journal.Actor(account_id=None, name="", kind="anonymous")
_STAFF = journal.Actor(account_id=None, name="导入的历史记录", kind="system")


def _entries(first: int) -> Iterator[journal.Draft]:
    """The entries of the new cases, in the order of their numbers."""
    with connection.connection.cursor(name="mass_story") as cursor:
        cursor.itersize = 20_000
        cursor.execute(_STORY, [_WHOLE_STORY, first])
        for row in cursor:
            yield from _entries_of(row)


def _facts(row: Sequence[Any], number: int, whole: bool) -> dict[str, Any]:
    """What figures are counted from. Where steps are not told one by one, the first entry tells all."""
    channel, place_id, item_id, due_at, returned, reworked, solved, level = row[17:25]
    if number == 0:
        told = {"channel": channel, "place_id": place_id, "item_id": item_id}
        if whole:
            return told
        moments = {
            "registered": row[3],
            "first_dispatched": row[4],
            "received": row[5],
            "handled": row[7],
            "closed": row[9],
        }
        history: dict[str, Any] = {name: moment for name, moment in moments.items() if moment is not None}
        history |= {"state": row[11], "returned": returned, "reworked": reworked}
        if solved:
            history |= {"rated": row[9] + dt.timedelta(hours=9), "solved": solved, "level": level}
        return {**told, "unit_id": row[12], "due_at": due_at, "history": history}
    return {"register": {"due_at": due_at}, "dispatch": {"unit_id": row[12]}}.get(_STEPS[number], {})


def _entries_of(row: Sequence[Any]) -> Iterator[journal.Draft]:
    case_id, lineage, state, whole = row[0], row[10], row[11], row[16]
    for number, moment in enumerate(row[1 : 10 if whole else 2]):
        if moment is None:
            break
        yield journal.Draft(
            action=f"case.{_STEPS[number]}",
            actor=_STAFF if number else _ANYBODY,
            object_type="case",
            object_id=case_id,
            before={"version": number, "state": _STATES[number - 1]} if number else None,
            after={"version": number + 1, "state": _STATES[number], **_facts(row, number, whole)},
            words=row[14] if _STEPS[number] == "close" else _WORDS[number],
            place_ids=lineage,
            at=moment,
        )
    if whole and state in ("refused", "withdrawn"):
        yield journal.Draft(
            action="case.refuse" if state == "refused" else "case.withdraw",
            actor=_STAFF if state == "refused" else _ANYBODY,
            object_type="case",
            object_id=case_id,
            before={"version": 1, "state": "reported"},
            after={"version": 2, "state": state},
            words=row[14],
            place_ids=lineage,
            at=row[15],
        )
