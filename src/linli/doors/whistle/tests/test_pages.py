"""The whistle's pages, as each person meets them: what they show, what they let do, what they ask of the database."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, picture  # noqa: F401
from linli.rooms.whistles import actions, codes
from linli.rooms.whistles.models import Call, Precedent, Score, Whistle
from linli.rooms.whistles.tests.fixtures import (
    MEETING,
    MONDAY,
    blown,
    call_of,
    come,
    problem,
    promised,
    square,  # noqa: F401
)

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def enter(client, square):  # noqa: F811
    """`enter("chief", "en")`: the enter of that person, in that language."""

    def enter(name: str, language: str = "zh-hans"):
        client.logout()  # a session that has slept over the jump of the clock would lead to the sign-in
        client.force_login(square.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        client.cookies["linli_language"] = language
        return client

    return enter


@pytest.fixture
def whistle(square, picture) -> Whistle:  # noqa: F811
    return blown(square, problem(square, picture, "receive"))


def civil(moment: dt.datetime) -> str:
    return f"{moment.astimezone(CIVIL):%Y-%m-%dT%H:%M}"


def words(answer) -> str:
    return answer.content.decode()


def test_a_chief_blows_the_whistle(square, picture, enter):  # noqa: F811
    case = problem(square, picture, "receive")
    with clock.at(MONDAY):
        chief = enter("chief")
        page = chief.get(f"/whistles/blow/{case.number}/")
        assert "路灯所" in words(page)
        assert "这个事件的主办单位" in words(page)  # why it is suggested
        sent = {
            "mode": "on_site", "at": civil(MEETING), "why": "要三家一起看", "place_words": "路口",
            "lng": IN_A[0], "lat": IN_A[1], "units": [square.lamps.pk], "more": [square.water.pk],
            "lead": square.lamps.pk, "key": "a" * 32,
        }  # fmt: skip
        bad = chief.post(f"/whistles/blow/{case.number}/", {**sent, "why": "", "units": [], "more": []})
        assert bad.status_code == 422
        assert "路口" in words(bad)
        answers = [chief.post(f"/whistles/blow/{case.number}/", sent) for _twice in range(2)]
    made = Whistle.objects.get()
    assert [answer.url for answer in answers] == [f"/whistles/{made.pk}/"] * 2
    assert set(made.calls.values_list("unit_id", flat=True)) == {square.lamps.pk, square.water.pk}


def test_blowing_needs_a_lead_among_the_called(square, picture, enter):  # noqa: F811
    case = problem(square, picture, "receive")
    sent = {
        "mode": "remote",
        "at": civil(MEETING),
        "why": "要答复",
        "units": [square.lamps.pk],
        "lead": square.water.pk,
        "key": "b" * 32,
    }
    with clock.at(MONDAY):
        answer = enter("cadre_a").post(f"/whistles/blow/{case.number}/", sent)
    assert answer.status_code == 422
    assert "请在叫到的单位里选一个牵头" in words(answer)


def test_the_case_page_shows_the_whistle_and_the_button(square, whistle, enter, django_assert_max_num_queries):  # noqa: F811
    with clock.at(MONDAY + HOUR):
        page = words(enter("chief").get(f"/desk/cases/{whistle.case.number}/"))
        assert f"/whistles/{whistle.pk}/" in page
        assert "排水公司" in page
        assert f"/whistles/blow/{whistle.case.number}/" not in page  # one at a time
        actions.cancel(whistle.pk, "不用了", viewer=square.viewer("chief"))
        assert f"/whistles/blow/{whistle.case.number}/" in words(
            enter("chief").get(f"/desk/cases/{whistle.case.number}/")
        )
        assert f"/whistles/blow/{whistle.case.number}/" not in words(
            enter("lamp_contact").get(f"/desk/cases/{whistle.case.number}/")
        )


def test_a_called_unit_answers_step_by_step(square, whistle, enter):  # noqa: F811
    call = call_of(whistle, square.water)
    root = f"/whistles/{whistle.pk}/calls/{call.pk}"
    contact = enter("water_contact")
    with clock.at(MONDAY + HOUR):
        assert "排水公司" in words(contact.get("/whistles/"))  # what waits is what opens
        assert contact.post(f"{root}/confirm/", {"key": "c1"}).url == f"/whistles/{whistle.pk}/"
        early = contact.post(f"{root}/here/", {"lng": IN_A[0], "lat": IN_A[1], "accuracy": 10})
        assert (early.status_code, "集合前 2 小时" in words(early)) == (422, True)
    with clock.at(MEETING):
        contact = enter("water_contact")
        far = contact.post(f"{root}/here/", {"lng": IN_B[0], "lat": IN_B[1], "accuracy": 10})
        assert (far.status_code, "您离集合点还有约" in words(far)) == (422, True)
        nowhere = contact.post(f"{root}/here/", {"lng": "", "lat": "", "accuracy": ""})
        assert "手机没有给出位置" in words(nowhere)
        contact.post(f"{root}/here/", {"lng": IN_A[0], "lat": IN_A[1], "accuracy": 10, "key": "k"})
        bad = contact.post(f"{root}/promise/", {"task": "疏通排水沟", "due": civil(MEETING - HOUR), "key": "p"})
        assert (bad.status_code, "疏通排水沟" in words(bad)) == (422, True)  # what was typed is still there
        contact.post(f"{root}/promise/", {"task": "疏通排水沟", "due": civil(MEETING + 30 * HOUR), "key": "p2"})
    call.refresh_from_db()
    assert (call.state, call.arrived_how, call.sub.unit_id) == ("promised", "place", square.water.pk)


def test_scanning_the_code_checks_in_with_one_press(square, whistle, enter):  # noqa: F811
    with clock.at(MEETING):
        screen = enter("chief").get(f"/whistles/{whistle.pk}/screen/")
        assert "ll-qr" in words(screen)
        path = f"/whistles/here/{codes.code_for(whistle.pk, MEETING)}/"
        handler = enter("water_handler")
        assert "我到了，签到" in words(handler.get(path))
        assert call_of(whistle, square.water).state == "called"  # looking changes nothing
        call = call_of(whistle, square.water)
        assert handler.post(path, {"call": call.pk, "key": "q"}).status_code == 302
        assert "签到" in words(handler.get(path))
        assert handler.post(path, {"call": call_of(whistle, square.lamps).pk}).status_code == 403
        assert enter("verifier").get(path).status_code == 200
        assert enter("worker_b").get(path).status_code == 404
        stale = f"/whistles/here/{codes.code_for(whistle.pk, MEETING - HOUR)}/"
        assert (enter("water_handler").get(stale).status_code, call_of(whistle, square.water).state) == (
            422, "present",
        )  # fmt: skip


def test_only_the_whistler_has_the_screen(square, whistle, enter):  # noqa: F811
    assert enter("dispatcher").get(f"/whistles/{whistle.pk}/screen/").status_code == 404
    assert enter("lamp_contact").get(f"/whistles/{whistle.pk}/screen/").status_code == 404


def test_a_refusal_is_decided_beside_earlier_precedents(square, whistle, enter, picture):  # noqa: F811
    call = call_of(whistle, square.power)
    with clock.at(MONDAY + HOUR):
        contact = enter("power_contact")
        path = f"/whistles/{whistle.pk}/calls/{call.pk}/refuse/"
        bad = contact.post(path, {"words": "不归我们管", "unit": "", "unit_text": "不存在的单位", "key": "r"})
        assert (bad.status_code, "不归我们管" in words(bad)) == (422, True)
        contact.post(path, {"words": "不归我们管", "unit": square.silent.pk, "key": "r2"})
        dispatcher = enter("dispatcher")
        assert "供电所" in words(dispatcher.get("/whistles/"))
        path = f"/whistles/{whistle.pk}/calls/{call.pk}/decide/"
        assert "同类事项还没有裁定过" in words(dispatcher.get(path))
        sent = {"outcome": "stands", "unit": square.silent.pk, "words": "同意", "place": square.one.pk, "key": "d"}
        silent = dispatcher.post(path, sent)
        assert (silent.status_code, "没有在任的联络员" in words(silent)) == (422, True)
        done = dispatcher.post(path, {**sent, "unit": square.water.pk, "words": "确属排水公司", "key": "d2"})
        assert done.status_code == 302
        kept = Precedent.objects.get()
        assert (kept.place_id, kept.unit_id) == (square.one.pk, square.water.pk)
        assert "确属排水公司" in words(dispatcher.get("/whistles/precedents/"))
        assert "确属排水公司" in words(enter("system").get("/whistles/precedents/?matter=M01"))
        assert "最近的推诿裁定" in words(enter("system").get("/admin/matrix/"))
        assert "确属排水公司" not in words(enter("cadre_b").get("/whistles/precedents/"))
        # The next case of the matter is told of it.
        other = problem(square, picture, "receive", MONDAY + 2 * HOUR)
        page = words(enter("chief").get(f"/whistles/blow/{other.number}/"))
        assert "裁定归它，不归供电所" in page


def test_scoring_one_after_the_other(square, whistle, enter):  # noqa: F811
    come(square, whistle, square.lamps)
    with clock.at(MEETING + HOUR):
        chief = enter("chief")
        chief.post(f"/whistles/{whistle.pk}/end/", {"words": "当场办好", "key": "e"})
        for call in Call.objects.filter(whistle=whistle):
            path = f"/whistles/{whistle.pk}/calls/{call.pk}/score/"
            assert "及时" in words(chief.get(path))
            came = call.state == "done"
            sent = {"came": "yes" if came else "no", "in_time": "yes" if came else "no", "solved": "yes", "key": "s"}
            assert chief.post(path, sent).status_code == 302
            assert chief.post(path, sent).status_code == 302  # sent twice
    assert Score.objects.count() == 3
    assert Whistle.objects.get().state == "ended"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_for_everybody_it_is_for(square, whistle, enter, language):  # noqa: F811
    promised(square, whistle, square.lamps)
    call, root = call_of(whistle, square.water), f"/whistles/{whistle.pk}"
    pages = {
        "chief": ["/whistles/", f"{root}/", f"{root}/call/", f"{root}/move/"],
        "water_contact": ["/whistles/?view=all&late=1", f"{root}/calls/{call.pk}/refuse/"],
        "water_handler": [f"{root}/", f"{root}/calls/{call.pk}/here/", "/whistles/?q=路灯"],
        "leader": ["/whistles/", f"{root}/"],
        "system": ["/whistles/precedents/", "/whistles/limits/"],
    }  # fmt: skip
    with clock.at(MEETING + HOUR):
        for name, paths in pages.items():
            for path in paths:
                answer = enter(name, language).get(path)
                assert answer.status_code == 200, (name, path)
                if language == "en":
                    assert "吹哨报到" not in words(answer), path


def test_lists_are_empty_with_guidance(square, enter):  # noqa: F811
    assert "没有等您单位报到的" in words(enter("lamp_contact").get("/whistles/?view=answer"))
    assert "没有等您裁定的" in words(enter("dispatcher").get("/whistles/?view=decide"))
    assert "还没有吹过哨" in words(enter("chief").get("/whistles/?view=blown"))
    assert "没有符合条件的吹哨" in words(enter("chief").get("/whistles/?view=all&q=nothing"))
    assert "还没有先例" in words(enter("dispatcher").get("/whistles/precedents/"))


def test_limits_are_the_operators(square, enter):  # noqa: F811
    operator = enter("system")
    bad = operator.post("/whistles/limits/", {"general": "很快", "urgent": "1工作时"})
    assert bad.status_code == 422
    assert operator.post("/whistles/limits/", {"general": "2个工作日", "urgent": "1工作时"}).status_code == 302
    assert call_of(blown(square, problem(square)), square.lamps).due_at == MONDAY + dt.timedelta(days=2)
    assert enter("dispatcher").get("/whistles/limits/").status_code == 403


@pytest.mark.parametrize(
    ("name", "path", "most"), [("chief", "/whistles/", 14), ("lamp_contact", "/whistles/", 14), ("chief", "{page}", 14)]
)
def test_pages_ask_little(square, whistle, enter, django_assert_max_num_queries, name, path, most):  # noqa: F811
    person = enter(name)
    path = path.format(page=f"/whistles/{whistle.pk}/")
    with clock.at(MONDAY + HOUR):
        person.get(path)
        with django_assert_max_num_queries(most):
            person.get(path)
