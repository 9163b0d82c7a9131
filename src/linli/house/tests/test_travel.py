"""Travelling through time: what falls due on the way happens, once, in order; nothing is lost when it is cut off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from linli.house.management.commands.timetravel import moment_of
from linli.house.travel import ClockFile, NoWayBack, travel
from linli.kernel import clock
from linli.kernel.beats import beat
from linli.kernel.beats.registry import withdraw
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.messages.models import Reminder

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[ClockFile]:
    """The clock of a home, which this process follows."""
    made = ClockFile(tmp_path / "clock")
    clock.run_ahead(made.ahead)
    yield made
    clock.run_ahead(None)


class Waiting:
    """Regular work that waits for a list of moments and does one of them at each call."""

    def __init__(self, name: str, moments: list[dt.datetime], done: list[tuple[str, dt.datetime]]) -> None:
        self.name, self.moments, self.done = name, sorted(moments), done
        self.trouble: Callable[[], None] = lambda: None
        beat(name, every=3600, falls_due=self.next)(self.work)

    def next(self) -> dt.datetime | None:
        return self.moments[0] if self.moments else None

    def work(self) -> None:
        self.trouble()
        if self.moments and self.moments[0] <= clock.now():
            self.done.append((self.name, clock.now()))
            self.moments.pop(0)


@pytest.fixture
def waiting() -> Iterator[Callable[..., Waiting]]:
    made: list[Waiting] = []

    def make(*told: Any) -> Waiting:
        made.append(Waiting(*told))
        return made[-1]

    yield make
    for each in made:
        withdraw(each.name)


def test_what_falls_due_on_the_way_happens_in_its_order_and_at_its_moment(
    file: ClockFile, waiting: Callable[..., Waiting]
) -> None:
    start, done = clock.now(), []
    waiting("test.a", [start + 2 * HOUR, start + 5 * HOUR, start + 50 * HOUR], done)
    waiting("test.b", [start - HOUR, start + 3 * HOUR], done)
    journey = travel(start + 10 * HOUR, file)
    assert [name for name, _at in done] == ["test.b", "test.a", "test.b", "test.a"]
    assert [round((at - start) / HOUR, 1) for _name, at in done] == [0.0, 2.0, 3.0, 5.0]
    assert journey.stuck == []
    assert abs(clock.now() - (start + 10 * HOUR)) < dt.timedelta(minutes=2), "the clock goes on from there"


def test_work_that_does_not_get_on_is_named_and_holds_up_nobody(
    file: ClockFile, waiting: Callable[..., Waiting]
) -> None:
    start, done = clock.now(), []
    stuck = waiting("test.a_stuck", [start + HOUR], done)
    stuck.work = lambda: None  # type: ignore[method-assign]
    withdraw(stuck.name)
    beat(stuck.name, every=3600, falls_due=stuck.next)(stuck.work)
    waiting("test.b", [start + 2 * HOUR], done)
    journey = travel(start + 3 * HOUR, file)
    assert journey.stuck == ["test.a_stuck"]
    assert [name for name, _at in done] == ["test.b"]


def test_a_journey_that_was_cut_off_is_taken_up_where_it_stood(
    file: ClockFile, waiting: Callable[..., Waiting]
) -> None:
    start, done = clock.now(), []
    work = waiting("test.a", [start + HOUR, start + 2 * HOUR, start + 3 * HOUR], done)

    def cut() -> None:
        if len(done) == 1:
            raise KeyboardInterrupt

    work.trouble = cut
    with pytest.raises(KeyboardInterrupt):
        travel(start + 4 * HOUR, file)
    assert abs(clock.now() - (start + 2 * HOUR)) < dt.timedelta(minutes=2)
    work.trouble = lambda: None
    travel(start + 4 * HOUR, file)
    assert len(done) == 3


def test_time_goes_forward_only(file: ClockFile) -> None:
    with pytest.raises(NoWayBack):
        travel(clock.now() - HOUR, file)


def test_people_are_reminded_and_suspended_cases_wake_on_the_way(file: ClockFile, town: Any, picture: Any) -> None:
    near = walk(reported(town), town, picture, "receive")
    asleep = walk(reported(town), town, picture, "receive")
    until = (clock.now() + dt.timedelta(days=12)).astimezone(CIVIL).date().isoformat()
    asleep = take(asleep.pk, "suspend", {"until": until, "words": "等配件"}, viewer=town.viewer("leader"))
    assert asleep.state == "suspended" and asleep.suspended_until and near.current_due_at
    travel(asleep.suspended_until + HOUR, file)
    assert Case.objects.get(pk=asleep.pk).state == "handling"
    reminders = Reminder.objects.filter(case=near).order_by("at")
    assert [each.kind for each in reminders] == ["deadline.near", "deadline.overdue"]
    assert reminders[0].at < near.current_due_at
    assert dt.timedelta() < reminders[1].at - near.current_due_at < dt.timedelta(seconds=1)


def test_only_a_demo_home_can_travel() -> None:
    with pytest.raises(CommandError, match="demo home"):
        call_command("timetravel", to="2099-01-01")


def test_a_moment_without_a_zone_is_civil_time() -> None:
    assert moment_of("2026-12-01T09:00") == dt.datetime(2026, 12, 1, 9, tzinfo=CIVIL)
    assert moment_of("2026-12-01T09:00Z") == dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
    with pytest.raises(CommandError, match="no moment"):
        moment_of("tomorrow")
