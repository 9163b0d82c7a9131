"""Setting an order's deadlines and lights from what is in the database now."""

from __future__ import annotations

import datetime as dt

from django.db.models import Max

from linli.kernel.clock.queries import calendar
from linli.rooms.cases.models import Case
from linli.rooms.oversight.actions.parts import lamps
from linli.rooms.oversight.models import Order
from linli.rooms.oversight.rules import set_due, set_light


def cases_due(order: Order) -> dt.datetime | None:
    """The latest handling deadline among the order's open cases."""
    if not order.in_step:
        return None
    found: dt.datetime | None = Case.objects.filter(supervised__order=order, is_open=True).aggregate(
        latest=Max("due_at")
    )["latest"]
    return found


def run(order: Order, now: dt.datetime, *, announce: bool = False) -> None:
    """Compute the deadlines and lights of an order anew. The caller holds its lock and saves it.

    announce: nobody did this, so a change of light is told by the sweep.
    """
    if order.state in ("issued", "signed"):
        set_due(order, calendar(), cases_due(order))
    set_light(order, calendar(), lamps(), now, announce=announce)


def cases_stand(order: Order) -> bool:
    """Whether all open cases of the order are suspended: then its clock stands, too."""
    states = list(Case.objects.filter(supervised__order=order, is_open=True).values_list("state", flat=True))
    return bool(states) and all(state == "suspended" for state in states)


def follow_suspension(order: Order, now: dt.datetime) -> str:
    """Stop or start the order's clock with its cases'; returns "stopped", "started" or ""."""
    if not order.in_step or order.state not in ("issued", "signed"):
        return ""
    stands = bool(order.pauses) and order.pauses[-1][1] is None
    wanted = cases_stand(order)
    if wanted and not stands:
        order.pauses = [*order.pauses, [now.isoformat(), None]]
        return "stopped"
    if stands and not wanted:
        order.pauses = [*order.pauses[:-1], [order.pauses[-1][0], now.isoformat()]]
        return "started"
    return ""
