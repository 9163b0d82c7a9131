"""Twice is once: the same answer for the same key, a refusal for another request, nothing kept of a failure."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connections

from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.once import Kept, once
from linli.kernel.once.jobs import forget_old_answers
from linli.kernel.once.models import KeptAnswer

pytestmark = pytest.mark.django_db
HASH, OTHER = b"a" * 32, b"b" * 32


def answering(calls: list[int]):
    def act() -> Kept:
        calls.append(1)
        return Kept(201, b'{"n":%d}' % len(calls), {"Location": "/x"})

    return act


def test_the_second_time_the_first_answer_comes_back():
    calls: list[int] = []
    first = once(1, "k", HASH, answering(calls))
    again = once(1, "k", HASH, answering(calls))
    assert (again.status, again.body, again.headers) == (first.status, first.body, first.headers)
    assert again.replayed and not first.replayed and len(calls) == 1
    once(2, "k", OTHER, answering(calls))
    assert len(calls) == 2, "another owner's key is another key"


def test_a_key_of_another_request_is_refused():
    once(1, "k", HASH, answering([]))
    with pytest.raises(Refused) as caught:
        once(1, "k", OTHER, answering([]))
    assert caught.value.code == "once.other_request"
    for bad in ("", "x" * 256, "a\nb"):
        with pytest.raises(Refused):
            once(1, bad, HASH, answering([]))


def test_a_failure_leaves_the_key_unused():
    def fail() -> Kept:
        raise Refused("no", "no")

    with pytest.raises(Refused):
        once(1, "k", HASH, fail)
    assert once(1, "k", OTHER, answering([])).status == 201


def test_after_a_day_the_key_is_free_again_and_swept():
    once(1, "k", HASH, answering([]))
    with clock.at(clock.now() + dt.timedelta(hours=25)):
        assert not once(1, "k", OTHER, answering([])).replayed
        once(1, "l", OTHER, answering([]))
    with clock.at(clock.now() + dt.timedelta(hours=60)):
        forget_old_answers()
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_are_carried_out_once():
    calls: list[int] = []
    answers: list[Kept] = []
    start = threading.Barrier(16)

    def ask() -> None:
        try:
            start.wait()
            answers.append(once(1, "k", HASH, answering(calls)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1 and len(answers) == 16 and {answer.body for answer in answers} == {b'{"n":1}'}
