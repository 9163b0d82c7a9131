"""Mending the live figures, or making them from nothing; `recounting` says what differs and why it can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from linli.rooms.insight import rows, sums
from linli.rooms.insight.actions.facts import recount_cases
from linli.rooms.insight.actions.tallies import recount_tallies
from linli.rooms.insight.actions.totals import LOCK
from linli.rooms.insight.keeping import COLUMNS, row_of
from linli.rooms.insight.models import Tally
from linli.rooms.insight.recounting import Report, compare, extra_now, snapshot, told
from linli.rooms.insight.telling import all_tallies

_WHOLE_FROM = 5000  # so many wrong facts are loaded anew all together


def recount(*, place_id: int | None = None, repair: bool = False) -> Report:
    """Compare the live figures with the journal; with `repair` make them agree. place_id: only what lies there.

    Reading holds nobody up. Mending lets the events of cases wait, not the people who make them.
    """
    report = compare(place_id)
    if repair and not report.agrees:
        _mend(report)
        report.mended = True
    return report


def _mend(report: Report) -> None:
    if len(report.wrong_cases) >= _WHOLE_FROM:
        rebuild()
        return
    for name in {name for name, _id in report.wrong_tallies}:
        recount_tallies(name, [id for source, id in report.wrong_tallies if source == name])
    recount_cases(report.wrong_cases)
    if report.wrong_totals:
        _mend_totals(report.wrong_totals)


def _mend_totals(wrong: set[tuple[int, int, int]]) -> None:
    """Write the totals of these keys anew from the facts of the moment."""
    with alone(), snapshot(), connection.cursor() as cursor:
        facts, extra = sums.read_facts(cursor), extra_now()
        kinds, ids, others = zip(*sorted(wrong), strict=True)
        cursor.execute(
            "DELETE FROM insight_rollup r"
            " USING unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS x (kind, id, other)"
            " WHERE r.kind = x.kind AND r.id = x.id AND r.other = x.other",
            [list(kinds), list(ids), list(others)],
        )
        with cursor.copy(rows.WRITE) as copy:
            rows.begin(copy)
            for some in sums.totals(facts, extra, None, wrong):
                chosen = [n for n, pair in enumerate(some.ids) if (some.kind, *pair) in wrong]
                if chosen:
                    rows.write(copy, some.only(chosen))
            rows.end(copy)


def rebuild() -> int:
    """Make all facts and totals from the journal, whatever is there; returns how many facts. For very many."""
    with alone(), snapshot(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE insight_casefact, insight_rollup, insight_tally")
        number = 0
        facts: list[Any] = []
        for _case_id, fact in told():
            if fact is None:
                continue
            facts.append(row_of(fact))
            if len(facts) >= 20_000:
                number += _load(cursor, facts)
        number += _load(cursor, facts)
        Tally.objects.bulk_create(
            Tally(source=name, source_id=each.id, keys=list(map(list, each.keys)), marks=list(map(list, each.marks)))
            for name, each in all_tallies()
        )
        read, extra = sums.read_facts(cursor), extra_now()
        with cursor.copy(rows.WRITE) as copy:
            rows.begin(copy)
            for some in sums.totals(read, extra):
                rows.write(copy, some)
            rows.end(copy)
    return number


def _load(cursor: Any, facts: list[Any]) -> int:
    """Write facts that were derived; the stream from the journal goes on afterwards."""
    with cursor.copy(f"COPY insight_casefact ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in facts:
            copy.write_row(row)
    number = len(facts)
    facts.clear()
    return number


@contextmanager
def alone() -> Iterator[None]:
    """Be the only writer of facts and totals; taken before the snapshot, so that it has all that was written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
