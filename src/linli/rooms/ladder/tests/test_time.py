"""Whole ladders through holidays, make-up days and changes: what the clock does, day by day."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.actions import set_day
from linli.kernel.clock.limits import UNITS
from linli.kernel.clock.queries import calendar
from linli.kernel.clock.rules import deadline
from linli.kernel.clock.tests.examples import SHIPPED, civil, shown, working_moments
from linli.kernel.errors import NotAllowed
from linli.kernel.journal import queries as stories
from linli.kernel.outbox.jobs import drain
from linli.kernel.outbox.models import Delivery, OutboxEvent
from linli.rooms.cases.actions.intake import join_case
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import SINCE, intake
from linli.rooms.ladder import rules
from linli.rooms.ladder.actions import climb, receive, sweep
from linli.rooms.ladder.editing import draft_ladder
from linli.rooms.ladder.following import follow
from linli.rooms.ladder.models import Mark
from linli.rooms.ladder.starting import activate_ladder, retire_ladder
from linli.rooms.ladder.tests.rungs import (
    MONDAY,
    SYSTEM,
    codes,
    dispatched,
    person,
    run_to,
    standing,
    stays,
    step,
    with_ladder,
)
from linli.rooms.people.actions import end_unit
from linli.rooms.people.models import Post, Unit
from linli.rooms.people.rights import viewer_of

pytestmark = pytest.mark.django_db
LATER = MONDAY + dt.timedelta(hours=2)


@pytest.mark.parametrize(
    ("began", "moves"),
    [
        # Spring Festival 2026: off 15 to 23 February; Saturdays 14 and 28 February are worked
        ("2026-02-13 17:00", ["2026-02-24 17:00", "2026-03-02 17:00", "2026-03-09 17:00", "2026-03-24 17:00"]),
        # over a weekend without a holiday
        ("2026-03-05 10:00", ["2026-03-09 10:00", "2026-03-16 10:00", "2026-03-23 10:00", "2026-04-07 10:00"]),
        # Spring Festival 2027 is in a year whose calendar nobody has published: counted as plain weeks, provisionally
        ("2027-01-29 10:00", ["2027-02-02 10:00", "2027-02-09 10:00", "2027-02-16 10:00", "2027-03-03 10:00"]),
    ],
)
def test_a_whole_ladder_through_the_calendar(town, began, moves):
    start = civil(began)
    with_ladder(town, at=start)
    case = dispatched(town, at=start)
    run_to(start, start + dt.timedelta(days=120))
    assert codes(case) == ["community", "unit", "chief", "group"]
    assert [shown(stay.left_at or stay.overdue_at) for stay in stays(case)] == moves
    for before, after in zip(stays(case), stays(case)[1:], strict=False):
        assert before.left_at == before.due_at == after.entered_at
    assert stays(case)[-1].provisional is False  # calendar days need no calendar
    assert [stay.provisional for stay in stays(case)[:3]] == [start.year == 2027] * 3


_limits = st.lists(
    st.builds(TimeLimit, st.integers(1, 9), st.sampled_from(UNITS)),
    min_size=4,
    max_size=4,
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(began=working_moments, limits=_limits)
def test_each_move_is_at_the_moment_the_clock_says(town, began, limits):
    if "chief" not in town.accounts:
        town.chief = person(town, "chief", "grid_chief", place=town.grid_a)
    with transaction.atomic():
        changes = {}
        for code, limit in zip(("community", "unit", "chief", "group"), limits, strict=True):
            changes |= {f"{code}__limit_amount": limit.amount, f"{code}__limit_unit": limit.unit}
            changes |= {f"{code}__receipt_amount": None, f"{code}__receipt_unit": ""}
        with_ladder(town, at=began, **changes)
        case = dispatched(town, at=began)
        run_to(began, began + dt.timedelta(days=200))
        at = began
        assert codes(case) == ["community", "unit", "chief", "group"]
        for stay, limit in zip(stays(case), limits, strict=True):
            assert stay.entered_at == at
            at = deadline(at, limit, calendar()).at
            assert stay.due_at == at == (stay.left_at or stay.overdue_at)
            assert stay.days is None or stay.days == rules.days_used(stay.entered_at, at, [], SHIPPED)
            assert stay.warned_at is not None and stay.entered_at <= stay.warned_at < stay.due_at
        transaction.set_rollback(True)  # the next example may lie before this one


def test_events_that_come_late_or_twice_change_nothing_in_the_end(town, picture):
    with_ladder(town)
    viewer = town.viewer("worker_a")
    with clock.at(MONDAY):
        case = dispatched(town)
    with clock.at(LATER):
        take(case.pk, "receive", {}, viewer=town.viewer("cadre_a"))
        take(case.pk, "handle", {"words": "清了", "photos": [picture(viewer)]}, viewer=viewer)
    with clock.at(LATER + dt.timedelta(hours=1)):
        take(case.pk, "confirm", {}, viewer=town.viewer("cadre_a"))
    with clock.at(LATER + dt.timedelta(days=9)):
        drain()
        stay = standing(case)
        assert stay.stands and stay.pauses[0][0] == (LATER + dt.timedelta(hours=1)).astimezone(dt.UTC).isoformat()
        assert stay.received_at == LATER
        for event in OutboxEvent.objects.filter(object_type="case", object_id=case.pk).order_by("id"):
            from linli.kernel.outbox.registry import StoredEvent

            follow(StoredEvent(event.pk, event.at, event.kind, "case", case.pk, event.data, 0, 2))
    assert codes(case) == ["community"] and standing(case).due_at == stay.due_at
    assert not Delivery.objects.filter(subscriber__startswith="ladder.").exclude(state="done").exists()


def test_a_ladder_changed_while_cases_climb(town):
    with_ladder(town)
    case, other = dispatched(town), dispatched(town, town.lamps)
    due = standing(case).due_at
    with clock.at(LATER):
        draft = draft_ladder(SYSTEM, town.district.pk)
        draft.tiers.filter(code="unit").delete()
        draft.tiers.filter(code="community").update(limit_amount=9, limit_unit="working_days")
        draft.tiers.filter(code="chief").update(
            limit_amount=1, limit_unit="working_hours", receipt_amount=1, receipt_unit="working_hours", level=2
        )
        draft.tiers.filter(code="group").update(level=3, code="council")
        activate_ladder(SYSTEM, draft.pk)
        drain()
    assert standing(case).due_at == due and standing(case).limit == TimeLimit(2, "working_days")
    with clock.at(LATER):
        # the tier "unit" is gone: by its level 2, the one above is level 3
        up = climb(other.pk, town.viewer("lamp_contact"), "看过", "不行")
    assert (up.tier_code, up.level, up.ladder_id) == ("council", 3, draft.pk)
    run_to(LATER, due)
    stay = standing(case)
    assert (stay.tier_code, stay.level, stay.limit, stay.ladder_id) == (
        "chief", 2, TimeLimit(1, "working_hours"), draft.pk,
    )  # fmt: skip
    assert shown(stay.due_at) == "2026-03-04 10:00"


def test_with_no_ladder_in_force_nothing_climbs_and_nothing_is_lost(town):
    ladder = with_ladder(town)
    case = dispatched(town)
    with clock.at(LATER):
        retire_ladder(SYSTEM, ladder.pk)
    run_to(LATER, civil("2026-03-20 09:00"))
    assert codes(case) == ["community"] and standing(case).overdue_at is not None
    assert dispatched(town, at=civil("2026-03-20 09:00")).stays.count() == 0


def test_a_ladder_that_takes_force_takes_in_what_is_in_hand(town, picture):
    before = dispatched(town)
    ladder = with_ladder(town, at=LATER + dt.timedelta(days=30))
    stay = standing(before)
    assert stay.how == "taken_in" and stay.entered_at == LATER and stay.ladder_id == ladder.pk
    assert stay.due_at == LATER + dt.timedelta(days=2)


def test_a_dissolved_unit_hands_over_to_its_successor_with_the_time_that_is_left(town):
    with_ladder(town)
    waiting = dispatched(town, town.lamps)
    received = step(town, dispatched(town, town.lamps), "receive", "lamp_contact", LATER)
    resting = step(town, received, "suspend", "leader", LATER, until="2026-04-01", words="等材料")
    with_chief = dispatched(town, town.lamps)
    with clock.at(LATER):
        climb(with_chief.pk, town.viewer("lamp_contact"), "看过", "不行")
    due = standing(waiting).due_at
    with clock.at(LATER):
        heir = Unit.objects.create(code="U9", name_zh="市政中心", valid_from=SINCE)
        end_unit(SYSTEM, town.lamps.pk, valid_to=dt.date(2026, 3, 4), successor_id=heir.pk)
        drain()
    assert standing(waiting).unit_id == town.lamps.pk  # it still exists today
    run_to(LATER, civil("2026-03-04 01:00"))
    stay = standing(waiting)
    assert (stay.unit_id, stay.how, stay.tier_code, stay.due_at) == (heir.pk, "succeeded", "unit", due)
    assert shown(stay.entered_at) == "2026-03-04 00:00" and stays(waiting)[0].outcome == "succeeded"
    cases = {name: Case.objects.get(pk=c.pk) for name, c in (("w", waiting), ("r", resting), ("c", with_chief))}
    assert {case.unit_id for case in cases.values()} == {heir.pk}
    assert (cases["w"].state, cases["r"].state) == ("dispatched", "suspended") and standing(resting).stands
    assert standing(with_chief).post_id == town.chief.pk and cases["c"].owner_post_id == town.chief.pk


def test_a_dissolved_unit_without_successor_leaves_it_to_the_next_bearer(town):
    with_ladder(town)
    case = dispatched(town)
    with clock.at(LATER):
        end_unit(SYSTEM, town.committee.pk, valid_to=LATER.date())
        drain()
    stay = standing(case)
    assert stay.tier_code == "unit" and stay.unit_id == town.lamps.pk
    assert stay.skipped == [{"code": "community", "why": "vacant"}]


def test_the_chair_keeps_the_duty_when_the_person_changes(town):
    with_ladder(town)
    case = dispatched(town, town.lamps)
    with clock.at(LATER):
        climb(case.pk, town.viewer("lamp_contact"), "看过", "不行")
    due = standing(case).due_at
    new = person(town, "chief2", "grid_chief", place=town.grid_a, valid_from=dt.date(2026, 3, 4))
    Post.objects.filter(pk=town.chief.pk).update(valid_to=dt.date(2026, 3, 4))
    at = civil("2026-03-04 08:30")
    with clock.at(at):
        assert receive(case.pk, town.viewer("chief2")).received_at == at  # before anybody has noticed
        with pytest.raises(NotAllowed):
            receive(case.pk, town.viewer("chief"))
    run_to(LATER, at)
    stay = standing(case)
    assert stay.post_id == new.pk and stay.due_at == due and stay.how == "succeeded"


def test_a_deputys_term_ends_at_noon(town):
    with_ladder(town)
    case = dispatched(town, town.lamps)
    with clock.at(LATER):
        climb(case.pk, town.viewer("lamp_contact"), "看过", "不行")
    person(town, "deputy", "verifier", place=town.two)
    noon = civil("2026-03-03 12:00")
    Post.objects.filter(pk=town.chief.pk).update(
        deputy=town.accounts["deputy"], deputy_from=civil("2026-03-02 08:00"), deputy_to=noon
    )
    with clock.at(noon), pytest.raises(NotAllowed):
        climb(case.pk, viewer_of(town.accounts["deputy"]), "看过", "不行")
    with clock.at(noon - dt.timedelta(seconds=1)):
        assert climb(case.pk, viewer_of(town.accounts["deputy"]), "联办过一次", "要区里协调").tier_code == "group"


def test_a_post_whose_holder_left_is_borne_while_a_deputy_stands_in(town):
    with_ladder(town)
    town.accounts["chief"].is_active = False
    town.accounts["chief"].save()
    deputy = person(town, "deputy", "verifier", place=town.two)
    Post.objects.filter(pk=town.chief.pk).update(
        deputy=deputy.holder, deputy_from=civil("2026-03-02 08:00"), deputy_to=civil("2026-03-03 12:00")
    )
    first, second = dispatched(town, town.lamps), dispatched(town, town.lamps)
    with clock.at(civil("2026-03-03 11:59")):
        assert climb(first.pk, town.viewer("lamp_contact"), "看过", "不行").tier_code == "chief"
    with clock.at(civil("2026-03-03 12:00")):
        up = climb(second.pk, town.viewer("lamp_contact"), "看过", "不行")
    assert up.tier_code == "group" and up.skipped == [{"code": "chief", "why": "vacant"}]


def test_marks_by_rule_are_set_once_and_a_person_has_the_last_word(town):
    with_ladder(town, legacy_after_days=20, major_reports=3)
    case = dispatched(town)
    run_to(MONDAY, MONDAY + dt.timedelta(days=20) - dt.timedelta(minutes=1))
    case = Case.objects.get(pk=case.pk)
    assert not case.legacy and case.major  # it has climbed to the third level by then
    done = run_to(MONDAY, MONDAY + dt.timedelta(days=21))
    assert (MONDAY + dt.timedelta(days=20), "ladder.mark_old") in done
    case = Case.objects.get(pk=case.pk)
    assert case.legacy and Mark.objects.filter(case=case).count() == 2
    at = MONDAY + dt.timedelta(days=22)
    step(town, case, "mark", "clerk", at, legacy="", major="", reason="已另案处理")
    run_to(at, at + dt.timedelta(days=40))
    case = Case.objects.get(pk=case.pk)
    assert not case.legacy and not case.major
    fresh = dispatched(town, at=at)
    with clock.at(at):
        for n in range(2):
            join_case(fresh.pk, intake(words=f"我家门口也黑 {n}"), viewer=town.viewer("nobody"))
        drain()
    assert Case.objects.get(pk=fresh.pk).major and Mark.objects.get(case=fresh).rule == "reports"


def test_warning_and_reminder_reach_the_bearer_and_the_one_above_once(town):
    with_ladder(town)
    case = dispatched(town, town.lamps)
    run_to(MONDAY, civil("2026-03-08 09:00"))
    warned = OutboxEvent.objects.filter(kind="duty.warned").get()
    assert warned.data["units"] == [town.lamps.pk] and warned.data["posts"] == [town.chief.pk]
    assert warned.data["case_id"] == case.pk and warned.data["path"] == f"/desk/cases/{case.number}/"
    late = OutboxEvent.objects.filter(kind="duty.receipt_late").get()
    assert shown(late.at) == "2026-03-03 09:00" and late.data["units"] == [town.lamps.pk]


def test_a_day_off_that_is_decreed_meanwhile_moves_the_running_limits(town):
    with_ladder(town)
    case = dispatched(town)
    with clock.at(LATER):
        set_day(SYSTEM, dt.date(2026, 3, 3), "off")
        drain()
    stay = standing(case)
    assert shown(stay.due_at) == "2026-03-05 09:00" and stay.warn_at < stay.due_at
    assert stories.of("stay", stay.pk)[-1].action == "duty.deadline_moved"


def test_sweeping_when_nothing_is_due_does_nothing(town):
    with_ladder(town)
    dispatched(town)
    with clock.at(LATER):
        assert sweep() == 0
