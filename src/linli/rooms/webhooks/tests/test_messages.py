"""Who gets a message for which event, and what it says."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import orjson
import pytest

from linli.kernel import clock
from linli.kernel.journal import checkpoint
from linli.kernel.outbox import StoredEvent
from linli.kernel.outbox.jobs import drain
from linli.kernel.retention.actions import let_go
from linli.kernel.retention.queries import in_force
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_B, LAMP, reported
from linli.rooms.webhooks import jobs
from linli.rooms.webhooks.models import Delivery, Endpoint
from linli.rooms.webhooks.rules import TRIES, WAITS, wait_after, wanted

pytestmark = pytest.mark.django_db


def listening(**given) -> Endpoint:
    return Endpoint.objects.create(
        **{"url": "https://hook.example/", "secret": b"", "created_at": clock.now(), **given}
    )


def bodies(endpoint: Endpoint) -> list[dict]:
    return [orjson.loads(bytes(row.body)) for row in endpoint.deliveries.order_by("event_id")]


def test_a_report_becomes_one_message_for_each_endpoint(town):
    one, two = listening(), listening(language="en")
    case = reported(town)
    drain()
    (zh,), (en,) = bodies(one), bodies(two)
    assert (zh["type"], zh["version"]) == ("case.reported", 1)
    assert zh["data"]["case"]["number"] == case.number == one.deliveries.get().subject
    assert zh["data"]["case"]["place"]["path"] == ["演示区", "演示镇", "甲社区", "甲一网格"]
    assert zh["data"]["case"]["state_label"] != en["data"]["case"]["state_label"]
    assert zh["timestamp"].endswith("Z")


def test_nothing_personal_is_in_a_message(town):
    endpoint = listening()
    case = reported(town, words="我是王小明，电话13812345678，路灯不亮", name="王小明", phone="13812345678")
    drain()
    (first,) = [bytes(row.body).decode() for row in endpoint.deliveries.all()]
    assert "路灯" not in first, "before somebody accepted the case its words stay inside"
    take(case.pk, "accept", {"item": LAMP}, viewer=town.viewer("clerk"))
    drain()
    last = bytes(endpoint.deliveries.latest("id").body).decode()
    assert "路灯不亮" in last
    assert "13812345678" not in first + last


def test_a_case_that_is_not_public_keeps_its_words_and_its_spot(town):
    endpoint = listening()
    case = reported(town)
    Case.objects.filter(pk=case.pk).update(is_public=False, accepted_at=clock.now())
    drain()
    data = bodies(endpoint)[0]["data"]["case"]
    assert (data["public"], data["words"], data["point"]) == (False, None, None)


def test_an_endpoint_hears_of_its_kinds_and_its_places_only(town):
    closed_only = listening(kinds=["case.closed"])
    west = listening(place=town.one)
    reported(town)
    lng, lat = IN_B
    reported(town, lng=lng, lat=lat)
    drain()
    assert closed_only.deliveries.count() == 0
    assert west.deliveries.count() == 1


def test_an_event_delivered_twice_is_one_message(town):
    endpoint = listening()
    case = reported(town)
    event = StoredEvent(77, clock.now(), "case.reported", "case", case.pk, {"number": case.number}, 1, 1)
    jobs.write(event)
    jobs.write(dataclasses.replace(event, tries=2))
    assert endpoint.deliveries.filter(event_id=77).count() == 1


def test_what_happens_while_an_endpoint_is_paused_waits_for_it(town):
    endpoint = listening(state="paused")
    reported(town)
    drain()
    assert endpoint.deliveries.get().state == "pending"


def test_without_endpoints_an_event_costs_one_query(town, django_assert_num_queries):
    case = reported(town)
    with django_assert_num_queries(1):
        jobs.write(StoredEvent(1, clock.now(), "case.reported", "case", case.pk, {}, 1, 1))


def test_a_checkpoint_goes_to_endpoints_of_the_whole_house(town):
    everywhere, west = listening(), listening(place=town.one)
    line = checkpoint.sign(checkpoint.Checkpoint(1, "00" * 32, 1, "2026-11-22T00:00:00+00:00"))
    jobs.write(StoredEvent(5, clock.now(), "journal.checkpoint", "journal", 1, {"checkpoint": line}, 1, 1))
    assert bodies(everywhere)[0]["data"]["checkpoint"] == line
    assert west.deliveries.count() == 0


def test_old_messages_are_forgotten(town):
    endpoint = listening()
    now = clock.now()
    for days, state in [(29, "done"), (31, "done"), (31, "dead"), (91, "dead"), (91, "pending"), (91, "sending")]:
        at = now - timedelta(days=days)
        Delivery.objects.create(
            endpoint=endpoint, kind="case.closed", body=b"{}", state=state, created_at=at, next_try_at=now
        )
    for held in in_force():
        let_go(held)
    assert sorted(endpoint.deliveries.values_list("state", flat=True)) == ["dead", "done", "sending"]


def test_the_waits_grow_to_a_day_and_end_after_three():
    waits = [wait_after(tries, 0.0) for tries in range(1, TRIES)]
    assert waits == sorted(waits) == list(WAITS)
    assert wait_after(TRIES, 0.5) is None
    assert sum(wait.total_seconds() for wait in waits) > 3 * 86400


@pytest.mark.parametrize(
    ("asked", "seconds"), [("", 5), ("60", 60), ("1", 5), ("999999", 86400), ("soon", 5), ("-5", 5), ("9" * 40, 5)]
)
def test_a_receiver_may_ask_for_more_time_but_not_for_ever(asked: str, seconds: int):
    assert wait_after(1, 0.0, asked).total_seconds() == seconds


def test_the_wait_is_drawn_out_by_a_fifth_at_most():
    assert wait_after(1, 1.0).total_seconds() == 6


@pytest.mark.parametrize(
    ("kinds", "place", "lineage", "hears"),
    [
        ([], None, [], True),
        (["case.closed"], None, [1], True),
        (["case.rated"], None, [1], False),
        ([], 2, [1, 2, 3], True),
        ([], 2, [1, 3], False),
        ([], 2, [], False),
    ],
)
def test_wishes(kinds, place, lineage, hears):
    assert wanted(kinds, place, "case.closed", lineage) is hears
