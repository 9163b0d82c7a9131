"""When drafts fall due over 2026 with its holidays and make-up days, and that periods leave nothing out."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel.clock import Calendar
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.published import published
from linli.kernel.errors import Refused
from linli.rooms.bulletins.rhythm import EVERY, MOST_DAY, OFF_DAYS, Period, Rhythm

DAYS = Calendar(exceptions={day.day: day.kind for day in published(2026)[1]}, official_years=frozenset({2026}))
AT = dt.time(8, 30)


def due(rhythm: Rhythm, start: str) -> str:
    period = rhythm.period_of(dt.date.fromisoformat(start))
    assert period.start.isoformat() == start
    return f"{rhythm.moment(period, DAYS).astimezone(CIVIL):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("every", "day", "off_day", "start", "moment"),
    [
        ("week", 1, "next", "2026-11-09", "11-16 08:30"),  # a plain Monday
        ("week", 1, "next", "2026-02-09", "02-24 08:30"),  # Spring Festival, 15 to 23 February
        ("week", 1, "next", "2026-02-16", "02-24 08:30"),  # the next one falls due with it
        ("week", 1, "next", "2026-09-28", "10-08 08:30"),  # National Day, 1 to 7 October
        ("week", 1, "previous", "2026-02-09", "02-14 08:30"),  # a Saturday that is made up for
        ("week", 1, "keep", "2026-02-09", "02-16 08:30"),
        ("week", 6, "next", "2026-02-07", "02-14 08:30"),  # Saturday, worked
        ("week", 6, "next", "2026-02-21", "02-28 08:30"),  # Saturday, worked
        ("half_month", 1, "next", "2026-11-01", "11-16 08:30"),
        ("half_month", 1, "next", "2026-10-16", "11-02 08:30"),  # the first is a Sunday
        ("half_month", 1, "previous", "2026-10-16", "10-30 08:30"),
        ("half_month", 1, "next", "2026-02-01", "02-24 08:30"),
        ("half_month", 3, "next", "2026-02-16", "03-03 08:30"),
        ("month", 3, "next", "2026-09-01", "10-08 08:30"),
        ("month", 3, "previous", "2026-09-01", "09-30 08:30"),
        ("month", 1, "next", "2026-04-01", "05-06 08:30"),  # May Day, 1 to 5 May
        ("month", 25, "next", "2026-01-01", "02-25 08:30"),
    ],
)
def test_drafts_fall_due_on_working_days(every, day, off_day, start, moment):
    assert due(Rhythm(every, day, AT, off_day), start) == moment


rhythms = st.builds(
    lambda every, day, hour, off: Rhythm(every, min(day, MOST_DAY[every]), dt.time(hour, 30), off),
    st.sampled_from(EVERY),
    st.integers(1, 25),
    st.integers(0, 23),
    st.sampled_from(OFF_DAYS),
)
steady = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@steady
@given(rhythms, st.integers(0, 7_000))
def test_periods_follow_one_another_without_gap_or_overlap(rhythm, days):
    day = dt.date(2020, 1, 1) + dt.timedelta(days=days)
    period = rhythm.period_of(day)
    assert period.start <= day < period.end
    assert all(rhythm.period_of(each) == period for each in (period.start, period.last))
    after = rhythm.next_period(period)
    assert after.start == period.end and rhythm.period_of(after.last) == after
    assert rhythm.planned(period) >= period.end


@steady
@given(rhythms, st.integers(5 * 1440, 334 * 1440))
def test_the_next_is_the_first_that_falls_due_after_now(rhythm, minute):
    now = dt.datetime(2026, 1, 1, tzinfo=CIVIL) + dt.timedelta(minutes=minute)
    period = rhythm.next_due(now, DAYS)
    assert rhythm.moment(period, DAYS) > now
    before = rhythm.period_of(period.start - dt.timedelta(days=1))
    assert rhythm.moment(before, DAYS) <= now
    assert rhythm.moment(rhythm.next_period(period), DAYS) >= rhythm.moment(period, DAYS)
    if rhythm.off_day != "keep":
        assert DAYS.is_workday(rhythm.moment(period, DAYS).astimezone(CIVIL).date())


def test_rhythms_are_said_in_words():
    assert str(Rhythm("week", 1, AT)) == "每周一 08:30，遇休息日顺延"
    assert str(Rhythm("half_month", 1, AT, "keep")) == "半月结束后第 1 天 08:30，休息日照常"
    assert str(Rhythm("month", 3, AT, "previous")) == "每月 3 日 08:30，遇休息日提前"


@pytest.mark.parametrize("facts", [("week", 8), ("week", 0), ("half_month", 13), ("month", 26), ("year", 1)])
def test_what_is_no_rhythm_is_refused(facts):
    with pytest.raises(Refused):
        Rhythm(*facts, AT)


def test_periods_know_their_moments():
    period = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 16))
    assert period.last == dt.date(2026, 11, 15)
    assert period.since.astimezone(dt.UTC) == dt.datetime(2026, 10, 31, 16, tzinfo=dt.UTC)
