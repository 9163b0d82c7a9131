"""Delivered at least once, its effects once, in order for each object; what fails is visible and can be retried."""

import errno
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import Conflict, NotAllowed
from linli.kernel.journal import Actor, record
from linli.kernel.journal import queries as journal_queries
from linli.kernel.outbox import Event, actions, jobs, queries, registry
from linli.kernel.outbox.models import Delivery, OutboxEvent

pytestmark = pytest.mark.django_db(transaction=True)
WANG = Actor(7, "王小明")


@pytest.fixture
def subscribe():
    names = []

    def do(name, handle, tries=3, kinds=("t.closed",)):
        registry.subscriber(name, kinds=kinds, tries=tries)(handle)
        names.append(name)

    yield do
    for name in names:
        registry.withdraw(name)


def until_nothing_is_owed():
    """Deliver in a thread of its own; gives up loudly."""
    end = time.monotonic() + 30
    try:
        while queries.summary().pending + queries.summary().running and time.monotonic() < end:
            jobs.drain()
    finally:
        connection.close()


def tell(*object_ids, kind="t.closed"):
    for object_id in object_ids:
        with transaction.atomic():
            event = Event(kind, "case", object_id, {"n": object_id})
            record(action="a", actor=WANG, object_type="case", object_id=object_id, events=[event])


def due_now():
    Delivery.objects.filter(state="pending").update(next_try_at="2000-01-01T00:00:00Z")


def states():
    return list(Delivery.objects.order_by("id").values_list("state", "tries"))


def test_a_subscriber_receives_the_event(subscribe):
    got = []
    subscribe("t.a", got.append)
    tell(1, 2)
    tell(3, kind="case.other")
    assert jobs.drain() == 2
    assert [(e.kind, e.object_type, e.object_id, e.data, e.tries) for e in got] == [
        ("t.closed", "case", 1, {"n": 1}, 1),
        ("t.closed", "case", 2, {"n": 2}, 1),
    ]
    assert states() == [("done", 1)] * 2 and Delivery.objects.first().done_at
    assert OutboxEvent.objects.count() == 3


def test_effects_and_the_done_mark_stand_or_fall_together(subscribe):
    def half(event):
        with transaction.atomic():
            record(action="effect", actor=WANG, object_type="effect", object_id=1)
        if event.tries == 1:
            raise ValueError("the second half failed")

    subscribe("t.a", half)
    tell(1)
    jobs.drain()
    [delivery] = queries.deliveries(failed_only=True)
    assert (delivery.state, delivery.tries) == ("pending", 1)
    assert "ValueError: the second half failed" in delivery.last_error and "in half" in delivery.last_error
    assert journal_queries.of("effect", 1) == []
    assert jobs.drain() == 0, "it waits before it tries again"
    due_now()
    jobs.drain()
    assert states() == [("done", 2)] and len(journal_queries.of("effect", 1)) == 1
    assert queries.deliveries(failed_only=True) == []


def test_a_database_error_in_a_subscriber_is_its_own_affair(subscribe):
    def wrong(event):
        connection.cursor().execute("SELECT 1/0")

    subscribe("t.a", wrong)
    tell(1, 2)
    assert jobs.drain() == 2
    assert states() == [("pending", 1)] * 2
    assert "division by zero" in Delivery.objects.first().last_error


def test_after_its_tries_it_is_dead_visible_and_can_be_retried(subscribe):
    broken = [True]

    def moody(event):
        if broken:
            raise RuntimeError("no")

    subscribe("t.a", moody, tries=3)
    tell(1)
    for _ in range(5):
        due_now()
        jobs.drain()
    assert states() == [("dead", 3)]
    summary = queries.summary()
    assert (summary.pending, summary.running, summary.dead, summary.oldest_pending) == (0, 0, 1, None)
    [dead] = queries.deliveries(states=["dead"], subscriber="t.a")
    assert dead.event.kind == "t.closed" and queries.deliveries(before_id=dead.id) == []
    broken.clear()
    assert actions.retry([dead.id], SystemAuthority()) == 1
    [entry] = journal_queries.of("delivery", dead.id)
    assert entry.action == "outbox.retried" and "no" in entry.before["last_error"]
    jobs.drain()
    assert states() == [("done", 1)]
    with pytest.raises(Conflict):
        actions.retry([dead.id], SystemAuthority())


