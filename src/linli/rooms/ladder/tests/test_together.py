"""Many workers at once, and workers that die: each case moves exactly once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from linli.kernel import clock
from linli.kernel.clock.tests.examples import civil
from linli.kernel.errors import LinliError
from linli.kernel.journal.models import Entry
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import lay_out_town
from linli.rooms.ladder import sweeping
from linli.rooms.ladder.actions import climb
from linli.rooms.ladder.models import Stay
from linli.rooms.ladder.tests.rungs import MONDAY, dispatched, with_ladder

pytestmark = pytest.mark.django_db(transaction=True)
DUE = civil("2026-03-04 09:00")
MANY = 24


@pytest.fixture
def crowd(db) -> SimpleNamespace:
    """Cases of which all fall due at the same moment, as copies of one that came the whole way."""
    town = lay_out_town()
    with_ladder(town)
    first = dispatched(town)
    stay = Stay.objects.get(case=first)
    for n in range(MANY - 1):
        case = Case.objects.get(pk=first.pk)
        case.pk, case.number = None, None
        case.save(force_insert=True)
        stay.pk, stay.case_id = None, case.pk
        stay.due_at = DUE - dt.timedelta(seconds=n)
        stay.save(force_insert=True)
    return town


def together(*works: Callable[[], object]) -> list[object]:
    """Run them in threads that begin at the same moment; what they gave back or raised."""
    gate, found = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            with clock.at(DUE):
                found.append(work())
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def one_move_each() -> None:
    assert Stay.objects.filter(sequence=2, tier_code="unit", left_at=None).count() == MANY
    assert Stay.objects.filter(sequence=1, outcome="swept").count() == MANY
    assert not Stay.objects.filter(sequence__gt=2).exists()
    assert OutboxEvent.objects.filter(kind="duty.swept").values("object_id").distinct().count() == MANY
    assert OutboxEvent.objects.filter(kind="duty.swept").count() == MANY
    assert Entry.objects.filter(action="case.hand_over").count() == MANY
    assert set(Case.objects.values_list("version", flat=True)) == {5}


def test_each_case_moves_exactly_once_however_many_workers_sweep(crowd, monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 5)
    counts = together(*[sweeping.sweep] * 4)
    assert all(isinstance(count, int) for count in counts), counts
    with clock.at(DUE):
        sweeping.sweep()  # what was held by another just when somebody ended
        assert sweeping.sweep() == 0
    one_move_each()


def test_a_worker_killed_in_the_middle_of_a_batch_has_done_nothing_of_it(crowd, monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 10)
    whole, calls = sweeping.move_all, []

    def dies(moves):
        calls.append(len(moves))
        found = whole(moves)
        if len(calls) == 2:
            with connection.cursor() as cursor:  # the worker's connection is gone, as when it is killed
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return found

    monkeypatch.setattr(sweeping, "move_all", dies)
    (error,) = together(sweeping.sweep)
    assert isinstance(error, Exception)
    assert Stay.objects.filter(sequence=2).count() == 10  # the first batch, whole
    assert OutboxEvent.objects.filter(kind="duty.swept").count() == 10
    assert together(sweeping.sweep) == [MANY - 10]
    one_move_each()


def test_a_person_and_the_sweep_at_the_same_moment_make_one_move(crowd):
    case = Case.objects.order_by("pk").first()
    viewer = crowd.viewer("cadre_a")

    def by_hand() -> object:
        return climb(case.pk, viewer, "看过", "不行", version=case.version)

    found = together(by_hand, sweeping.sweep)
    with clock.at(DUE):
        sweeping.sweep()
    assert Stay.objects.filter(case=case, sequence=2).count() == 1 and not Stay.objects.filter(sequence__gt=2).exists()
    assert all(isinstance(result, int | Stay | LinliError) for result in found), found


def test_the_sweep_waits_for_nobody(crowd):
    case = Case.objects.order_by("pk").first()
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        (count,) = together(sweeping.sweep)
    assert count == MANY - 1
    assert Stay.objects.filter(case=case).count() == 1
    (count,) = together(sweeping.sweep)
    assert count == 1


def test_two_people_at_once_make_one_move(crowd):
    case = Case.objects.order_by("pk").first()

    def by_hand() -> object:
        return climb(case.pk, crowd.viewer("cadre_a"), "看过", "不行", version=case.version)

    found = together(by_hand, by_hand)
    assert sorted(type(result).__name__ for result in found) == ["Conflict", "Stay"]
    assert MONDAY < DUE
