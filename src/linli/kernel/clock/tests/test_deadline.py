import timeit
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.clock.calendar import CIVIL, Calendar
from linli.kernel.clock.limits import UNITS, TimeLimit
from linli.kernel.clock.rules import deadline, elapsed, light, near_at, remaining
from linli.kernel.errors import Refused

from .examples import SHIPPED, civil, limits, moments, pauses, shown, working_moments

HOURS, DAYS = "working_hours", "working_days"

TABLE = [
    # start, amount, unit, due, why
    (
        "2026-02-13 17:00",
        4,
        HOURS,
        "2026-02-14 11:00",
        "the Saturday before Spring Festival is a make-up day",
    ),
    ("2026-11-20 16:00", 1, DAYS, "2026-11-23 16:00", "Friday to Monday keeps the minute"),
    ("2026-11-20 16:13", 1, DAYS, "2026-11-23 16:13", "to the minute"),
    ("2026-11-20 16:00", 8, HOURS, "2026-11-23 16:00", "eight working hours are a working day"),
    ("2026-11-16 08:00", 1, DAYS, "2026-11-16 18:00", "a whole day is used up at closing time"),
    ("2026-11-16 08:00", 4, HOURS, "2026-11-16 12:00", "half a day is used up at noon"),
    ("2026-11-16 11:00", 2, HOURS, "2026-11-16 15:00", "lunch does not count"),
    ("2026-11-16 12:30", 1, HOURS, "2026-11-16 15:00", "a start at lunch counts from two"),
    ("2026-11-16 20:00", 1, HOURS, "2026-11-17 09:00", "a start in the evening counts from the morning"),
    ("2026-11-21 10:00", 1, DAYS, "2026-11-23 18:00", "a start on Saturday has the whole Monday"),
    ("2026-11-21 10:00", 2, "urgent_hours", "2026-11-21 12:00", "urgent hours run on Saturday"),
    ("2026-11-20 23:30", 2, "urgent_hours", "2026-11-21 01:30", "and at night"),
    ("2026-09-30 17:00", 15, "calendar_days", "2026-10-15 17:00", "calendar days run through the holidays"),
    ("2026-09-30 17:00", 1, DAYS, "2026-10-08 17:00", "working days do not"),
    ("2026-12-30 09:00", 2, DAYS, "2027-01-01 09:00", "next year's holidays are not known yet"),
]
MAKE_UP_DAYS = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


@pytest.mark.parametrize(("start", "amount", "unit", "due", "why"), TABLE, ids=[row[-1] for row in TABLE])
def test_the_worked_examples(start, amount, unit, due, why):
    assert shown(deadline(civil(start), TimeLimit(amount, unit), SHIPPED).at) == due


@pytest.mark.parametrize("day", MAKE_UP_DAYS)
def test_make_up_days_of_2026_are_worked(day):
    assert date.fromisoformat(day).weekday() >= 5
    assert SHIPPED.is_workday(date.fromisoformat(day))
    assert shown(deadline(civil(f"{day} 08:30"), TimeLimit(2, HOURS), SHIPPED).at) == f"{day} 10:30"


def test_the_answer_is_in_utc():
    assert deadline(civil("2026-11-16 09:00"), TimeLimit(1, HOURS), SHIPPED).at.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "amount", "unit", "provisional"),
    [
        ("2026-12-30 09:00", 2, DAYS, True),
        ("2026-12-30 09:00", 1, DAYS, False),
        ("2026-12-31 17:00", 1, HOURS, False),
        ("2026-12-31 17:00", 2, HOURS, True),
        ("2026-12-31 23:00", 5, "urgent_hours", False),
        ("2026-12-31 23:00", 5, "calendar_days", False),
        ("2027-03-01 09:00", 1, HOURS, True),
    ],
)
def test_a_deadline_that_runs_into_an_unknown_year_is_provisional(start, amount, unit, provisional):
    assert deadline(civil(start), TimeLimit(amount, unit), SHIPPED).provisional is provisional


def test_a_year_made_official_moves_its_provisional_deadlines():
    start, limit = civil("2026-12-31 16:00"), TimeLimit(1, DAYS)
    known = Calendar(
        exceptions={**SHIPPED.exceptions, date(2027, 1, 1): "off"},
        official_years=SHIPPED.official_years | {2027},
    )
    assert deadline(start, limit, SHIPPED)[:2] == (civil("2027-01-01 16:00"), True)
    assert deadline(start, limit, known)[:2] == (civil("2027-01-04 16:00"), False)


@given(moments, limits, limits.map(lambda limit: limit.amount), pauses())
def test_more_time_is_never_due_earlier(start, limit, more, stands):
    longer = TimeLimit(limit.amount + more, limit.unit)
    assert deadline(start, longer, SHIPPED, stands).at > deadline(start, limit, SHIPPED, stands).at


