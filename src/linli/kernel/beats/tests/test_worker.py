"""The worker does its work in time, minds nobody's failure, outlives the database's absence and stops when asked."""

import logging
import threading
import time

import pytest
from django.db import connection, transaction

from linli.kernel.beats import beat, queries, registry, runs, worker
from linli.kernel.beats.models import Heartbeat, Run
from linli.kernel.journal import Actor, record
from linli.kernel.journal import queries as journal_queries
from linli.kernel.outbox import Event
from linli.kernel.outbox import queries as outbox_queries
from linli.kernel.outbox import registry as subscribers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def by_itself(settings, tmp_path, monkeypatch):
    """A home of its own, and only the ground floor's beats: the rooms' ones have tests of theirs."""
    settings.LINLI_HOME = tmp_path
    own = {b.name: b for b in registry.all_beats() if b.name.startswith(("journal.", "outbox."))}
    monkeypatch.setattr(registry, "_beats", own)
    monkeypatch.setattr(runs, "_noted", {})


@pytest.fixture
def declare():
    names = []

    def do(name, every, work):
        beat(name, every=every)(work)
        names.append(name)
        return registry.Beat(name, every, work)

    yield do
    for name in names:
        registry.withdraw(name)


@pytest.fixture
def working():
    """Starts workers in threads; stops them, each within three seconds, at the end."""
    started = []

    def do():
        stop = threading.Event()

        def main():
            try:
                worker.run(stop)
            finally:
                connection.close()

        thread = threading.Thread(target=main)
        thread.start()
        started.append((stop, thread))
        return stop, thread

    yield do
    for stop, thread in started:
        stop.set()
        thread.join(3)
        assert not thread.is_alive(), "a worker stops within three seconds"


def until(true, seconds=8.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def tell():
    with transaction.atomic():
        record(action="a", actor=Actor(1, "王"), object_type="t", object_id=1, events=[Event("t.told", "t", 1)])


def test_it_seals_delivers_and_signs(working):
    got = []
    subscribers.subscriber("t.told", kinds=["t.told"])(got.append)
    try:
        stop, thread = working()
        assert until(queries.worker_alive)
        time.sleep(0.5)
        moment = time.monotonic()
        tell()
        assert until(lambda: got)
        assert time.monotonic() - moment < 1.0, "woken, not polled"
        assert until(lambda: journal_queries.waiting_for_seal() == 0, 3)
        [state] = queries.workers()
        assert state.alive and state.version
    finally:
        subscribers.withdraw("t.told")
    moment = time.monotonic()
    stop.set()
    thread.join(3)
    assert not thread.is_alive() and time.monotonic() - moment < 3
    assert not Heartbeat.objects.exists()
    assert until(lambda: outbox_queries.summary().waiting is None)


def test_a_failing_beat_is_noted_and_goes_on(working, declare, caplog):
    calls = []

    def moody():
        calls.append(1)
        if len(calls) < 3:
            raise ValueError("not today")

    declare("t.moody", 0.1, moody)
    with caplog.at_level(logging.CRITICAL):
        working()
        assert until(lambda: Run.objects.filter(name="t.moody", failures=2).exists())
        assert until(lambda: len(calls) > 4)
    assert until(lambda: Run.objects.get(name="t.moody").failures == 0)
    run = Run.objects.get(name="t.moody")
    assert run.last_error == "" and run.last_success


def test_slow_beats_hold_up_nobody_and_do_not_stop_the_end(working, declare):
    free, quick = threading.Event(), []
    for n in range(worker.BEAT_THREADS - 1):
        declare(f"t.slow{n}", 0.1, lambda: free.wait(20))
    declare("t.quick", 0.1, lambda: quick.append(1))
    stop, thread = working()
    assert until(lambda: len(quick) > 5)
    stop.set()
    thread.join(3)
    assert not thread.is_alive()
    free.set()
    time.sleep(0.3)


def test_two_workers_do_not_double_a_beat(working, declare):
    inside, most, calls = [], [], []

    def alone():
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.05)
        inside.pop()

    declare("t.alone", 0.05, alone)
    declare("t.seldom", 3600, lambda: calls.append(1))
    working()
    working()
    assert until(lambda: len(most) > 15)
    assert max(most) == 1 and len(calls) == 1
    assert until(lambda: len(queries.workers()) == 2)


