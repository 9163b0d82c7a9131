"""Plans, inspections and findings for the tests: short ways to make them in the town of the cases."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, intake
from linli.rooms.cases.tests.walking import ROAD, given_for
from linli.rooms.fieldwork.actions.findings import FindingWords
from linli.rooms.fieldwork.actions.inspections import InspectionWords, ItemWords, save_inspection
from linli.rooms.fieldwork.actions.plans import PlanWords, PointWords, save_plan
from linli.rooms.fieldwork.models import Inspection, PatrolPlan

MONDAY = dt.date(2026, 11, 23)


def moment(day: dt.date = MONDAY, hour: int = 9, minute: int = 0) -> dt.datetime:
    """A moment of civil time."""
    return dt.datetime.combine(day, dt.time(hour, minute), CIVIL)


def plan_words(town: SimpleNamespace, **given: Any) -> PlanWords:
    given.setdefault("name", "消防通道日查")
    given.setdefault("place_id", town.grid_a.pk)
    given.setdefault(
        "points",
        [
            PointWords("一号消防通道", "有没有车辆占用", lng=IN_A[0], lat=IN_A[1], item_key=LAMP),
            PointWords("充电棚", "有没有飞线充电"),
        ],
    )
    return PlanWords(**given)


def plan(town: SimpleNamespace, viewer: str = "cadre_a", **given: Any) -> PatrolPlan:
    return save_plan(plan_words(town, **given), viewer=town.viewer(viewer))


def inspection_words(town: SimpleNamespace, **given: Any) -> InspectionWords:
    given.setdefault("level", "special")
    given.setdefault("theme", "消防通道和电动车充电")
    given.setdefault("place_id", town.district.pk)
    given.setdefault("starts_on", MONDAY)
    given.setdefault("ends_on", MONDAY + dt.timedelta(days=10))
    given.setdefault("sample_size", 1)
    given.setdefault(
        "items",
        [
            ItemWords(
                "消防通道畅通", weight=60, item_key=LAMP, unit_id=town.lamps.pk, limit=TimeLimit(24, "urgent_hours")
            ),
            ItemWords("没有飞线充电", weight=40, proof="never"),
        ],
    )
    return InspectionWords(**given)


def inspection(town: SimpleNamespace, **given: Any) -> Inspection:
    return save_inspection(inspection_words(town, **given), viewer=town.viewer("supervisor"))


def finding_words(picture: Any, viewer: Any, **given: Any) -> FindingWords:
    about = {
        name: given.pop(name)
        for name in ("key", "words", "lng", "lat", "place_id", "item_key", "photos")
        if name in given
    }
    about.setdefault("item_key", LAMP)
    about.setdefault("words", "消防通道里停着三辆电动车")
    about.setdefault("photos", [picture(viewer)])
    return FindingWords(intake(channel="field", **about), **given)


def walk_on(case: Case, town: SimpleNamespace, picture: Any, until: str = "close") -> Case:
    """The straight road from the unit's desk on, up to and with `until`."""
    for step, name in ROAD[3:]:
        viewer = town.viewer(name)
        case = take(case.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
        if step == until:
            break
    return case