def test_retrying_needs_the_right(subscribe):
    class Nobody(SystemAuthority):
        def require(self, capability, *args, **kwargs):
            raise NotAllowed("no", code=capability)

    with pytest.raises(NotAllowed, match="no"):
        actions.retry([1], Nobody())


def test_a_claimer_who_looks_at_the_row_does_not_make_us_let_go(subscribe):
    got, looking = [], threading.Event()

    def look():
        with transaction.atomic():
            list(Delivery.objects.select_for_update())
            looking.set()
            time.sleep(0.3)
        connection.close()

    subscribe("t.a", got.append)
    tell(1)
    [taken] = jobs.claim(10)
    thread = threading.Thread(target=look)
    thread.start()
    looking.wait(5)
    assert jobs.handle(taken) is True
    thread.join()
    assert len(got) == 1 and states() == [("done", 1)]


def test_one_object_in_order_others_pass_by(subscribe):
    got = []

    def first_fails(event):
        got.append(event.object_id)
        if event.object_id == 1 and event.tries == 1:
            raise RuntimeError("later")

    subscribe("t.a", first_fails)
    tell(1, 1, 2)
    jobs.drain()
    assert got == [1, 2] and states() == [("pending", 1), ("pending", 0), ("done", 1)]
    due_now()
    jobs.drain()
    assert got == [1, 2, 1, 1]


def test_a_dead_one_holds_nobody_up(subscribe):
    def first_dies(event):
        if event.id == min(OutboxEvent.objects.values_list("id", flat=True)):
            raise RuntimeError("never")

    subscribe("t.a", first_dies, tries=1)
    tell(1, 1)
    jobs.drain()
    assert states() == [("dead", 1), ("done", 1)]


