"""What a reporter can do over REST: follow by the code, rate, ask to reopen, withdraw; and nothing for a wrong code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from linli.doors.api.tests.conftest import Machine
from linli.rooms.cases.models import Case, Rating
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, reported
from linli.rooms.cases.tests.walking import walk

pytestmark = pytest.mark.django_db
Make = Callable[..., Machine]


def code_of(case: Case) -> str:
    return case.reports.get().tracking_code


def offered(answer: Any) -> dict[str, bool]:
    return {step["code"]: step["allowed"] for step in answer.json()["steps"]}


def test_whoever_holds_the_code_follows_and_sees_nothing_personal(town, machine: Make):
    case = reported(town, name="演示李", phone="13800000001")
    answer = machine().get(f"/reports/{code_of(case)}")
    assert answer.status_code == 200 and answer["ETag"] == '"1"'
    body = answer.json()
    assert body["number"] == case.number and body["stages"][body["stage"]] == "reported"
    assert offered(answer)["withdraw"] and not offered(answer).get("rate", False)
    assert body["timeline"][0]["code"] == "report"
    text = answer.content.decode()
    assert "演示李" not in text and "13800000001" not in text


def test_a_wrong_code_tells_nothing_and_guessing_ends(town, machine: Make, settings):
    settings.LINLI_LIMITS = "follow=2/1d,1000/1d"
    nobody = machine()
    answers = [nobody.get("/reports/ZZZZZZZZZZZZ") for _time in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert answers[0].json()["code"] == "LL-4044" and int(answers[2]["Retry-After"]) > 0
    assert machine("read").get("/reports/ZZZZZZZZZZZZ").status_code == 404, "a machine has a limit of its own"


def test_a_stranger_withdraws_once_however_often_it_is_sent(town, machine: Make):
    case = reported(town)
    nobody, path = machine(), f"/reports/{code_of(case)}/withdraw"
    first = nobody.post(path, {"reason": "已经好了"}, Idempotency_Key="abc")
    again = nobody.post(path, {"reason": "已经好了"}, Idempotency_Key="abc")
    assert first.status_code == again.status_code == 200 and again["Idempotent-Replayed"] == "true"
    assert first.json()["state"]["code"] == "withdrawn" and first.content == again.content
    assert nobody.post(path, {"reason": "已经好了"}).json()["code"] == "LL-4092"
    # the same key of another stranger, for another report, is another key
    other = nobody.post(f"/reports/{code_of(reported(town))}/withdraw", {}, Idempotency_Key="abc")
    assert other.status_code == 200


def test_a_reporter_rates_and_asks_to_reopen_what_was_not_solved(town, machine: Make, picture):
    case = walk(reported(town), town, picture)
    nobody, path = machine(), f"/reports/{code_of(case)}"
    assert nobody.post(f"{path}/rate", {"level": "2"}).json()["code"] == "LL-4225"
    assert nobody.post(f"{path}/rate", {"solved": "perhaps"}).json()["code"] == "LL-4226"
    assert nobody.post(f"{path}/rate", {"solved": "no", "stars": 5}).json()["code"] == "LL-4221"
    rated = nobody.post(f"{path}/rate", {"solved": "no", "level": "1", "words": "还是不亮"})
    assert rated.status_code == 200 and rated.json()["rating"]["solved"] == "no"
    assert Rating.objects.count() == 1 and not offered(rated).get("rate", False)
    opened = nobody.post(f"{path}/reopen", {"reason": "还是不亮"}, If_Match=rated["ETag"])
    assert opened.status_code == 200 and opened.json()["state"]["code"] == "registered"


def test_a_reporter_who_saw_another_version_is_told_so_without_inner_affairs(town, machine: Make, picture):
    case = walk(reported(town), town, picture, until="accept")
    answer = machine().post(f"/reports/{code_of(case)}/withdraw", {}, If_Match='"1"')
    assert answer.status_code == 412 and "changes" not in answer.json()
    case.refresh_from_db()
    assert case.state == "accepted"


@pytest.mark.parametrize("step", ["accept", "close", "note", "report"])
def test_the_code_opens_no_step_of_the_staff(town, machine: Make, step: str):
    case = reported(town)
    assert machine().post(f"/reports/{code_of(case)}/{step}", {}).status_code == 422
    assert machine("steps").post(f"/reports/{code_of(case)}/{step}", {}).status_code == 422
    case.refresh_from_db()
    assert case.version == 1


def test_a_bad_key_is_refused_where_none_is_needed(town, machine: Make):
    case = reported(town)
    assert Machine("linli_abcdefgh_" + "x" * 43).get(f"/reports/{code_of(case)}").status_code == 401


def test_a_resident_finds_the_own_reports_and_writes_only_with_a_token(town, machine: Make):
    assert machine().get("/me/reports").status_code == 401
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.accounts["resident"])
    client.get("/accounts/me/")
    token = {"X-CSRFToken": client.cookies["linli_csrf"].value}
    body = {"words": "路灯不亮", "lng": IN_A[0], "lat": IN_A[1], "item": LAMP}
    made = client.post("/api/v1/cases", body, content_type="application/json", headers=token).json()
    rows = client.get("/api/v1/me/reports").json()["items"]
    assert [row["tracking_code"] for row in rows] == [made["tracking_code"]]
    path = f"/api/v1/reports/{made['tracking_code']}/withdraw"
    assert client.post(path, {}, content_type="application/json").json()["code"] == "LL-4031"
    assert client.post(path, {}, content_type="application/json", headers=token).status_code == 200
