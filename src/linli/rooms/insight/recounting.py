"""Deriving every fact from the journal and comparing: the live figures to the last case, the totals to the last number.

One snapshot of the database serves for all: the journal, the live facts and the totals of the same moment. A case whose
last event has not been delivered in it yet is on its way, not wrong: its live fact is compared with the story up to the
entry it has read. Totals are compared with the live facts of the snapshot, which change together in one transaction. So
the comparison is exact while cases move.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np
import orjson
from django.db import connection, transaction

from linli.rooms.insight import rows, sums
from linli.rooms.insight.facts import Fact, Line, fact_of
from linli.rooms.insight.keeping import COLUMNS, classes, fact_from, surroundings
from linli.rooms.insight.marks import day_of
from linli.rooms.insight.measures import MEASURES
from linli.rooms.insight.models import Tally
from linli.rooms.insight.sources import kept_as
from linli.rooms.insight.telling import all_tallies
from linli.rooms.places import atlas

SHOWN = 1000
_ENTRIES = (
    "SELECT object_id, id, action, at, CASE WHEN action = 'case.rate' THEN before END, after, place_ids"
    " FROM journal_entry WHERE object_type = 'case' ORDER BY object_type, object_id, id"
)
_FACTS = f"SELECT {', '.join(COLUMNS)} FROM insight_casefact ORDER BY case_id::text"
_OWED = (
    "SELECT DISTINCT coalesce((e.data ->> 'case_id')::bigint, e.object_id) FROM outbox_delivery d"
    " JOIN outbox_event e ON e.id = d.event_id WHERE d.subscriber = 'insight.cases' AND d.state <> 'done'"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that is not what the journal says. where: "case 17" or "place 3, 2026-11-02"; what: the field."""

    where: str
    what: str
    live: str
    counted: str


