"""One supervision order as a page shows it: facts, cases, answers with their proof, story, next steps."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.kernel.flow import Offer, say
from linli.kernel.journal import queries as stories
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.scope import visible as visible_cases
from linli.rooms.cases.rules import light_of
from linli.rooms.oversight.actions.parts import rules_in_force
from linli.rooms.oversight.flow import ORDER
from linli.rooms.oversight.judgement import Situation, may_see, next_steps
from linli.rooms.oversight.models import Answer, Evidence, Order, Rules
from linli.rooms.oversight.queries.scope import visible_orders
from linli.rooms.oversight.rules import light_at, read
from linli.rooms.people.models import in_language
from linli.rooms.people.rights import Viewer


@dataclass(slots=True)
class Moment:
    """One line of an order's story."""

    at: dt.datetime
    code: str
    label: str
    by: str
    post: str
    note: str
    facts: dict[str, Any]


@dataclass(slots=True)
class OrderPage:
    order: Order
    light: str
    state_label: str
    level: str
    cases: list[dict[str, Any]]
    answers: list[Answer]
    moments: list[Moment]
    offers: list[Offer]

    @property
    def possible(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.allowed]

    @property
    def impossible(self) -> list[Offer]:
        return [offer for offer in self.offers if not offer.allowed]


def open_order(order_id: int, viewer: Viewer) -> Order:
    """The order if this viewer may see it. Raises NotFound otherwise."""
    order = Order.objects.select_related("unit", "district", "task").filter(pk=order_id).first()
    if order is None or not may_see(order, viewer):
        raise NotFound(code="order.not_found")
    return order


def order_page(order_id: int, viewer: Viewer) -> OrderPage:
    """Everything the page of an order shows, in a fixed number of queries."""
    order = open_order(order_id, viewer)
    rules = rules_in_force()
    return OrderPage(
        order=order,
        light=shining(order),
        state_label=say(ORDER.state(order.state).label),
        level=level_name(order.level, rules),
        cases=cases_of(order, viewer),
        answers=list(Answer.objects.filter(order=order).prefetch_related("evidence")) if order.round else [],
        moments=moments(order),
        offers=next_steps(Situation(order, viewer, max(1, len(rules.levels_zh)))),
    )


def shining(order: Order) -> str:
    """The light of this very moment."""
    return light_at(read(order.turns), clock.now()) if order.turns else order.light


def level_name(level: int, rules: Rules | None = None) -> str:
    """What a level of supervision is called."""
    rules = rules or rules_in_force()
    if level > len(rules.levels_zh):
        return str(level)
    return in_language(rules.levels_zh[level - 1], (rules.levels_en or rules.levels_zh)[level - 1])


def level_names() -> list[str]:
    rules = rules_in_force()
    return [level_name(number, rules) for number in range(1, len(rules.levels_zh) + 1)]


def steps_for(order: Order, viewer: Viewer) -> list[Offer]:
    """What this viewer may do next."""
    return next_steps(Situation(order, viewer, max(1, len(rules_in_force().levels_zh))))


def cases_of(order: Order, viewer: Viewer) -> list[dict[str, Any]]:
    """The cases of an order; `open` says whether this viewer may open it (a checker of the place may see less)."""
    found = Case.objects.filter(supervised__order=order).order_by("supervised__id")
    rows: list[Any] = list(
        found.values(
            "id", "number", "state", "description", "address", "due_at", "current_due_at", "state_since",
            "item__name_zh", "item__name_en", "suspended_until", "tokens", "matter_class", "extended",
        )
    )  # fmt: skip
    seen = set(visible_cases(viewer).filter(pk__in=[row["id"] for row in rows]).values_list("pk", flat=True))
    now = clock.now()
    for row in rows:
        row["item"] = in_language(row["item__name_zh"] or "", row["item__name_en"] or "")
        row["state_label"] = say(FLOW.state(row["state"]).label)
        row["light"] = light_of(row["state"], row["current_due_at"], row["state_since"], now)
        row["open"] = row["id"] in seen
    return rows


_OTHER = {
    "follow": gettext_noop("随事件变动"),
    "deadline_moved": gettext_noop("时限重算"),
    "light": gettext_noop("亮灯"),
}


def moments(order: Order) -> list[Moment]:
    """The story of an order from the journal, oldest first."""
    found = []
    for entry in stories.of("order", order.pk):
        code = entry.action.removeprefix("order.")
        step = ORDER.by_step.get(code)
        found.append(
            Moment(
                at=entry.at,
                code=code,
                label=say(step.label) if step else say(_OTHER.get(code, code)),
                by=entry.actor_name,
                post=entry.post_name,
                note=entry.note,
                facts={**(entry.before or {}), **(entry.after or {}), "before": entry.before or {}},
            )
        )
    return found


def evidence_file(order_id: int, uid: uuid.UUID, viewer: Viewer) -> Evidence:
    """A picture or document of an order the viewer may see. Raises NotFound."""
    order = open_order(order_id, viewer)
    found = Evidence.objects.filter(uid=uid, answer__order=order).first()
    if found is None:
        raise NotFound(code="evidence.not_found")
    return found


def orders_of_case(case_id: int, viewer: Viewer) -> list[dict[str, Any]]:
    """The orders about a case that the viewer may see, the newest first: one query, for the panel of a case."""
    rows: list[Any] = list(
        visible_orders(viewer)
        .filter(links__case_id=case_id)
        .order_by("-id")
        .values("id", "number", "state", "title", "unit__name_zh", "unit__name_en", "turns", "light", "due_at",
                "current_due_at", "is_open", "level")[:10]
    )  # fmt: skip
    for row in rows:
        turns = read(row["turns"])
        row["light"] = light_at(turns, clock.now()) if turns else row["light"]
        row["state_label"] = say(ORDER.state(row["state"]).label)
        row["unit"] = in_language(row["unit__name_zh"], row["unit__name_en"])
    return rows