def test_it_outlives_the_database(working, declare, caplog):
    calls = []
    declare("t.often", 0.05, lambda: calls.append(1))
    with caplog.at_level(logging.INFO, logger="linli.kernel.beats.worker"):
        working()
        assert until(lambda: calls and Heartbeat.objects.exists())
        for _ in range(3):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            time.sleep(0.2)
        seen = len(calls)
        assert until(lambda: len(calls) > seen + 5)
        tell()
        assert until(lambda: journal_queries.waiting_for_seal() == 0)
    words = [r.message for r in caplog.records]
    away = sum("is away" in message for message in words)
    assert 1 <= away <= 6 and any("is back" in message for message in words)


def test_a_database_that_is_not_there_is_waited_for(monkeypatch, caplog):
    stop, tries = threading.Event(), []

    def absent(*args):
        tries.append(1)
        if len(tries) > 2:
            stop.set()
        from django.db import OperationalError

        connection.close()
        raise OperationalError("connection refused")

    monkeypatch.setattr(worker, "_SHORTEST_WAIT", 0.01)
    with caplog.at_level(logging.INFO, logger="linli.kernel.beats.worker"):
        worker.Database(stop).patiently(absent)
    assert len(tries) == 3 and [r.message for r in caplog.records] == [
        "The database is away, the worker waits for it: connection refused"
    ]


def test_run_once_minds_lock_and_interval(declare):
    calls = []
    slow = declare("t.slow", 60, lambda: calls.append(1))
    assert runs.run_once(slow) is True
    assert runs.run_once(slow) is False, "another worker had its turn"
    Run.objects.update(started="2000-01-01T00:00:00Z")
    held, free = threading.Event(), threading.Event()

    def hold():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [runs.LOCKS, slow.lock])
            held.set()
            free.wait(60)
            # Closing alone lets go when the server notices, which may be later than the next line.
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [runs.LOCKS, slow.lock])
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(60)
    assert runs.run_once(slow) is False
    free.set()
    thread.join()
    assert runs.run_once(slow) is True and len(calls) == 2


def test_check_sees_late_and_failing_beats(declare):
    def fail():
        raise ValueError("no")

    declare("t.never", 60, lambda: None)
    failing = declare("t.failing", 60, fail)
    assert runs.run_once(failing) is False
    states = {state.name: state for state in queries.beats()}
    assert states["t.never"].late and states["t.never"].started is None
    assert not states["t.failing"].late and states["t.failing"].last_error == "ValueError: no"
    assert states["t.failing"].failures == 1


def test_silent_workers_are_dead_and_then_forgotten():
    runs.sign_of_life("a", "1")
    Heartbeat.objects.update(last_seen="2000-01-01T00:00:00Z")
    assert [state.alive for state in queries.workers()] == [False] and not queries.worker_alive()
    runs.sign_of_life("b", "1")
    assert [state.worker for state in queries.workers()] == ["b"] and queries.worker_alive()


def test_names_and_intervals_are_checked(declare):
    declare("t.x", 1, print)
    with pytest.raises(ValueError, match=r"already a beat 't\.x'"):
        beat("t.x", every=1)(len)
    with pytest.raises(ValueError, match="positive"):
        beat("t.y", every=0)(len)


def test_a_clock_that_was_set_back_stops_no_beat_and_keeps_no_dead_worker_alive(declare):
    ran = []
    slow = declare("t.slow", 3600, lambda: ran.append(1))
    assert runs.run_once(slow) and not runs.run_once(slow)
    # As it looks after the database's clock was set back by a week.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE beats_run SET started = started + interval '7 days'")
        assert runs.run_once(slow) and len(ran) == 2
        runs.sign_of_life("gone", "1")
        cursor.execute("UPDATE beats_heartbeat SET last_seen = last_seen + interval '7 days'")
        assert not queries.worker_alive()
        runs.sign_of_life("new", "1")
    assert [state.worker for state in queries.workers()] == ["new"]
