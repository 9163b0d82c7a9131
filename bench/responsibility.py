"""Cost of finding who answers for a matter, with 10, 1,000 and 10,000 rules in the matrix.

Needs the database of a home; everything happens in a transaction that is rolled back.
Run: ./linli bench responsibility [--home DIR]
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from pathlib import Path
from typing import Any

from bench.harness.table import Row

SIZES = (10, 1_000, 10_000)
QUESTIONS = 2_000


def measure(words: list[str], folder: Path) -> list[Row]:
    """The goal for each size is at most 1.2 times the cost with ten rules."""
    import django
    import psutil

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from linli.kernel import clock
    from linli.rooms.people.models import MatrixVersion, Responsibility, Unit
    from linli.rooms.people.queries import answerable
    from linli.rooms.people.queries.answerable import LOOKUP
    from linli.rooms.places.models import Place

    call_command("migrate", verbosity=0)  # a home may be new
    dice = random.Random(430212)
    day, at = dt.date(2020, 1, 1), clock.now()
    found: list[Row] = []
    print(f"{'rules':>7} {'cpu':>9} {'median':>9} {'95 %':>9}   (milliseconds for each question, database included)")
    with transaction.atomic():
        # A district like a real one: 300 communities with four grids each, 100 units.
        root = Place.objects.create(kind="district", name_zh="测速区", valid_from=day)
        lineages: list[list[int]] = []
        for street in range(10):
            town = Place.objects.create(kind="street", name_zh=f"镇{street}", parent=root, valid_from=day)
            for community in range(30):
                village = Place.objects.create(
                    kind="community", name_zh=f"社区{street}-{community}", parent=town, valid_from=day
                )
                for grid in range(4):
                    place = Place.objects.create(kind="grid", name_zh=f"网格{grid}", parent=village, valid_from=day)
                    lineages.append([root.pk, town.pk, village.pk, place.pk])
        units = Unit.objects.bulk_create(
            Unit(code=f"BENCH-{n}", name_zh=f"单位{n}", valid_from=day) for n in range(100)
        )
        items = [f"M{1 + n // 25:02d}{n % 25:03d}" for n in range(250)]
        for number, size in enumerate(SIZES):
            matrix = MatrixVersion.objects.create(number=900_000 + number, created_at=at)
            said: set[tuple[str, int]] = set()  # a matrix says each thing once
            while len(said) < size:
                matter = dice.choice(items) if dice.random() < 0.7 else dice.choice(items)[:3]
                said.add((matter, dice.choice(dice.choice(lineages))))
            Responsibility.objects.bulk_create(
                (
                    Responsibility(matrix=matrix, matter=matter, place_id=place_id, unit=dice.choice(units))
                    for matter, place_id in sorted(said)
                ),
                batch_size=2000,
            )
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE people_responsibility, people_unit, places_place")
                cursor.execute("SELECT pg_backend_pid()")
                (pid,) = cursor.fetchone()
            backend = psutil.Process(pid) if psutil.pid_exists(pid) else None  # elsewhere, its time is not seen
            before = time.process_time() + (sum(backend.cpu_times()[:2]) if backend else 0)
            spans = []
            for _question in range(QUESTIONS):
                item = dice.choice(items)
                lineage = dice.choice(lineages)
                begin = time.perf_counter()
                answerable(item, item[:3], lineage, at, matrix.pk)
                spans.append((time.perf_counter() - begin) * 1000)
            after = time.process_time() + (sum(backend.cpu_times()[:2]) if backend else 0)
            spans.sort()
            cpu, late = (after - before) * 1000 / QUESTIONS, spans[int(len(spans) * 0.95)]
            goal = round((found[0].cpu_ms or 0) * 1.2, 3) if found else None
            found.append(Row("who answers for a matter", size, round(cpu, 3), round(late, 2), 1, goal))
            print(f"{size:>7,} {cpu:>9.2f} {statistics.median(spans):>9.2f} {late:>9.2f}")
        with connection.cursor() as cursor:
            question: dict[str, Any] = {
                "matrix": matrix.pk,
                "lineage": lineages[0],
                "matters": [items[0], items[0][:3], ""],
            }
            cursor.execute("EXPLAIN " + LOOKUP.format(matrix="%(matrix)s"), question)
            print("\n".join(row[0] for row in cursor.fetchall()))
        transaction.set_rollback(True)
    return found
