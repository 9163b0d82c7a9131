"""Checks of the database: reachable, fit for Chinese text, up to date, its clock and ours alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from linli.house.checks.registry import Finding, Level, check
from linli.house.database import address
from linli.house.home import Home
from linli.kernel.database import outside

LARGEST_CLOCK_DIFFERENCE = 5.0  # seconds


@check("database")
def database() -> Iterator[Finding]:
    for wrong, mend in outside.complaints(address(Home.current())):
        yield Finding(wrong, mend)


@check("tables", needs="database")
def tables() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        yield Finding(
            f"{len(plan)} changes of the tables are not applied yet (first: {plan[0][0]}).",
            "Back up, then `./linli manage migrate`, or restart `./linli serve`, which does it.",
        )


@check("clock", needs="database")
def clock() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    difference = abs((datetime.now(UTC) - there).total_seconds())
    if difference > LARGEST_CLOCK_DIFFERENCE:
        yield Finding(
            f"This machine's clock and the database's differ by {difference:.0f} s: deadlines would be wrong.",
            "Set both by NTP (on Debian: apt-get install systemd-timesyncd).",
        )
    if there.year < 2026:
        yield Finding(f"The clock says {there:%Y-%m-%d}.", "Set the clock by NTP.")


@check("connections", needs="database")
def connections() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_stat_activity), current_setting('max_connections')::int"
        )
        used, most = cursor.fetchone()
    if used > most * 0.8:
        yield Finding(
            f"{used} of {most} connections of the database server are in use.",
            "Lower LINLI_WEB_PROCESSES × LINLI_WEB_THREADS or raise the server's max_connections.",
            Level.WARNING,
        )
