"""Quiet hours, digests and waiting, as properties over every hour of the day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.messages import rules
from linli.rooms.messages.rules import Habits

_days = st.integers(0, 729 * 86400)
moments = _days.map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
clocks = st.times().map(lambda t: t.replace(microsecond=0))
habits = st.builds(
    Habits,
    quiet_from=st.none() | clocks,
    quiet_to=clocks,
    digest=st.sampled_from(["", "hourly", "daily"]),
    digest_at=clocks,
)


@given(moments, habits)
def test_nothing_goes_out_in_quiet_hours_nor_before_it_happened(moment, habits):
    when, _digest = rules.sending_time(moment, habits, urgent=False)
    assert when >= moment
    assert when - moment <= timedelta(hours=26)
    if habits.digest != "daily":  # the hour of a daily digest is the person's own word
        assert not rules.is_quiet(when, habits)


@given(moments, habits)
def test_what_is_urgent_goes_at_once(moment, habits):
    assert rules.sending_time(moment, habits, urgent=True) == (moment, False)


@given(moments, st.builds(Habits, quiet_from=st.none() | clocks, quiet_to=clocks))
def test_without_digest_and_quiet_nothing_waits(moment, habits):
    when, digest = rules.sending_time(moment, habits, urgent=False)
    assert not digest
    assert (when == moment) is not rules.is_quiet(moment, habits)
    if when != moment:
        assert when.astimezone(CIVIL).time() == habits.quiet_to


@given(moments, clocks)
def test_a_daily_digest_goes_at_its_hour(moment, at):
    when, digest = rules.sending_time(moment, Habits(digest="daily", digest_at=at), urgent=False)
    assert digest and when.astimezone(CIVIL).time() == at and timedelta() <= when - moment < timedelta(days=1)


def test_the_usual_night():
    def at(hour: int, minute: int) -> datetime:
        return datetime(2026, 11, 23, hour, minute, tzinfo=CIVIL)

    for hour, minute, quiet in [(21, 29, False), (21, 30, True), (3, 0, True), (7, 29, True), (7, 30, False)]:
        assert rules.is_quiet(at(hour, minute), rules.DEFAULT_HABITS) is quiet
    assert rules.after_quiet(at(23, 0), rules.DEFAULT_HABITS) == datetime(2026, 11, 24, 7, 30, tzinfo=CIVIL)
    assert rules.after_quiet(at(1, 0), rules.DEFAULT_HABITS) == at(7, 30)
    assert not rules.is_quiet(at(3, 0), Habits(quiet_from=None))
    assert rules.is_quiet(at(13, 0), Habits(quiet_from=time(12), quiet_to=time(14)))


def test_waits_grow_and_stay_bounded():
    waits = [rules.wait_before(tries) for tries in range(1, rules.TRIES)]
    assert waits == sorted(waits) and waits[0] == 30 and max(waits) <= 6 * 3600
    assert 6 * 3600 < sum(waits) < 2 * 86400
    rests = [rules.rest_of_channel(failures) for failures in range(50)]
    assert rests[: rules.SICK_AFTER] == [0.0] * rules.SICK_AFTER
    assert rests == sorted(rests) and max(rests) == 600
