"""What of this room a viewer may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from linli.rooms.fieldwork.models import Finding
from linli.rooms.people.rights import Target, Viewer

WALKS = ("patrol.walk", "patrol.plan", "inspection.plan")
"""Who walks, plans or inspects at a higher level sees the patrols of the own places."""
INSPECTS = ("inspection.check", "inspection.plan")


def within(viewer: Viewer, *capabilities: str) -> Q:
    """The rows whose tokens any of these duties reaches, whatever matters the posts are limited to."""
    tokens: set[int] = set()
    for capability in capabilities:
        reach = viewer.reach(capability)
        tokens |= set(reach.free) | {token for token, _classes in reach.limited}
    return Q(tokens__overlap=sorted(tokens)) if tokens else Q(pk__in=[])


def may_see(viewer: Viewer, tokens: list[int], *capabilities: str) -> bool:
    """Whether any of these duties reaches a row of this lineage."""
    return any(viewer.may(capability, Target(tokens)).ok for capability in capabilities)


def findings(viewer: Viewer) -> QuerySet[Finding]:
    """The findings whose case the viewer may see: those of the own places, and those of the own unit."""
    return Finding.objects.filter(viewer.reach("case.view").q("case__tokens", "case__matter_class"))
