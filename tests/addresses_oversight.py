"""The addresses of supervision and meetings for `tests.addresses`: an answered order to the lamp unit, a task of its
own, a proposal, a meeting in preparation and one with minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

NO = "*:405"
USERS = "nobody:login supervisor:ok leader:ok verifier:ok lamp_contact:ok power_contact:ok *:403"
ORDER = "nobody:login supervisor:ok leader:ok verifier:ok lamp_contact:ok power_contact:404 *:403"
ORDER_HEARD = "nobody:login supervisor:heard leader:heard verifier:heard lamp_contact:heard power_contact:404 *:403"
BOSSES = "nobody:login supervisor:ok leader:ok *:403"
BOSSES_HEARD = "nobody:login supervisor:heard leader:heard *:403"
SYSTEM, SYSTEM_HEARD = "nobody:login system:ok *:403", "nobody:login system:heard *:403"
EXPORTS = "nobody:login supervisor:heard leader:heard lamp_contact:heard power_contact:heard *:403"
TASKS = "nobody:login supervisor:ok leader:ok lamp_contact:ok power_contact:ok *:403"
TASK = "nobody:login supervisor:ok leader:ok lamp_contact:ok power_contact:404 *:403"
REPORTS = "nobody:login lamp_contact:heard power_contact:404 *:403"
PLANNED = "nobody:login supervisor:ok leader:ok lamp_contact:404 power_contact:404 *:403"

Args = Callable[[SimpleNamespace], Mapping[str, Any]]


def _nothing(world: SimpleNamespace) -> dict[str, Any]:
    return {}


def _order(world: SimpleNamespace) -> dict[str, Any]:
    return {"order_id": world.order.pk}


def _task(world: SimpleNamespace) -> dict[str, Any]:
    return {"task_id": world.task.pk}


def _meeting(world: SimpleNamespace) -> dict[str, Any]:
    return {"meeting_id": world.meeting.pk}


def _item(world: SimpleNamespace) -> dict[str, Any]:
    return {"meeting_id": world.meeting.pk, "item_id": world.agenda_item.pk}


# Name, get, post, arguments, who may look at the page ("" for what is no page).
ROWS: list[tuple[str, str, str, Args, str]] = [
    ("supervision:register", USERS, NO, _nothing, "supervisor"),
    ("supervision:export", NO, EXPORTS, _nothing, ""),
    ("supervision:new", BOSSES, BOSSES_HEARD, _nothing, "supervisor"),
    ("supervision:proposals", BOSSES, NO, _nothing, "supervisor"),
    ("supervision:decide", NO, BOSSES_HEARD, lambda w: {"proposal_id": w.proposal.pk, "what": "dismiss"}, ""),
    ("supervision:settings", SYSTEM, SYSTEM_HEARD, _nothing, "system"),
    ("supervision:lights", SYSTEM, SYSTEM_HEARD, _nothing, "system"),
    ("supervision:order", ORDER, NO, _order, "lamp_contact"),
    ("supervision:send", NO, BOSSES_HEARD, _order, ""),
    ("supervision:sheet", ORDER, NO, _order, "supervisor"),
    ("supervision:evidence", ORDER, NO, lambda w: {**_order(w), "uid": w.evidence.uid}, ""),
    ("supervision:step", ORDER, ORDER_HEARD, lambda w: {**_order(w), "step": "back"}, "verifier"),
    ("supervision:tasks", TASKS, NO, _nothing, "supervisor"),
    ("supervision:task_new", BOSSES, BOSSES_HEARD, _nothing, "supervisor"),
    ("supervision:task", TASK, REPORTS, _task, "lamp_contact"),
    ("supervision:task_edit", BOSSES, BOSSES_HEARD, _task, "supervisor"),
    ("supervision:task_stop", NO, BOSSES_HEARD, _task, ""),
    ("supervision:task_proof", TASK, NO, lambda w: {**_task(w), "uid": w.task_proof.uid}, ""),
    ("meetings:index", TASKS, NO, _nothing, "leader"),
    ("meetings:new", BOSSES, BOSSES_HEARD, _nothing, "leader"),
    ("meetings:kinds", SYSTEM, SYSTEM_HEARD, _nothing, "system"),
    ("meetings:put_on", NO, "nobody:login supervisor:404 leader:404 *:403", _nothing, ""),  # no case was named
    ("meetings:stop", NO, BOSSES_HEARD, lambda w: {"seat_id": w.seat.pk}, ""),
    ("meetings:meeting", PLANNED, NO, _meeting, "leader"),
    ("meetings:screen", PLANNED, NO, _meeting, "leader"),
    ("meetings:minutes", TASK, NO, lambda w: {"meeting_id": w.held_meeting.pk}, ""),
    ("meetings:add", NO, BOSSES_HEARD, _meeting, ""),
    ("meetings:type", NO, BOSSES_HEARD, _item, ""),
    ("meetings:change", NO, BOSSES_HEARD, lambda w: {**_item(w), "what": "up"}, ""),
    ("meetings:attend", NO, BOSSES_HEARD, _meeting, ""),
    ("meetings:act", NO, BOSSES_HEARD, lambda w: {**_meeting(w), "what": "cancel"}, ""),
]


def lay_out(world: SimpleNamespace) -> None:
    """What the rows name."""
    from linli.kernel import clock
    from linli.rooms.oversight.actions import agenda, closing, meetings
    from linli.rooms.oversight.actions.issuing import Writ, issue
    from linli.rooms.oversight.actions.proposals import propose_finding
    from linli.rooms.oversight.actions.steps import take
    from linli.rooms.oversight.actions.tasks import TaskWords, add_task, report_progress
    from linli.rooms.oversight.models import Evidence
    from tests import canary
    from tests.world import picture_maker

    town, picture = world.town, picture_maker()
    boss, contact = town.viewer("supervisor"), town.viewer("lamp_contact")
    case = world.cases["handling"]
    words = Writ(town.lamps.pk, f"路灯不亮{canary.SCRIPT}", f"请修好{canary.SCRIPT}", case_ids=[case.pk])
    world.order = issue(words, viewer=boss)
    take(world.order.pk, "sign", {}, viewer=contact)
    take(world.order.pk, "answer", {"words": f"已修{canary.SCRIPT}", "photos": [picture(contact)]}, viewer=contact)
    world.evidence = Evidence.objects.get(answer__order=world.order)
    world.proposal = propose_finding(key="world", case_ids=[case.pk], title="检查发现", words=canary.SCRIPT)
    day = clock.now().date()
    task = TaskWords(
        "城市更新", "照明", f"背街小巷照明{canary.SCRIPT}", town.lamps.pk, day, day + dt.timedelta(days=60)
    )
    world.task = add_task(task, viewer=boss)
    report_progress(world.task.pk, "已进场", 20, viewer=contact, photos=[picture(contact)])
    world.task_proof = Evidence.objects.get(progress__task=world.task)

    leader, soon = town.viewer("leader"), clock.now() + dt.timedelta(days=3)
    world.seat = meetings.hold_regularly("leading", town.district.pk, viewer=leader)
    for name in ("held_meeting", "meeting"):
        meeting = meetings.call_meeting("leading", town.district.pk, soon, viewer=leader)
        setattr(world, name, meeting)
        world.agenda_item = agenda.add_item(meeting.pk, viewer=leader, title=f"停车{canary.SCRIPT}")
        meetings.attend(meeting.pk, f"演示甲{canary.SCRIPT}", "城管局", viewer=leader)
        if name == "held_meeting":
            meetings.open_meeting(meeting.pk, viewer=leader)
            decided = {"decision": "一周内划线", "outcome": "decided", "unit_id": town.lamps.pk}
            item = world.agenda_item
            agenda.type_item(
                meeting.pk, item.pk, viewer=leader, version=1, due_on=day + dt.timedelta(days=9), **decided
            )
            closing.close_meeting(meeting.pk, viewer=leader)