@dataclass
class Report:
    """What a recount found. moving: cases whose last events were on their way to the figures in the snapshot."""

    cases: int = 0
    rows: int = 0
    moving: int = 0
    wrong_cases: list[int] = field(default_factory=list)
    wrong_totals: set[tuple[int, int, int]] = field(default_factory=set)
    wrong_tallies: list[tuple[str, int]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    mended: bool = False

    @property
    def agrees(self) -> bool:
        return not (self.wrong_cases or self.wrong_totals or self.wrong_tallies)

    def tell(self, difference: Difference) -> None:
        if len(self.differences) < SHOWN:
            self.differences.append(difference)


def compare(place_id: int | None = None) -> Report:
    """Count everything anew beside the live figures, in one snapshot, and tell what differs. Holds nobody up."""
    with snapshot():
        return _compare(place_id)


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction that sees one moment; within a caller's transaction, that one has to do."""
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def told(
    keep: dict[int, list[Line]] | None = None, moving: frozenset[int] = frozenset()
) -> Iterator[tuple[int, Fact | None]]:
    """Every case of the journal with the fact its story comes to, in the order of the numbers as text.

    keep: is given the stories of the cases in `moving`.
    """
    classes()
    around = surroundings()
    with _stream("insight_entries", _ENTRIES) as entries:
        for object_id, story in groupby(entries, key=lambda row: row[0]):
            case_id = int(object_id)
            lines = [_line(row) for row in story]
            if keep is not None and case_id in moving:
                keep[case_id] = lines
            yield case_id, fact_of(case_id, lines, around)


def _line(row: Any) -> Line:
    _object_id, id, action, at, before, after, place_ids = row
    return Line(id, action, at, _json(before), _json(after), place_ids)


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


@contextmanager
def _stream(name: str, statement: str) -> Iterator[Any]:
    connection.ensure_connection()
    assert connection.connection is not None
    with connection.connection.cursor(name=name) as cursor:
        cursor.itersize = 20_000
        cursor.execute(statement)
        yield cursor


def _compare(place_id: int | None) -> Report:
    report = Report()
    with connection.cursor() as cursor:
        cursor.execute(_OWED)
        moving = frozenset(row[0] for row in cursor.fetchall())
    report.moving = len(moving)
    stories: dict[int, list[Line]] = {}
    with _stream("insight_facts", _FACTS) as live_rows:
        live = map(fact_from, live_rows)
        standing = next(live, None)
        for case_id, counted in told(stories, moving):
            while standing is not None and str(standing.case_id) < str(case_id):
                _differ(report, standing, None, place_id)
                standing = next(live, None)
            mine = standing if standing is not None and standing.case_id == case_id else None
            if mine is not None:
                standing = next(live, None)
            if case_id in moving:
                counted = _up_to(stories.pop(case_id), mine)
            _differ(report, mine, counted, place_id)
        while standing is not None:
            _differ(report, standing, None, place_id)
            standing = next(live, None)
    _compare_tallies(report)
    _compare_totals(report, place_id)
    return report


def _up_to(story: list[Line], live: Fact | None) -> Fact | None:
    """The fact of a case on its way, as far as the live one has read."""
    if live is None:
        return None
    return fact_of(live.case_id, [line for line in story if line.id <= live.entry_id], surroundings())


def _differ(report: Report, live: Fact | None, counted: Fact | None, place_id: int | None) -> None:
    here = counted or live
    if here is None or (place_id is not None and place_id not in here.lineage):
        return
    report.cases += 1
    if live == counted:
        return
    # Entries that change nothing of a fact need not have been read.
    if live is not None and counted is not None and replace(live, entry_id=counted.entry_id) == counted:
        return
    report.wrong_cases.append(here.case_id)
    where = f"case {here.case_id}"
    if live is None or counted is None:
        report.tell(Difference(where, "fact", "–" if live is None else "there", "–" if counted is None else "there"))
        return
    for name in COLUMNS:
        if name != "entry_id" and getattr(live, name) != getattr(counted, name):
            report.tell(Difference(where, name, str(getattr(live, name)), str(getattr(counted, name))))


def _compare_tallies(report: Report) -> None:
    live = {(row.source, row.source_id): kept_as(row) for row in Tally.objects.all()}
    counted = {(name, each.id): each for name, each in all_tallies()}
    for key in sorted({*live, *counted}):
        if live.get(key) != counted.get(key):
            report.wrong_tallies.append(key)
            report.tell(Difference(f"{key[0]} {key[1]}", "tally", str(live.get(key)), str(counted.get(key))))


def extra_now() -> sums.Extra:
    """The live tallies as numbers to add to the totals of cases."""
    extra: sums.Extra = {}
    for row in Tally.objects.all():
        each = kept_as(row)
        for key in each.keys:
            extra.setdefault(key, []).extend(each.marks)
    return extra


def _compare_totals(report: Report, place_id: int | None) -> None:
    """Each row that ought to be there is, and each that is there tells what the facts come to on its day."""
    only = None if place_id is None else _within(place_id)
    with connection.cursor() as cursor:
        where = "" if place_id is None else f"WHERE lineage @> '{{{int(place_id)}}}'::bigint[]"
        facts = sums.read_facts(cursor, where)
        cursor.execute("SELECT kind, id, other FROM insight_rollup WHERE day = '1900-01-01'")
        known = cursor.fetchall()
        extra = extra_now()
        for some in sums.totals(facts, extra, only, known):
            live = rows.read(cursor, some.kind, sorted({id for id, _other in some.ids}))
            report.rows += _compare_some(report, some, live)


def _compare_some(report: Report, some: sums.Totals, live: Any) -> int:
    index = {pair: place for place, pair in enumerate(some.ids)}
    pairs = [index.get((int(id), int(other)), -1) for id, other in zip(live["id"], live["other"], strict=True)]
    places = np.array(pairs, np.int64)
    chosen = (places >= 0) & (live["day"] > rows.FIRST)
    live, places = live[chosen], places[chosen]
    days = live["day"].astype(np.int64)
    before = np.searchsorted(some.days, days, side="right") - 1
    values = np.stack([live[name].astype(np.int32) for name in MEASURES], axis=1)
    if len(some.days):
        ought = np.where((before >= 0)[:, None], some.sums[places, np.maximum(before, 0)], 0)
    else:
        ought = np.zeros_like(values)
    for row in np.nonzero((values != ought).any(axis=1))[0]:
        _wrong(report, some, int(places[row]), int(days[row]), values[row], ought[row])
    there = np.zeros(some.changed.shape, bool)
    exact = (before >= 0) & (some.days[np.maximum(before, 0)] == days) if len(some.days) else before >= 0
    there[places[exact], before[exact]] = True
    for place, day in zip(*np.nonzero(some.changed & ~there), strict=True):
        _wrong(report, some, int(place), int(some.days[day]), None, some.sums[place, day])
    return len(live)


def _wrong(report: Report, some: sums.Totals, place: int, day: int, live: Any, ought: Any) -> None:
    id, other = some.ids[place]
    report.wrong_totals.add((some.kind, id, other))
    where = f"{NAMES[some.kind]} {id}{f' in {other}' if other else ''}, {day_of(day)}"
    for number, name in enumerate(MEASURES):
        if live is None or live[number] != ought[number]:
            report.tell(Difference(where, name, "–" if live is None else str(live[number]), str(ought[number])))


NAMES = {1: "place", 2: "unit", 3: "post", 4: "item", 5: "class", 6: "unit", 7: "class"}


def _within(place_id: int) -> set[int]:
    return {place.id for place in atlas.current().places.values() if place_id in place.lineage} | {place_id}
