"""One step of an order's life: `take`. What a step brings about is in `effects`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, NotFound
from linli.kernel.flow import require, say
from linli.kernel.journal import queries as stories
from linli.kernel.outbox import Event
from linli.rooms.cases.actions.given import resolve
from linli.rooms.oversight.actions.clocks import follow_suspension, run
from linli.rooms.oversight.actions.effects import EFFECTS, Outcome, Told
from linli.rooms.oversight.actions.parts import hearers, order_facts, rules_in_force
from linli.rooms.oversight.flow import ORDER
from linli.rooms.oversight.judgement import Situation, context, may_see
from linli.rooms.oversight.models import Order
from linli.rooms.people.rights import Viewer

# What the journal keeps of an order before and after a step.
TRACKED = (
    "state", "level", "unit_id", "limit_amount", "limit_unit", "due_at", "sign_due_at", "check_due_at", "extended",
    "returned", "raised", "contested",
)  # fmt: skip


def take(
    order_id: int,
    step_code: str,
    given: Mapping[str, Any],
    *,
    viewer: Viewer,
    version: int | None = None,
    request_key: str | None = None,
) -> Order:
    """Take one step on an order and return it as it is afterwards.

    version: the version the person saw; another one by now raises Conflict with what changed and what was typed.
    given["limit"]: a time limit as written; given["files"]: uids of documents taken in before.
    Raises NotFound, NotAllowed, Refused, Conflict.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=order_id).first()
        if order is None or not may_see(order, viewer):
            raise NotFound(_("没有这份督办单。"), code="order.not_found")
        if request_key and stories.by_request_key(request_key) is not None:
            return order
        if version is not None and version != order.version:
            raise Conflict(
                _("您填写的时候，这份督办单已经变了。"),
                code="order.changed",
                what_next=_("请看看有什么变化。您填写的内容都在，可以改好再交。"),
                changes=changes_since(order, version),
                typed=dict(given),
            )
        if step_code in ("draft", "issue"):
            raise NotFound(_("没有这一步操作。请刷新页面再试。"), code="flow.no_such_step")
        situation = Situation(order, viewer, max(1, len(rules_in_force().levels_zh)))
        step = require(ORDER, order.state, step_code, context(situation), given)
        text = str(given.get("limit") or "").strip()
        now = clock.now()
        told = Told(
            resolve(step, given),
            TimeLimit.parse(text) if text else None,
            [str(uid) for uid in given.get("files") or []],
            now,
        )
        before, came_from = _tracked(order), order.state
        was_due = order.current_due_at
        order.state = step.target(came_from)
        out = Outcome()
        EFFECTS[step_code](order, told, situation, out)
        moved = order.state != came_from or step_code in ("reassign", "raise")
        if moved:
            order.state_since = now
        if ORDER.state(order.state).kind == "ended":
            order.is_open, order.ended_at = False, now
        order.late = order.late or bool(was_due and now > was_due and came_from != "answered")
        order.version += 1
        follow_suspension(order, now)
        run(order, now)
        order.save()
        after = _tracked(order)
        changed = [name for name in TRACKED if before[name] != after[name]]
        journal.record(
            action=f"order.{step_code}",
            actor=viewer.acting(situation.post_for(step.who)),
            object_type="order",
            object_id=order.pk,
            before={"version": order.version - 1, **{name: before[name] for name in changed}},
            after={"version": order.version, **{name: after[name] for name in changed}, **out.facts},
            note=out.note,
            evidence=out.evidence,
            place_ids=order.lineage,
            request_key=request_key,
            events=[
                Event(
                    step.event,
                    "order",
                    order.pk,
                    order_facts(
                        order,
                        step=step_code,
                        words=out.note[:500],
                        **out.event,
                        **hearers(order, unit=out.to_unit, issuer=out.to_issuer),
                    ),
                )
            ],
        )
        return order


def _tracked(order: Order) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in ((name, getattr(order, name)) for name in TRACKED)
    }


def changes_since(order: Order, version: int) -> list[dict[str, Any]]:
    """What happened to an order after the version somebody saw: rows for the design system's table."""
    found = []
    for entry in stories.of("order", order.pk):
        if (entry.after or {}).get("version", 0) <= version:
            continue
        step = ORDER.by_step.get(entry.action.removeprefix("order."))
        found.append(
            {
                "what": say(step.label) if step else entry.action,
                "before": _state((entry.before or {}).get("state")),
                "after": _state((entry.after or {}).get("state")) or entry.note,
                "by": " ".join(part for part in (entry.post_name, entry.actor_name) if part),
                "at": entry.at,
            }
        )
    return found


def _state(code: Any) -> str:
    return say(ORDER.state(code).label) if code in ORDER.by_state else ""
