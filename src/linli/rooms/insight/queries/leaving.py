"""What is left out of the timed indicators, and why; appeals as their readers see them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from linli.kernel.errors import NotFound
from linli.rooms.cases.models import Case
from linli.rooms.insight.actions.appeals import target_of_appeal
from linli.rooms.insight.models import Appeal, CaseFact, Exclusion
from linli.rooms.people.rights import Viewer


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A time that is left out and how many cases that is."""

    exclusion: Exclusion
    cases: int
    items: int


def times_left_out() -> list[LeftOut]:
    """Every time, the newest first, also those taken back."""
    rows = list(Exclusion.objects.select_related("decided_by").order_by("-since", "-id")[:200])
    found = CaseFact.objects.filter(out="window", out_ref__in=[row.pk for row in rows]).values_list("out_ref")
    numbers = dict(found.annotate(n=Count("case_id")))
    return [LeftOut(row, numbers.get(row.pk, 0), len(row.item_ids)) for row in rows]


def _readable(viewer: Viewer) -> Q:
    """Appeals that concern a viewer: of the own unit, to review, or in places whose figures one sees."""
    return viewer.reach("appeal.ask").q() | viewer.reach("appeal.review").q() | viewer.reach("insight.view").q()


def appeals(viewer: Viewer) -> QuerySet[Appeal]:
    """Appeals this viewer may read, those that wait first."""
    found = Appeal.objects.filter(_readable(viewer)).select_related("case", "case__item", "unit")
    return found.order_by("second_at", "-id").distinct()


def upheld(viewer: Viewer) -> list[Appeal]:
    """Cases left out because their appeal was upheld."""
    return list(appeals(viewer).filter(state=Appeal.State.UPHELD).order_by("-second_at")[:100])


def appeal(viewer: Viewer, appeal_id: int) -> Appeal:
    """One appeal. Raises NotFound for those that do not concern the viewer."""
    found = appeals(viewer).select_related("asked_by", "first_by", "second_by").filter(pk=appeal_id).first()
    if found is None:
        raise NotFound(code="appeal.not_found")
    return found


def may_review(viewer: Viewer, one: Appeal) -> bool:
    """Whether the duty reaches this appeal; `actions.appeals.cannot_review` says whether this person may."""
    return (
        one.state in (Appeal.State.ASKED, Appeal.State.HALF) and viewer.may("appeal.review", target_of_appeal(one)).ok
    )


def to_ask(viewer: Viewer, limit: int = 50) -> list[Case]:
    """Closed cases of the viewer's units that were late and not appealed yet, the latest first."""
    units = [-token for token in viewer.reach("appeal.ask").free if token < 0]
    if not units:
        return []
    late = CaseFact.objects.filter(unit_id__in=units, state="closed", handled__isnull=False, out="")
    late = late.extra(where=["handled > due"]).order_by("-closed")
    ids = list(late.values_list("case_id", flat=True)[: limit * 2])
    asked = set(Appeal.objects.filter(case_id__in=ids).values_list("case_id", flat=True))
    rows = Case.objects.select_related("item").in_bulk([id for id in ids if id not in asked][:limit])
    return [rows[id] for id in ids if id in rows]
