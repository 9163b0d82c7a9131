"""What the replay promises, whatever the cases and the limits."""

from __future__ import annotations

import datetime as dt
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.clock import TimeLimit
from linli.kernel.clock.limits import UNITS
from linli.kernel.clock.rules import deadline
from linli.kernel.clock.tests.examples import SHIPPED, civil, moments
from linli.rooms.ladder.simulation import DAY, PastCase, Rung, replay, walk

UNTIL = civil("2026-11-22 09:00")
FOUR = [
    Rung("community", TimeLimit(2, "working_days")),
    Rung("unit", TimeLimit(5, "working_days")),
    Rung("chief", TimeLimit(10, "calendar_days")),
    Rung("group", None),
]


def case(began: str, ended: str = "", **more) -> PastCase:
    return PastCase(1, "grid", civil(began), civil(ended) if ended else None, **more)


@pytest.mark.parametrize(
    ("past", "tiers"),
    [
        (case("2026-11-16 09:00", "2026-11-17 10:00"), [0]),
        (case("2026-11-16 09:00", "2026-11-18 09:00"), [0]),  # handed in at the very moment: in time
        (case("2026-11-16 09:00", "2026-11-18 09:01"), [0, 1]),
        # Spring Festival 2026: off from 15 to 23 February, two working days from the 13th end on the 24th
        (case("2026-02-13 17:00", "2026-02-24 16:00"), [0]),
        (case("2026-02-13 17:00", "2026-02-25 18:00"), [0, 1]),
        (case("2026-09-01 09:00", "2026-11-01 09:00"), [0, 1, 2, 3]),
        (case("2026-09-01 09:00"), [0, 1, 2, 3]),
        (case("2026-11-20 09:00"), [0]),
        (case("2026-09-01 09:00", "2026-11-01 09:00", path=(2, 3)), [2, 3]),
        (case("2026-09-01 09:00", "2026-11-01 09:00", path=(0, 3)), [0, 3]),  # nobody bears what lies between
    ],
)
def test_a_case_climbs_when_its_time_on_a_tier_is_over(past, tiers):
    walked = walk(past, FOUR, SHIPPED, UNTIL)
    assert [passage.tier for passage in walked] == tiers
    assert [passage.climbed for passage in walked] == [True] * (len(tiers) - 1) + [False]
    assert walked[-1].left == past.ended
    for before, after in pairwise(walked):
        assert before.left == before.due == after.entered


def test_a_suspension_stops_the_tiers_clock():
    pause = (civil("2026-11-17 09:00"), civil("2026-11-19 09:00"))
    assert [p.tier for p in walk(case("2026-11-16 09:00", "2026-11-19 17:00"), FOUR, SHIPPED, UNTIL)] == [0, 1]
    held = case("2026-11-16 09:00", "2026-11-19 17:00", pauses=(pause,))
    assert [p.tier for p in walk(held, FOUR, SHIPPED, UNTIL)] == [0]
    for_good = case("2026-09-01 09:00", pauses=((civil("2026-09-02 09:00"), None),))
    (only,) = walk(for_good, FOUR, SHIPPED, UNTIL)
    assert only.due is None and not only.climbed


def test_loads_are_counted_per_tier_and_at_once():
    cases = [
        PastCase(1, "a", civil("2026-11-16 09:00"), civil("2026-11-17 09:00")),
        PastCase(2, "a", civil("2026-11-16 10:00"), civil("2026-11-20 10:00")),
        PastCase(3, "b", civil("2026-11-17 09:00"), None),
        PastCase(4, "b", civil("2026-11-23 09:00"), None),  # not begun yet
    ]
    result = replay(cases, FOUR, SHIPPED, UNTIL)
    assert (result.cases, result.climbed, result.moves) == (3, 2, 2)
    low, unit, chief, group = result.tiers
    assert (low.cases, low.climbed, low.ended, low.late, low.peak) == (3, 2, 1, 0, 2)
    assert low.peak_at == civil("2026-11-16 10:00")
    assert low.days == pytest.approx(5.0) and low.days_each == pytest.approx(5 / 3)
    assert (unit.cases, unit.ended, unit.spots) == (2, 1, {"a": 1, "b": 1})
    assert (chief.cases, chief.days_each, group.peak, group.peak_at) == (0, None, 0, None)
    assert result.weeks == {dt.date(2026, 11, 16): {1: 2}}


