"""The sweep of the ladder: what it costs to move up the cases whose limit has run out, among very many open ones.

Needs the database server of a home; everything happens in a database of its own that is thrown away.
Run: ./linli bench sweep [--home DIR] [--cases 1000000] [--due 1000] [--scattered]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from bench.harness.sweeping import database_of
from bench.harness.table import Row

GOAL_MS = 2_000.0


def measure(words: list[str], folder: Path) -> list[Row]:
    """The goal is two seconds, processor time of worker and database together, for a thousand among a million."""
    parser = argparse.ArgumentParser("./linli bench sweep", description="Cost of moving up what was not settled.")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--scattered", action="store_true", help="what is due lies anywhere among the cases: the worst")
    chosen = parser.parse_args(words)
    began = time.perf_counter()
    rows: list[Row] = []
    with database_of(chosen.cases, chosen.due, scattered=chosen.scattered) as now:
        import psutil
        from django.db import connection

        from linli.kernel import clock
        from linli.rooms.ladder import sweeping
        from linli.rooms.ladder.models import Stay

        print(f"{chosen.cases:,} open cases made in {time.perf_counter() - began:.0f} s")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        backend = psutil.Process(pid) if psutil.pid_exists(pid) else None  # elsewhere, its time is not seen

        def spent() -> float:
            return time.process_time() + (sum(backend.cpu_times()[:2]) if backend else 0.0)

        for work, run, goal in (
            ("sweep: when is the next one due", sweeping.next_due, None),
            ("sweep: all that are due", sweeping.sweep, GOAL_MS),
            ("sweep: once more, nothing left", sweeping.sweep, None),
        ):
            with clock.at(now):
                before, start = spent(), time.perf_counter()
                found = run()
                cpu, wall = (spent() - before) * 1000, (time.perf_counter() - start) * 1000
            print(f"{work:<40} {cpu:>9,.1f} ms CPU {wall:>9,.1f} ms   {found}")
            rows.append(Row(work, chosen.cases, round(cpu, 1), round(wall, 1), None, goal))
        moved = Stay.objects.filter(how=Stay.How.SWEPT).count()
        print(f"{moved:,} cases stand one tier higher, each has its journal entry and event")
    return rows