def test_three_deliverers_do_not_double(subscribe):
    got, guard = [], threading.Lock()

    def note(event):
        time.sleep(0.001)
        with guard:
            got.append((event.object_id, event.id))

    subscribe("t.a", note)
    subscribe("t.b", note)
    tell(*(n % 5 for n in range(60)))

    threads = [threading.Thread(target=until_nothing_is_owed) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 120 and states() == [("done", 1)] * 120
    assert {got.count(pair) for pair in got} == {2}


def test_order_within_a_lane_under_three_deliverers(subscribe):
    got = []

    def note(event):
        time.sleep(0.001)
        got.append(event.id)

    subscribe("t.a", note)
    tell(*[1] * 40)

    threads = [threading.Thread(target=until_nothing_is_owed) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == sorted(got) and len(got) == 40


def test_a_connection_lost_in_the_middle(subscribe):
    def killed(event):
        record(action="effect", actor=WANG, object_type="effect", object_id=1)
        if event.tries == 1:
            connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")

    subscribe("t.a", killed)
    tell(1)
    jobs.drain()
    assert states() == [("pending", 1)] and "terminat" in Delivery.objects.get().last_error
    assert journal_queries.of("effect", 1) == []
    due_now()
    jobs.drain()
    assert states() == [("done", 2)] and len(journal_queries.of("effect", 1)) == 1


def test_an_event_that_kills_every_worker_dies(subscribe):
    subscribe("t.a", lambda event: None, tries=2)
    tell(1)
    for _ in range(2):
        assert len(jobs.claim(10)) == 1  # and the process is gone
        assert queries.summary().running == 1
        assert jobs.reclaim() == 0, "its lease is not over"
        Delivery.objects.update(locked_until="2000-01-01T00:00:00Z")
        jobs.reclaim()
        due_now()
    assert states() == [("dead", 2)] and "vanished" in Delivery.objects.get().last_error


def test_a_slow_worker_that_was_given_up_lets_go(subscribe):
    got = []
    subscribe("t.a", got.append)
    tell(1)
    [late] = jobs.claim(10)
    Delivery.objects.update(locked_until="2000-01-01T00:00:00Z")
    jobs.reclaim()
    jobs.drain()
    assert jobs.handle(late) is False
    assert len(got) == 1 and states() == [("done", 2)]


def test_a_claim_in_work_is_not_taken_back(subscribe):
    begun, go_on = threading.Event(), threading.Event()

    def slow(event):
        begun.set()
        go_on.wait(5)

    def work():
        try:
            jobs.drain()
        finally:
            connection.close()

    subscribe("t.a", slow)
    tell(1)
    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM outbox_delivery WHERE state = 'running' FOR UPDATE SKIP LOCKED")
        assert cursor.fetchall() == []
    go_on.set()
    thread.join()
    assert states() == [("done", 1)]


def test_stopping_puts_back_what_was_not_begun(subscribe):
    got = []
    subscribe("t.a", got.append)
    tell(1, 2, 3)
    assert jobs.deliver(stop=lambda: bool(got)) == 1
    assert states() == [("done", 1), ("pending", 0), ("pending", 0)]


def test_a_subscriber_this_process_does_not_know_is_left_waiting(subscribe):
    subscribe("t.a", print)
    tell(1)
    registry.withdraw("t.a")
    assert jobs.drain() == 0 and states() == [("pending", 0)]
    assert queries.summary().unknown_subscribers == ["t.a"]


def test_names_are_unique(subscribe):
    subscribe("t.a", print)
    registry.subscriber("t.a", kinds=["t.closed"])(print)
    with pytest.raises(ValueError, match=r"already a subscriber 't\.a'"):
        registry.subscriber("t.a", kinds=["t.closed"])(len)


def test_waits_grow_and_differ():
    waits = [jobs.wait_before(n) for n in range(2, 30)]
    assert all(1.0 <= wait <= 3600 for wait in waits)
    assert 1.0 <= jobs.wait_before(2) <= 2.0 and jobs.wait_before(29) >= 1800
    assert len({jobs.wait_before(5) for _ in range(20)}) > 10


def test_the_cleaner_keeps_what_is_owed(subscribe, settings):
    subscribe("t.a", lambda event: None)
    tell(1, 2)
    tell(3, kind="nobody.cares")
    assert jobs.deliver(limit=1) == 1
    assert jobs.clean() == 0
    settings.LINLI_OUTBOX_RETENTION = timedelta(0)
    assert jobs.clean() == 2
    assert [e.object_id for e in OutboxEvent.objects.all()] == [2] and states() == [("pending", 0)]
    assert [d.event.object_id for d in queries.of("case", 2)] == [2]


def test_a_clock_that_was_set_back_holds_up_nothing(subscribe):
    got = []
    subscribe("t.a", got.append)
    tell(1, 2)
    [one] = jobs.claim(1)
    # As it looks after the database's clock was set back by a week.
    Delivery.objects.filter(pk=one.id).update(locked_until=timezone.now() + timedelta(days=7))
    Delivery.objects.exclude(pk=one.id).update(next_try_at=timezone.now() + timedelta(days=7))
    assert jobs.drain() == 0
    jobs.reclaim()
    jobs.drain()
    assert len(got) == 2 and {state for state, _tries in states()} == {"done"}


def test_a_wait_as_long_as_waits_can_be_is_kept(subscribe):
    subscribe("t.a", lambda event: None)
    tell(1)
    Delivery.objects.update(next_try_at=timezone.now() + timedelta(seconds=jobs.LONGEST_WAIT))
    jobs.reclaim()
    assert jobs.drain() == 0


def test_claims_behind_a_slow_one_are_renewed(subscribe, monkeypatch):
    monkeypatch.setattr(jobs, "RENEW", 0.0)
    left = []

    def slow(event):
        left.append(list(Delivery.objects.filter(state="running").values_list("locked_until", flat=True)))
        Delivery.objects.filter(state="running").update(locked_until="2000-01-01T00:00:00Z")

    subscribe("t.a", slow)
    tell(1, 2)
    assert jobs.deliver() == 2
    assert min(left[-1]) > timezone.now(), "the second was claimed anew before its turn"


def test_a_full_disk_costs_no_try(subscribe):
    room = []

    def keep(event):
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")

    subscribe("t.a", keep, tries=2)
    tell(1)
    for _time in range(5):
        assert jobs.deliver() == 1
        due_now()
    assert states() == [("pending", 0)] and "No space left" in Delivery.objects.get().last_error
    room.append(1)
    jobs.drain()
    assert states() == [("done", 1)]
