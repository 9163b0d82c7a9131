"""Days of a plan over the holidays of 2026, the draw, the score: pure tables and properties."""

import datetime as dt
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.clock import Calendar, TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.fieldwork import rules

# Some of the official days of 2026: New Year with its make-up Sunday, the Spring Festival with two, the first of May.
OFF = [*(dt.date(2026, 1, d) for d in (1, 2, 3)), *(dt.date(2026, 2, d) for d in range(15, 24)), dt.date(2026, 5, 1)]
WORK = [dt.date(2026, 1, 4), dt.date(2026, 2, 14), dt.date(2026, 2, 28), dt.date(2026, 5, 9)]
Y2026 = Calendar(
    exceptions={**dict.fromkeys(OFF, "off"), **dict.fromkeys(WORK, "work")}, official_years=frozenset({2026})
)


@pytest.mark.parametrize(
    ("day", "days", "weekdays", "falls"),
    [
        ("2026-01-01", "workdays", [], False),  # a Thursday, a holiday
        ("2026-01-01", "every_day", [], True),
        ("2026-01-04", "workdays", [], True),  # a Sunday worked
        ("2026-01-04", "workdays", [1, 2, 3, 4, 5], False),  # the plan names no Sunday
        ("2026-01-04", "workdays", [7], True),
        ("2026-01-11", "workdays", [7], False),  # an ordinary Sunday
        ("2026-01-11", "every_day", [7], True),
        ("2026-02-14", "workdays", [], True),
        ("2026-02-16", "workdays", [1], False),
        ("2026-02-28", "workdays", [6], True),
        ("2026-05-09", "workdays", [], True),
        ("2026-05-10", "workdays", [], False),
    ],
)
def test_days_a_plan_falls_on(day, days, weekdays, falls):
    assert rules.falls_on(dt.date.fromisoformat(day), days, weekdays, Y2026) is falls


def test_a_working_year_has_as_many_patrols_as_working_days():
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    made, day = [], rules.next_day(days[0], days[-1], "workdays", [], Y2026)
    while day is not None:
        made.append(day)
        day = rules.next_day(day + dt.timedelta(days=1), days[-1], "workdays", [], Y2026)
    assert made == [day for day in days if Y2026.is_workday(day)]
    assert not set(made) & set(OFF) and set(WORK) <= set(made)


def test_before_the_spring_festival_the_next_day_is_after_it():
    assert rules.next_day(dt.date(2026, 2, 15), None, "workdays", [], Y2026) == dt.date(2026, 2, 24)
    assert rules.next_day(dt.date(2026, 2, 15), dt.date(2026, 2, 20), "workdays", [], Y2026) is None


@pytest.mark.parametrize(
    ("begins", "made"), [("08:30", "06:00"), ("06:30", "05:30"), ("00:20", "00:00"), ("22:00", "06:00")]
)
def test_the_days_list_is_there_before_it_begins(begins, made):
    day = dt.date(2026, 11, 23)
    at = rules.made_at(day, dt.time.fromisoformat(begins))
    assert at == dt.datetime.combine(day, dt.time.fromisoformat(made), CIVIL)
    assert at.date() == day and at <= dt.datetime.combine(day, dt.time.fromisoformat(begins), CIVIL)


codes = st.lists(st.from_regex(r"43021210000[0-9]{4}", fullmatch=True), min_size=1, max_size=40, unique=True)


@given(
    codes=codes,
    size=st.integers(1, 50),
    seed=st.text("0123456789abcdef-", min_size=1, max_size=20),
    shuffled=st.randoms(),
)
def test_the_draw_is_the_same_again_whatever_the_order(codes, size, seed, shuffled):
    pool = list(enumerate(codes))
    drawn = rules.draw(pool, size, seed)
    shuffled.shuffle(pool)
    assert rules.draw(pool, size, seed) == drawn
    assert len(drawn) == len(set(drawn)) == min(size, len(codes))
    assert rules.draw(pool, len(pool), seed)[: len(drawn)] == drawn


def test_the_draw_can_be_checked_with_any_tool():
    assert rules.rank("7-abc", "430212100001001") == hashlib.sha256(b"7-abc:430212100001001").hexdigest()
    assert rules.draw([(1, "a"), (2, "b"), (3, "c")], 2, "s1") != rules.draw(
        [(1, "a"), (2, "b"), (3, "c")], 2, "s2"
    ) or (rules.rank("s1", "a") != rules.rank("s2", "a"))


answers = st.lists(st.tuples(st.sampled_from(["yes", "no", "na", ""]), st.integers(0, 100)), max_size=30)


@given(answers=answers)
def test_the_score_lies_between_nothing_and_its_base(answers):
    found = rules.score(answers)
    assert 0 <= found.reached <= found.base
    assert found.percent is None if not found.base else 0 <= found.percent <= 100
    assert rules.score([entry for entry in answers if entry[0] != "na"]) == found


@pytest.mark.parametrize(
    ("proof", "value", "photos", "missing"),
    [
        ("never", "no", 0, False), ("on_no", "no", 0, True), ("on_no", "no", 1, False), ("on_no", "yes", 0, False),
        ("always", "yes", 0, True), ("always", "na", 0, False), ("always", "", 0, False),
    ],
)  # fmt: skip
def test_when_a_picture_is_missing(proof, value, photos, missing):
    assert rules.proof_missing(proof, value, photos) is missing


def test_put_right_in_time_late_or_still_running():
    due = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
    hour = dt.timedelta(hours=1)
    assert rules.kept_in_time(True, due, due, due + hour) is True
    assert rules.kept_in_time(False, due, due + hour, due + hour) is False
    assert rules.kept_in_time(True, due, None, due) is None
    assert rules.kept_in_time(True, due, None, due + hour) is False
    assert rules.kept_in_time(True, None, None, due) is None


def test_limits_that_linli_ships_can_be_read():
    assert all(isinstance(limit, TimeLimit) and zh and en for zh, en, limit in rules.RECTIFY_LIMITS)
