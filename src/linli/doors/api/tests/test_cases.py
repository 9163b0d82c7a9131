"""Cases over REST: reported once, listed without gaps, read with an ETag, in a fixed number of queries."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from tests.world import picture_bytes

from linli.doors.api.tests.conftest import Machine
from linli.kernel.once.models import KeptAnswer
from linli.rooms.cases.models import Case, Report
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, LAMP, reported

pytestmark = pytest.mark.django_db
Make = Callable[..., Machine]


def test_a_report_becomes_a_case_with_its_place_owner_and_deadline(town, machine: Make, told):
    answer = machine("report").post("/cases", told)
    assert answer.status_code == 201, answer.content
    receipt = answer.json()
    case = Case.objects.get(number=receipt["number"])
    assert answer["Location"] == f"/api/v1/cases/{case.number}"
    assert (case.place_id, case.proposed_unit_id, case.channel) == (town.grid_a.pk, town.lamps.pk, "api")
    assert case.step_due_at is not None and receipt["located"] == "inside"
    assert Report.objects.get(case=case).taken_by.kind == "service"
    whole = machine("read").get(f"/cases/{case.number}").json()
    assert whole["proposed_unit"] == {"id": town.lamps.pk, "name": "路灯所"}
    assert whole["item"]["key"] == LAMP and [p["kind"] for p in whole["path"]] == [
        "district", "street", "community", "grid",
    ]  # fmt: skip


def test_photos_are_uploaded_first_and_named_by_their_uid(town, machine: Make, told, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    one = machine("report", "read")

    def upload(data: bytes, **headers: str) -> Any:
        file = SimpleUploadedFile("a.jpg", data, "image/jpeg")
        return one.client.post("/api/v1/photos", {"photo": file}, headers=one.headers | headers)

    sent = upload(picture_bytes(), **{"Idempotency-Key": "photo-1"})
    again = upload(picture_bytes(), **{"Idempotency-Key": "photo-1"})
    assert sent.status_code == again.status_code == 201 and sent.json()["uid"] == again.json()["uid"]
    answer = one.post("/cases", told | {"photos": [sent.json()["uid"]]})
    number = answer.json()["number"]
    photos = one.get(f"/cases/{number}/photos").json()["items"]
    assert [p["uid"] for p in photos] == [sent.json()["uid"]]
    assert one.client.get(photos[0]["url"]).status_code == 200
    refused = upload(b"<svg onload=alert(1)>")
    assert refused.status_code == 422 and refused["Content-Type"] == "application/problem+json"
    gone = one.post("/cases", told | {"photos": [sent.json()["uid"]]})
    assert gone.status_code == 422 and gone.json()["code"] == "LL-42214"


def test_the_same_post_twice_is_one_case_and_another_body_is_refused(town, machine: Make, told):
    one = machine("report")
    first = one.post("/cases", told, Idempotency_Key="a-1")
    again = one.post("/cases", told, Idempotency_Key="a-1")
    assert first.json() == again.json() and again["Idempotent-Replayed"] == "true"
    assert Case.objects.count() == 1 and KeptAnswer.objects.count() == 1
    other = one.post("/cases", told | {"words": "别的"}, Idempotency_Key="a-1")
    assert other.status_code == 422 and other.json()["code"] == "LL-4222"
    # a refused request leaves its key unused
    assert one.post("/cases", told | {"item": "M99999"}, Idempotency_Key="a-2").status_code == 422
    assert one.post("/cases", told, Idempotency_Key="a-2").status_code == 201
    # another key of the house has keys of its own
    assert machine("report").post("/cases", told | {"words": "x"}, Idempotency_Key="a-1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_sixteen_identical_posts_make_one_case(town, machine: Make, told):
    one = machine("report")
    answers: list[Any] = []
    start = threading.Barrier(16)

    def send() -> None:
        try:
            client = Machine()
            client.headers = one.headers
            start.wait()
            answers.append(client.post("/cases", told, Idempotency_Key="same"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1 and Case.objects.count() == 1


def test_joining_adds_a_voice(town, machine: Make, told):
    case = reported(town)
    one = machine("report", "read")
    near = one.get("/cases/near", {"lng": IN_A[0], "lat": IN_A[1], "words": "路灯不亮", "item": LAMP}).json()["items"]
    assert [row["number"] for row in near] == [case.number]
    answer = one.post(f"/cases/{case.number}/join", {"words": "我家门口也是", "reporter": {"phone": "13800000001"}})
    assert answer.status_code == 201 and answer.json()["joined"]
    assert one.get(f"/cases/{case.number}").json()["report_count"] == 2
    voices = one.get(f"/cases/{case.number}/reports").json()["items"]
    assert len(voices) == 2 and "13800000001" not in str(voices) and voices[1]["phone"]
    assert "tracking_code" not in str(voices)


def test_pages_neither_repeat_nor_leave_out_while_cases_come_in(town, machine: Make):
    made = {reported(town).number for _number in range(11)}
    one, seen, after = machine("read"), [], None
    while True:
        answer = one.get("/cases", {"limit": 3, "sort": "new"} | ({"after": after} if after else {}))
        page = answer.json()
        seen += [row["number"] for row in page["items"]]
        reported(town)  # newer than everything that is listed
        after = page["next"]
        if after is None:
            break
        assert f"after={after}" in answer["Link"]
    assert len(seen) == len(set(seen)) and set(seen) == made


@pytest.mark.parametrize("sort", ["due", "new", "old"])
def test_every_order_pages_through_everything(town, machine: Make, sort):
    made = {reported(town).number for _number in range(5)}
    one, seen, after = machine("read"), [], ""
    for _page in range(9):
        page = one.get("/cases", {"limit": 2, "sort": sort} | ({"after": after} if after else {})).json()
        seen += [row["number"] for row in page["items"]]
        after = page["next"]
        if not after:
            break
    assert sorted(seen) == sorted(made)


def test_the_list_takes_the_filters_of_the_desk(town, machine: Make, told):
    here, there = reported(town), reported(town, lng=IN_B[0], lat=IN_B[1], words="下水道堵了")
    one = machine("read")

    def numbers(**query: Any) -> set[str]:
        answer = one.get("/cases", query)
        assert answer.status_code == 200, answer.content
        return {row["number"] for row in answer.json()["items"]}

    assert numbers(place=town.one.pk) == {here.number}
    assert numbers(q="下水") == {there.number} and numbers(q=here.number) == {here.number}
    assert numbers(state=["reported", "closed"]) == {here.number, there.number}
    assert numbers(view="ended") == numbers(urgent="true") == numbers(channel="sheet") == set()
    assert numbers(since="2020-01-01", until="2020-01-02") == set()
    assert numbers(light="on_track") == {here.number, there.number} == numbers(view="open")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"nonsense": 1}, "LL-4221"),
        ({"limit": 0}, "LL-4221"),
        ({"limit": 9999}, "LL-4221"),
        ({"state": "lost"}, "LL-4221"),
        ({"since": "yesterday"}, "LL-4221"),
        ({"place": 2**80}, "LL-4221"),
        ({"after": "???"}, "LL-4224"),
        ({"after": "MTIz"}, "LL-4224"),
    ],
)
def test_a_list_that_nobody_can_mean_is_refused_clearly(town, machine: Make, query, code):
    answer = machine("read").get("/cases", query)
    assert answer.status_code == 422 and answer.json()["code"] == code, answer.content


def test_lists_and_cases_cost_a_fixed_number_of_queries(town, machine: Make, told, django_assert_max_num_queries):
    for _number in range(12):
        case = reported(town)
    one = machine("report", "read", "steps")
    one.get("/cases"), one.get(f"/cases/{case.number}"), one.post("/cases", told)
    with django_assert_max_num_queries(4):  # the key, the list; now and then a look at two revisions
        assert len(one.get("/cases").json()["items"]) == 13
    with django_assert_max_num_queries(4):
        one.get(f"/cases/{case.number}")
    with django_assert_max_num_queries(26):
        assert one.post("/cases", told, Idempotency_Key="q-1").status_code == 201


def test_a_case_has_an_etag_that_spares_sending_it_again(town, machine: Make):
    case, one = reported(town), machine("read", "steps")
    first = one.get(f"/cases/{case.number}")
    same = one.get(f"/cases/{case.number}", If_None_Match=first["ETag"])
    assert same.status_code == 304 and not same.content and same["ETag"] == first["ETag"]
    assert one.post(f"/cases/{case.number}/steps/note", {"note": "看过了"}).status_code == 200
    assert one.get(f"/cases/{case.number}", If_None_Match=first["ETag"]).status_code == 200


def test_names_come_in_the_language_asked_for(town, machine: Make):
    case, one = reported(town), machine("read")
    zh = one.get(f"/cases/{case.number}", Accept_Language="zh")
    en = one.get(f"/cases/{case.number}", Accept_Language="en")
    assert zh.json()["state"]["label"] == "待受理" and en.json()["state"]["label"].isascii()
    assert en["Content-Language"] == "en"
    assert one.get("/cases/none", Accept_Language="en").json()["title"] == "Nothing found"
