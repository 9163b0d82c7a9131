"""Handing the duty over, one case or many: what changes with it, what does not, and when it cannot be."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.clock.tests.examples import civil
from linli.kernel.errors import Refused
from linli.kernel.journal import queries as stories
from linli.rooms.cases.actions.duty import HandOver, hand_over
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import walk

pytestmark = pytest.mark.django_db
MONDAY = civil("2026-03-02 09:00")


def test_a_unit_that_is_given_a_case_has_to_receive_it(town, picture):
    with clock.at(MONDAY):
        case = walk(reported(town), town, picture, "handle")
    with clock.at(MONDAY + dt.timedelta(hours=2)):
        (moved,) = hand_over([HandOver(case.pk, unit_id=town.power.pk, facts={"tier": "unit"}, note="线路归供电所")])
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.unit_id, case.version) == ("dispatched", town.power.pk, moved.version)
    assert case.handler_id is None and case.received_at is None and {-town.lamps.pk, -town.power.pk} <= set(case.tokens)
    assert case.due_at == moved.due_at and case.state_since == MONDAY + dt.timedelta(hours=2)
    assert case.step_due_at is not None and case.current_due_at == min(case.step_due_at, case.due_at)
    entry = stories.of("case", case.pk)[-1]
    assert entry.action == "case.hand_over" and entry.after["tier"] == "unit" and entry.note == "线路归供电所"
    assert take(case.pk, "receive", {}, viewer=town.viewer("power_contact")).state == "handling"


def test_a_post_gets_it_in_the_state_it_is_in(town, picture):
    case = walk(reported(town), town, picture, "receive")
    post = town.viewer("leader").posts[0].id
    hand_over([HandOver(case.pk, post_id=post)])
    now = Case.objects.get(pk=case.pk)
    assert (now.state, now.unit_id, now.owner_post_id) == ("handling", town.lamps.pk, post)
    assert now.step_due_at == case.step_due_at and now.version == case.version + 1


def test_what_rests_or_is_checked_changes_its_unit_where_it_is(town, picture):
    case = walk(reported(town), town, picture, "confirm")
    hand_over([HandOver(case.pk, unit_id=town.power.pk)])
    now = Case.objects.get(pk=case.pk)
    assert (now.state, now.unit_id) == ("verifying", town.power.pk) and now.pauses == case.pauses


def test_what_has_ended_or_was_not_given_out_stays_as_it_is(town, picture):
    closed, fresh = walk(reported(town), town, picture), reported(town)
    assert hand_over([HandOver(case.pk, unit_id=town.power.pk) for case in (closed, fresh)]) == []
    assert Case.objects.get(pk=closed.pk).version == closed.version


def test_many_at_once_cost_few_questions(town, picture, django_assert_max_num_queries):
    cases = [walk(reported(town), town, picture, "dispatch") for _ in range(6)]
    with django_assert_max_num_queries(10):
        done = hand_over([HandOver(case.pk, unit_id=town.power.pk) for case in cases])
    assert len(done) == 6 and set(Case.objects.values_list("unit_id", flat=True)) == {town.power.pk}
    assert {stories.of("case", case.pk)[-1].action for case in cases} == {"case.hand_over"}


def test_a_person_marks_legacy_and_major_problems_with_a_reason(town):
    case = reported(town)
    clerk = town.viewer("clerk")
    with pytest.raises(Refused):
        take(case.pk, "mark", {"major": "1"}, viewer=clerk)
    case = take(case.pk, "mark", {"major": "1", "legacy": "", "reason": "牵涉三百户"}, viewer=clerk)
    assert case.major and not case.legacy
    with pytest.raises(Refused, match="没有变化"):
        take(case.pk, "mark", {"major": "1", "reason": "再标一次"}, viewer=clerk)
    entry = stories.of("case", case.pk)[-1]
    assert entry.after["major"] is True and entry.note == "牵涉三百户"
