"""What the worker does for supervision: finds causes, keeps orders in step with their cases, turns lights."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Max, Min, Q

from linli.kernel import clock
from linli.kernel.beats import beat
from linli.kernel.outbox import StoredEvent, subscriber
from linli.rooms.cases.models import Case
from linli.rooms.oversight.actions import evidence, follow, meetings, proposals
from linli.rooms.oversight.actions.tasks import turn_task_lights
from linli.rooms.oversight.models import CaseWatch, Order, Seat, Task

# Events that move a case's handling deadline, stop its clock or end it.
CLOCKED = frozenset(
    {
        "case.registered", "case.dispatched", "case.returned", "case.confirmed", "case.reworked", "case.closed",
        "case.reopened", "case.withdrawn", "case.merged", "case.extension_approved", "case.suspended",
        "case.resumed", "case.assisted",
    }
)  # fmt: skip
LADDER = frozenset({"duty.entered", "duty.climbed", "duty.swept", "duty.assigned", "duty.succeeded", "duty.overdue"})


@subscriber("oversight.watch", kinds=CLOCKED)
def watch(event: StoredEvent) -> None:
    """A case's deadline may have moved: look at it when its light will turn."""
    follow.watch(event.object_id)


@subscriber("oversight.follow", kinds=CLOCKED | LADDER)
def in_step(event: StoredEvent) -> None:
    """The orders about a case follow it."""
    case_id = event.data.get("case_id") if event.object_type != "case" else event.object_id
    if case_id:
        follow.follow_case(int(case_id), event.id, event.kind, event.data)


@subscriber("oversight.bad_ratings", kinds={"case.rated"})
def bad_ratings(event: StoredEvent) -> None:
    """Every bad rating is proposed for an order and has to be called back."""
    case = Case.objects.select_related("item").filter(pk=event.object_id).first()
    level = str(event.data.get("level") or "")
    if case is not None and event.data.get("report"):
        proposals.propose_for_rating(
            case, int(event.data["report"]), str(event.data.get("solved", "")), int(level) if level.isdigit() else None
        )


@subscriber("oversight.complaints", kinds={"case.reopened"})
def complaints(event: StoredEvent) -> None:
    """A reporter who had a case reopened."""
    case = Case.objects.select_related("item").filter(pk=event.object_id).first()
    if case is not None and case.reopened:
        proposals.propose_for_complaint(case, str(event.data.get("words", "")))


@subscriber("oversight.recurring", kinds={"case.accepted"})
def recurring(event: StoredEvent) -> None:
    """The same item once more at the same spot."""
    case = Case.objects.select_related("item", "place").filter(pk=event.object_id).first()
    if case is not None:
        proposals.propose_for_place(case)


@subscriber("oversight.calendar_changed", kinds={"clock.calendar_changed"})
def calendar_changed(event: StoredEvent) -> None:
    """A year was imported or a day moved: every running deadline is computed anew."""
    follow.recompute(list(Order.objects.filter(is_open=True).order_by("pk").values_list("pk", flat=True)))
    CaseWatch.objects.filter(case__is_open=True, case__due_at__isnull=False).exclude(next_at=None).update(
        next_at=clock.now()
    )


def next_light() -> dt.datetime | None:
    """When the light of an order turns next."""
    found: dt.datetime | None = Order.objects.filter(light_next_at__isnull=False).aggregate(at=Min("light_next_at"))[
        "at"
    ]
    return found


@beat("oversight.lights", every=5, falls_due=next_light)
def lights() -> None:
    """Signing, answering and checking that come near their limit or run over it."""
    follow.turn_lights()


def next_look() -> dt.datetime | None:
    """When the light of a case turns next."""
    found: dt.datetime | None = CaseWatch.objects.filter(next_at__isnull=False).aggregate(at=Min("next_at"))["at"]
    return found


@beat("oversight.cases", every=5, falls_due=next_look)
def cases() -> None:
    """Cases that come near their handling deadline or run over it."""
    follow.look_at_cases()


@beat("oversight.out_of_step", every=300)
def out_of_step() -> None:
    """Orders whose cases' deadlines moved without an event (a year's calendar): catch up."""
    behind = (
        Order.objects.filter(is_open=True, in_step=True, state__in=("issued", "signed"))
        .annotate(latest=Max("links__case__due_at", filter=Q(links__case__is_open=True)))
        .filter(Q(latest__gt=F("due_at")) | Q(due_provisional=True))
    )
    follow.recompute(list(behind.values_list("pk", flat=True)[:500]))


@beat("oversight.drop_unused_files", every=3600)
def drop_unused_files() -> None:
    """Forget documents whose form was never sent."""
    evidence.drop_unused(clock.now())


def next_task_light() -> dt.datetime | None:
    """When the light of a task turns next."""
    found: dt.datetime | None = Task.objects.filter(light_next_at__isnull=False).aggregate(at=Min("light_next_at"))[
        "at"
    ]
    return found


@beat("oversight.tasks", every=30, falls_due=next_task_light)
def tasks() -> None:
    """Tasks that come near their day or run over it."""
    turn_task_lights()


def next_preparation() -> dt.datetime | None:
    """When the next meeting is to be prepared."""
    found: dt.datetime | None = Seat.objects.filter(create_at__isnull=False).aggregate(at=Min("create_at"))["at"]
    return found


@beat("oversight.meetings", every=60, falls_due=next_preparation)
def prepare_meetings() -> None:
    """Meetings that recur are created some days before, with their agenda."""
    meetings.create_due()
