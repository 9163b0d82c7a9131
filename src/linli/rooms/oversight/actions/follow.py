"""Keeping orders in step with their cases (交办与督办同步), and their lights up to date."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from linli.kernel import clock, journal
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.queries import calendar
from linli.kernel.clock.rules import deadline
from linli.kernel.journal import queries as stories
from linli.kernel.outbox import Event
from linli.rooms.cases.models import Case
from linli.rooms.cases.rules import handling_runs
from linli.rooms.oversight.actions.clocks import follow_suspension, run
from linli.rooms.oversight.actions.parts import SYSTEM, hearers, lamps, order_facts, rules_in_force
from linli.rooms.oversight.actions.proposals import propose_for_light
from linli.rooms.oversight.models import CaseWatch, Light, Order
from linli.rooms.oversight.rules import light_at, next_turn, of_kind, read, turns_of

AT_ONCE = 200


def follow_case(case_id: int, event_id: int, kind: str, facts: dict[str, Any]) -> int:
    """After an event of a case: its open orders take over its new deadline or standstill, and note a move on the
    ladder in their story. Once for each order and event. Returns how many orders took note."""
    noted = 0
    for pk in Order.objects.filter(links__case_id=case_id, is_open=True).values_list("pk", flat=True):
        with transaction.atomic():
            order = Order.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
            key = f"order-follows:{order.pk}:{event_id}"
            if not order.is_open or stories.by_request_key(key) is not None:
                continue
            now = clock.now()
            before = order.due_at
            clocked = follow_suspension(order, now)
            run(order, now, announce=not clocked)
            moved = order.due_at != before
            if not (moved or clocked or kind.startswith("duty.") or kind in _TELLING):
                continue
            order.version += 1
            order.save()
            noted += 1
            journal.record(
                action="order.follow",
                actor=SYSTEM,
                object_type="order",
                object_id=order.pk,
                before={"version": order.version - 1, "due_at": before.isoformat() if before else None},
                after={
                    "version": order.version,
                    "due_at": order.due_at.isoformat() if order.due_at else None,
                    "moved": moved,
                    "clock": clocked,
                    "event": kind,
                    "case": facts.get("number", ""),
                    "tier": [facts.get("tier_name") or facts.get("tier") or "", facts.get("tier_name_en") or ""],
                },
                place_ids=order.lineage,
                request_key=key,
                events=[Event("order.followed", "order", order.pk, order_facts(order, because=kind, clock=clocked))]
                if moved or clocked
                else [],
            )
    return noted


# Events of a case that stand in the story of its orders even when no deadline moves.
_TELLING = frozenset({"case.closed", "case.reopened", "case.withdrawn", "case.merged", "case.reworked"})


def recompute(order_ids: list[int]) -> int:
    """Count the deadlines of these orders anew (calendar, lights or rules changed). Returns how many moved."""
    moved = 0
    for pk in order_ids:
        with transaction.atomic():
            order = Order.objects.select_for_update(of=("self",)).filter(pk=pk, is_open=True).first()
            if order is None or order.state == "drafted":
                continue
            before = (order.due_at, order.sign_due_at, order.check_due_at, order.turns, order.due_provisional)
            rules = rules_in_force()
            if order.state == "issued":
                limit = TimeLimit(rules.sign_amount, rules.sign_unit)  # type: ignore[arg-type]
                order.sign_due_at = deadline(order.state_since, limit, calendar()).at
            elif order.state == "answered" and order.answered_at:
                limit = TimeLimit(rules.check_amount, rules.check_unit)  # type: ignore[arg-type]
                order.check_due_at = deadline(order.answered_at, limit, calendar()).at
            run(order, clock.now(), announce=True)
            after = (order.due_at, order.sign_due_at, order.check_due_at, order.turns, order.due_provisional)
            if before == after:
                continue
            order.version += 1
            order.save()
            if before[:3] == after[:3]:
                continue
            moved += 1
            journal.record(
                action="order.deadline_moved",
                actor=SYSTEM,
                object_type="order",
                object_id=order.pk,
                before={"version": order.version - 1, "due_at": before[0].isoformat() if before[0] else None},
                after={"version": order.version, "due_at": order.due_at.isoformat() if order.due_at else None},
                place_ids=order.lineage,
            )
    return moved


def turn_lights() -> int:
    """Announce every order whose light has turned: event `order.light` once for each change. Returns how many."""
    turned = 0
    while True:
        now = clock.now()
        with transaction.atomic():
            due = list(
                Order.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("unit")
                .filter(light_next_at__lte=now)
                .order_by("light_next_at")[:AT_ONCE]
            )
            for order in due:
                _turn(order, now)
            turned += len(due)
        if len(due) < AT_ONCE:
            return turned


def _turn(order: Order, now: dt.datetime) -> None:
    turns = read(order.turns)
    came_from = order.light
    order.light, order.light_next_at = light_at(turns, now), next_turn(turns, now)
    overdue = of_kind(lamps(), "overdue")
    order.late = order.late or (order.light == overdue and order.state != "answered")
    Order.objects.filter(pk=order.pk).update(light=order.light, light_next_at=order.light_next_at, late=order.late)
    if order.light == came_from:
        return
    # A checker who is late is no matter of the unit.
    told = hearers(order, unit=order.state != "answered", issuer=order.light == overdue or order.state == "answered")
    journal.record(
        action="order.light",
        actor=SYSTEM,
        object_type="order",
        object_id=order.pk,
        before={"light": came_from},
        after={"light": order.light, "waits_for": order.state},
        place_ids=order.lineage,
        events=[
            Event(
                "order.light",
                "order",
                order.pk,
                order_facts(order, light=order.light, was=came_from, waits_for=order.state, **told),
            )
        ],
    )


def watch(case_id: int) -> None:
    """Say when the handling deadline of a case has to be looked at again. Idempotent."""
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        return
    CaseWatch.objects.update_or_create(case_id=case_id, defaults={"next_at": _look_at(case, clock.now())})


def _turns(case: Case) -> list[tuple[dt.datetime, str]]:
    if case.clock_from is None or case.due_at is None or case.parent_id is not None or case.confirmed_at:
        return []
    if not handling_runs(case):
        return []
    return turns_of(
        min(case.clock_from, case.due_at), case.due_at, lamps(), case.limit_unit or "working_hours", calendar()
    )


def _look_at(case: Case, now: dt.datetime) -> dt.datetime | None:
    turns = _turns(case)
    # A case that comes in late (imported, an event delivered late) is looked at at once.
    return now if turns and light_at(turns, now) != turns[0][1] else next_turn(turns, now)


def look_at_cases() -> int:
    """Look at the cases whose light has turned; a light that proposes makes a proposal. Returns how many."""
    looked = 0
    proposing = {light.code: light.name_zh for light in Light.objects.filter(proposes=True)}
    while True:
        now = clock.now()
        with transaction.atomic():
            due = list(
                CaseWatch.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(next_at__lte=now)
                .select_related("case", "case__item")
                .order_by("next_at")[:AT_ONCE]
            )
            for row in due:
                turns = _turns(row.case)
                light = light_at(turns, now)
                if light in proposing:
                    propose_for_light(row.case, light, proposing[light])
                row.light, row.next_at = light, next_turn(turns, now)
            CaseWatch.objects.bulk_update(due, ["light", "next_at"])
            looked += len(due)
        if len(due) < AT_ONCE:
            return looked
