"""A town in which whistles can be blown: units with people who answer, a chief, a case that lies in grid A."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, SINCE, _person, lay_out_town, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.people.models import Unit
from linli.rooms.places import atlas
from linli.rooms.whistles import actions
from linli.rooms.whistles.models import Call, Whistle

MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=CIVIL)
MEETING = MONDAY + dt.timedelta(days=1)


def lay_out_square() -> SimpleNamespace:
    """The town of the cases' tests with a third department, a silent unit, and a grid chief."""
    t = lay_out_town()
    t.water = Unit.objects.create(code="U3", name_zh="排水公司", kind="enterprise", valid_from=SINCE)
    t.silent = Unit.objects.create(code="U4", name_zh="无人单位", kind="department", valid_from=SINCE)
    t.accounts["water_contact"] = _person("water_contact", "unit_contact", unit=t.water)
    t.accounts["water_handler"] = _person("water_handler", "unit_handler", unit=t.water)
    t.accounts["chief"] = _person("chief", "grid_chief", place=t.grid_a)
    t.accounts["chief_b"] = _person("chief_b", "grid_chief", place=t.grid_b)
    return t


@pytest.fixture
def square(db):
    """The town; the clock is the test's own."""
    yield lay_out_square()
    atlas.forget()


def problem(t: SimpleNamespace, picture=None, until: str = "", moment: dt.datetime = MONDAY) -> Case:
    """A case in grid A; `until`: walked along the straight road up to this step, one hour before the moment."""
    with clock.at(moment - dt.timedelta(hours=1)):
        case = reported(t)
        return walk(case, t, picture, until) if until else case


def given(t: SimpleNamespace, **changes) -> actions.Blow:
    facts = {
        "mode": "on_site",
        "at": MEETING,
        "why": "路灯不亮，电缆和排水沟要一起看",
        "units": [t.lamps.pk, t.power.pk, t.water.pk],
        "lead": t.lamps.pk,
        "place_words": "甲一网格路口",
        "lng": IN_A[0],
        "lat": IN_A[1],
    }
    return actions.Blow(**{**facts, **changes})


def blown(t: SimpleNamespace, case: Case, *, moment: dt.datetime = MONDAY, who: str = "chief", **changes) -> Whistle:
    with clock.at(moment):
        return actions.blow(case.pk, given(t, **changes), viewer=t.viewer(who))


def call_of(whistle: Whistle, unit: Unit) -> Call:
    return Call.objects.filter(whistle=whistle, unit=unit).latest("pk")


CONTACTS = {"路灯所": "lamp_contact", "供电所": "power_contact", "排水公司": "water_contact"}


def come(t: SimpleNamespace, whistle: Whistle, unit: Unit, moment: dt.datetime = MEETING) -> Call:
    """The unit's contact checks in at the meeting point."""
    with clock.at(moment):
        call = call_of(whistle, unit)
        return actions.check_in_by_place(whistle.pk, call.pk, *IN_A, 20, viewer=t.viewer(CONTACTS[unit.name_zh]))


def promised(t: SimpleNamespace, whistle: Whistle, unit: Unit, task: str = "换电缆", days: float = 1) -> Call:
    """The unit comes and promises."""
    come(t, whistle, unit)
    with clock.at(MEETING + dt.timedelta(minutes=30)):
        return actions.promise(
            whistle.pk,
            call_of(whistle, unit).pk,
            task,
            MEETING + dt.timedelta(days=days),
            viewer=t.viewer(CONTACTS[unit.name_zh]),
        )
