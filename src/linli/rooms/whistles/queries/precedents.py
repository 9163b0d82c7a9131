"""Decisions on "not ours", for whoever decides the next one, draws up the matrix, or calls departments."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from linli.rooms.cases.models import Case
from linli.rooms.people.rights import Viewer
from linli.rooms.whistles.models import Precedent

SHOW = 6


def precedents_for(case: Case, limit: int = SHOW) -> list[Precedent]:
    """Earlier decisions on the same matter (else the same class) that hold at the case's place, newest first."""
    key = case.item.key if case.item is not None else ""
    return precedents_of(key, case.matter_class, case.lineage, limit)


def precedents_of(item_key: str, matter_class: str, lineage: Sequence[int] = (), limit: int = SHOW) -> list[Precedent]:
    """Earlier decisions on a matter, those of the matter itself before those of its class; at a place when given."""
    if not item_key and not matter_class:
        return []
    rows = _full().filter(Q(item_key=item_key) & ~Q(item_key="") | Q(matter_class=matter_class) & ~Q(matter_class=""))
    if lineage:
        rows = rows.filter(place_id__in=lineage)
    found = list(rows.order_by("-at", "-pk")[: 5 * limit])
    found.sort(key=lambda one: one.item_key != item_key)
    return found[:limit]


def precedents(
    viewer: Viewer, *, words: str = "", item_key: str = "", unit_id: int | None = None
) -> QuerySet[Precedent]:
    """All that the viewer may read, newest first: the matrix editor all of them, others those in their places."""
    rows = _full().order_by("-at", "-pk")
    if not viewer.may("matrix.edit").ok:
        reach = viewer.reach("matrix.view")
        decide = viewer.reach("whistle.decide")
        tokens = [*reach.free, *decide.free, *(token for token, _classes in (*reach.limited, *decide.limited))]
        rows = rows.filter(case__lineage__overlap=tokens) if tokens else rows.none()
    if words:
        rows = rows.filter(Q(words__contains=words) | Q(refusal__contains=words) | Q(unit__name_zh__contains=words))
    if item_key:
        rows = rows.filter(Q(item_key=item_key) | Q(matter_class=item_key))
    if unit_id is not None:
        rows = rows.filter(Q(unit_id=unit_id) | Q(refuser_id=unit_id))
    return rows


def _full() -> QuerySet[Precedent]:
    return Precedent.objects.select_related("unit", "refuser", "place", "case")
