"""A problem reaches its owner and comes back solved; and everything that may go otherwise."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.kernel.journal import queries as stories
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case, Rating, Report
from linli.rooms.cases.queries.page import case_page
from linli.rooms.cases.queries.public import follow
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import given_for, walk

pytestmark = pytest.mark.django_db


def steps_of(case: Case) -> list[str]:
    return [entry.action.removeprefix("case.") for entry in stories.of("case", case.pk)]


def test_a_report_comes_back_solved_and_is_rated(town, picture):
    case = walk(reported(town), town, picture)
    assert case.state == "closed" and not case.is_open and case.closed_at
    report = case.reports.get()
    take(case.pk, "rate", {"solved": "yes", "level": "5"}, viewer=town.viewer("nobody"), report=report)
    case.refresh_from_db()
    assert (case.solved, case.level) == ("yes", 5)
    assert steps_of(case) == [
        "report",
        "accept",
        "register",
        "dispatch",
        "receive",
        "handle",
        "confirm",
        "verify_pass",
        "close",
        "rate",
    ]


def test_registering_starts_the_limit_of_the_filing_rule(town, picture):
    with clock.at(dt.datetime(2026, 2, 13, 9, 0, tzinfo=dt.UTC)):  # Friday 17:00 in China
        case = walk(reported(town), town, picture, "register")
    assert case.due_at is not None and case.clock_from == case.registered_at
    assert not case.due_provisional


def test_the_handling_clock_ends_when_the_unit_confirms(town, picture):
    case = walk(reported(town), town, picture, "confirm")
    assert case.pauses[-1][1] is None
    assert case.current_due_at == case.step_due_at


def test_the_handling_unit_cannot_close(town, picture):
    case = walk(reported(town), town, picture, "verify_pass")
    with pytest.raises(NotAllowed):
        take(case.pk, "close", {"words": "好了"}, viewer=town.viewer("lamp_contact"))


def test_who_handled_cannot_verify(town, picture):
    case = reported(town)
    for step, name in (("accept", "clerk"), ("register", "dispatcher")):
        case = take(case.pk, step, given_for(step, town), viewer=town.viewer(name))
    case = take(case.pk, "dispatch", {"unit": town.committee.pk}, viewer=town.viewer("dispatcher"))
    worker = town.viewer("worker_a")
    case = take(case.pk, "receive", {}, viewer=worker)
    case = take(case.pk, "handle", {"words": "清走了", "photos": [picture(worker)]}, viewer=worker)
    case = take(case.pk, "confirm", {}, viewer=town.viewer("cadre_a"))
    for own in ("worker_a", "cadre_a"):
        with pytest.raises(Refused, match="处置人"):
            take(case.pk, "verify_pass", {"photos": [picture(town.viewer(own))]}, viewer=town.viewer(own))
    verifier = town.viewer("verifier")
    assert take(case.pk, "verify_pass", {"photos": [picture(verifier)]}, viewer=verifier).state == "closing"


def test_who_receives_a_return_cannot_take_the_next_step(town, picture):
    case = walk(reported(town), town, picture, "dispatch")
    case = take(
        case.pk, "return", {"reason": "这是供电所的线路", "whose": town.power.pk}, viewer=town.viewer("lamp_contact")
    )
    assert case.state == "registered" and case.returned == 1 and case.proposed_unit_id == town.power.pk
    with pytest.raises(Refused, match="回退"):
        take(case.pk, "dispatch", {"unit": town.power.pk}, viewer=town.viewer("dispatcher"))
    case = take(case.pk, "dispatch", {"unit": town.power.pk}, viewer=town.viewer("dispatcher2"))
    assert case.unit_id == town.power.pk and case.barred_id is None


def test_a_return_without_a_reason_is_refused(town, picture):
    case = walk(reported(town), town, picture, "dispatch")
    with pytest.raises(Refused) as refused:
        take(case.pk, "return", {"reason": "  "}, viewer=town.viewer("lamp_contact"))
    assert refused.value.field == "reason"


def test_rework_goes_back_to_the_unit_and_does_not_count_the_time_of_checking(town, picture):
    start = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
    with clock.at(start):
        case = walk(reported(town), town, picture, "confirm")
    due = case.due_at
    with clock.at(start + dt.timedelta(days=1)):
        case = take(case.pk, "verify_fail", {"reason": "还有一盏不亮"}, viewer=town.viewer("verifier"))
    assert case.state == "handling" and case.reworked == 1
    assert case.due_at > due


def test_assisting_units_get_sub_cases_and_the_main_case_waits_for_them(town, picture):
    case = walk(reported(town), town, picture, "register")
    case = take(
        case.pk, "dispatch", {"unit": town.lamps.pk, "assists": [town.power.pk]}, viewer=town.viewer("dispatcher")
    )
    sub = case.assists.get()
    assert sub.state == "dispatched" and sub.unit_id == town.power.pk
    for step, name in (("receive", "lamp_contact"), ("handle", "lamp_handler")):
        viewer = town.viewer(name)
        case = take(case.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
    with pytest.raises(Refused, match="协办"):
        take(case.pk, "confirm", {}, viewer=town.viewer("lamp_contact"))
    for step, name in (("receive", "power_contact"), ("handle", "power_handler"), ("finish_assist", "power_contact")):
        viewer = town.viewer(name)
        sub = take(sub.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
    assert sub.state == "assisted"
    assert take(case.pk, "confirm", {}, viewer=town.viewer("lamp_contact")).state == "verifying"


def test_refusing_says_why_and_whose_it_is(town):
    case = reported(town)
    with pytest.raises(Refused) as refused:
        take(case.pk, "refuse", {"words": "属于市级道路"}, viewer=town.viewer("clerk"))
    assert refused.value.field == "whose"
    case = take(case.pk, "refuse", {"words": "属于市级道路", "whose": "请找市公路局"}, viewer=town.viewer("clerk"))
    shown = follow(case.reports.get().tracking_code, town.viewer("nobody"))
    assert "市公路局" in shown.public.moments[-1].words


def test_the_reporter_may_reopen_once(town, picture):
    case = walk(reported(town), town, picture)
    report = case.reports.get()
    nobody = town.viewer("nobody")
    take(case.pk, "rate", {"solved": "no", "level": "1"}, viewer=nobody, report=report)
    case = take(case.pk, "reopen", {"reason": "还是不亮"}, viewer=nobody, report=report)
    assert case.state == "registered" and case.is_open and case.reopened == 1 and case.clock_from > case.registered_at
    for step, name in (
        ("dispatch", "dispatcher"),
        ("receive", "lamp_contact"),
        ("handle", "lamp_handler"),
        ("confirm", "lamp_contact"),
        ("verify_pass", "verifier"),
        ("close", "dispatcher"),
    ):
        viewer = town.viewer(name)
        case = take(case.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
    report.refresh_from_db()
    with pytest.raises(Refused, match="一次"):
        take(case.pk, "reopen", {"reason": "还是不亮"}, viewer=nobody, report=report)
    take(case.pk, "rate", {"solved": "yes"}, viewer=nobody, report=report)
    assert Rating.objects.filter(report=report).count() == 2


def test_nobody_else_can_act_as_the_reporter(town):
    case = reported(town)
    with pytest.raises(NotAllowed):
        take(case.pk, "withdraw", {}, viewer=town.viewer("nobody"))
    with pytest.raises(NotAllowed):
        take(case.pk, "withdraw", {}, viewer=town.viewer("clerk"))


def test_merging_moves_the_reporters_to_the_other_case(town, picture):
    first, second = reported(town), reported(town, words="路口路灯坏了")
    merged = take(second.pk, "merge", {"target": first.number}, viewer=town.viewer("clerk"))
    assert merged.state == "merged" and merged.merged_into_id == first.pk
    assert Report.objects.filter(case=first).count() == 2
    first.refresh_from_db()
    assert first.report_count == 2


def test_an_old_version_is_told_what_changed_and_keeps_what_was_typed(town, picture):
    case = walk(reported(town), town, picture, "receive")
    seen = case.version
    take(case.pk, "note", {"note": "我在路上"}, viewer=town.viewer("lamp_contact"), version=seen)
    with pytest.raises(Conflict) as conflict:
        take(case.pk, "return", {"reason": "不归我们"}, viewer=town.viewer("lamp_contact"), version=seen)
    assert conflict.value.typed == {"reason": "不归我们"}
    assert [change["what"] for change in conflict.value.changes] == ["备注"]


def test_the_same_request_twice_takes_one_step(town, picture):
    case = walk(reported(town), town, picture, "receive")
    contact = town.viewer("lamp_contact")
    for _again in range(2):
        take(case.pk, "note", {"note": "一次"}, viewer=contact, request_key="abc-12345678")
    assert steps_of(case).count("note") == 1


def test_two_approvals_extend_the_deadline_by_one_original_limit(town, picture):
    case = walk(reported(town), town, picture, "receive")
    due = case.due_at
    case = take(case.pk, "ask_extension", {"reason": "等配件"}, viewer=town.viewer("lamp_contact"))
    assert case.due_at == due
    case = take(case.pk, "grant_extension", {}, viewer=town.viewer("dispatcher"))
    assert case.due_at == due
    with pytest.raises(Refused):
        take(case.pk, "grant_extension", {}, viewer=town.viewer("dispatcher"))
    case = take(case.pk, "grant_extension", {}, viewer=town.viewer("supervisor"))
    assert case.due_at > due and case.extended == 1


def test_suspension_stops_the_clock_and_ends_at_its_day(town, picture):
    from linli.rooms.cases.jobs import wake_suspended

    start = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
    with clock.at(start):
        case = walk(reported(town), town, picture, "receive")
        due = case.due_at
        case = take(case.pk, "suspend", {"until": "2026-03-20", "words": "等雨停"}, viewer=town.viewer("leader"))
        assert case.state == "suspended" and case.current_due_at is None
        wake_suspended()
        case.refresh_from_db()
        assert case.state == "suspended"
    with clock.at(dt.datetime(2026, 3, 20, 1, 0, tzinfo=dt.UTC)):
        wake_suspended()
    case.refresh_from_db()
    assert case.state == "handling" and case.due_at > due


def test_the_page_offers_exactly_what_this_viewer_may_do(town, picture):
    case = walk(reported(town), town, picture, "dispatch")
    offered = {o.step.code for o in case_page(case.number, town.viewer("lamp_contact")).possible}
    assert offered == {"receive", "return", "note"}
    page = case_page(case.number, town.viewer("worker_a"))
    assert {o.step.code for o in page.possible} == {"note"}
    assert {o.step.code: str(o.why_not) for o in page.impossible}["receive"] == "这件事由其他单位负责"


def test_another_place_and_another_unit_see_nothing(town, picture):
    from linli.kernel.errors import NotFound

    case = walk(reported(town), town, picture, "dispatch")
    for name in ("worker_b", "cadre_b", "power_contact", "resident", "nobody", "system", "audit"):
        with pytest.raises(NotFound):
            case_page(case.number, town.viewer(name))


def test_a_reopened_case_comes_to_the_sight_of_those_above(town, picture):
    from linli.rooms.cases.queries.worklist import Filters, page

    case = walk(reported(town), town, picture)
    assert not page(town.viewer("supervisor"), Filters(view="todo")).rows
    take(case.pk, "reopen", {"reason": "还是不亮"}, viewer=town.viewer("nobody"), report=case.reports.get())
    for name in ("supervisor", "leader"):
        assert [row["id"] for row in page(town.viewer(name), Filters(view="todo")).rows] == [case.pk]


def test_an_extension_waits_for_each_approver_once(town, picture):
    from linli.rooms.cases.queries.worklist import Filters, page

    def waits(name: str) -> bool:
        return bool(page(town.viewer(name), Filters(view="todo")).rows)

    case = walk(reported(town), town, picture, "receive")
    assert not waits("supervisor")
    take(case.pk, "ask_extension", {"reason": "等配件"}, viewer=town.viewer("lamp_contact"))
    assert waits("supervisor") and waits("dispatcher")
    take(case.pk, "grant_extension", {}, viewer=town.viewer("dispatcher"))
    assert waits("supervisor") and not waits("dispatcher")
