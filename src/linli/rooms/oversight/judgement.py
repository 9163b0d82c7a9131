"""Whether the steps of a supervision order may be taken by a viewer. Pure over what is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from linli.kernel.flow import Judgements, Offer, Verdict, offers
from linli.rooms.oversight.flow import GUARDS, ORDER
from linli.rooms.oversight.models import Order
from linli.rooms.people.rights import HeldPost, Target, Viewer
from linli.rooms.people.rules import CAPABILITIES

SEE = ("case.supervise", "order.sign", "order.check")
"""Whoever carries one of these for an order's place or unit may see it."""


@dataclass(slots=True)
class Situation:
    """An order as one viewer meets it; `levels`: how many levels of supervision there are."""

    order: Order
    viewer: Viewer
    levels: int = 3

    def post_for(self, capability: str) -> HeldPost | None:
        return self.viewer.may(capability, target_of(self.order)).post


def target_of(order: Order) -> Target:
    """What rights are asked for when an order is meant."""
    return Target(
        lineage=order.lineage,
        unit_ids=(order.unit_id,),
        lead_unit_id=order.unit_id,
        matter_class=order.matter_class,
    )


_GUARDS: dict[str, Callable[[Situation], bool]] = {
    "not_answerer": lambda s: (
        s.viewer.account_id not in s.order.answerer_ids and s.order.unit_id not in s.viewer.own_units
    ),
    "level_left": lambda s: s.order.level < s.levels,
    "contested": lambda s: s.order.contested,
    "not_contested": lambda s: not s.order.contested,
}


def context(s: Situation) -> Judgements:
    """The verdicts of this situation, each reached only when a step asks for it."""

    def capability(name: str) -> Verdict:
        verdict = s.viewer.may(name, target_of(s.order))
        return Verdict(verdict.ok, verdict.why)

    names: dict[str, Callable[[], Verdict]] = {}
    for name in CAPABILITIES:
        names[name] = lambda name=name: capability(name)  # type: ignore[misc]
    for guard in GUARDS:
        names[guard] = lambda name=guard: Verdict(_GUARDS[name](s), GUARDS[name])  # type: ignore[misc]
    return Judgements(names)


def next_steps(s: Situation) -> list[Offer]:
    """What this viewer may do next, and why not what else concerns the viewer."""
    found = []
    for offer in offers(ORDER, s.order.state, context(s)):
        # Only duties of the unit tell an outsider why not; "contested" is offered when somebody contested.
        if offer.refused_by == "who" and (not s.viewer.has(offer.step.who) or offer.step.who == "order.sign"):
            continue
        if offer.step.code == "uphold" and not offer.allowed:
            continue
        found.append(offer)
    return found


def may_see(order: Order, viewer: Viewer) -> bool:
    """Whether the viewer may open this order. A draft is for those who issue."""
    wanted = ("case.supervise",) if order.number is None else SEE
    return any(viewer.may(name, target_of(order)).ok for name in wanted)
