"""The forms of steps: every step of the flow shows one, refuses with the reason in place, and loses nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from linli.kernel import clock
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.flow import FLOW, NOT_BY_HAND
from linli.rooms.cases.tests.fixtures import LAMP, reported
from linli.rooms.cases.tests.walking import ROAD, given_for, walk

pytestmark = pytest.mark.django_db
STAFF = [step for step in FLOW.steps if step.who != "reporter" and step.code not in NOT_BY_HAND]
# The last step of the straight road that leads into a state.
INTO = {"reported": "", "accepted": "accept", "registered": "register", "dispatched": "dispatch", "handling": "receive",
        "confirming": "handle", "verifying": "confirm", "closing": "verify_pass", "closed": "close"}  # fmt: skip
WHO = {"case.accept": "dispatcher", "case.check": "worker_a", "case.register": "dispatcher",
       "case.dispatch": "dispatcher", "case.receive": "lamp_contact", "case.handle": "lamp_handler",
       "case.confirm": "lamp_contact", "case.verify": "verifier", "case.close": "dispatcher", "case.merge": "clerk",
       "case.approve": "leader", "case.publish": "clerk", "case.note": "dispatcher", "case.mark": "clerk"}  # fmt: skip


def sign_in(client, town, name, language="zh-hans"):
    client.force_login(town.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["linli_language"] = language
    return client


def case_in(state, town, picture):
    case = reported(town)
    if state == "checking":
        return take(case.pk, "request_check", {}, viewer=town.viewer("clerk"))
    if state == "suspended":
        case = walk(case, town, picture, "receive")
        return take(case.pk, "suspend", {"until": next_month(), "words": "等材料"}, viewer=town.viewer("leader"))
    return walk(case, town, picture, INTO[state]) if INTO.get(state) else case


def next_month():
    return (clock.now() + dt.timedelta(days=30)).date().isoformat()


def form_of(case, step):
    return reverse("common:step", args=[case.number, step])


@pytest.mark.parametrize("step", STAFF, ids=lambda step: step.code)
def test_every_step_shows_its_form(client, town, picture, step, django_assert_max_num_queries):
    state = next((s for s in step.from_states if s in INTO or s == "checking"), "suspended")
    case = case_in(state, town, picture)
    for language in ("zh-hans", "en"):
        sign_in(client, town, WHO[step.who], language)
        whole = client.get(form_of(case, step.code))
        with django_assert_max_num_queries(9):
            part = client.get(form_of(case, step.code), headers={"HX-Request": "true"})
        assert whole.status_code == part.status_code == 200
        assert "<html" in whole.content.decode() and "<html" not in part.content.decode()
        shown = part.content.decode()
        if "hx-post" in shown:
            assert all(f'"{need.name}' in shown or need.kind == "rule" for need in step.needs)
        else:
            assert "ll-note" in shown  # why not


def test_the_straight_road_is_walked_by_forms_alone(client, town, picture):
    case = reported(town)
    for step, name in ROAD:
        given = given_for(step, town, picture, town.viewer(name))
        sign_in(client, town, name)
        sent = {"version": case.version, "key": f"key-{step}", **{k: v for k, v in given.items() if k != "photos"}}
        if "photos" in given:
            sent["photo_ids"] = given["photos"]
        answer = client.post(form_of(case, step), sent)
        assert answer.status_code == 302, (step, answer.content.decode()[-3000:])
        case.refresh_from_db()
    assert case.state == "closed" and case.photo_count == 2


def test_a_missing_field_is_named_and_the_rest_stays(client, town, picture):
    case = walk(reported(town), town, picture, "receive")
    sign_in(client, town, "lamp_handler")
    answer = client.post(form_of(case, "handle"), {"version": case.version, "key": "k", "words": "换了灯泡"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "换了灯泡" in page and "处置后照片" in page


def test_photos_chosen_before_an_error_are_still_there(client, town, picture):
    case = walk(reported(town), town, picture, "receive")
    uid = picture(town.viewer("lamp_handler"))
    sign_in(client, town, "lamp_handler")
    answer = client.post(form_of(case, "handle"), {"version": case.version, "key": "k", "photo_ids": uid})
    assert answer.status_code == 422 and uid in answer.content.decode()


def test_an_item_typed_but_not_chosen_is_found_or_said_to_be_unknown(client, town):
    case = reported(town)
    sign_in(client, town, "clerk")
    answer = client.post(
        form_of(case, "accept"), {"version": case.version, "key": "k", "item": "", "item_text": "不存在的事"}
    )
    assert answer.status_code == 422 and "不存在的事" in answer.content.decode()


def test_somebody_was_quicker_and_the_form_is_ready_again(client, town):
    case = reported(town)
    take(case.pk, "note", {"note": "先打个电话"}, viewer=town.viewer("dispatcher"))
    sign_in(client, town, "clerk")
    sent = {"version": case.version, "key": "k", "words": "不归我们管", "whose": "请找水务公司"}
    answer = client.post(form_of(case, "refuse"), sent)
    page = answer.content.decode()
    case.refresh_from_db()
    assert answer.status_code == 409 and "不归我们管" in page and "备注" in page and f'value="{case.version}"' in page
    assert client.post(form_of(case, "refuse"), {**sent, "version": case.version}).status_code == 302


def test_a_step_that_is_no_longer_possible_says_what_is_and_gives_the_words_back(client, town, picture):
    case = reported(town)
    version = case.version
    walk(case, town, picture, "register")
    sign_in(client, town, "dispatcher")
    answer = client.post(
        form_of(case, "refuse"), {"version": version, "key": "k", "words": "写了很久的理由", "whose": "x"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409 and "写了很久的理由" in page and "派遣" in page and "待派遣" in page


@pytest.mark.parametrize("step", ["nonsense", "report", "join", "rate", "withdraw"])
def test_what_is_no_step_of_staff_does_not_exist(client, town, step):
    case = reported(town)
    sign_in(client, town, "dispatcher")
    assert client.get(form_of(case, step)).status_code == 404


def test_a_strangers_case_has_no_forms(client, town):
    case = reported(town)
    sign_in(client, town, "cadre_b")
    assert client.get(form_of(case, "check")).status_code == 404
    assert client.post(form_of(case, "check"), {}).status_code == 404


def test_it_goes_on_only_inside_the_house(client, town):
    case = reported(town)
    sign_in(client, town, "clerk")
    sent = {"version": case.version, "key": "k", "note": "x", "next": "https://elsewhere.example/"}
    assert client.post(form_of(case, "note"), sent)["Location"] == reverse("desk:case", args=[case.number])


def test_from_a_fragment_it_goes_on_by_htmx(client, town):
    case = reported(town)
    sign_in(client, town, "clerk")
    answer = client.post(
        form_of(case, "note"),
        {"version": case.version, "key": "k", "note": "x", "next": "/desk/?case=1"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 204 and answer["HX-Redirect"] == "/desk/?case=1"


def test_the_item_of_the_form_is_the_guess_for_the_words(client, town):
    case = reported(town)
    sign_in(client, town, "clerk")
    assert f'value="{LAMP}"' in client.get(form_of(case, "accept")).content.decode()
