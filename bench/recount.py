"""Counting a district's figures anew from the journal, comparing them with the live ones, and following one case.

Needs the database of a home; everything happens in a transaction that is rolled back.
Run: ./linli bench recount [--home DIR] [--cases 1000000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.harness.district import District, make
from bench.harness.table import Row

CASES = 1_000_000


@contextmanager
def district(count: int) -> Iterator[tuple[District, Callable[[], float]]]:
    """A district of so many cases without figures yet, and the CPU seconds we and our database process have used."""
    import django
    import psutil

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from linli.kernel import clock
    from linli.rooms.catalogue.actions.shipped import take_in_shipped

    call_command("migrate", verbosity=0)  # a home may be new
    with transaction.atomic():
        take_in_shipped()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = psutil.Process(cursor.fetchone()[0])
            made = make(cursor, count, clock.now())

        def spent() -> float:
            times = backend.cpu_times()
            return time.process_time() + times.user + times.system

        yield made, spent
        transaction.set_rollback(True)


def cases_of(words: list[str]) -> int:
    """How many cases were asked for."""
    parser = argparse.ArgumentParser("./linli bench")
    parser.add_argument("--cases", type=int, default=CASES)
    return int(parser.parse_args(words).cases)


def measure(words: list[str], folder: Path) -> list[Row]:
    """Goals: 90 s of processor time for a million cases, 20 ms for following one that moved."""
    count = cases_of(words)
    rows: list[Row] = []
    with district(count) as (_made, spent):
        from linli.rooms.insight.actions.facts import recount_cases
        from linli.rooms.insight.actions.recount import rebuild
        from linli.rooms.insight.recounting import compare

        def timed(work: str, run: Callable[[], Any], goal: float | None, each: int = 1) -> Any:
            before, began = spent(), time.perf_counter()
            answer = run()
            cpu, wall = (spent() - before) * 1000 / each, (time.perf_counter() - began) * 1000 / each
            print(f"{work:<44} {cpu:>10,.1f} ms CPU {wall:>10,.1f} ms")
            rows.append(Row(work, count, round(cpu, 1), round(wall, 1), None, goal))
            return answer

        print(f"{count:,} cases in the journal")
        timed("recount: all facts and totals anew", rebuild, None)
        report = timed("recount: derive and compare", compare, 90_000 if count <= 1_000_000 else None)
        print(f"{report.cases:,} cases and {report.rows:,} rows of totals compared")
        assert report.agrees, report.differences[:5]
        newest = [900_000_000 + count - 1 - n for n in range(200)]
        _touch(newest)
        timed("recount: one case that moved (worker)", lambda: [recount_cases([id]) for id in newest], 20, len(newest))
    return rows


def _touch(case_ids: list[int]) -> None:
    """A unit confirms these cases now."""
    from linli.kernel import journal
    from linli.rooms.insight.models import CaseFact

    lineages = dict(CaseFact.objects.filter(case_id__in=case_ids).values_list("case_id", "lineage"))
    journal.record_many(
        [
            journal.Draft(
                action="case.confirm",
                actor=journal.Actor(account_id=None, name="", kind="system"),
                object_type="case",
                object_id=case_id,
                before={"version": 1, "state": "confirming"},
                after={"version": 2, "state": "verifying"},
                place_ids=lineages[case_id],
            )
            for case_id in case_ids
        ]
    )
