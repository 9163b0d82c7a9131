"""Steps over REST: offered with what they need, taken once, refused with what changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from linli.doors.api.tests.conftest import Machine
from linli.kernel.journal.models import Entry
from linli.rooms.cases.flow import FLOW, NOT_BY_HAND
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import LAMP, reported
from linli.rooms.cases.tests.walking import ROAD, given_for

pytestmark = pytest.mark.django_db
Make = Callable[..., Machine]


def offered(one: Machine, case: Case) -> dict[str, Any]:
    return {step["code"]: step for step in one.get(f"/cases/{case.number}/steps").json()["steps"]}


def test_a_case_goes_its_whole_way_by_machines_of_the_desk_and_of_the_unit(town, machine: Make, picture):
    case = reported(town)
    desk, unit, other = (
        machine("read", "steps"),
        machine("read", "steps", unit=town.lamps),
        machine("read", "steps"),
    )
    who = {"lamp_contact": unit, "lamp_handler": unit, "verifier": other}
    for step, name in ROAD:
        one = who.get(name, desk)
        offers = offered(one, case)
        assert offers[step]["allowed"], offers[step]
        given = given_for(step, town, picture)
        assert {f["name"] for f in offers[step]["fields"] if f["required"]} <= set(given)
        tag = one.get(f"/cases/{case.number}")["ETag"]
        answer = one.post(f"/cases/{case.number}/steps/{step}", given, If_Match=tag)
        assert answer.status_code == 200, (step, answer.content)
        assert answer["ETag"] != tag
    assert answer.json()["state"]["code"] == "closed"
    lines = desk.get(f"/cases/{case.number}/timeline").json()["items"]
    assert [line["code"] for line in lines] == ["report", *(step for step, _name in ROAD)]
    entry = Entry.objects.filter(action="case.accept").latest("id")
    assert entry.actor_name == "read+steps" and entry.post_name == "系统接口" and entry.post_id is None


def test_steps_say_what_they_need_and_why_others_are_closed(town, machine: Make):
    case, one = reported(town), machine("read", "steps")
    steps = offered(one, case)
    accept = steps["accept"]
    assert accept["allowed"] and accept["leads_to"] == "accepted"
    item = next(field for field in accept["fields"] if field["name"] == "item")
    assert (item["kind"], item["required"], item["source"]) == ("item", True, "/api/v1/items")
    assert one.post(f"/cases/{case.number}/steps/accept", {"item": LAMP}).status_code == 200
    rule = offered(one, case)["register"]["fields"][0]
    assert rule["choices"] and rule["default"] == rule["choices"][0]["value"]
    reader = machine("read").get(f"/cases/{case.number}/steps").json()["steps"]
    assert [step["code"] for step in reader if step["allowed"]] == []


def test_an_old_version_is_412_with_what_changed_and_a_step_that_is_gone_is_409(town, machine: Make):
    case, one = reported(town), machine("read", "steps")
    path = f"/cases/{case.number}/steps"
    old = one.get(f"/cases/{case.number}")["ETag"]
    assert one.post(f"{path}/accept", {"item": LAMP}, If_Match=old).status_code == 200
    late = one.post(f"{path}/note", {"note": "晚了"}, If_Match=old)
    assert late.status_code == 412 and late.json()["code"] == "LL-4120"
    assert [change["after"]["state"] for change in late.json()["changes"]] == ["accepted"]
    gone = one.post(f"{path}/accept", {"item": LAMP})
    assert gone.status_code == 409 and gone.json()["code"] == "LL-4092"
    assert one.post(f"{path}/note", {"note": "好"}, If_Match="*").status_code == 200
    present = f'"{Case.objects.get().version}"'
    assert one.post(f"{path}/note", {"note": "好"}, If_Match=present).status_code == 200
    assert one.post(f"{path}/note", {"note": "好"}, If_Match='"elsewhere"').status_code == 412


def test_the_same_step_with_the_same_key_is_taken_once(town, machine: Make):
    case, one = reported(town), machine("read", "steps")
    path = f"/cases/{case.number}/steps/accept"
    first = one.post(path, {"item": LAMP}, Idempotency_Key="s-1")
    again = one.post(path, {"item": LAMP}, Idempotency_Key="s-1")
    assert first.status_code == again.status_code == 200 and first.content == again.content
    assert first["ETag"] == again["ETag"]
    assert one.post(path, {"item": "M01001"}, Idempotency_Key="s-1").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_two_takers_of_a_step_one_gets_409(town, machine: Make):
    case = reported(town)
    takers = [machine("steps"), machine("steps")]
    codes: list[int] = []
    start = threading.Barrier(2)

    def take(one: Machine) -> None:
        try:
            start.wait()
            codes.append(one.post(f"/cases/{case.number}/steps/accept", {"item": LAMP}).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=[one]) for one in takers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 409]


@pytest.mark.parametrize(
    ("step", "given", "code", "field"),
    [
        ("accept", {}, "LL-4225", "item"),
        ("accept", {"item": "M99999"}, "LL-42212", "item"),
        ("accept", {"item": 7}, "LL-4221", "item"),
        ("accept", {"item": LAMP, "colour": "red"}, "LL-4221", "colour"),
        ("accept", {"item": LAMP, "place": True}, "LL-4221", "place"),
        ("accept", {"item": LAMP, "place": 2**70}, "LL-4221", "place"),
        ("accept", {"item": LAMP, "place": 2**40}, "LL-42216", "place"),
        ("accept", {"item": LAMP, "urgent": "yes"}, "LL-4221", "urgent"),
        ("merge", {"target": "20200101-000001"}, "LL-42220", "target"),
    ],
)
def test_what_a_step_cannot_use_is_refused_at_its_field(town, machine: Make, step, given, code, field):
    case = reported(town)
    answer = machine("steps").post(f"/cases/{case.number}/steps/{step}", given)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (422, code, field)
    case.refresh_from_db()
    assert case.version == 1


@pytest.mark.parametrize("step", ["report", "join", "rate", "reopen", "withdraw", "dance"])
def test_steps_that_are_not_for_machines_are_not_there(town, machine: Make, step):
    case = reported(town)
    answer = machine("steps").post(f"/cases/{case.number}/steps/{step}", {})
    assert answer.status_code == 404 and answer.json()["code"] == "LL-4042"


def test_every_step_of_the_life_cycle_is_described(client):
    schemas = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    for step in FLOW.steps:
        if step.code not in NOT_BY_HAND:
            step_in = schemas["ReportStepIn" if step.who == "reporter" else "StepIn"]
            assert f"`{step.code}`" in step_in["description"]
            assert {need.name for need in step.needs} <= set(step_in["properties"])
