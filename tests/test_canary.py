"""What people entrust to the house stays in it: in the database sealed, outside of it nowhere.

Every page and every answer is looked through by the walks themselves (`tests.conftest.Walker`); here is what they do
not send: files with rows in them, machines' doors with keys, messages to other systems, feeds, and the tables.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from linli.kernel.authority import SystemAuthority
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.cases.models import Case, Rating
from linli.rooms.people import actions
from linli.rooms.webhooks import payload
from tests import canary
from tests.addresses import ADDRESSES
from tests.conftest import Walker
from tests.world import KINDS

MARKS = (*canary.OWNERS, canary.TYPED_PHONE)
# Where something stands in clear, and why: what a person typed as words is read by who handles it.
IN_CLEAR = {
    canary.TYPED_PHONE: {"cases_report", "cases_case"},
    canary.RESIDENT_NAME: {"people_account"},
}


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
@pytest.mark.parametrize("kind", ["dispatcher", "supervisor", "leader"])
def test_exports_hold_nobody(world: SimpleNamespace, walker: Walker, kind: str, form: str):
    answer = walker(kind, "post", reverse("desk:export"), {"format": form, "query": "view=all"})
    assert answer.status_code == 200
    assert world.closed.number.encode() in canary.body_of(answer)  # there is something in it


def test_the_export_of_the_journal_holds_nobody(world: SimpleNamespace, walker: Walker):
    answer = walker("audit", "get", reverse("admin_door:journal_export"))
    assert canary.body_of(answer).count(b"\n") > 20


MACHINE_DOORS = sorted(name for name in ADDRESSES if name.partition(":")[0] in ("api", "open311", "ogc"))


@pytest.mark.parametrize("scope", ["report", "read", "steps", "manage"])
def test_no_key_opens_what_is_personal(world: SimpleNamespace, scope: str):
    _key, secret = actions.create_key(SystemAuthority(), name=scope, scopes=[scope], per_minute=100_000)
    client = Client(raise_request_exception=False)
    leaks, read = [], 0
    for name in MACHINE_DOORS:
        url = ADDRESSES[name].url(world)
        answer = client.get(url, headers={"Authorization": f"Bearer {secret}", "X-API-Key": secret})
        read += answer.status_code == 200
        leaks += [f"{name}: {mark}" for mark in canary.seen_by("machine", url, answer)]
    assert leaks == []
    assert read >= 10


def test_messages_to_other_systems_hold_nobody(world: SimpleNamespace):
    for case in Case.objects.all():
        event = OutboxEvent.objects.filter(object_id=case.pk).latest("pk")
        body = payload.of_event(event, case, "zh-hans").decode()  # type: ignore[arg-type]
        assert [mark for mark in MARKS if mark in body] == []


def test_events_and_what_machines_count_hold_nobody(world: SimpleNamespace):
    metrics = Client().get("/metrics").content.decode()
    assert [mark for mark in MARKS if mark in metrics] == []


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("mark", MARKS)
def test_in_the_database_it_is_sealed(world: SimpleNamespace, mark: str):
    """Also in the journal, the outbox, the notices and the kept answers; a copy of the disk tells nothing."""
    found = set()
    with connection.cursor() as cursor:
        for table in tables():
            for form in (mark, mark.encode().hex()):
                cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{form}%"])
                if cursor.fetchone()[0]:
                    found.add(table)
    assert found <= IN_CLEAR.get(mark, set())


def test_a_rating_shows_what_was_said_and_not_by_whom(world: SimpleNamespace, walker: Walker):
    words = f"谢谢，我是{canary.REPORTER_NAME}，电话{canary.REPORTER_PHONE}"
    Rating.objects.create(report=world.report, solved="yes", level=5, words=words, at=world.closed.closed_at)
    world.closed.level, world.closed.solved = 5, "yes"
    world.closed.save(update_fields=["level", "solved"])
    public = [name for name, row in ADDRESSES.items() if row.page and row.expected("get", "nobody") == "ok"]
    for name in public:
        url = ADDRESSES[name].url(world)
        if not url.startswith(canary.OWN_REPORT):
            walker("nobody", "get", url)
    for kind in KINDS[1:]:
        if ADDRESSES["portal:problem"].expected("get", kind) == "ok":
            walker(kind, "get", ADDRESSES["portal:problem"].url(world))
    world.report.ratings.all().delete()


def test_addresses_of_the_house_carry_nobody(world: SimpleNamespace, walker: Walker):
    """Search words of staff travel in the query; what the log keeps of a request is its pattern."""
    answer: Any = walker("dispatcher", "get", reverse("desk:worklist"), {"q": canary.REPORTER_PHONE[:6]})
    assert answer.status_code == 200
