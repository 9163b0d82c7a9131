"""FixMyStreet's extension: a hotline follows cases by what is told of them, and feeds them with what it knows."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.doors.open311.tests.conftest import V2, read
from linli.kernel import clock
from linli.kernel.journal.models import Entry
from linli.rooms.cases.models import Case, Rating
from linli.rooms.cases.queries.public import public_case
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, reported
from linli.rooms.cases.tests.walking import walk

FORMS = pytest.mark.parametrize("form", ["xml", "json"])


def told(api, form="json", secret=None, **asked):
    headers = {"x-api-key": secret} if secret else {}
    answer = api.get(f"{V2}/servicerequestupdates.{form}", asked, headers=headers)
    assert answer.status_code == 200, answer.content
    return read(answer, form)


def tell(api, secret, case, form="json", **given):
    given = {"api_key": secret, "service_request_id": case.number, "description": "已联系施工队", **given}
    return api.post(f"{V2}/servicerequestupdates.{form}", given)


@FORMS
def test_every_public_step_is_an_update_with_the_state_it_led_to(api, town, picture, form):
    case = walk(reported(town, phone="13800000001"), town, picture, "close")
    found = told(api, form)
    assert list(found[0]) == [
        "update_id", "service_request_id", "status", "updated_datetime", "description", "media_url",
    ]  # fmt: skip
    assert {one["service_request_id"] for one in found} == {case.number}
    assert [one["status"] for one in found] == [
        "investigating", "investigating", "action_scheduled", "in_progress", "in_progress", "in_progress",
        "in_progress", "fixed",
    ]  # fmt: skip
    assert all(one["description"] and dt.datetime.fromisoformat(one["updated_datetime"]).tzinfo for one in found)
    assert found[-1]["description"] == case.public_words
    handled = found[4]
    assert api.get(handled["media_url"].removeprefix("http://testserver")).status_code == 200
    assert [one["update_id"] for one in found] == sorted((one["update_id"] for one in found), key=int)


def test_updates_are_those_of_the_time_that_was_asked_for(api, town, picture):
    walk(reported(town), town, picture, "close")
    at = clock.now()
    day = dt.timedelta(days=1)
    assert told(api, start_date=(at - day).isoformat(), end_date=(at + day).isoformat())
    assert told(api, start_date=(at + day).isoformat(), end_date=(at + 2 * day).isoformat()) == []
    assert told(api, start_date=(at - 2 * day).isoformat(), end_date=(at - day).isoformat()) == []


def test_updates_of_what_is_not_public_are_for_keys_that_may_read(api, town, picture, key):
    case = walk(reported(town, is_public=False), town, picture, "dispatch")
    waiting = reported(town)
    assert told(api) == []
    assert told(api, secret=key("read", place_id=town.two.pk)) == []
    numbers = {one["service_request_id"] for one in told(api, secret=key("read"))}
    assert numbers == {case.number} and waiting.number not in numbers


@FORMS
def test_what_a_hotline_tells_stands_with_the_case_for_everybody(api, town, picture, key, form):
    case = walk(reported(town), town, picture, "receive")
    answer = tell(api, key("steps"), case, form, update_id="77", status="IN_PROGRESS")
    assert answer.status_code == 200
    (made,) = read(answer, form)
    assert made["update_id"] in [one["update_id"] for one in told(api)], "their own update comes back under its number"
    assert told(api)[-1]["description"] == "已联系施工队" and told(api)[-1]["status"] == "in_progress"
    assert "已联系施工队" in [moment.words for moment in public_case(case.number).moments]


def test_the_same_update_twice_is_one_and_other_systems_have_their_own_numbers(api, town, picture, key):
    case = walk(reported(town), town, picture, "receive")
    secret, other = key("steps"), key("steps")
    first, again = (tell(api, secret, case, update_id="5").json() for _ in range(2))
    assert first == again
    assert tell(api, other, case, update_id="5").json() != first
    assert Entry.objects.filter(action="case.tell").count() == 2


@pytest.mark.parametrize("status", ["FIXED", "CLOSED", "DUPLICATE", "NO_FURTHER_ACTION", "OPEN", "REOPEN"])
@pytest.mark.parametrize("until", ["receive", "verify_pass", "close"])
def test_nothing_that_others_say_closes_or_opens_a_case(api, town, picture, key, until, status):
    case = walk(reported(town), town, picture, until)
    assert tell(api, key("steps"), case, status=status, description="").status_code == 200
    assert Case.objects.get(pk=case.pk).state == case.state
    assert Entry.objects.filter(action="case.tell").count() == 1 and not Rating.objects.exists()


def test_fixed_counts_as_the_reporters_word_where_the_system_itself_reported_the_closed_case(api, town, picture, key):
    secret = key("report", "steps")
    made = api.post(
        f"{V2}/requests.json",
        {"service_code": LAMP, "lat": IN_A[1], "long": IN_A[0], "description": "路灯不亮", "api_key": secret},
    ).json()
    case = walk(Case.objects.get(number=made[0]["service_request_id"]), town, picture, "close")
    assert tell(api, secret, case, status="FIXED", update_id="9").status_code == 200
    assert tell(api, secret, case, status="FIXED", update_id="9").status_code == 200
    assert tell(api, secret, case, status="FIXED", update_id="10").status_code == 200
    assert Rating.objects.get().solved == "yes"
    assert Case.objects.get(pk=case.pk).solved == "yes"


def test_only_keys_that_may_take_steps_feed_the_cases_of_their_place(api, town, picture, key):
    case = walk(reported(town), town, picture, "receive")
    assert tell(api, key("report"), case).status_code == 403
    assert tell(api, key("read"), case).status_code == 403
    assert tell(api, key("steps", place_id=town.two.pk), case).status_code == 404
    assert tell(api, key("steps"), Case(number="20200101-000001")).status_code == 404
    assert tell(api, key("steps"), case, status="gone").status_code == 400
    assert tell(api, key("steps"), case, updated_datetime="now").status_code == 400
    assert tell(api, key("steps"), case, description="长" * 4001).status_code == 400
    assert not Entry.objects.filter(action="case.tell").exists()


def test_pictures_of_an_update_are_fetched_later_and_once(api, town, picture, key):
    case = walk(reported(town), town, picture, "receive")
    secret = key("steps")
    for _ in range(2):
        assert tell(api, secret, case, update_id="6", media_url="https://fix.example/1.jpg").status_code == 200
    assert [link.url for link in case.photo_links.all()] == ["https://fix.example/1.jpg"]
    assert tell(api, secret, case, media_url="gopher://fix.example/1.jpg").status_code == 400
