"""Inspections: the list, progress and results, one grid's checklist."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Q

from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.rooms.cases.models import Photo
from linli.rooms.fieldwork import rules
from linli.rooms.fieldwork.actions.telling import civil_day
from linli.rooms.fieldwork.actions.visits import inspecting_post
from linli.rooms.fieldwork.models import Answer, ChecklistItem, Finding, Inspection, Visit
from linli.rooms.fieldwork.queries.findings import Record, Row, record, rows_of
from linli.rooms.fieldwork.queries.scope import INSPECTS, findings, may_see, within
from linli.rooms.fieldwork.rules import Score
from linli.rooms.people.models import Post, in_language
from linli.rooms.people.rights import Viewer


def inspections(viewer: Viewer) -> list[Inspection]:
    """Those whose scope holds places of the viewer, or lies in them; with visits done of all. Running ones first."""
    visited = Visit.objects.filter(within(viewer, *INSPECTS)).values("inspection_id")
    order = {"running": 0, "draft": 1, "finished": 2, "cancelled": 3}
    rows = (
        Inspection.objects.filter(within(viewer, *INSPECTS) | Q(pk__in=visited))
        .select_related("place")
        .annotate(visit_count=Count("visits"), done_count=Count("visits", filter=Q(visits__state="done")))
        .order_by("-starts_on", "-pk")[:200]
    )
    return sorted(rows, key=lambda row: order[row.state])


def visits_for(viewer: Viewer) -> list[Visit]:
    """The visits that wait for this viewer now: to be answered, or to be signed. For the phone."""
    rows = (
        Visit.objects.filter(
            within(viewer, "inspection.check"),
            inspection__state="running",
            inspection__starts_on__lte=civil_day(clock.now()),
        )
        .exclude(state__in=(Visit.State.DONE, Visit.State.MISSED))
        .select_related("inspection", "place")
        .prefetch_related("signatures")
        .annotate(answered=Count("answers"))
        .order_by("inspection__ends_on", "place__sort_key", "pk")[:200]
    )
    return [visit for visit in rows if inspecting_post(viewer, visit) is not None]


@dataclass(slots=True)
class VisitRow:
    """One grid's line of the progress page."""

    visit: Visit
    answered: int
    no: int
    score: Score
    found: int
    signatures: int


@dataclass(slots=True)
class UnitRow:
    """What the questions given to a unit came to."""

    unit_id: int
    name: str
    yes: int
    no: int
    score: Score


@dataclass(slots=True)
class InspectionPage:
    inspection: Inspection
    items: list[ChecklistItem]
    rows: list[VisitRow]
    units: list[UnitRow]
    record: Record
    total: Score
    weighted: bool
    posts: list[str]
    drawn: list[tuple[int, str, str, bool]] = field(default_factory=list)
    may_plan: bool = False

    @property
    def done(self) -> int:
        return sum(1 for row in self.rows if row.visit.state == Visit.State.DONE)


def inspection_page(inspection_id: int, viewer: Viewer) -> InspectionPage:
    """Progress and results; figures count visits that are closed or under way alike. Raises NotFound.

    Who inspects or plans for the whole scope sees all of it; others see the grids of their own places.
    """
    found = Inspection.objects.select_related("place", "created_by").filter(pk=inspection_id).first()
    if found is None:
        raise NotFound(code="inspection.not_found")
    whole = may_see(viewer, found.tokens, *INSPECTS)
    visits = list(
        found.visits.select_related("place", "inspector")
        .filter(Q() if whole else within(viewer, *INSPECTS))
        .annotate(signed=Count("signatures"))
        .order_by("place__sort_key", "pk")
    )
    if not whole and not visits:
        raise NotFound(code="inspection.not_found")
    items = list(found.items.select_related("unit"))
    weight = {item.pk: item.weight for item in items}
    answers: dict[int, list[tuple[int, str]]] = {}
    for visit_id, item_id, value in Answer.objects.filter(visit__in=visits).values_list("visit_id", "item_id", "value"):
        answers.setdefault(visit_id, []).append((item_id, value))
    seen = rows_of(findings(viewer).filter(visit__in=visits))
    rows = [
        VisitRow(
            visit=visit,
            answered=len(answers.get(visit.pk, [])),
            no=sum(1 for _item, value in answers.get(visit.pk, []) if value == "no"),
            score=rules.score((value, weight[item]) for item, value in answers.get(visit.pk, [])),
            found=sum(1 for row in seen if row.visit_id == visit.pk),
            signatures=visit.signed,
        )
        for visit in visits
    ]
    everything = [entry for some in answers.values() for entry in some]
    drawn_ids = {visit.place_id for visit in visits} if whole else set()
    return InspectionPage(
        inspection=found,
        items=items,
        rows=rows,
        units=_by_unit(items, everything),
        record=record(seen),
        total=rules.score((value, weight[item]) for item, value in everything),
        weighted=any(weight.values()),
        posts=_post_names(found.post_ids),
        drawn=_drawn(found, drawn_ids) if whole else [],
        may_plan=may_see(viewer, found.tokens, "inspection.plan"),
    )


