"""Which orders, proposals, meetings and tasks a viewer may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from linli.rooms.oversight.judgement import SEE
from linli.rooms.oversight.models import Order, Proposal
from linli.rooms.people.rights import Viewer


def reached(viewer: Viewer, *capabilities: str, classes: bool = True) -> Q:
    """The condition over `tokens` (and `matter_class`) for what these capabilities reach.

    A thing of no or several classes is within everybody's classes, as `Viewer.may` has it.
    """
    found = Q(pk__in=[])
    for capability in capabilities:
        reach = viewer.reach(capability)
        if reach.free:
            found |= Q(tokens__overlap=list(reach.free))
        for token, limited in reach.limited:
            part = Q(tokens__overlap=[token])
            found |= part & Q(matter_class__in=["", *sorted(limited)]) if classes else part
    return found


def own_units(viewer: Viewer, capability: str) -> set[int]:
    """The units for which the viewer carries a duty that is bound to the unit."""
    return {post.unit_id for post in viewer.posts if capability in post.duties and post.unit_id is not None}


def visible_orders(viewer: Viewer) -> QuerySet[Order]:
    """Issued orders within reach, and the drafts of those who may issue."""
    issued = reached(viewer, *(name for name in SEE if name != "order.sign")) & Q(number__isnull=False)
    units = own_units(viewer, "order.sign")
    if units:
        issued |= Q(unit_id__in=units, number__isnull=False)
    return Order.objects.filter(issued | reached(viewer, "case.supervise"))


def visible_proposals(viewer: Viewer) -> QuerySet[Proposal]:
    """Proposals within reach of those who may issue."""
    return Proposal.objects.filter(reached(viewer, "case.supervise"))