@given(moments, moments, limits, pauses())
def test_a_later_start_is_never_due_earlier(first, second, limit, stands):
    first, second = sorted([first, second])
    assert deadline(first, limit, SHIPPED, stands).at <= deadline(second, limit, SHIPPED, stands).at


@given(moments, limits, st.integers(1, 40), pauses())
def test_limits_add_up(start, limit, more, stands):
    extension = TimeLimit(more, limit.unit)
    whole = deadline(start, TimeLimit(limit.amount + more, limit.unit), SHIPPED, stands)
    first = deadline(start, limit, SHIPPED, stands)
    assert deadline(first.at, extension, SHIPPED, stands).at == whole.at
    assert deadline(start, limit, SHIPPED, stands, extensions=[extension]) == whole


@given(moments, limits, pauses())
def test_exactly_the_limit_has_gone_by_at_the_deadline_whatever_the_pauses(start, limit, stands):
    due = deadline(start, limit, SHIPPED, stands).at
    assert elapsed(start, due, limit.unit, SHIPPED, stands) == limit.amount
    assert elapsed(start, due - timedelta(seconds=1), limit.unit, SHIPPED, stands) < limit.amount


@given(moments, limits, pauses(), pauses())
def test_a_pause_never_brings_a_deadline_forward(start, limit, stands, more):
    assert deadline(start, limit, SHIPPED, stands + more).at >= deadline(start, limit, SHIPPED, stands).at


@given(moments, limits, pauses())
def test_how_pauses_are_cut_up_and_ordered_makes_no_difference(start, limit, stands):
    cut = []
    for since, until in reversed(stands):
        middle = since + (until - since) / 2
        cut += [(middle, until), (since, middle), (since, middle)]
    assert deadline(start, limit, SHIPPED, cut) == deadline(start, limit, SHIPPED, stands)


@given(moments, limits, st.integers(1, 500))
def test_a_pause_in_the_time_that_runs_moves_the_deadline_by_its_own_length(start, limit, hours):
    """Whatever unit: what the clock did not count is given back in full after the pause."""
    plain = deadline(start, limit, SHIPPED).at
    since = start + (plain - start) / 2
    until = since + timedelta(hours=hours)
    paused = deadline(start, limit, SHIPPED, [(since, until)]).at
    lost = elapsed(since, until, limit.unit, SHIPPED)
    assert elapsed(plain, paused, limit.unit, SHIPPED) == pytest.approx(lost)


def test_a_pause_outside_working_hours_changes_nothing():
    start, limit = civil("2026-11-20 16:00"), TimeLimit(1, DAYS)
    weekend = [(civil("2026-11-20 18:00"), civil("2026-11-23 08:00"))]
    assert shown(deadline(start, limit, SHIPPED, weekend).at) == "2026-11-23 16:00"


def test_a_pause_before_the_start_or_after_the_deadline_changes_nothing():
    start, limit = civil("2026-11-20 16:00"), TimeLimit(1, DAYS)
    far = [(civil("2026-11-01 08:00"), civil("2026-11-02 08:00")), (civil("2026-12-01 08:00"), None)]
    assert deadline(start, limit, SHIPPED, far) == deadline(start, limit, SHIPPED)


def test_an_open_pause_keeps_the_clock_standing():
    start, limit = civil("2026-11-16 09:00"), TimeLimit(1, DAYS)
    open_ended = deadline(start, limit, SHIPPED, [(civil("2026-11-16 10:00"), None)])
    closed = deadline(start, limit, SHIPPED, [(civil("2026-11-16 10:00"), civil("2026-11-18 10:00"))])
    assert open_ended.standing and not closed.standing
    assert open_ended.at <= closed.at
    assert shown(closed.at) == "2026-11-19 09:00"
    assert elapsed(start, civil("2026-12-01 09:00"), HOURS, SHIPPED, [(civil("2026-11-16 10:00"), None)]) == 1


@given(working_moments, st.integers(1, 30), st.sampled_from([((540, 720), (780, 1020)), ((0, 1440),)]))
def test_a_working_day_keeps_the_minute_whatever_the_working_hours(start, days, hours):
    calendar = Calendar(((date.min, hours),), SHIPPED.exceptions, SHIPPED.official_years)
    local = start.hour * 60 + start.minute
    inside = any(opens < local < closes for opens, closes in hours)
    due = deadline(start, TimeLimit(days, DAYS), calendar).at.astimezone(CIVIL)
    if inside:
        assert (due.hour, due.minute) == (start.hour, start.minute)
        workdays = sum(
            calendar.is_workday(start.date() + timedelta(days=n + 1)) for n in range((due.date() - start.date()).days)
        )
        assert workdays == days


