"""The addresses of patrols and inspections for `tests.addresses`: (name, GET, POST, arguments, query, eye)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

# Grid A is walked by its worker and the verifier; supervisor and leader plan inspections over it.
WALKS = "nobody:login worker_a:ok verifier:ok worker_b:404 supervisor:404 leader:404 *:403"
SEES = "nobody:login worker_a:ok verifier:ok supervisor:ok leader:ok worker_b:404 *:403"
ALL = "nobody:login worker_a:ok worker_b:ok verifier:ok supervisor:ok leader:ok *:403"
TAPS = "nobody:login worker_a:heard verifier:heard worker_b:404 *:403"
CHECKS = "nobody:login worker_a:heard verifier:heard supervisor:heard leader:heard worker_b:404 *:403"
PLANS = "nobody:login supervisor:ok leader:ok *:403"
PLANS_HEARD = "nobody:login supervisor:heard leader:heard *:403"
NOBODY_PLANS = "nobody:login *:403"
CASES = "nobody:login resident:403 admins:403 posts:ok"
NO = "*:405"

Args = Callable[[SimpleNamespace], Mapping[str, Any]]
Query = Callable[[SimpleNamespace], str]


def lay_out(world: SimpleNamespace) -> None:
    """A patrol of grid A today, and an inspection with a visit there."""
    from linli.kernel import clock
    from linli.kernel.clock.calendar import CIVIL
    from linli.rooms.fieldwork.actions.inspections import open_inspection
    from linli.rooms.fieldwork.actions.patrols import make_due
    from linli.rooms.fieldwork.models import Patrol
    from linli.rooms.fieldwork.tests.making import inspection, plan

    today = clock.now().astimezone(CIVIL).date()
    with clock.at(dt.datetime.combine(today, dt.time(7), CIVIL)):
        world.patrol_plan = plan(world.town, days="every_day")
        make_due()
        world.patrol = Patrol.objects.get(plan=world.patrol_plan)
        period = {"starts_on": today, "ends_on": today + dt.timedelta(days=7)}
        world.inspection = inspection(world.town, sample="chosen", chosen=[world.town.grid_a.pk], **period)
        open_inspection(world.inspection.pk, viewer=world.town.viewer("supervisor"))
        world.inspection_draft = inspection(world.town, **period)
    world.visit = world.inspection.visits.get()


def _nothing(world: SimpleNamespace) -> dict[str, Any]:
    return {}


def _no_query(world: SimpleNamespace) -> str:
    return ""


def _patrol(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.patrol.pk}


def _stop(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.patrol.pk, "sequence": 1}


def _visit(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.visit.pk}


def _answer(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.visit.pk, "item": world.inspection.items.first().pk}


def _plan(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.patrol_plan.pk}


def _inspection(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.inspection.pk}


def _draft(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.inspection_draft.pk}


def _act(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.inspection.pk, "step": "finish"}


def _unit(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.town.lamps.pk}


def _place(world: SimpleNamespace) -> dict[str, Any]:
    return {"pk": world.town.grid_a.pk}


ROWS: list[tuple[str, str, str, Args, Query, str]] = [
    ("today", ALL, NO, _nothing, _no_query, "worker_a"),
    ("patrol", SEES, NO, _patrol, _no_query, "worker_a"),
    ("points", SEES, NO, _patrol, _no_query, ""),
    ("start", NO, TAPS, _patrol, _no_query, ""),
    ("finish", NO, TAPS, _patrol, _no_query, ""),
    ("stop", NO, TAPS, _stop, _no_query, ""),
    ("patrol_finding", "nobody:login worker_a:ok verifier:ok worker_b:404 *:403", TAPS, _patrol, _no_query, "worker_a"),
    ("visit", SEES, NO, _visit, _no_query, "worker_a"),
    ("answer", NO, CHECKS, _answer, _no_query, ""),
    ("visit_finding", SEES, CHECKS, _visit, _no_query, "worker_a"),
    ("close_visit", NO, CHECKS, _visit, _no_query, ""),
    ("sign_visit", NO, CHECKS, _visit, _no_query, ""),
    ("sheet", SEES, NO, _visit, _no_query, "supervisor"),
    ("whose", ALL, NO, _nothing, _no_query, ""),
    ("board", ALL, NO, _nothing, _no_query, "supervisor"),
    ("plans", PLANS, NO, _nothing, _no_query, "supervisor"),
    ("new_plan", NOBODY_PLANS, NOBODY_PLANS, _nothing, _no_query, ""),
    ("plan", PLANS, NOBODY_PLANS, _plan, _no_query, "supervisor"),
    ("switch_plan", NO, NOBODY_PLANS, _plan, _no_query, ""),
    ("inspections", ALL, NO, _nothing, _no_query, "supervisor"),
    ("new_inspection", PLANS, PLANS_HEARD, _nothing, _no_query, "supervisor"),
    ("inspection", SEES, NO, _inspection, _no_query, "supervisor"),
    ("inspection_grids", SEES, NO, _inspection, _no_query, ""),
    ("edit_inspection", PLANS, PLANS_HEARD, _draft, _no_query, "supervisor"),
    ("act", NO, PLANS_HEARD, _act, _no_query, ""),
    ("findings", CASES, NO, _nothing, _no_query, "supervisor"),
    ("unit", CASES, NO, _unit, _no_query, "lamp_contact"),
    ("place", CASES, NO, _place, _no_query, "supervisor"),
    ("limits", PLANS, PLANS_HEARD, _nothing, _no_query, "supervisor"),
]
