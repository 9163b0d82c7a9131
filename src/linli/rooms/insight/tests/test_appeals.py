"""Appeals, times to leave out and scorecards: who may, what follows, and what the figures make of it."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.kernel.journal import queries as stories
from linli.kernel.outbox.jobs import drain
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import picture, reported, town  # noqa: F401
from linli.rooms.cases.tests.walking import given_for, walk
from linli.rooms.insight.actions.appeals import ask_appeal, review_appeal
from linli.rooms.insight.actions.exclusions import decide_exclusion, revoke_exclusion
from linli.rooms.insight.actions.scorecards import (
    approve_scorecard,
    draft_scorecard,
    edit_scorecard,
    keep_result,
    try_scorecard,
)
from linli.rooms.insight.jobs import keep_results, results_due
from linli.rooms.insight.measures import Counts
from linli.rooms.insight.models import CaseFact, Result, Scorecard
from linli.rooms.insight.queries import counts_of
from linli.rooms.insight.queries.scorecards import trial
from linli.rooms.insight.recounting import compare
from linli.rooms.insight.scoring import Formula, Line, check, score, sensitivity
from linli.rooms.insight.tests.wandering import BEGIN

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SINCE, UNTIL = dt.date(2026, 8, 1), dt.date(2026, 10, 1)


@pytest.fixture
def late(town, picture):  # noqa: F811
    """A closed case that was late by ten days."""
    with clock.at(BEGIN):
        case = walk(reported(town), town, picture, until="receive")
    with clock.at(case.due_at + 10 * DAY):
        for step, name in (
            ("handle", "lamp_handler"),
            ("confirm", "lamp_contact"),
            ("verify_pass", "verifier"),
            ("close", "dispatcher"),
        ):
            viewer = town.viewer(name)
            take(case.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
    drain()
    return Case.objects.get(pk=case.pk)


def test_upheld_by_two_it_is_left_out_and_the_fact_stays(town, late):  # noqa: F811
    with clock.at(late.closed_at + DAY):
        appeal = ask_appeal(late.pk, viewer=town.viewer("lamp_contact"), reason="连续暴雨", request_key="appeal-1")
        assert (
            ask_appeal(late.pk, viewer=town.viewer("lamp_contact"), reason="连续暴雨", request_key="appeal-1") == appeal
        )
        with pytest.raises(Refused):
            ask_appeal(late.pk, viewer=town.viewer("lamp_contact"), reason="再来一次")
        with pytest.raises(NotAllowed):
            ask_appeal(late.pk, viewer=town.viewer("power_contact"), reason="不是我们的")
        with pytest.raises(NotAllowed):
            review_appeal(appeal.pk, viewer=town.viewer("lamp_contact"), upheld=True, words="自己人")
        half = review_appeal(appeal.pk, viewer=town.viewer("supervisor"), upheld=True, words="属实", version=1)
        assert half.state == "half"
        with pytest.raises(NotAllowed):
            review_appeal(appeal.pk, viewer=town.viewer("supervisor"), upheld=True, words="再审一次")
        with pytest.raises(Conflict):
            review_appeal(appeal.pk, viewer=town.viewer("leader"), upheld=True, words="属实", version=1)
        drain()
        assert counts_of("unit", town.lamps.pk, SINCE, UNTIL)["due"] == 1
        assert review_appeal(appeal.pk, viewer=town.viewer("leader"), upheld=True, words="属实").state == "upheld"
    drain()
    found = counts_of("unit", town.lamps.pk, SINCE, UNTIL)
    assert (found["due"], found["left_out"], found["reported"]) == (0, 1, 1)
    fact = CaseFact.objects.get(case_id=late.pk)
    assert fact.out == "appeal" and fact.handled > fact.due
    assert [e.action for e in stories.of("case", late.pk)][-3:] == ["appeal.ask", "appeal.review", "appeal.review"]
    assert compare().agrees


def test_one_no_ends_it_and_only_late_closed_cases_may_be_appealed(town, picture, late):  # noqa: F811
    with clock.at(late.closed_at + DAY):
        appeal = ask_appeal(late.pk, viewer=town.viewer("lamp_contact"), reason="人手不够")
        assert review_appeal(appeal.pk, viewer=town.viewer("leader"), upheld=False, words="不属实").state == "refused"
        with pytest.raises(Conflict):
            review_appeal(appeal.pk, viewer=town.viewer("supervisor"), upheld=True, words="属实")
    with clock.at(BEGIN):
        quick = walk(reported(town), town, picture)
        with pytest.raises(Refused):
            ask_appeal(quick.pk, viewer=town.viewer("lamp_contact"), reason="没有超期")
    drain()
    assert counts_of("unit", town.lamps.pk, SINCE, UNTIL)["left_out"] == 0


def test_a_time_left_out_and_taken_back(town, late):  # noqa: F811
    rain = {
        "cause": "weather",
        "reason": "暴雨橙色预警",
        "place_id": town.one.pk,
        "since": BEGIN,
        "until": BEGIN + 3 * DAY,
    }
    with clock.at(late.closed_at):
        with pytest.raises(NotAllowed):
            decide_exclusion(viewer=town.viewer("supervisor"), **rain)
        with pytest.raises(Refused):
            decide_exclusion(viewer=town.viewer("leader"), **{**rain, "until": BEGIN - DAY})
        row = decide_exclusion(viewer=town.viewer("leader"), **rain)
        drain()
        assert counts_of("unit", town.lamps.pk, SINCE, UNTIL)["left_out"] == 1
        assert compare().agrees
        revoke_exclusion(row.pk, viewer=town.viewer("leader"), why="写错了地方", version=row.version)
        with pytest.raises(Conflict):
            revoke_exclusion(row.pk, viewer=town.viewer("leader"), why="再撤一次")
    drain()
    found = counts_of("unit", town.lamps.pk, SINCE, UNTIL)
    assert (found["left_out"], found["due"]) == (0, 1)
    assert compare().agrees


LINES = [
    {"code": "in_time", "weight": 60, "full": 0.95, "zero": 0.5},
    {"code": "reworked", "weight": 40, "full": 0, "zero": 0.2},
]


def test_a_scorecard_is_tried_approved_by_somebody_else_and_its_result_kept(town, late):  # noqa: F811
    supervisor, leader = town.viewer("supervisor"), town.viewer("leader")
    with clock.at(dt.datetime(2026, 9, 20, 9, tzinfo=BEGIN.tzinfo)):
        with pytest.raises(NotAllowed):
            draft_scorecard(viewer=town.viewer("lamp_contact"), subject="unit", name_zh="考核")
        card = draft_scorecard(viewer=supervisor, subject="unit", name_zh="单位考核", request_key="draft-1")
        given = {"name_zh": "单位考核", "name_en": "", "min_base": 1, "published": True}
        for wrong in ([], LINES[:1], [{**LINES[0], "full": 0.2}, LINES[1]], [LINES[0], LINES[0]]):
            with pytest.raises(Refused):
                edit_scorecard(card.pk, viewer=supervisor, version=card.version, lines=wrong, **given)
        card = edit_scorecard(card.pk, viewer=supervisor, version=card.version, lines=LINES, **given)
        with pytest.raises(Conflict):
            edit_scorecard(card.pk, viewer=supervisor, version=1, lines=LINES, **given)
        with pytest.raises(Refused):
            approve_scorecard(card.pk, viewer=leader, from_day=dt.date(2026, 10, 1))
        card = try_scorecard(card.pk, viewer=supervisor, since=SINCE, until=dt.date(2026, 9, 1))
        tried = trial(card, SINCE, dt.date(2026, 9, 1))
        assert [(row.id, row.score, row.rank) for row in tried.rows] == [(town.lamps.pk, 40.0, 1)]
        with pytest.raises(NotAllowed):
            approve_scorecard(card.pk, viewer=supervisor, from_day=dt.date(2026, 10, 1))
        with pytest.raises(Refused):
            approve_scorecard(card.pk, viewer=leader, from_day=dt.date(2026, 9, 1))
        card = approve_scorecard(card.pk, viewer=leader, from_day=dt.date(2026, 10, 1))
        with pytest.raises(Refused):
            edit_scorecard(card.pk, viewer=supervisor, version=None, lines=LINES, **given)
        assert results_due() == dt.datetime(2026, 11, 1, 6, tzinfo=BEGIN.tzinfo)
        keep_results()
        assert not Result.objects.exists()
        kept = keep_result(card.pk, SINCE, dt.date(2026, 9, 1), viewer=supervisor)
        assert keep_result(card.pk, SINCE, dt.date(2026, 9, 1), viewer=supervisor) == kept
        assert kept.rows[0]["lines"][0] | {} == {
            "code": "in_time", "numerator": 0, "base": 1, "rate": 0.0, "points": 0.0, "weight": 60.0,
        }  # fmt: skip
    with clock.at(dt.datetime(2026, 12, 1, 7, tzinfo=BEGIN.tzinfo)):
        keep_results()
        assert sorted(Result.objects.values_list("since", flat=True)) == [
            SINCE, dt.date(2026, 10, 1), dt.date(2026, 11, 1),
        ]  # fmt: skip
        second = draft_scorecard(viewer=supervisor, subject="unit", name_zh="单位考核二")
        assert (second.edition, second.lines) == (2, card.lines)
        with pytest.raises(Refused):
            draft_scorecard(viewer=supervisor, subject="unit", name_zh="第三版")
        try_scorecard(second.pk, viewer=supervisor, since=SINCE, until=dt.date(2026, 9, 1))
        approve_scorecard(second.pk, viewer=leader, from_day=dt.date(2027, 1, 1))
    assert Scorecard.objects.get(pk=card.pk).in_force_to == dt.date(2027, 1, 1)


def test_points_ranks_and_what_has_too_little_to_go_by():
    formula = Formula((Line("in_time", 60, 0.9, 0.5), Line("reworked", 40, 0, 0.2)), 5)
    numbers = {
        1: Counts.of(due=10, in_time=9, to_close=10, reworked=0),
        2: Counts.of(due=10, in_time=7, to_close=10, reworked=1),
        3: Counts.of(due=4, in_time=4, to_close=10, reworked=1),  # only the smaller half counts: no rank
        4: Counts.of(due=20, in_time=18, to_close=2, reworked=2),
        5: Counts.of(due=10, in_time=9, to_close=10, reworked=0),
    }
    rows = {row.id: (row.score, row.rank) for row in score(formula, numbers)}
    assert rows == {1: (100.0, 1), 4: (100.0, 1), 5: (100.0, 1), 2: (50.0, 4), 3: (None, None)}
    assert {sway.code for sway in sensitivity(formula, numbers)} == {"in_time", "reworked"}
    assert check(LINES) == "" and check([{**LINES[0], "weight": "x"}]) == "not_a_number"
