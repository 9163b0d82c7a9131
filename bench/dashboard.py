"""Figures of any period of a district with a million cases: 288 grids or 100 units with all indicators, and their page.

Needs the database of a home; everything happens in a transaction that is rolled back.
Run: ./linli bench dashboard [--home DIR] [--cases 1000000]
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.harness.table import Row
from bench.recount import cases_of, district

ROUNDS = 60
GOAL = 10.0


def measure(words: list[str], folder: Path) -> list[Row]:
    """The goal is 10 CPU milliseconds of Python and database together, whatever the period."""
    count = cases_of(words)
    rows: list[Row] = []
    with district(count) as (made, spent):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from linli.rooms.insight.actions.recount import rebuild
        from linli.rooms.insight.queries import counts
        from linli.rooms.insight.rules import INDICATORS, figure, total
        from linli.rooms.places.atlas import today

        rebuild()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE insight_rollup, insight_casefact")
        dice, last = random.Random(430212), today()
        periods = []
        for _round in range(ROUNDS):
            since = last - dt.timedelta(days=dice.randint(1, 1000))
            periods.append((since, since + dt.timedelta(days=dice.randint(1, 90))))

        def table(dimension: str, **scope: Any) -> Callable[[int], None]:
            def one(number: int) -> None:
                found = counts(dimension, *periods[number % ROUNDS], **scope)
                for each in (*found.values(), total(found.values())):
                    for code in INDICATORS:
                        figure(code, each)

            return one

        page = _pages(made)
        works: list[tuple[str, Callable[[int], Any], float | None]] = [
            ("figures: 288 grids, all indicators", table("grid", under=made.root), GOAL),
            ("figures: 100 units, all indicators", table("unit"), GOAL),
            ("figures: 100 units within a street", table("unit", under=made.street), GOAL),
            ("figures: 100 units within a community", table("unit", under=made.community), None),
            ("page: a district by street", lambda n: page(periods[n % ROUNDS], "street"), None),
            ("page: a district by grid, 288 rows", lambda n: page(periods[n % ROUNDS], "grid"), None),
            ("page: a district by unit, 100 rows", lambda n: page(periods[n % ROUNDS], "unit"), None),
        ]
        for work, run, goal in works:
            for number in range(8):
                run(number)
            best, slowest = 1e9, 0.0
            for _again in range(3):
                before = spent()
                for number in range(ROUNDS):
                    run(number)
                cpu = (spent() - before) * 1000 / ROUNDS
                best, slowest = min(best, cpu), max(slowest, cpu)
            with CaptureQueriesContext(connection) as asked:
                run(0)
            print(f"{work:<44} {best:>8.2f} ms CPU (slowest round {slowest:.2f}) {len(asked):>4} queries")
            rows.append(Row(work, count, round(best, 2), None, len(asked), goal))
    return rows


def _pages(made: Any) -> Callable[[tuple[dt.date, dt.date], str], None]:
    """The page as a leader of the district gets it."""
    from django.test import Client

    from linli.rooms.people.models import Account, Post, PostKind

    leader = Account.objects.create_user("bench_figures_leader", name="测速")
    kind = PostKind.objects.get(code="leader")
    Post.objects.create(kind=kind, holder=leader, place_id=made.root, valid_from=dt.date(2020, 1, 1))
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(leader, backend="allauth.account.auth_backends.AuthenticationBackend")

    def one(period: tuple[dt.date, dt.date], dimension: str) -> None:
        since, until = period
        answer = client.get(
            "/figures/",
            {"period": "any", "since": since.isoformat(), "until": until.isoformat(), "by": dimension},
        )
        assert answer.status_code == 200, answer.status_code

    return one
