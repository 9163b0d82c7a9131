"""What the house finds by itself: once for each cause, decided by a person, bad ratings called back."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.outbox.jobs import drain
from linli.rooms.cases.actions.steps import take as take_case
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, LAMP, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.oversight import jobs
from linli.rooms.oversight.actions.follow import look_at_cases, watch
from linli.rooms.oversight.actions.proposals import (
    dismiss,
    issue_proposal,
    propose_finding,
    propose_for_place,
    record_callback,
)
from linli.rooms.oversight.models import CaseWatch, Order, Proposal
from linli.rooms.oversight.queries.proposals import called_back, counts, waiting

pytestmark = pytest.mark.django_db


def rated(town, picture, **rating) -> Case:
    case = walk(reported(town), town, picture, "close")
    report = case.reports.get()
    return take_case(case.pk, "rate", rating, viewer=town.viewer("nobody"), report=report)


@pytest.mark.parametrize(
    ("rating", "bad"),
    [({"solved": "no"}, True), ({"solved": "yes", "level": "2"}, True), ({"solved": "yes", "level": "3"}, False)],
)
def test_a_bad_rating_is_proposed_once_and_called_back_before_anything_is_decided(town, picture, rating, bad):
    rated(town, picture, **rating)
    drain()
    drain()
    assert Proposal.objects.filter(source="rating").count() == int(bad)
    if not bad:
        return
    boss = town.viewer("supervisor")
    found = Proposal.objects.get(source="rating")
    assert called_back(boss) == (0, 1)
    for decide in (lambda: dismiss(found.pk, "已回访", viewer=boss), lambda: issue_proposal(found.pk, viewer=boss)):
        with pytest.raises(Refused, match="回访"):
            decide()
    record_callback(found.pk, True, "灯还是一闪一闪", viewer=boss)
    order = issue_proposal(found.pk, viewer=boss, request_key="one-click")
    assert issue_proposal(found.pk, viewer=boss, request_key="one-click") == order
    assert order.source == "rating" and (order.limit_amount, order.limit_unit) == (15, "working_days")
    assert order.unit == town.lamps and called_back(boss) == (1, 1)
    with pytest.raises(Conflict, match="supervisor"):
        dismiss(found.pk, "不用了", viewer=town.viewer("leader"))


def test_a_case_that_turns_red_is_proposed_once_and_again_when_its_clock_runs_anew(town, picture):
    case = walk(reported(town), town, picture, "receive")
    watch(case.pk)
    assert jobs.next_look() > clock.now() and look_at_cases() == 0
    turns = []
    while (at := jobs.next_look()) is not None:
        turns.append(at)
        with clock.at(at):
            assert look_at_cases() == 1
    assert len(turns) == 2 and turns[1] > case.due_at >= turns[0]  # amber, red
    found = Proposal.objects.get(source="light")
    assert found.light == "overdue" and found.case_ids == [case.pk]
    CaseWatch.objects.update(next_at=turns[1])
    with clock.at(turns[1]):
        look_at_cases()
    assert Proposal.objects.count() == 1


def test_a_case_that_was_confirmed_or_stands_still_never_turns(town, picture):
    for until in ("confirm", "close"):
        case = walk(reported(town), town, picture, until)
        watch(case.pk)
        assert CaseWatch.objects.get(case=case).next_at is None
    case = walk(reported(town), town, picture, "receive")
    watch(case.pk)
    assert CaseWatch.objects.get(case=case).next_at is not None
    take_case(case.pk, "suspend", {"until": "2027-01-04", "words": "等材料"}, viewer=town.viewer("dispatcher"))
    watch(case.pk)
    assert CaseWatch.objects.get(case=case).next_at is None


def test_one_place_again_and_again_is_proposed_once(town):
    def lamp_at(lng: float, lat: float) -> Case:
        case = walk(reported(town, lng=lng, lat=lat), town, None, "accept")
        case.refresh_from_db()
        assert case.item.key == LAMP
        return case

    lng, lat = IN_A
    first = lamp_at(lng, lat)
    lamp_at(lng + 0.0002, lat)  # 20 m
    lamp_at(lng + 0.002, lat)  # 200 m: another place
    assert propose_for_place(first) is None
    third = lamp_at(lng, lat + 0.0003)  # 33 m
    found = propose_for_place(third)
    assert found is not None and len(found.case_ids) == 3
    assert propose_for_place(lamp_at(lng, lat)) is None
    with clock.at(clock.now() + dt.timedelta(days=31)):
        again = [lamp_at(lng, lat) for _ in range(3)]
        assert propose_for_place(again[-1]) is not None


def test_dismissing_needs_a_reason_and_the_right(town, picture):
    case = walk(reported(town), town, picture, "receive")
    found = propose_finding(key="7:1", case_ids=[case.pk], title="检查发现")
    assert propose_finding(key="7:1", case_ids=[case.pk], title="检查发现") is None
    for name in ("worker_a", "lamp_contact", "clerk", "nobody", "system"):
        with pytest.raises((NotAllowed, NotFound)):
            dismiss(found.pk, "x", viewer=town.viewer(name))
        assert waiting(town.viewer(name)) == ([], 0)
    with pytest.raises(Refused):
        dismiss(found.pk, " ", viewer=town.viewer("supervisor"))
    dismiss(found.pk, "已在办", viewer=town.viewer("supervisor"))
    assert counts(town.viewer("supervisor")) == {"": 0} and not Order.objects.exists()
    assert waiting(town.viewer("supervisor"), decided=True)[0][0].reason == "已在办"


def test_a_complaint_by_reopening_is_proposed(town, picture):
    case = walk(reported(town, lng=IN_B[0], lat=IN_B[1]), town, picture, "close")
    take_case(case.pk, "reopen", {"reason": "又灭了"}, viewer=town.viewer("nobody"), report=case.reports.get())
    drain()
    assert Proposal.objects.get().source == "complaint"