@given(working_moments, st.integers(1, 30))
def test_with_the_usual_hours_a_working_day_is_eight_working_hours(start, days):
    assert deadline(start, TimeLimit(days, DAYS), SHIPPED) == deadline(start, TimeLimit(days * 8, HOURS), SHIPPED)


def test_changed_working_hours_hold_from_their_day_on():
    summer = Calendar(
        (
            (date.min, ((480, 720), (840, 1080))),
            (date(2026, 7, 1), ((480, 720), (900, 1080))),
            (date(2026, 10, 1), ((480, 720), (840, 1080))),
        ),
        SHIPPED.exceptions,
        SHIPPED.official_years,
    )
    assert shown(deadline(civil("2026-06-30 11:00"), TimeLimit(2, HOURS), summer).at) == "2026-06-30 15:00"
    assert shown(deadline(civil("2026-07-01 11:00"), TimeLimit(2, HOURS), summer).at) == "2026-07-01 16:00"
    assert shown(deadline(civil("2026-07-01 09:00"), TimeLimit(1, DAYS), summer).at) == "2026-07-02 09:00"
    assert shown(deadline(civil("2026-06-30 12:00"), TimeLimit(1, DAYS), summer).at) == "2026-07-01 11:30"


@given(moments, moments, st.sampled_from(UNITS), pauses())
def test_time_gone_and_time_left_are_two_sides(one, other, unit, stands):
    assert elapsed(one, other, unit, SHIPPED, stands) == -elapsed(other, one, unit, SHIPPED, stands)
    assert remaining(one, other, unit, SHIPPED, stands) == elapsed(one, other, unit, SHIPPED, stands)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-20 16:00", "on_track"),
        ("2026-11-21 23:00", "on_track"),
        ("2026-11-23 14:00", "on_track"),
        ("2026-11-23 14:24", "near"),
        ("2026-11-23 16:00", "near"),
        ("2026-11-23 16:01", "overdue"),
    ],
)
def test_a_weekend_does_not_turn_the_light(now, expected):
    start, due = civil("2026-11-20 16:00"), civil("2026-11-23 16:00")
    assert light(civil(now), start, due, 0.2, DAYS, SHIPPED) == expected


@given(moments, limits, st.floats(0, 1), pauses())
def test_near_lies_between_start_and_deadline_and_moves_with_its_share(start, limit, share, stands):
    due = deadline(start, limit, SHIPPED, stands).at
    near = near_at(start, due, share, limit.unit, SHIPPED, stands)
    assert start <= near <= due
    assert near_at(start, due, share / 2, limit.unit, SHIPPED, stands) >= near
    assert near_at(start, due, 0, limit.unit, SHIPPED, stands) == due
    assert near_at(start, due, 1, limit.unit, SHIPPED, stands) == start


def test_a_plain_light_needs_no_calendar():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    due = start + timedelta(hours=10)
    assert [light(start + timedelta(hours=n), start, due, 0.2) for n in (0, 7, 8, 10, 11)] == [
        "on_track", "on_track", "near", "near", "overdue",
    ]  # fmt: skip


def test_calendars_are_values():
    assert Calendar() == Calendar() and hash(Calendar()) == hash(Calendar())
    assert Calendar() != SHIPPED
    with pytest.raises(TypeError):
        Calendar().exceptions[date(2026, 1, 1)] = "off"


@pytest.mark.parametrize("hours", [(), ((600, 600),), ((700, 600),), ((0, 1441),), ((480, 720), (700, 900))])
def test_impossible_working_hours_are_refused(hours):
    with pytest.raises(Refused):
        Calendar(((date.min, hours),))


def test_a_calendar_without_working_days_ends_in_words_not_in_a_loop():
    with pytest.raises(Refused):
        Calendar(workweek=frozenset())
    with pytest.raises(Refused):
        deadline(datetime(1492, 1, 1, tzinfo=UTC), TimeLimit(1, DAYS), SHIPPED)


def test_the_longest_limits_still_end():
    assert shown(deadline(civil("2026-11-20 16:00"), TimeLimit(10_000, DAYS), SHIPPED).at) == "2065-03-20 16:00"


def test_a_naive_moment_is_a_defect():
    with pytest.raises(TypeError):
        deadline(datetime(2026, 1, 1), TimeLimit(1, HOURS), SHIPPED)  # noqa: DTZ001


def test_a_deadline_costs_microseconds():
    start, limit = civil("2026-11-20 16:13"), TimeLimit(2, DAYS)
    stands = [(civil("2026-11-20 17:00"), civil("2026-12-01 09:00"))]
    best = min(timeit.repeat(lambda: deadline(start, limit, SHIPPED, stands), number=500, repeat=5)) / 500
    assert best < 100e-6
