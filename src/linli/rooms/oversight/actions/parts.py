"""What the actions of this room share: the lamps and rules in force, who acted, the facts an event carries."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from django.db import connection

from linli.kernel import journal
from linli.rooms.oversight.models import Light, Order, OrderCase, Rules
from linli.rooms.oversight.rules import Lamp
from linli.rooms.people.rights import HeldPost, Viewer

SYSTEM = journal.Actor(account_id=None, name="", post_id=None, post_name="", kind="system")


def rules_in_force() -> Rules:
    """The one row of rules."""
    return Rules.objects.get_or_create(pk=1)[0]


def lamps() -> tuple[Lamp, ...]:
    """The lights as rules need them; a second's staleness is allowed everywhere in the house."""
    return _lamps(connection.alias, int(time.monotonic()))


@lru_cache(maxsize=4)
def _lamps(alias: str, mark: int) -> tuple[Lamp, ...]:
    return tuple(Lamp(light.code, light.kind, light.share) for light in Light.objects.all())


def forget_lamps() -> None:
    """Read the lights anew (after they were changed)."""
    _lamps.cache_clear()


def signature(viewer: Viewer, post: HeldPost | None) -> str:
    """Who acted, as the order shows it: post and name."""
    actor = viewer.acting(post)
    return " ".join(part for part in (post.for_name if post else "", actor.post_name, actor.name) if part)


def linked_cases(order: Order) -> list[tuple[int, str]]:
    """The cases of an order: id and number, the first linked first."""
    rows = OrderCase.objects.filter(order=order).order_by("id").values_list("case_id", "case__number")
    return [(case_id, number or "") for case_id, number in rows]


def order_facts(order: Order, **more: Any) -> dict[str, Any]:
    """What every event of an order says: its number, what it is about, until when, who must hear, where it is.

    The unit hears of what it has to do; the post that issued it hears of what comes back.
    """
    linked = linked_cases(order)
    first = linked[0] if linked else (None, "")
    facts: dict[str, Any] = {
        "number": order.number or first[1],
        "case_number": first[1],
        "cases": [number for _case, number in linked],
        "title": order.title,
        "state": order.state,
        "level": order.level,
        "unit": order.unit.name_zh,
        "unit_id": order.unit_id,
        "due_at": order.current_due_at.isoformat() if order.current_due_at else None,
        "path": f"/supervision/{order.pk}/",
        **more,
    }
    if first[0] is not None:
        facts["case_id"] = first[0]
    return facts


def hearers(order: Order, *, unit: bool = False, issuer: bool = False) -> dict[str, list[int]]:
    """The keys of an event that say who must hear."""
    found: dict[str, list[int]] = {}
    if unit:
        found["units"] = [order.unit_id]
    if issuer and order.issued_post_id:
        found["posts"] = [order.issued_post_id]
    elif issuer and order.issued_by_id:
        found["accounts"] = [order.issued_by_id]
    return found