def _by_unit(items: list[ChecklistItem], answers: list[tuple[int, str]]) -> list[UnitRow]:
    of_unit: dict[int, list[ChecklistItem]] = {}
    for item in items:
        if item.unit_id is not None:
            of_unit.setdefault(item.unit_id, []).append(item)
    rows = []
    for unit_id, asked in of_unit.items():
        weight = {item.pk: item.weight for item in asked}
        values = [(value, weight[item]) for item, value in answers if item in weight]
        unit = asked[0].unit
        assert unit is not None
        yes = sum(1 for value, _weight in values if value == "yes")
        no = sum(1 for value, _weight in values if value == "no")
        rows.append(UnitRow(unit_id, unit.name, yes, no, rules.score(values)))
    return sorted(rows, key=lambda row: (-row.no, row.name))


def _post_names(post_ids: list[int]) -> list[str]:
    rows = Post.objects.filter(pk__in=post_ids).select_related("kind", "holder", "place") if post_ids else []
    return [f"{row.kind.name} · {row.holder.name}" for row in rows]


def _drawn(found: Inspection, drawn: set[int]) -> list[tuple[int, str, str, bool]]:
    """The draw done again for everybody to see: rank, code, beginning of the hash, whether drawn."""
    if found.sample != Inspection.Sample.RANDOM or not found.seed:
        return []
    ranked = sorted((rules.rank(found.seed, code), code, place_id) for place_id, code in found.pool)
    return [(n, code, value[:12], place_id in drawn) for n, (value, code, place_id) in enumerate(ranked, 1)]


@dataclass(slots=True)
class Line:
    """One question as it was answered in one grid."""

    item: ChecklistItem
    answer: Answer | None
    photos: list[Photo]
    found: list[Row]
    proof_missing: bool


@dataclass(slots=True)
class VisitPage:
    visit: Visit
    lines: list[Line]
    beside: list[Row]
    score: Score
    weighted: bool
    signatures: list[tuple[str, str, object]]
    may_answer: bool
    may_sign: bool

    @property
    def answered(self) -> int:
        return sum(1 for line in self.lines if line.answer is not None)


def visit_page(visit_id: int, viewer: Viewer) -> VisitPage:
    """One grid's checklist with its answers, pictures and findings, in a fixed number of queries. Raises NotFound."""
    visit = Visit.objects.select_related("inspection", "place", "inspector").filter(pk=visit_id).first()
    if visit is None or not may_see(viewer, visit.lineage, *INSPECTS):
        raise NotFound(code="inspection.no_visit")
    items = list(visit.inspection.items.select_related("unit"))
    answers = {a.item_id: a for a in visit.answers.select_related("by").prefetch_related("photos__photo")}
    found = rows_of(Finding.objects.filter(visit=visit))
    lines = []
    for item in items:
        answer = answers.get(item.pk)
        photos = [p.photo for p in answer.photos.all()] if answer else []
        here = [row for row in found if row.check_item_id == item.pk]
        missing = answer is not None and rules.proof_missing(item.proof, answer.value, len(photos) + len(here))
        lines.append(Line(item, answer, photos, here, missing))
    signed = list(visit.signatures.select_related("account").order_by("at", "pk"))
    mine = inspecting_post(viewer, visit) is not None and visit.inspection.state == Inspection.State.RUNNING
    return VisitPage(
        visit=visit,
        lines=lines,
        beside=[row for row in found if row.check_item_id is None],
        score=rules.score((a.value, item.weight) for item in items if (a := answers.get(item.pk))),
        weighted=any(item.weight for item in items),
        signatures=[(row.account.name, row.post_name, row.at) for row in signed],
        may_answer=mine
        and visit.state in (Visit.State.DUE, Visit.State.WALKING)
        and civil_day(clock.now()) >= visit.inspection.starts_on,
        may_sign=mine
        and visit.state == Visit.State.SIGNING
        and viewer.account_id not in {row.account_id for row in signed},
    )


def inspectors(place_id: int, at_most: int = 100) -> list[tuple[int, str]]:
    """The posts that carry the duty to inspect for a place: those of the place, of what lies above, and below."""
    from linli.rooms.places.models import Place

    place = Place.objects.filter(pk=place_id).first()
    if place is None:
        return []
    today = civil_day(clock.now())
    rows = (
        Post.objects.filter(
            Q(place_id__in=place.lineage) | Q(place__lineage__contains=[place_id]),
            Q(valid_to=None) | Q(valid_to__gt=today),
            kind__duties__contains=["inspection.check"],
            valid_from__lte=today,
        )
        .select_related("kind", "holder", "place")
        .order_by("place__level", "kind__sort", "place__sort_key", "pk")[:at_most]
    )
    return [
        (
            row.pk,
            f"{row.kind.name} · {row.holder.name} · "
            f"{in_language(row.place.name_zh, row.place.name_en) if row.place else ''}",
        )
        for row in rows
    ]
