"""Every scope at every address, in its own place, in another, and nowhere: a table by hand against what happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from linli.doors.api.tests.conftest import Machine
from linli.kernel.authority import SystemAuthority
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, reported
from linli.rooms.people import actions

pytestmark = pytest.mark.django_db
Make = Callable[..., Machine]
SCOPES = ("report", "read", "steps", "manage")

# address: what each scope gets where the case lies in the key's place; elsewhere (…): where it does not
HERE: dict[str, dict[str, int]] = {
    "GET /cases": {"report": 403, "read": 200, "steps": 200, "manage": 200},
    "GET /cases/{number}": {"report": 403, "read": 200, "steps": 200, "manage": 200},
    "GET /cases/{number}/timeline": {"report": 403, "read": 200, "steps": 200, "manage": 200},
    "GET /cases/{number}/photos": {"report": 403, "read": 200, "steps": 200, "manage": 200},
    "GET /cases/{number}/reports": {"report": 403, "read": 200, "steps": 200, "manage": 200},
    "GET /cases/{number}/steps": {"report": 403, "read": 200, "steps": 200, "manage": 200},
    "POST /cases/{number}/steps/note": {"report": 403, "read": 403, "steps": 200, "manage": 403},
    "POST /cases/{number}/steps/accept": {"report": 403, "read": 403, "steps": 200, "manage": 403},
    "POST /cases/{number}/steps/publish": {"report": 403, "read": 403, "steps": 200, "manage": 200},
    "POST /cases/{number}/steps/handle": {"report": 403, "read": 403, "steps": 409, "manage": 403},
    "POST /cases": {"report": 201, "read": 403, "steps": 403, "manage": 403},
    "POST /cases/{number}/join": {"report": 201, "read": 403, "steps": 403, "manage": 403},
    "GET /cases/near": {"report": 200, "read": 200, "steps": 200, "manage": 200},
    "GET /places": {"report": 200, "read": 200, "steps": 200, "manage": 200},
    "GET /items": {"report": 200, "read": 200, "steps": 200, "manage": 200},
    "GET /units": {"report": 200, "read": 200, "steps": 200, "manage": 200},
    "GET /answerable": {"report": 403, "read": 200, "steps": 403, "manage": 403},
    "GET /me": {"report": 200, "read": 200, "steps": 200, "manage": 200},
}
ELSEWHERE = {"POST /cases": 403, "POST /cases/{number}/join": 403}
BODIES = {
    "POST /cases": {"words": "路灯不亮", "lng": IN_A[0], "lat": IN_A[1]},
    "POST /cases/{number}/join": {"words": "我也看到"},
    "POST /cases/{number}/steps/note": {"note": "记一笔"},
    "POST /cases/{number}/steps/accept": {"item": LAMP},
    "POST /cases/{number}/steps/publish": {"is_public": False},
    "POST /cases/{number}/steps/handle": {"words": "好了", "photos": ["x"]},
}
QUERIES = {
    "GET /cases/near": {"lng": IN_A[0], "lat": IN_A[1]},
    "GET /answerable": {"lng": IN_A[0], "lat": IN_A[1], "item": LAMP},
}


def ask(one: Machine, address: str, case: Case) -> int:
    method, path = address.replace("{number}", case.number or "").split()
    if method == "GET":
        return one.get(path, QUERIES.get(address)).status_code
    return one.post(path, BODIES[address]).status_code


@pytest.mark.parametrize("address", list(HERE))
def test_each_scope_gets_what_the_table_says_in_its_own_place(town, machine: Make, address):
    got = {scope: ask(machine(scope, place=town.one), address, reported(town)) for scope in SCOPES}
    assert got == HERE[address]


@pytest.mark.parametrize("address", [a for a in HERE if "{number}" in a or a == "POST /cases"])
def test_in_another_place_nothing_is_found_and_nothing_done(town, machine: Make, address):
    case = reported(town)
    for scope in SCOPES:
        one = machine(scope, place=town.two)
        expected = HERE[address][scope] if HERE[address][scope] == 403 else ELSEWHERE.get(address, 404)
        assert ask(one, address, case) == expected, scope
    case.refresh_from_db()
    assert case.version == 1 and Case.objects.count() == 1


@pytest.mark.parametrize("address", list(HERE))
def test_without_a_key_nothing_opens(town, machine: Make, address):
    case = reported(town)
    nobody = machine()
    assert ask(nobody, address, case) == 401
    stranger = Machine("linli_abcdefgh_" + "x" * 43)
    assert ask(stranger, address, case) == 401
    case.refresh_from_db()
    assert case.version == 1 and Case.objects.count() == 1


def test_lists_hold_only_what_lies_in_the_place_or_belongs_to_the_unit(town, machine: Make):
    case = reported(town)
    number = [case.number]

    def listed(one: Machine) -> list[str]:
        return [row["number"] for row in one.get("/cases").json()["items"]]

    assert listed(machine("read")) == listed(machine("read", place=town.one)) == number
    assert listed(machine("read", place=town.two)) == []
    assert listed(machine("read", unit=town.lamps)) == [], "the unit has it only once it was sent there"


def test_a_key_says_itself_what_it_is(town, machine: Make):
    me = machine("report", "read", place=town.one).get("/me").json()
    assert me["scopes"] == ["read", "report"] and me["posts"][0]["place_id"] == town.one.pk
    assert "case.intake" in me["posts"][0]["duties"] and "case.reveal" not in me["posts"][0]["duties"]


def test_revoked_and_used_up_keys_say_so(town):
    key, secret = actions.create_key(SystemAuthority(), name="热线", scopes=["read"], per_minute=1)
    one = Machine(secret)
    answers = [one.get("/me") for _time in range(3)]  # a minute may end between two of them, not between three
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "LL-4291" and 1 <= int(refused["Retry-After"]) <= 60
    assert answers[0]["RateLimit-Limit"] == "1" and answers[0]["RateLimit-Remaining"] == "0"
    actions.revoke_key(SystemAuthority(), key.pk)
    gone = one.get("/me")
    assert gone.status_code == 401 and gone.json()["code"] == "LL-4013"
    assert gone["WWW-Authenticate"].startswith("Bearer")


def test_a_signed_in_person_reads_with_the_session_and_writes_with_a_token(town):
    case = reported(town)
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.accounts["clerk"])
    assert client.get(f"/api/v1/cases/{case.number}").json()["number"] == case.number
    path, body = f"/api/v1/cases/{case.number}/steps/accept", f'{{"item": "{LAMP}"}}'
    refused = client.post(path, body, content_type="application/json")
    assert refused.status_code == 403 and refused.json()["code"] == "LL-4031"
    client.get("/accounts/me/")
    token = client.cookies["linli_csrf"].value
    taken = client.post(path, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert taken.status_code == 200, taken.content


def test_the_x_api_key_header_opens_as_well(town, machine: Make):
    one = machine("read")
    secret = one.headers["Authorization"].removeprefix("Bearer ")
    assert one.client.get("/api/v1/me", headers={"X-API-Key": secret}).status_code == 200
    # a key that is no good is not made good by a session
    one.client.force_login(town.accounts["clerk"])
    assert one.client.get("/api/v1/me", headers={"X-API-Key": "x"}).status_code == 401


def test_an_idle_session_is_told_so_and_not_led_to_a_page(town):
    client = Client()
    client.force_login(town.accounts["clerk"])
    client.get("/api/v1/me")
    session = client.session
    session["linli_seen"] = 1
    session.save()
    answer = client.get("/api/v1/me")
    assert answer.status_code == 401 and answer.json()["code"] == "LL-4014"


def test_a_machine_at_the_hotline_says_where_it_was_told(town, machine: Make, told):
    told |= {"channel": "hotline", "reporter": {"name": "演示李", "phone": "13800000001"}}
    assert machine("report").post("/cases", told).status_code == 403
    assert machine("report", "read").post("/cases", told).status_code == 201
    assert machine("report", "read", place=town.two).post("/cases", told).status_code == 403
    assert Case.objects.get().channel == "hotline"
