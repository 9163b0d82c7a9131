"""Broken on purpose, in short: a served house is killed piece by piece under load, and nothing is lost or doubled.

The longer run, with the database itself, full disks, upgrades and more rounds, is `./linli bench --faults`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bench.harness.faults import stored, together
from bench.harness.faults.house import House
from bench.harness.faults.stream import streaming
from django.db import connection

from linli.house.home import Home
from linli.kernel.authority import SystemAuthority
from linli.kernel.database import Address
from linli.kernel.outbox import queries as outbox
from linli.rooms.cases.models import Report
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, LAMP, lay_out_town
from linli.rooms.people.actions import create_key
from linli.rooms.places import atlas

SAMPLES = {"spots": [list(IN_A), list(IN_B)], "items": [LAMP]}


@pytest.fixture
def served(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[SimpleNamespace]:
    """A small district, served from the test's database by real processes; `key` may report and take steps."""
    lay_out_town()
    _row, key = create_key(SystemAuthority(), name="faults", scopes=["report", "read", "steps"], per_minute=100_000)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copytree(Home.current().secrets, home / "secrets")
    settings.LINLI_HOME = home  # the journal's checkpoint of that house
    used = connection.settings_dict
    address = Address(used["NAME"], used["USER"], used["PASSWORD"], used["HOST"], int(used["PORT"] or 5432)).url()
    more = {"DATABASE_URL": address, "LINLI_WEB_PROCESSES": "1", "DJANGO_SETTINGS_MODULE": "linli.house.settings"}
    house = House(home, more=more, town=("serve",))
    connection.close()
    try:
        yield SimpleNamespace(house=house.start(90), key=key)
    finally:
        house.stop()
        atlas.forget()


def cut_connections() -> None:
    """What a database that is restarted does to everybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_nothing_is_lost_or_doubled_when_processes_are_killed_or_many_do_the_same(served: SimpleNamespace) -> None:
    house: House = served.house
    rows = together.four(
        house.port, served.key, SAMPLES, lambda mark: Report.objects.filter(words__contains=mark).count()
    )
    assert [row.counted for row in rows if not row.held] == []
    with streaming(house.port, served.key, SAMPLES, clients=2) as told:
        for what in ("worker", "web_worker", "database connections", "web"):
            house.wait_until(lambda: len(told.reports) % 2 == 0 and bool(told.reports), 30, "reports come in")
            if what == "database connections":
                cut_connections()
            else:
                house.wait_until(lambda what=what: house.kill(what), 30, f"there is a {what}")
            house.wait_until(house.serves, 60, f"it serves after the {what} died")
            seen = len(told.reports)
            house.wait_until(lambda seen=seen: len(told.reports) > seen, 60, "reports are taken in again")
    assert not told.refused and not told.unanswered and 500 not in told.seen

    def drained() -> bool:
        summary = outbox.summary()
        return not summary.pending + summary.running

    house.wait_until(drained, 100, "the outbox has drained")
    found = stored.compare(told.as_json())
    wrong = {name: found[name] for name in ("lost", "doubled", "steps_lost", "steps_doubled", "gaps", "unsound")}
    assert not any(wrong.values()), wrong
    assert len(told.reports) > 3 and outbox.summary().dead == 0
