"""Sent at least once, never twice at a time, the same bytes each time, and nobody waits for the dead."""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta

import pytest
from django.db import connection
from standardwebhooks.webhooks import Webhook

from linli.kernel import clock
from linli.kernel.journal.models import Entry
from linli.kernel.outgoing import Unreachable
from linli.rooms.webhooks import actions, jobs, sending
from linli.rooms.webhooks.models import Delivery, Endpoint
from linli.rooms.webhooks.rules import AT_ONCE, FAILING_FOR, TRIES
from linli.rooms.webhooks.tests.conftest import HOUSE, genuine, until, waiting


def make_due() -> None:
    Delivery.objects.filter(state="pending").update(next_try_at=clock.now() - timedelta(days=2))


def test_a_message_arrives_signed(endpoint, receiver):
    (sent,) = waiting(endpoint)
    assert sending.send_due() == 1
    (got,) = receiver.got
    assert got.id == sent.message_id
    assert got.headers["content-type"] == "application/json"
    assert Webhook(endpoint.plain).verify(got.body, got.headers) == {"n": 0}
    sent.refresh_from_db()
    assert (sent.state, sent.status, sent.tries, sent.locked_until) == ("done", 204, 1, None)
    endpoint.refresh_from_db()
    assert endpoint.last_success_at is not None


def test_every_try_sends_the_same_bytes_under_the_same_id(endpoint, receiver):
    receiver.status = 503
    waiting(endpoint)
    for _n in range(3):
        make_due()
        assert sending.send_due() == 1
    receiver.status = 200
    make_due()
    sending.send_due()
    assert len({(got.id, got.body) for got in receiver.got}) == 1
    assert len(receiver.got) == 4
    assert all(genuine(got, endpoint.plain) for got in receiver.got)


def test_a_refused_message_waits_and_says_why(endpoint, receiver):
    receiver.status = 500
    (sent,) = waiting(endpoint)
    before = clock.now()
    sending.send_due()
    sent.refresh_from_db()
    assert (sent.state, sent.status, sent.words, sent.tries) == ("pending", 500, "说不行", 1)
    assert before + timedelta(seconds=4) < sent.next_try_at < clock.now() + timedelta(seconds=7)
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None


def test_a_receiver_that_asks_for_time_gets_it(endpoint, receiver):
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    (sent,) = waiting(endpoint)
    sending.send_due()
    sent.refresh_from_db()
    assert sent.next_try_at > clock.now() + timedelta(seconds=500)


def test_a_redirect_is_a_failure_and_not_followed(endpoint, receiver):
    receiver.status, receiver.headers = 307, {"Location": receiver.url}
    (sent,) = waiting(endpoint)
    sending.send_due()
    sent.refresh_from_db()
    assert (sent.state, sent.status, len(receiver.got)) == ("pending", 307, 1)


def test_after_the_last_try_a_message_is_dead_and_stays_visible(endpoint, receiver):
    receiver.status = 500
    (sent,) = waiting(endpoint, tries=TRIES - 1)
    sending.send_due()
    sent.refresh_from_db()
    assert (sent.state, sent.tries) == ("dead", TRIES)
    assert sent.ended_at is not None


def test_a_receiver_that_is_gone_is_left_alone(endpoint, receiver):
    receiver.status = 410
    waiting(endpoint, 1)
    sending.send_due()
    waiting(endpoint, 1)
    assert sending.send_due() == 0
    endpoint.refresh_from_db()
    assert endpoint.state == "gone"
    assert Entry.objects.filter(action="webhook.paused", object_id=str(endpoint.pk)).exists()
    assert sorted(endpoint.deliveries.values_list("state", flat=True)) == ["dead", "pending"]


def test_an_endpoint_that_fails_for_days_is_paused_and_takes_up_again(endpoint, receiver):
    receiver.status = 500
    Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=clock.now() - FAILING_FOR)
    waiting(endpoint)
    sending.send_due()
    endpoint.refresh_from_db()
    assert endpoint.state == "failing"
    make_due()
    assert sending.send_due() == 0
    receiver.status = 200
    actions.resume_endpoint(HOUSE, endpoint.pk)
    assert sending.send_due() == 1
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.failing_since) == ("active", None)


def test_a_private_address_that_is_no_longer_allowed_is_not_reached(endpoint, receiver, settings):
    settings.LINLI_OUTGOING_ALLOW = []
    (sent,) = waiting(endpoint)
    sending.send_due()
    sent.refresh_from_db()
    assert (sent.state, sent.status, sent.trouble) == ("pending", None, "forbidden")
    assert receiver.got == []


