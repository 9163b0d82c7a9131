"""A whistle from the first call to the last score, and every turn it may take on the way."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, picture  # noqa: F401
from linli.rooms.people.models import Unit
from linli.rooms.whistles import actions, codes
from linli.rooms.whistles.actions import sweeping
from linli.rooms.whistles.models import Call, Precedent, Score, Whistle
from linli.rooms.whistles.tests.fixtures import (
    MEETING,
    MONDAY,
    blown,
    call_of,
    come,
    given,
    problem,
    promised,
    square,  # noqa: F401
)

HOUR = dt.timedelta(hours=1)


def events(kind: str) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.filter(kind=kind).order_by("pk"))


def test_the_whole_road(square, picture):  # noqa: F811
    """Three departments come; the leading one takes the case on, the others have sub-cases; all done, all scored."""
    case = problem(square, picture, "receive")
    whistle = blown(square, case, lead=square.power.pk)
    assert (whistle.sequence, whistle.state, whistle.calls.count()) == (1, "blown", 3)
    assert {call.due_at for call in whistle.calls.all()} == {MONDAY + dt.timedelta(days=1)}  # one working day
    told = events("whistle.blown")[0].data
    called = [event.data["units"] for event in events("whistle.called")]
    assert sorted(called) == sorted([[square.lamps.pk], [square.power.pk], [square.water.pk]])
    assert (told["path"], told["number"]) == (f"/whistles/{whistle.pk}/", case.number)

    with clock.at(MONDAY + HOUR):
        actions.confirm(whistle.pk, call_of(whistle, square.water).pk, viewer=square.viewer("water_contact"))
    assert call_of(whistle, square.water).next_due_at == MEETING + dt.timedelta(minutes=15)
    water = promised(square, whistle, square.water, "疏通排水沟", 2)
    power = promised(square, whistle, square.power, "换电缆", 1)
    lamps = promised(square, whistle, square.lamps, "换灯杆", 1)
    whistle.refresh_from_db()
    assert whistle.state == "working"

    case.refresh_from_db()
    assert (case.unit_id, case.state) == (square.power.pk, "handling")  # the leading unit took it over and received it
    assert power.sub is None
    assert (water.sub.unit_id, water.sub.due_at) == (square.water.pk, MEETING + dt.timedelta(days=2))
    assert water.sub.description.startswith("疏通排水沟\n")
    assert lamps.sub.parent_id == case.pk

    with clock.at(MEETING + 3 * HOUR):
        viewer = square.viewer("power_handler")
        take(case.pk, "handle", {"words": "电缆换好", "photos": [picture(viewer)]}, viewer=viewer)
        with pytest.raises(Refused) as refused:
            take(case.pk, "confirm", {}, viewer=square.viewer("power_contact"))
        assert refused.value.code == "flow.assists_done"
        for call, name in ((water, "water"), (lamps, "lamp")):
            handler, contact = square.viewer(f"{name}_handler"), square.viewer(f"{name}_contact")
            take(call.sub_id, "receive", {}, viewer=contact)
            take(call.sub_id, "handle", {"words": "做好了", "photos": [picture(handler)]}, viewer=handler)
            take(call.sub_id, "finish_assist", {}, viewer=contact)
            sweeping.tasks_done(call.sub_id)
            sweeping.tasks_done(call.sub_id)  # delivered twice
        take(case.pk, "confirm", {}, viewer=square.viewer("power_contact"))
        sweeping.tasks_done(case.pk)
    whistle.refresh_from_db()
    assert whistle.state == "scoring"
    assert len(events("whistle.kept")) == 3

    with clock.at(MEETING + 5 * HOUR):
        for unit in (square.power, square.water, square.lamps):
            actions.score(
                whistle.pk,
                call_of(whistle, unit).pk,
                came=True,
                in_time=True,
                solved="yes" if unit == square.power else "partly",
                viewer=square.viewer("chief"),
            )
    whistle.refresh_from_db()
    assert (whistle.state, whistle.is_open) == ("ended", False)
    assert [e.data["points"] for e in events("whistle.scored")] == [100, 83, 83]
    assert Score.objects.filter(unit=square.power, solved="yes").count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"units": []}, "whistle.no_units"),
        ({"why": " "}, "whistle.why"),
        ({"at": MONDAY - HOUR}, "whistle.past"),
        ({"at": MONDAY + dt.timedelta(days=40)}, "whistle.far_off"),
        ({"lead": 0}, "whistle.lead"),
        ({"mode": "letter"}, "whistle.mode"),
        ({"place_words": "", "lng": None, "lat": None}, "whistle.place"),
        ({"units": [10**9], "lead": 10**9}, "whistle.unit_gone"),
    ],
)
def test_what_a_whistle_needs(square, changes, code):  # noqa: F811
    with pytest.raises(Refused) as refused:
        blown(square, problem(square), **changes)
    assert refused.value.code == code
    assert not Whistle.objects.exists()


def test_a_unit_in_which_nobody_answers_is_not_called(square):  # noqa: F811
    with pytest.raises(Refused) as refused:
        blown(square, problem(square), units=[square.silent.pk], lead=square.silent.pk)
    assert refused.value.code == "whistle.nobody_answers"
    assert "无人单位" in str(refused.value)


def test_who_may_blow(square):  # noqa: F811
    case = problem(square)
    for name in ("worker_a", "lamp_contact", "dispatcher", "verifier"):
        with pytest.raises((NotAllowed, NotFound)):
            blown(square, case, who=name)
    for name in ("chief_b", "cadre_b", "resident", "nobody"):
        with pytest.raises(NotFound):
            blown(square, case, who=name)
    assert blown(square, case, who="cadre_a").blown_post_name == "社区干部"
    with pytest.raises(Conflict) as conflict:
        blown(square, case)  # one at a time
    assert conflict.value.code == "whistle.runs"


def test_sent_twice_is_blown_once(square):  # noqa: F811
    case = problem(square)
    with clock.at(MONDAY):
        first = actions.blow(case.pk, given(square), viewer=square.viewer("chief"), request_key="k1")
        again = actions.blow(case.pk, given(square), viewer=square.viewer("chief"), request_key="k1")
    assert first.pk == again.pk
    assert Call.objects.count() == 3


def test_remote_answers_need_nobody_on_site(square, picture):  # noqa: F811
    case = problem(square, picture, "register")
    whistle = blown(square, case, mode="remote", units=[square.lamps.pk], at=MONDAY + 4 * HOUR)
    call = call_of(whistle, square.lamps)
    with clock.at(MONDAY + HOUR):
        with pytest.raises(Refused) as refused:
            actions.check_in_by_place(whistle.pk, call.pk, *IN_A, 5, viewer=square.viewer("lamp_contact"))
        assert refused.value.code == "flow.on_site"
        actions.promise(
            whistle.pk, call.pk, "换灯泡", MONDAY + dt.timedelta(days=1), viewer=square.viewer("lamp_contact")
        )
    case.refresh_from_db()
    assert (case.unit_id, case.state) == (square.lamps.pk, "handling")


def test_checking_in_needs_the_place_or_a_fresh_code(square):  # noqa: F811
    whistle = blown(square, problem(square))
    call, viewer = call_of(whistle, square.lamps), square.viewer("lamp_handler")
    with clock.at(MONDAY + HOUR), pytest.raises(Refused) as refused:
        actions.check_in_by_place(whistle.pk, call.pk, *IN_A, 5, viewer=viewer)
    assert refused.value.code == "flow.in_window"
    with clock.at(MEETING):
        for position, code in (((*IN_B, 20), "too_far"), ((*IN_A, 5000), "vague")):
            with pytest.raises(Refused) as refused:
                actions.check_in_by_place(whistle.pk, call.pk, *position, viewer=viewer)
            assert refused.value.code == f"whistle.{code}"
        fresh = codes.code_for(whistle.pk, MEETING)
        with pytest.raises(NotAllowed):
            actions.check_in_by_code(fresh, call.pk, viewer=square.viewer("power_contact"))
        for broken in ("nonsense", fresh + "x", codes.code_for(whistle.pk, MEETING - dt.timedelta(minutes=11))):
            with pytest.raises(Refused):
                actions.check_in_by_code(broken, call.pk, viewer=viewer)
        came = actions.check_in_by_code(fresh, call.pk, viewer=viewer)
        again = actions.check_in_by_code(fresh, call.pk, viewer=square.viewer("lamp_contact"))
    assert (came.state, came.arrived_how, again.arrived_by_id) == ("present", "qr", viewer.account_id)
    assert len(events("whistle.arrived")) == 1
    with clock.at(MEETING + HOUR):
        late = actions.vouch(
            whistle.pk, call_of(whistle, square.power).pk, "王工，手机没电", viewer=square.viewer("chief")
        )
    assert (late.came_late, late.arrived_how) == (True, "vouched")


def test_a_promise_needs_the_person_there_and_a_day_that_holds(square, picture):  # noqa: F811
    case = problem(square, picture, "receive")
    whistle = blown(square, case)
    call, viewer = call_of(whistle, square.power), square.viewer("power_contact")
    with clock.at(MEETING), pytest.raises(Refused) as refused:
        actions.promise(whistle.pk, call.pk, "换电缆", MEETING + HOUR, viewer=viewer)
    assert refused.value.code == "flow.there"
    come(square, whistle, square.power)
    with clock.at(MEETING):
        for due, code in (
            (MEETING - HOUR, "promise_past"),
            (MEETING + dt.timedelta(days=300), "promise_long"),
        ):
            with pytest.raises(Refused) as refused:
                actions.promise(whistle.pk, call.pk, "换电缆", due, viewer=viewer)
            assert refused.value.code == f"whistle.{code}"
    assert not Case.objects.filter(parent=case).exists()


def test_a_refusal_goes_to_the_dispatcher_and_stays_as_a_precedent(square, picture):  # noqa: F811
    case = problem(square, picture, "receive")
    whistle = blown(square, case, units=[square.lamps.pk, square.power.pk])
    call = call_of(whistle, square.power)
    with clock.at(MONDAY + HOUR):
        with pytest.raises(Refused):
            actions.refuse(whistle.pk, call.pk, "不归我们", square.power.pk, viewer=square.viewer("power_contact"))
        actions.refuse(whistle.pk, call.pk, "排水沟不归供电", square.water.pk, viewer=square.viewer("power_contact"))
    told = events("whistle.refused")[0].data
    assert set(told["posts"]) >= {p.id for p in square.viewer("dispatcher").posts}
    for name in ("chief", "power_contact", "lamp_contact", "supervisor"):
        with clock.at(MONDAY + 2 * HOUR), pytest.raises(NotAllowed):
            actions.decide(whistle.pk, call.pk, "stands", "同意", viewer=square.viewer(name))
    with clock.at(MONDAY + 2 * HOUR):
        kept = actions.decide(whistle.pk, call.pk, "stands", "确属排水公司", viewer=square.viewer("dispatcher"))
    call.refresh_from_db()
    assert call.state == "replaced"
    instead = call_of(whistle, square.water)
    assert (instead.state, instead.instead_of_id, instead.due_at) == (
        "called", call.pk, MONDAY + 2 * HOUR + dt.timedelta(days=1),
    )  # fmt: skip
    assert (kept.outcome, kept.unit_id, kept.refuser_id, kept.place_id) == (
        "stands", square.water.pk, square.power.pk, square.district.pk,
    )  # fmt: skip


def test_who_must_come_may_not_refuse_again(square):  # noqa: F811
    whistle = blown(square, problem(square))
    call, viewer = call_of(whistle, square.power), square.viewer("power_contact")
    with clock.at(MONDAY + HOUR):
        actions.refuse(whistle.pk, call.pk, "不归我们", square.water.pk, viewer=viewer)
    with clock.at(MONDAY + 2 * HOUR):
        actions.decide(whistle.pk, call.pk, "must_come", "电缆是你们的", viewer=square.viewer("dispatcher"))
        with pytest.raises(Refused) as refused:
            actions.refuse(whistle.pk, call.pk, "还是不归我们", square.water.pk, viewer=viewer)
    assert refused.value.code == "flow.not_decided"
    assert call_of(whistle, square.power).due_at == MONDAY + 2 * HOUR + dt.timedelta(days=1)
    assert Precedent.objects.get().outcome == "must_come"


def test_a_refused_lead_hands_the_lead_on(square):  # noqa: F811
    whistle = blown(square, problem(square))
    call = call_of(whistle, square.lamps)
    with clock.at(MONDAY + HOUR):
        actions.refuse(whistle.pk, call.pk, "不是路灯", square.power.pk, viewer=square.viewer("lamp_contact"))
        actions.decide(whistle.pk, call.pk, "stands", "归供电", viewer=square.viewer("dispatcher"))
    assert call_of(whistle, square.power).lead
    assert Call.objects.filter(whistle=whistle).count() == 3  # it had been called already


def test_reminded_then_late_once(square):  # noqa: F811
    whistle = blown(square, problem(square), units=[square.lamps.pk])
    with clock.at(MONDAY):
        assert sweeping.next_moment() == MONDAY + 8 * HOUR  # a quarter of the working day is left at 17:00
        assert sweeping.sweep() == 0
    seen = []
    for _round in range(10):
        moment = sweeping.next_moment()
        if moment is None:
            break
        with clock.at(moment):
            sweeping.sweep()
            sweeping.sweep()
            seen.append(moment)
    assert seen == sorted(set(seen))  # every run made progress
    call = call_of(whistle, square.lamps)
    assert (len(events("whistle.reminded")), len(events("whistle.overdue"))) == (1, 1)
    assert len(events("whistle.meeting_soon")) == 1
    assert (call.late_confirm_at, call.told_overdue) == (MONDAY + dt.timedelta(days=1), True)
    told = events("whistle.overdue")[0].data
    assert told["units"] == [square.lamps.pk]
    assert told["posts"][0] == whistle.blown_post_id


def test_a_broken_promise_is_late(square, picture):  # noqa: F811
    whistle = blown(square, problem(square, picture, "receive"), units=[square.lamps.pk, square.power.pk])
    promised(square, whistle, square.power, days=0.2)
    with clock.at(MEETING + dt.timedelta(days=1)):
        sweeping.sweep()
    call = call_of(whistle, square.power)
    assert call.late_task_at == call.promise_due_at


def test_a_dissolved_unit_is_followed_by_its_heir(square, picture):  # noqa: F811
    case = problem(square, picture, "receive")
    whistle = blown(square, case)
    kept = promised(square, whistle, square.water, "疏通", 2)
    day = (MEETING + dt.timedelta(days=1)).date()
    Unit.objects.filter(pk__in=[square.power.pk, square.water.pk]).update(valid_to=day, successor=square.lamps)
    Unit.objects.filter(pk=square.lamps.pk).update(valid_to=day, successor=None)
    heir = Unit.objects.create(code="U9", name_zh="市政集团", kind="enterprise", valid_from=day)
    Unit.objects.filter(pk__in=[square.power.pk, square.water.pk]).update(successor=heir)
    from linli.rooms.cases.tests.fixtures import _person

    square.accounts["heir"] = _person("heir", "unit_contact", unit=heir)
    with clock.at(MEETING + 2 * HOUR):
        moment = sweeping.next_moment()
    with clock.at(MEETING + dt.timedelta(days=1)):
        assert moment <= clock.now()
        sweeping.sweep()
        sweeping.sweep()
    states = {call.unit_id: call.state for call in Call.objects.filter(whistle=whistle)}
    assert states[square.power.pk] == states[square.lamps.pk] == states[square.water.pk] == "replaced"
    assert states[heir.pk] == "called"
    assert Call.objects.filter(whistle=whistle, unit=heir).count() == 1
    assert Case.objects.get(pk=kept.sub_id).unit_id == heir.pk  # what was promised goes with it
    assert len(events("whistle.succeeded")) == 3


def test_ending_notes_who_never_came(square):  # noqa: F811
    whistle = blown(square, problem(square))
    come(square, whistle, square.lamps)
    with clock.at(MEETING + 2 * HOUR):
        with pytest.raises(Refused) as refused:
            actions.cancel(whistle.pk, "算了", viewer=square.viewer("chief"))
        assert refused.value.code == "flow.nobody_came"
        actions.end(whistle.pk, "路灯所一家就能办", viewer=square.viewer("chief"))
        with pytest.raises(Refused):
            actions.score(
                whistle.pk,
                call_of(whistle, square.power).pk,
                came=True,
                in_time=True,
                solved="no",
                viewer=square.viewer("chief"),
            )
    states = {call.unit.name_zh: call.state for call in Call.objects.select_related("unit")}
    assert states == {"路灯所": "done", "供电所": "absent", "排水公司": "absent"}
    whistle.refresh_from_db()
    assert (whistle.state, whistle.outcome) == ("scoring", "路灯所一家就能办")


def test_cancelling_tells_everybody(square):  # noqa: F811
    whistle = blown(square, problem(square))
    with clock.at(MONDAY + HOUR):
        actions.cancel(whistle.pk, "已经自己办好", viewer=square.viewer("chief"))
    assert len(events("whistle.cancelled")[0].data["units"]) == 3
    assert not Call.objects.filter(is_open=True).exists()


def test_a_whistle_ends_with_its_case(square, picture):  # noqa: F811
    case = problem(square, picture, "confirm")
    whistle = blown(square, case)
    with clock.at(MONDAY + HOUR):
        viewer = square.viewer("verifier")
        take(case.pk, "verify_pass", {"photos": [picture(viewer)]}, viewer=viewer)
        take(case.pk, "close", {"words": "好了"}, viewer=square.viewer("dispatcher"))
        sweeping.case_ended(case.pk)
        sweeping.case_ended(case.pk)
    whistle.refresh_from_db()
    assert whistle.state == "cancelled"


def test_the_whistlers_deputy_acts_for_the_post(square):  # noqa: F811
    from linli.rooms.people.models import Account, Post

    whistle = blown(square, problem(square))
    deputy = Account.objects.create_user("deputy", name="演示代理")
    square.accounts["deputy"] = deputy
    with clock.at(MONDAY + HOUR), pytest.raises(NotFound):
        actions.cancel(whistle.pk, "代为撤销", viewer=square.viewer("deputy"))
    Post.objects.filter(pk=whistle.blown_post_id).update(deputy=deputy, deputy_from=MONDAY, deputy_to=MONDAY + 3 * HOUR)
    with clock.at(MONDAY + 4 * HOUR), pytest.raises(NotFound):
        actions.cancel(whistle.pk, "代为撤销", viewer=square.viewer("deputy"))  # the term ended at noon
    with clock.at(MONDAY + HOUR), pytest.raises(NotAllowed):
        actions.cancel(whistle.pk, "不是我吹的", viewer=square.viewer("cadre_a"))
    with clock.at(MONDAY + HOUR):
        assert actions.cancel(whistle.pk, "代为撤销", viewer=square.viewer("deputy")).state == "cancelled"
