"""Weeks in the life of a neighbourhood: the clock runs, the worker does what falls due, people act in between."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

from linli.house.travel import ClockFile, travel
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.journal.jobs import seal
from linli.kernel.journal.verify import verify
from linli.kernel.outbox.jobs import drain
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.walking import given_for
from linli.rooms.ladder.tests.rungs import dispatched, standing, stays, with_ladder
from linli.rooms.messages.models import Notice
from linli.rooms.oversight.actions import agenda, closing, meetings
from linli.rooms.oversight.models import Meeting, Order

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 11, 16, 9, 30, tzinfo=CIVIL)


@pytest.fixture
def until(tmp_path: Path) -> Iterator[Callable[[dt.datetime], None]]:
    """Lets the clock run to a moment, with everything that falls due on the way; it begins on a Monday morning."""
    file = ClockFile(tmp_path / "clock")
    file.show(MONDAY)
    clock.run_ahead(file.ahead)

    def run(moment: dt.datetime) -> None:
        journey = travel(moment, file)
        assert journey.stuck == []

    yield run
    clock.run_ahead(None)


def on_top(town: SimpleNamespace, until: Callable[[dt.datetime], None]) -> Case:
    """A case nobody solves, given to the community on Monday morning."""
    case = dispatched(town, at=clock.now())
    moment = clock.now()
    for _day in range(60):
        if standing(case).level == 4:
            return case
        moment += dt.timedelta(days=1)
        until(moment)
    raise AssertionError("it never climbed to the top")


def test_a_stuck_case_climbs_to_the_leading_group_and_comes_down_with_an_owner_and_a_day(
    town: SimpleNamespace, until: Callable[[dt.datetime], None], picture: Any
) -> None:
    with_ladder(town, at=MONDAY)
    leader = town.viewer("leader")
    meetings.hold_regularly("leading", town.district.pk, viewer=leader, venue="区政府三楼会议室")
    case = on_top(town, until)
    climbed = stays(case)
    assert [stay.level for stay in climbed] == [1, 2, 3, 4]
    assert all(earlier.left_at == later.entered_at for earlier, later in itertools.pairwise(climbed))
    assert [stay.left_at <= stay.due_at + dt.timedelta(minutes=1) for stay in climbed[:3]] == [True] * 3
    assert Notice.objects.filter(kind="duty.warned", account=town.accounts["chief"]).exists(), "nobody is surprised"

    until(clock.now() + dt.timedelta(days=32))
    meeting = Meeting.objects.filter(items__case=case).order_by("pk").last()
    assert meeting is not None, "the fourth tier fills the agenda"
    meetings.open_meeting(meeting.pk, viewer=leader)
    day = (clock.now() + dt.timedelta(days=10)).astimezone(CIVIL).date()
    for item in meeting.items.all():
        if item.case_id == case.pk:
            agenda.type_item(
                meeting.pk, item.pk, viewer=leader, version=item.version, decision="供电所十天内换线",
                outcome="decided", unit_id=town.power.pk, due_on=day,
            )  # fmt: skip
        else:
            agenda.type_item(meeting.pk, item.pk, viewer=leader, version=item.version, outcome="postponed")
    closing.close_meeting(meeting.pk, viewer=leader)
    closing.close_meeting(meeting.pk, viewer=leader)
    drain()
    case.refresh_from_db()
    down = standing(case)
    assert case.unit == town.power and case.state == "dispatched"
    assert down.level < 4 and down.due_at and down.due_at.astimezone(CIVIL).date() == day
    assert [stay.outcome for stay in stays(case)].count("assigned") == 1
    assert not Order.objects.filter(source="meeting").exists(), "what is on the ladder is handed down on the ladder"
    assert Notice.objects.filter(kind="duty.assigned", account=town.accounts["power_contact"]).exists()
    agrees_with_its_record()


def test_what_is_solved_in_time_never_climbs(
    town: SimpleNamespace, until: Callable[[dt.datetime], None], picture: Any
) -> None:
    with_ladder(town, at=MONDAY)
    case = dispatched(town, unit=town.lamps, at=clock.now())
    for code, who in (("receive", "lamp_contact"), ("handle", "lamp_handler"), ("confirm", "lamp_contact")):
        viewer = town.viewer(who)
        take(case.pk, code, given_for(code, town, picture, viewer), viewer=viewer)
    drain()
    until(clock.now() + dt.timedelta(days=40))
    assert len(stays(case)) == 1
    agrees_with_its_record()


def agrees_with_its_record() -> None:
    """Every figure is what the journal gives, and the journal is whole."""
    drain()
    call_command("recount")
    while seal():
        pass
    assert not verify().faults
