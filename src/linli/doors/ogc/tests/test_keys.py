"""With a key of scope read the collection of cases is what the key may see; a bad key opens nothing."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client

from linli.kernel.authority import SystemAuthority
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, reported
from linli.rooms.people.actions import create_key, revoke_key

pytestmark = pytest.mark.django_db
CASES = "/ogc/collections/cases/items"


@pytest.fixture
def told(town):
    """A case in each grid; nobody has accepted them, so the public sees neither."""
    town.a = reported(town, lng=IN_A[0], lat=IN_A[1], words="灯坏了，电话 13800001234")
    town.b = reported(town, lng=IN_B[0], lat=IN_B[1])
    return town


def make(**given: Any) -> str:
    return create_key(SystemAuthority(), **({"name": "地理信息", "scopes": ["read"]} | given))[1]


def ask(said: str, url: str = CASES) -> Any:
    return Client().get(url, headers={"Authorization": said})


def test_a_key_sees_the_cases_of_its_place_and_what_the_desk_sees_of_them(told) -> None:
    assert Client().get(CASES).json()["numberMatched"] == 0
    page = ask(f"Bearer {make(place_id=told.grid_a.pk)}").json()
    assert [feature["id"] for feature in page["features"]] == [told.a.number]
    properties = page["features"][0]["properties"]
    assert properties["words"] == "灯坏了，电话 13800001234" and properties["channel"] == "portal"
    assert {told.a.number, told.b.number} == {f["id"] for f in ask(f"Bearer {make()}").json()["features"]}


def test_a_case_of_another_place_is_not_there_for_the_key(told) -> None:
    key = f"Bearer {make(place_id=told.grid_a.pk)}"
    assert ask(key, f"{CASES}/{told.a.number}").status_code == 200
    assert ask(key, f"{CASES}/{told.b.number}").status_code == 404


def test_what_a_key_was_told_is_kept_by_nobody_on_the_way(told) -> None:
    answer = ask(f"Bearer {make()}")
    assert answer["Cache-Control"] == "private, no-cache" and "Authorization" in answer["Vary"]


def test_a_program_that_knows_only_passwords_gives_the_key_as_one(told) -> None:
    said = base64.b64encode(f"linli:{make()}".encode()).decode()
    assert ask(f"Basic {said}").json()["numberMatched"] == 2


def test_a_key_without_the_scope_reads_no_cases(told) -> None:
    answer = ask(f"Bearer {make(scopes=['report'])}")
    assert answer.status_code == 403 and answer.json()["code"] == "key.scope"


def test_a_key_that_opens_nothing_is_not_taken_for_the_public(told) -> None:
    key, secret = create_key(SystemAuthority(), name="旧", scopes=["read"])
    revoke_key(SystemAuthority(), key.pk)
    for said, code in {
        "Bearer ": "key.missing",
        "Bearer linli_abc": "key.unknown",
        "Digest x": "key.missing",
        "Basic !!!": "key.missing",
        "Basic /////w==": "key.missing",
        f"Bearer {secret}": "key.revoked",
        "Bearer " + "x" * 5000: "key.unknown",
    }.items():
        answer = ask(said)
        assert (answer.status_code, answer.json()["code"]) == (401, code), said[:40]
        assert answer["WWW-Authenticate"].startswith("Bearer") and answer["Cache-Control"] == "no-store"


def test_a_key_that_asks_too_often_is_told_when_to_come_back(told) -> None:
    key = f"Bearer {make(per_minute=1)}"
    answers = [ask(key) for _time in range(3)]  # three, as a minute may end between two
    late = [answer for answer in answers if answer.status_code == 429]
    assert late and late[0]["Retry-After"].isdigit()
    assert Case.objects.count() == 2
