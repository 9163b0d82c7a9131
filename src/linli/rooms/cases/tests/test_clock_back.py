"""The clock is set back in the middle of a case's life: nothing is refused for it, nothing loses its order."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from linli.kernel import clock
from linli.kernel.journal import queries as stories
from linli.kernel.journal.jobs import seal
from linli.kernel.journal.verify import verify
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.page import moments
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import ROAD, given_for

NOON = dt.datetime(2026, 11, 17, 4, 0, tzinfo=dt.UTC)
MIDDLE = next(place for place, (step, _who) in enumerate(ROAD) if step == "receive") + 1


def walk_on(case: Case, town: SimpleNamespace, picture: Any, road: list[tuple[str, str]]) -> Case:
    """Take these steps, each by who takes it."""
    for step, name in road:
        viewer = town.viewer(name)
        case = take(case.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
    return case


def test_a_case_lives_on_when_the_clock_is_set_back(
    town: SimpleNamespace, picture: Any, settings: Any, tmp_path: Path
) -> None:
    settings.LINLI_HOME = tmp_path  # no checkpoint of another test's journal
    with clock.at(NOON):
        case = walk_on(reported(town), town, picture, ROAD[:MIDDLE])
        due = case.due_at
    with clock.at(NOON - dt.timedelta(hours=30)):
        case.refresh_from_db()
        assert case.due_at == due, "a deadline does not move with the clock"
        walk_on(case, town, picture, ROAD[MIDDLE:])
    case = Case.objects.get(pk=case.pk)
    assert case.state == "closed"
    versions = [entry.after["version"] for entry in stories.of("case", case.pk) if entry.after]
    assert versions == sorted(set(versions)) and versions[-1] == case.version
    assert [moment.at for moment in moments(case, [])], "its story can be read"
    seal()
    assert verify().sound


def test_numbers_stay_unique_when_a_day_comes_twice(town: SimpleNamespace) -> None:
    numbers = []
    for hours in (0, 24, 0, 24):
        with clock.at(NOON + dt.timedelta(hours=hours)):
            numbers.append(reported(town).number)
    assert len(set(numbers)) == 4