@pytest.mark.django_db(transaction=True)
def test_many_senders_send_each_message_once_and_bound_what_is_on_its_way(endpoint, receiver):
    waiting(endpoint, 40)

    def work() -> None:
        try:
            sending.send_due()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sending.send_due()  # the last of the senders may have met a full endpoint
    assert len(receiver.got) == 40
    assert len({got.id for got in receiver.got}) == 40
    assert receiver.most_at_once <= AT_ONCE
    assert set(endpoint.deliveries.values_list("state", flat=True)) == {"done"}


def test_a_dead_endpoint_does_not_starve_the_others(endpoint, receiver, monkeypatch):
    dead, _secret = actions.create_endpoint(HOUSE, url=receiver.url + "/dead")
    waiting(dead, 50)
    waiting(endpoint, 3)
    first = sending.claim(6)
    assert sum(each.endpoint_id == dead.pk for each in first) <= AT_ONCE
    assert sum(each.endpoint_id == endpoint.pk for each in first) == 3 or len(first) == 6
    again = sending.claim(6)
    assert {each.endpoint_id for each in first + again} == {dead.pk, endpoint.pk}
    assert sum(each.endpoint_id == dead.pk for each in first + again) == AT_ONCE


def test_an_endpoint_that_fails_gets_one_sender_until_something_arrives(endpoint, receiver):
    waiting(endpoint, 9)
    Endpoint.objects.update(failing_since=clock.now())
    (taken,) = sending.claim(9)
    assert sending.claim(9) == []
    sending.send(taken)
    assert len(sending.claim(9)) == AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_while_its_beats_go_on(endpoint, receiver):
    receiver.hold = threading.Event()
    waiting(endpoint, 2)
    jobs.dispatch()  # returns at once although nobody answers
    until(lambda: len(receiver.got) == 2)
    jobs.dispatch()
    receiver.hold.set()
    until(lambda: set(endpoint.deliveries.values_list("state", flat=True)) == {"done"})
    until(lambda: not any(thread.is_alive() for thread in jobs._senders))
    assert len(receiver.got) == 2


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_sender_had_claimed_is_sent_again(endpoint, receiver):
    (sent,) = waiting(endpoint)
    receiver.hold = threading.Event()
    connection.close()
    child = os.fork()
    if not child:
        try:
            sending.send_due()
        finally:
            os._exit(0)
    try:
        until(lambda: receiver.got)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    receiver.hold.set()
    sent.refresh_from_db()
    assert (sent.state, sent.tries) == ("sending", 1)
    assert sending.reclaim() == 0, "the claim still holds"
    assert sending.send_due() == 0
    Delivery.objects.update(locked_until=clock.now() - timedelta(seconds=1))
    assert sending.reclaim() == 1
    assert sending.send_due() == 1
    first, second = receiver.got
    assert (first.id, first.body) == (second.id, second.body)
    sent.refresh_from_db()
    assert (sent.state, sent.tries) == ("done", 2)


def test_a_clock_that_was_set_back_holds_up_no_message(endpoint, receiver):
    # As they look after the database's clock was set back by a week.
    later = clock.now() + timedelta(days=7)
    waiting(endpoint, next_try_at=later)
    waiting(endpoint, state="sending", tries=1, locked_until=later)
    assert sending.send_due() == 0
    sending.reclaim()
    assert sending.send_due() == 2 and len(receiver.got) == 2


def test_a_sender_that_comes_back_late_notes_nothing(endpoint, receiver):
    (sent,) = waiting(endpoint)
    (late,) = sending.claim()
    Delivery.objects.update(locked_until=clock.now() - timedelta(seconds=1))
    sending.reclaim()
    (present,) = sending.claim()
    receiver.status = 500
    sending.send(late)
    sent.refresh_from_db()
    assert (sent.state, sent.tries) == ("sending", 2)
    receiver.status = 204
    sending.send(present)
    sent.refresh_from_db()
    assert sent.state == "done"


def test_a_message_that_kills_its_senders_is_given_up(endpoint):
    (sent,) = waiting(endpoint, tries=TRIES, state="sending", locked_until=clock.now() - timedelta(minutes=1))
    sending.reclaim()
    sent.refresh_from_db()
    assert sent.state == "dead"


def test_an_endpoint_deleted_while_a_message_is_on_its_way_is_no_trouble(endpoint, receiver):
    waiting(endpoint)
    (taken,) = sending.claim()
    actions.delete_endpoint(HOUSE, endpoint.pk)
    assert sending.send(taken).status == 204


def test_a_slow_receiver_costs_its_own_time_only(endpoint, receiver, monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT", 0.5)
    receiver.hold = threading.Event()
    (sent,) = waiting(endpoint)
    sending.send_due()
    sent.refresh_from_db()
    assert (sent.state, sent.trouble) == ("pending", "timeout")
    assert "timeout" in Unreachable("timeout").code
