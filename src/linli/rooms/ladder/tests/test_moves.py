"""Cases climb by decision and by the clock, come down by assignment, and every stay says what happened."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.tests.examples import civil, shown
from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.kernel.journal import queries as stories
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.ladder.actions import assign_down, climb, receive
from linli.rooms.ladder.queries import standing as where
from linli.rooms.ladder.queries import story, tier_counts
from linli.rooms.ladder.tests.rungs import MONDAY, codes, dispatched, person, run_to, standing, stays, step, with_ladder

pytestmark = pytest.mark.django_db
LATER = MONDAY + dt.timedelta(hours=2)


def test_a_case_enters_where_it_was_given_to_and_nobody_else_hears(town):
    with_ladder(town)
    case = dispatched(town)
    stay = standing(case)
    assert (stay.tier_code, stay.unit_id, stay.how) == ("community", town.committee.pk, "entered")
    assert shown(stay.entered_at) == "2026-03-02 09:00" and shown(stay.due_at) == "2026-03-04 09:00"
    straight = standing(dispatched(town, town.lamps))
    assert straight.tier_code == "unit" and straight.level == 2
    assert standing(dispatched(town, town.power)).tier_code == "unit"  # not whom the matrix names, but a department


def test_a_case_nobody_settles_climbs_to_the_top_and_stays_there_overdue(town):
    with_ladder(town)
    case = dispatched(town)
    done = run_to(MONDAY, civil("2026-06-01 09:00"))
    assert codes(case) == ["community", "unit", "chief", "group"]
    low, unit, chief, group = stays(case)
    assert [s.outcome for s in (low, unit, chief, group)] == ["swept", "swept", "swept", ""]
    assert low.left_at == low.due_at == unit.entered_at and low.days == 2.0 and unit.days == 5.0
    assert unit.unit_id == town.lamps.pk and chief.post_id == town.chief.pk and group.post.kind.code == "leader"
    assert all(s.warned_at is not None and s.warned_at < s.due_at and s.reminded_at for s in stays(case))
    assert group.overdue_at == group.due_at and len([1 for _at, work in done if work == "ladder.sweep"]) == 4
    case = Case.objects.get(pk=case.pk)
    assert case.unit_id == town.lamps.pk and case.state == "dispatched" and case.owner_post_id == group.post_id
    assert -town.lamps.pk in case.tokens and case.major
    kinds = list(OutboxEvent.objects.filter(kind__startswith="duty.").order_by("id").values_list("kind", flat=True))
    assert kinds.count("duty.swept") == 3 and kinds.count("duty.overdue") == 1 and kinds.count("duty.warned") == 4
    assert [leg.light for leg in story(case.pk)] == ["done", "done", "done", "overdue"]


def test_the_handling_deadline_of_the_rule_does_not_start_again(town):
    with_ladder(town)
    case = dispatched(town)
    due = case.due_at
    run_to(MONDAY, civil("2026-03-20 09:00"))
    assert Case.objects.get(pk=case.pk).due_at == due


def test_the_bearer_passes_it_up_with_what_was_tried(town):
    with_ladder(town)
    case = dispatched(town)
    with clock.at(LATER):
        for missing in ({"tried": " ", "why": "没有登高车"}, {"tried": "上门看过", "why": ""}):
            with pytest.raises(Refused) as refused:
                climb(case.pk, town.viewer("cadre_a"), **missing)
            assert refused.value.field in ("tried", "why")
        up = climb(case.pk, town.viewer("cadre_a"), "上门看过两次", "社区没有登高车", request_key="k1")
        again = climb(case.pk, town.viewer("cadre_a"), "上门看过两次", "社区没有登高车", request_key="k1")
    assert up.pk == again.pk and up.tier_code == "unit" and up.unit_id == town.lamps.pk
    first = stays(case)[0]
    assert (first.outcome, first.tried, first.why) == ("climbed", "上门看过两次", "社区没有登高车")
    case = Case.objects.get(pk=case.pk)
    assert case.state == "dispatched" and case.unit_id == town.lamps.pk
    entry = stories.of("case", case.pk)[-1]
    assert entry.action == "case.hand_over" and "登高车" in entry.note and entry.after["tier"] == "unit"
    told = OutboxEvent.objects.filter(kind="duty.climbed").get().data
    assert set(told["units"]) == {town.committee.pk, town.lamps.pk} and told["number"] == case.number


@pytest.mark.parametrize(
    "who", ["cadre_b", "worker_b", "lamp_contact", "verifier", "clerk", "resident", "nobody", "system"]
)
def test_others_cannot_pass_it_up(town, who):
    with_ladder(town)
    case = dispatched(town)
    with clock.at(LATER), pytest.raises(NotAllowed):
        climb(case.pk, town.viewer(who), "看过", "不行")
    with clock.at(LATER), pytest.raises(NotAllowed):
        receive(case.pk, town.viewer(who))
    assert codes(case) == ["community"]


def test_only_whom_the_tier_lets_may_jump(town):
    with_ladder(town)
    case = dispatched(town)
    with clock.at(LATER):
        with pytest.raises(Refused) as refused:
            climb(case.pk, town.viewer("cadre_a"), "看过", "不行", to_level=3)
        assert refused.value.code == "ladder.no_jump"
        with pytest.raises(Refused):
            climb(case.pk, town.viewer("chief"), "看过", "不行", to_level=7)
        jumped = climb(case.pk, town.viewer("chief"), "看过", "牵涉三个部门", to_level=4)
    assert jumped.tier_code == "group" and codes(case) == ["community", "group"]
    assert Case.objects.get(pk=case.pk).unit_id == town.committee.pk  # a post bears it, the unit stays lead
    with clock.at(LATER), pytest.raises(Refused) as refused:
        climb(case.pk, town.viewer("leader"), "开过会", "没有上级了")
    assert refused.value.code == "ladder.top"


def test_a_stale_page_is_told_what_changed(town):
    with_ladder(town)
    case = dispatched(town)
    with clock.at(LATER):
        climb(case.pk, town.viewer("cadre_a"), "看过", "不行", version=case.version)
        with pytest.raises(Conflict) as conflict:
            climb(case.pk, town.viewer("chief"), "看过", "不行", version=case.version)
    assert conflict.value.changes and conflict.value.typed["tried"] == "看过"


def test_it_comes_down_by_assignment_with_a_limit_of_its_own(town):
    with_ladder(town)
    case = dispatched(town)
    with clock.at(LATER):
        climb(case.pk, town.viewer("chief"), "看过", "牵涉部门多", to_level=4)
        with pytest.raises(NotAllowed):
            assign_down(case.pk, town.viewer("chief"), 2, "请办")
        with pytest.raises(NotAllowed):
            assign_down(case.pk, town.viewer("cadre_a"), 2, "请办")
        with pytest.raises(Refused):
            assign_down(case.pk, town.viewer("leader"), 2, " ")
        down = assign_down(
            case.pk, town.viewer("leader"), 2, "供电所牵头，三日内恢复", unit_id=town.power.pk,
            limit=TimeLimit(3, "calendar_days"), request_key="down",
        )  # fmt: skip
    assert (down.tier_code, down.unit_id, down.words) == ("unit", town.power.pk, "供电所牵头，三日内恢复")
    assert down.due_at == LATER + dt.timedelta(days=3) and down.limit == TimeLimit(3, "calendar_days")
    assert stays(case)[-2].outcome == "assigned"
    case = Case.objects.get(pk=case.pk)
    assert case.unit_id == town.power.pk and case.state == "dispatched" and case.owner_post_id is None
    # its receipt is the unit's own step too, and the other way round
    with clock.at(LATER + dt.timedelta(hours=1)):
        got = receive(case.pk, town.viewer("power_contact"))
        assert receive(case.pk, town.viewer("power_contact")).received_at == got.received_at
    assert Case.objects.get(pk=case.pk).state == "handling" and standing(case).received_at is not None
    told = OutboxEvent.objects.get(kind="duty.received").data
    assert told["accounts"] == [town.accounts["leader"].pk] and not told["late"]


def test_the_units_own_step_is_its_receipt(town):
    with_ladder(town)
    case = step(town, dispatched(town), "receive", "cadre_a", LATER)
    stay = standing(case)
    assert stay.received_at == LATER and stay.received_by_id == town.accounts["cadre_a"].pk


def test_everyday_matters_begin_with_the_building_head(town):
    with_ladder(town, everyday=["M01"])
    none = standing(dispatched(town))
    assert none.tier_code == "community" and none.skipped == [{"code": "doorstep", "why": "vacant"}]
    head = person(town, "head", "building_head", place=town.grid_a)
    case = dispatched(town)
    stay = standing(case)
    assert (stay.tier_code, stay.level, stay.how, stay.post_id) == ("doorstep", 0, "everyday", head.pk)
    case = Case.objects.get(pk=case.pk)
    assert case.owner_post_id == head.pk and case.unit_id == town.committee.pk and case.state == "dispatched"
    assert standing(dispatched(town, town.lamps)).tier_code == "unit"  # straight to a department
    with clock.at(LATER):
        receive(case.pk, town.viewer("head"))
        up = climb(case.pk, town.viewer("head"), "上门劝过，人不在", "")
    assert up.tier_code == "community" and up.unit_id == town.committee.pk


def test_without_a_chief_it_goes_to_the_next_one_above(town):
    with_ladder(town)
    town.chief.delete()
    case = dispatched(town, town.lamps)
    with clock.at(LATER):
        up = climb(case.pk, town.viewer("lamp_contact"), "看过", "要改线路")
    assert up.tier_code == "group" and up.skipped == [{"code": "chief", "why": "vacant"}]
    assert story(case.pk)[-1].skipped == ("网格长联办",)


def test_a_tier_whose_unit_has_it_already_is_passed_by(town):
    with_ladder(town)
    case = dispatched(town, town.committee_two, lng=113.125, lat=27.605)
    Case.objects.filter(pk=case.pk).update(matter_class="M06", item=None)
    with clock.at(LATER):
        up = climb(case.pk, town.viewer("cadre_b"), "清过", "又堆上了")
    assert up.skipped[0] == {"code": "unit", "why": "same"} and up.tier_code == "group"


def test_the_clock_stands_while_suspended_and_while_being_checked(town, picture):
    with_ladder(town)
    case = step(town, dispatched(town, town.lamps), "receive", "lamp_contact", LATER)
    due = standing(case).due_at  # Monday 9th
    case = step(town, case, "suspend", "leader", MONDAY + dt.timedelta(days=1), until="2026-03-06", words="等材料")
    assert standing(case).stands and where(case.pk).leg.light == "suspended"
    with clock.at(MONDAY + dt.timedelta(days=1)), pytest.raises(Refused):
        climb(case.pk, town.viewer("lamp_contact"), "看过", "不行")
    run_to(MONDAY + dt.timedelta(days=1), civil("2026-03-06 08:30"))
    stay = standing(case)
    assert not stay.stands and shown(due) == "2026-03-09 09:00" and shown(stay.due_at) == "2026-03-11 18:00"
    handler, contact = town.viewer("lamp_handler"), town.viewer("lamp_contact")
    at = civil("2026-03-10 09:00")
    with clock.at(at):
        take(case.pk, "handle", {"words": "换了", "photos": [picture(handler)]}, viewer=handler)
        take(case.pk, "confirm", {}, viewer=contact)
    # the event is still on its way: the sweep sees by itself that the clock stands
    run_to(at, civil("2026-03-20 09:00"))
    assert codes(case) == ["unit"] and standing(case).stands
    case = step(town, case, "verify_fail", "verifier", civil("2026-03-23 09:00"), reason="还有一盏")
    assert shown(standing(case).due_at) == "2026-03-24 18:00"
    run_to(civil("2026-03-23 09:00"), civil("2026-03-24 18:00"))
    assert codes(case) == ["unit", "chief"] and stays(case)[0].days == 5.0


def test_it_ends_with_the_case_and_begins_higher_when_reopened(town, picture):
    with_ladder(town)
    case = dispatched(town)
    viewer = town.viewer("worker_a")
    at = LATER
    for code, who, given in (
        ("receive", "cadre_a", {}), ("handle", "worker_a", {"words": "清了", "photos": [picture(viewer)]}),
        ("confirm", "cadre_a", {}), ("verify_pass", "verifier", {"photos": [picture(town.viewer("verifier"))]}),
        ("close", "dispatcher", {"words": "好了"}),
    ):  # fmt: skip
        at += dt.timedelta(minutes=10)
        case = step(town, case, code, who, at, **given)
    (stay,) = stays(case)
    assert stay.outcome == "closed" and stay.left_at == case.closed_at and stay.days == pytest.approx(0.31, abs=0.02)
    with clock.at(at + dt.timedelta(days=1)):
        take(case.pk, "reopen", {"reason": "又黑了"}, viewer=town.viewer("nobody"), report=case.reports.get())
        take(case.pk, "dispatch", {"unit": town.committee.pk}, viewer=town.viewer("dispatcher"))
    from linli.kernel.outbox.jobs import drain

    drain()
    stay = standing(case)
    assert (stay.tier_code, stay.how, stay.unit_id) == ("unit", "reopened", town.committee.pk)
    assert stay.entered_at == at + dt.timedelta(days=1)


def test_what_is_returned_ends_its_stay_and_begins_anew_with_the_next_unit(town):
    with_ladder(town)
    case = step(town, dispatched(town, town.lamps), "return", "lamp_contact", LATER, reason="是供电所的")
    assert stays(case)[0].outcome == "returned"
    case = step(town, case, "dispatch", "dispatcher2", LATER + dt.timedelta(hours=1), unit=town.power.pk)
    assert codes(case) == ["unit", "unit"] and standing(case).unit_id == town.power.pk


def test_a_chief_keeps_it_while_the_unit_returns_it(town):
    with_ladder(town)
    case = dispatched(town, town.lamps)
    with clock.at(LATER):
        climb(case.pk, town.viewer("lamp_contact"), "看过", "不行")
    case = step(town, case, "return", "lamp_contact", LATER + dt.timedelta(hours=1), reason="是供电所的")
    assert standing(case).post_id == town.chief.pk
    case = step(town, case, "dispatch", "dispatcher2", LATER + dt.timedelta(hours=2), unit=town.power.pk)
    assert codes(case) == ["unit", "chief"]


def test_assisting_sub_cases_stand_on_no_tier(town):
    with_ladder(town)
    case = dispatched(town, town.lamps)
    with clock.at(LATER):
        from linli.kernel.outbox.jobs import drain

        take(case.pk, "return", {"reason": "要协办"}, viewer=town.viewer("lamp_contact"))
        case = take(
            case.pk, "dispatch", {"unit": town.lamps.pk, "assists": [town.power.pk]}, viewer=town.viewer("dispatcher2")
        )
        drain()
    assert not stays(case.assists.get()) and len(stays(case)) == 2


def test_what_the_viewer_may_do_is_what_the_actions_allow(town):
    with_ladder(town)
    case = dispatched(town)
    with clock.at(LATER):
        cadre = where(case.pk, town.viewer("cadre_a"))
        assert cadre.may.receive and cadre.may.climb == [2] and not cadre.may.jump and not cadre.may.assign
        chief = where(case.pk, town.viewer("chief"))
        assert chief.may.climb == [2] and chief.may.jump == [3, 4] and chief.may.assign == [0, 1]
        assert not where(case.pk, town.viewer("verifier")).may.anything
        assert [t.code for t in chief.next_up] == ["unit", "chief", "group"] and chief.leg.light == "on_track"
        (row,) = tier_counts(town.viewer("leader"))
        assert (row.code, row.all, row.lights) == ("community", 1, {"on_track": 1})
        assert tier_counts(town.viewer("cadre_b")) == []