def test_a_tier_that_does_not_climb_by_itself_only_gets_late():
    rungs = [Rung("grid", TimeLimit(1, "working_days"), climbs=False), *FOUR[1:]]
    result = replay([case("2026-11-02 09:00", "2026-11-20 09:00")], rungs, SHIPPED, UNTIL)
    assert (result.climbed, result.tiers[0].late, result.tiers[1].cases) == (0, 1, 0)


def test_a_case_that_came_twice_is_one_case():
    twice = [case("2026-11-02 09:00", "2026-11-05 09:00"), case("2026-11-09 09:00", "2026-11-12 09:00")]
    result = replay(twice, FOUR, SHIPPED, UNTIL)
    assert (result.cases, result.climbed, result.moves) == (1, 1, 2)
    assert (result.tiers[0].cases, result.tiers[0].ended, result.tiers[1].ended) == (1, 0, 2)


def test_no_tiers_and_no_cases_are_no_error():
    assert replay([case("2026-11-16 09:00")], [], SHIPPED, UNTIL).cases == 0
    assert replay([], FOUR, SHIPPED, UNTIL).climbed == 0


cases_made = st.builds(
    lambda began, hours, spot, held: PastCase(
        1,
        spot,
        began,
        None if hours > 2000 else began + dt.timedelta(hours=hours),
        ((began + dt.timedelta(hours=held), began + dt.timedelta(hours=held + 30)),) if held else (),
    ),
    moments,
    st.integers(0, 2400),
    st.sampled_from("abc"),
    st.sampled_from((0, 0, 3, 50)),
)
amounts = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(UNITS)), min_size=1, max_size=4)


@settings(max_examples=60)
@given(st.lists(cases_made, max_size=6), amounts, st.data())
def test_longer_limits_never_make_more_cases_climb(cases, limits, data):
    short = [Rung(str(n), TimeLimit(amount, unit)) for n, (amount, unit) in enumerate(limits)]  # type: ignore[arg-type]
    long = [
        Rung(rung.code, TimeLimit(rung.limit.amount + data.draw(st.integers(0, 30)), rung.limit.unit)) for rung in short
    ]
    before, after = replay(cases, short, SHIPPED, UNTIL), replay(cases, long, SHIPPED, UNTIL)
    assert after.climbed <= before.climbed and after.moves <= before.moves
    for few, many in zip(after.tiers, before.tiers, strict=True):
        assert few.cases <= many.cases


@settings(max_examples=60)
@given(cases_made, amounts)
def test_a_walk_has_no_gaps_and_loses_no_time(past, limits):
    rungs = [Rung(str(n), TimeLimit(amount, unit)) for n, (amount, unit) in enumerate(limits)]  # type: ignore[arg-type]
    walked = walk(past, rungs, SHIPPED, UNTIL)
    assert walked[0].entered == past.began and [p.tier for p in walked] == list(range(len(walked)))
    assert walked[-1].left == (past.ended if past.ended and past.ended <= UNTIL else None)
    result = replay([past], rungs, SHIPPED, UNTIL)
    if past.began < UNTIL:
        whole = ((min(past.ended, UNTIL) if past.ended else UNTIL) - past.began) / DAY
        assert sum(load.days for load in result.tiers) == pytest.approx(whole)
        assert all(load.peak <= 1 for load in result.tiers)
    for passage in walked:
        if passage.climbed:
            assert passage.left == deadline(passage.entered, rungs[passage.tier].limit, SHIPPED, past.pauses).at


def test_ten_thousand_cases_take_a_few_seconds():
    start = civil("2026-01-05 08:00")
    cases = [
        PastCase(n, n % 50, start + dt.timedelta(minutes=40 * n), start + dt.timedelta(minutes=40 * n, days=n % 60))
        for n in range(10_000)
    ]
    began = time.process_time()
    result = replay(cases, FOUR, SHIPPED, civil("2026-12-01 09:00"))
    assert result.cases > 5_000 and result.tiers[3].cases > 500
    assert time.process_time() - began < 5
