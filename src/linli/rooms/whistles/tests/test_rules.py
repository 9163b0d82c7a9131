"""The tables and the small rules: flows that hold together, where one may check in, what a score is worth."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel.errors import Refused
from linli.kernel.flow.oracle import endings, forbidden
from linli.rooms.whistles import codes, rules
from linli.rooms.whistles.flow import CALL, WHISTLE

NOW = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
POINT = (113.10, 27.60)
NORTH = 1 / 110_800  # a metre to the north, in degrees


def test_every_call_and_every_whistle_can_end():
    assert {path[-1].target("") for path in endings(CALL, 5) if path[-1].to_state != "="} == set(CALL.codes("ended"))
    assert {path[-1].target("") for path in endings(WHISTLE, 5) if path[-1].to_state != "="} == set(
        WHISTLE.codes("ended")
    )


def test_what_is_over_stays_over():
    refused = {(state, step.code) for state, step in forbidden(CALL)}
    for state in ("replaced", "withdrawn"):
        assert all((state, step.code) in refused for step in CALL.steps)
    assert [step.code for step in CALL.leaving("done")] == ["score"]


@pytest.mark.parametrize(
    ("metres", "accuracy", "ok"),
    [
        (0, 5, True),
        (149, 0, True),
        (160, 0, False),
        (160, 20, True),
        (240, 95, True),
        (260, 500, False),  # no more than 100 m of the inaccuracy count
        (10, 999, True),
        (10, 1001, False),  # so vague that it proves nothing
        (5000, 50, False),
        (149, None, True),
        (149, -3, True),
    ],
)
def test_where_one_may_check_in(metres, accuracy, ok):
    here = (POINT[0], POINT[1] + metres * NORTH)
    if ok:
        assert rules.judge_position(POINT, *here, accuracy).distance_m == pytest.approx(metres, abs=2)
    else:
        with pytest.raises(Refused) as refused:
            rules.judge_position(POINT, *here, accuracy)
        assert refused.value.what_next  # says what to do instead


def test_without_a_point_only_the_code_helps():
    with pytest.raises(Refused) as refused:
        rules.judge_position(None, *POINT, 5)
    assert refused.value.code == "whistle.no_point"


@pytest.mark.parametrize(("came", "in_time", "solved", "points"), [
    (True, True, "yes", 100), (True, True, "partly", 83), (True, False, "yes", 67),
    (True, False, "no", 33), (False, False, "no", 0),
])  # fmt: skip
def test_what_a_score_is_worth(came, in_time, solved, points):
    assert rules.points(came, in_time, solved) == points


@pytest.mark.parametrize(("state", "due", "light"), [
    ("called", 1, "on_track"), ("called", -1, "overdue"), ("present", None, "near"), ("refused", None, "near"),
    ("done", None, "done"), ("absent", None, "overdue"), ("withdrawn", None, "suspended"),
])  # fmt: skip
def test_the_light_of_a_call(state, due, light):
    hour = dt.timedelta(hours=1)
    assert rules.call_light(state, NOW - hour / 4, None if due is None else NOW + due * hour, NOW) == light


def test_a_code_is_good_for_ten_minutes_and_its_own_whistle():
    code = codes.code_for(7, NOW)
    assert codes.whistle_of(code, NOW + dt.timedelta(minutes=9, seconds=59)) == 7
    for broken, at in (
        (code, NOW + dt.timedelta(minutes=11)),
        (code[:-1], NOW),
        ("", NOW),
        (code, NOW - dt.timedelta(hours=1)),
    ):
        with pytest.raises(Refused):
            codes.whistle_of(broken, at)
