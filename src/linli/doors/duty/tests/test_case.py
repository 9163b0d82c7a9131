"""The ladder on the page of a case, and the forms that move it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from linli.kernel import clock
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.ladder.actions import climb
from linli.rooms.ladder.models import Stay
from linli.rooms.ladder.tests.rungs import MONDAY, codes, dispatched, run_to, standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def address(case: Case, name: str) -> str:
    return reverse(f"duty:{name}", args=[case.number])


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def given(case: Case, **more) -> dict[str, object]:
    return {"version": fresh(case).version, "key": "key-of-the-form", **more}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_panel_stands_at_the_desk_and_on_the_phone_and_costs_two_questions(enter, laddered, language):
    case = laddered.case
    for name, page in (("dispatcher", "desk:case"), ("cadre_a", "desk:case"), ("worker_a", "field:case")):
        client = enter(name, language)
        client.get(reverse(page, args=[case.number]))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = client.get(reverse(page, args=[case.number]))
        html = answer.content.decode()
        assert answer.status_code == 200 and "duty-panel" in html
        assert ("社区自办" in html) == (language == "zh-hans")
        assert sum("ladder_" in query["sql"] for query in asked.captured_queries) == 2
        if language == "en":
            panel = html[html.index("duty-panel") : html.index("duty-stays")]
            assert "层" not in panel


def test_buttons_are_those_that_the_actions_take(enter, laddered):
    def buttons(name: str) -> set[str]:
        page = "field:case" if name in ("worker_a", "head") else "desk:case"
        html = enter(name).get(reverse(page, args=[laddered.case.number])).content.decode()
        return {step for step in ("receive", "climb", "assign") if address(laddered.case, step) in html}

    assert buttons("cadre_a") == {"climb"}  # it bears, it may not assign; the unit's own step is the receipt
    assert buttons("chief") == {"climb", "assign"}  # it may jump and assigns from above
    assert buttons("leader") == {"climb", "assign"}
    assert (
        buttons("lamp_contact") == set()
        or enter("lamp_contact").get(reverse("desk:case", args=[laddered.case.number])).status_code == 404
    )
    assert buttons("worker_a") == {"climb"}  # a worker of the committee
    take(laddered.case.pk, "receive", {}, viewer=laddered.viewer("cadre_a"))
    climb(laddered.case.pk, laddered.viewer("chief"), "会商过", "要网格长牵头", to_level=3)
    assert buttons("chief") == {"receive", "climb", "assign"}


def test_a_duty_is_received_once_however_often_the_button_is_pressed(enter, laddered):
    client = enter("cadre_a")
    back = "/desk/?view=open"
    for _ in range(2):
        answer = client.post(address(laddered.case, "receive"), {"key": "k1", "next": back})
        assert (answer.status_code, answer["Location"]) == (302, back)
    stay = standing(laddered.case)
    assert stay.received_at == clock.now() and stay.received_by == laddered.accounts["cadre_a"]
    assert fresh(laddered.case).state == "handling"
    assert enter("dispatcher").post(address(laddered.case, "receive"), {"key": "k2"}).status_code == 403


def test_a_case_is_passed_up_with_what_was_tried(enter, laddered):
    client = enter("cadre_a")
    form = client.get(address(laddered.case, "climb"))
    assert form.status_code == 200 and 'name="tried"' in form.content.decode()
    poor = client.post(address(laddered.case, "climb"), given(laddered.case, tried="上门看过两次", why=""))
    assert poor.status_code == 422 and "上门看过两次" in poor.content.decode() and codes(laddered.case) == ["community"]
    answer = client.post(
        address(laddered.case, "climb"), given(laddered.case, tried="上门看过两次", why="没有高空作业车", next="/desk/")
    )
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    first, second = Stay.objects.filter(case=laddered.case).order_by("sequence")
    assert (first.tried, first.why, second.tier_code) == ("上门看过两次", "没有高空作业车", "unit")
    again = client.post(address(laddered.case, "climb"), given(laddered.case, tried="上门看过两次", why="没有车"))
    assert again.status_code in (302, 403) and len(codes(laddered.case)) == 2
    html = enter("dispatcher").get(reverse("desk:case", args=[laddered.case.number])).content.decode()
    assert "没有高空作业车" in html and "责任单位承办" in html


def test_who_may_jump_chooses_how_far(enter, laddered):
    client = enter("chief")
    html = client.get(address(laddered.case, "climb")).content.decode()
    assert 'type="radio"' in html and "领导小组交办" in html
    answer = client.post(
        address(laddered.case, "climb"), given(laddered.case, tried="会商过", why="要区里定", to_level="3")
    )
    assert answer.status_code == 302 and codes(laddered.case) == ["community", "chief"]
    assert (
        client.post(
            address(laddered.case, "climb"), given(laddered.case, tried="x", why="y", to_level="99")
        ).status_code
        == 422
    )


def test_a_case_is_assigned_down_to_somebody_with_words_and_a_limit(enter, laddered):
    run_to(MONDAY, MONDAY + dt.timedelta(days=14))
    with clock.at(MONDAY + dt.timedelta(days=14)):
        case = laddered.case
        client = enter("leader")
        html = client.get(address(case, "assign")).content.decode()
        assert "网格长 演示chief" in html and "路灯所" in html  # posts here, units for browsers without scripts
        empty = client.post(address(case, "assign"), given(case, to_level="2", words="", limit="三天之内"))
        assert empty.status_code == 422 and "三天之内" in empty.content.decode()
        wrong = client.post(address(case, "assign"), given(case, to_level="2", words="三天修好", limit="很快"))
        assert wrong.status_code == 422 and "很快" in wrong.content.decode()
        unknown = client.post(address(case, "assign"), given(case, to_level="2", words="修好", unit_id="水利局"))
        assert unknown.status_code == 422 and "水利局" in unknown.content.decode()
        answer = client.post(
            address(case, "assign"),
            given(case, to_level="2", words="三天修好", limit="3工作日", unit_id=laddered.power.pk),
        )
        assert answer.status_code == 302
        stay = standing(case)
        assert (stay.unit, str(stay.limit), stay.words) == (laddered.power, "3个工作日", "三天修好")
        assert client.post(address(case, "assign"), given(case, to_level="9", words="x")).status_code == 422


def test_the_second_of_two_people_hears_what_changed_and_keeps_the_words(enter, laddered):
    case = laddered.case
    old = given(case, tried="打过三次电话", why="没有人接")
    assert enter("cadre_a").post(address(case, "receive"), {"key": "k"}).status_code == 302
    answer = enter("worker_a").post(address(case, "climb"), old)
    html = answer.content.decode()
    assert answer.status_code == 409 and "打过三次电话" in html and "演示cadre_a" in html
    assert f'value="{fresh(case).version}"' in html
    ready = enter("worker_a").post(address(case, "climb"), {**old, "version": fresh(case).version})
    assert ready.status_code == 302 and codes(case) == ["community", "unit"]


def test_a_form_in_place_answers_with_a_fragment_and_leads_back(enter, laddered):
    client = enter("cadre_a")
    htmx = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": f"http://testserver/desk/?case={laddered.case.number}"}
    list_open = {**htmx, "HTTP_HX_CURRENT_URL": "http://testserver/desk/?view=open"}
    drawer = client.get(reverse("desk:case", args=[laddered.case.number]), **list_open).content.decode()
    assert f"next=/desk/%3Fview%3Dopen%26case%3D{laddered.case.number}" in drawer
    fragment = client.get(address(laddered.case, "climb"), **htmx).content.decode()
    assert "<html" not in fragment and "data-step-close" in fragment
    answer = client.post(address(laddered.case, "climb"), given(laddered.case, tried="试过", why="没成"), **htmx)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/desk/?case={laddered.case.number}")


def test_strangers_and_others_find_nothing(client, enter, laddered):
    for name in ("climb", "assign"):
        assert client.get(address(laddered.case, name)).status_code in (302, 404)
        assert enter("worker_b").get(address(laddered.case, name)).status_code == 404
        client.logout()
    answer = enter("clerk").get(address(laddered.case, "climb"))
    assert answer.status_code == 200 and "data-step-send" not in answer.content.decode()
    assert (
        enter("clerk").post(address(laddered.case, "climb"), given(laddered.case, tried="a", why="b")).status_code
        == 403
    )


def test_a_case_on_no_ladder_shows_none(enter, town):
    case = dispatched(town)
    assert "duty-panel" not in enter("dispatcher").get(reverse("desk:case", args=[case.number])).content.decode()
    assert enter("dispatcher").get(address(case, "climb")).status_code == 403
