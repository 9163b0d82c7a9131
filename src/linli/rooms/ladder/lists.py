"""Reads for the pages of the ladder: how many stand on each tier, which ones, and the old and the large problems.

Everything is scoped by what the viewer may see of cases; "mine" are the duties that the viewer's posts bear.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case as Choose
from django.db.models import CharField, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import QueryDict

from linli.kernel import clock
from linli.rooms.cases.models import Case
from linli.rooms.ladder.models import Ladder, Stay, Tier
from linli.rooms.people.rights import Viewer

PAGE = 50
LAST_PAGE = 400
LIGHTS = ("overdue", "near", "on_track", "suspended")
VIEWS = ("all", "mine", "receive", "soon", "late")
_BEARER = (
    "unit_id",
    "unit__name_zh",
    "unit__name_en",
    "post_id",
    "post__kind__name_zh",
    "post__kind__name_en",
    "post__holder__name",
)
_CASE = (
    "case_id",
    "case__number",
    "case__description",
    "case__state",
    "case__item__name_zh",
    "case__item__name_en",
    "case__place_id",
    "case__lineage",
    "case__urgent",
    "case__legacy",
    "case__major",
    "case__reported_at",
)
_STAY = (
    "id",
    "ladder_id",
    "tier_code",
    "level",
    "sequence",
    "how",
    "entered_at",
    "due_at",
    "provisional",
    "receive_due_at",
    "received_at",
    "stands",
)


@dataclass(slots=True)
class DutyFilters:
    """What the address asks for. Unknown values are dropped, never an error: a shared link must not break.

    view: all | mine (my posts bear it) | receive (mine, not yet received) | soon (near its limit) | late.
    """

    view: str = "all"
    tier: str = ""
    lights: list[str] = field(default_factory=list)
    place: int | None = None
    unreceived: bool = False
    page: int = 1

    @classmethod
    def read(cls, query: QueryDict) -> DutyFilters:
        """Read them from a query string."""
        place, page = query.get("place", ""), query.get("page", "")
        return cls(
            view=query.get("view", "") if query.get("view") in VIEWS else "all",
            tier=query.get("tier", "")[:20].replace("\x00", ""),
            lights=[light for light in query.getlist("light") if light in LIGHTS],
            place=int(place) if place.isdecimal() and len(place) < 19 else None,
            unreceived=query.get("unreceived") == "1",
            page=min(int(page), LAST_PAGE) if page.isdecimal() and 0 < len(page) < 6 and int(page) else 1,
        )


def tiers_in_force() -> list[Tier]:
    """The tiers of the ladders in force, from the lowest; one query."""
    return list(
        Tier.objects.filter(ladder__state=Ladder.State.ACTIVE)
        .select_related("ladder", "post_kind", "unit")
        .order_by("ladder__district_id", "level")
    )


def tiers_of(ladder_ids: Iterable[int]) -> list[Tier]:
    """The tiers of these ladders, whatever became of them; one query."""
    rows = Tier.objects.filter(ladder__in=set(ladder_ids))
    return list(rows.select_related("ladder", "post_kind", "unit").order_by("ladder_id", "level"))


def light_when(now: dt.datetime) -> Choose:
    """The light of an open stay, for the database: the limit's own moment is still in time."""
    return Choose(
        When(stands=True, then=Value("suspended")),
        When(Q(due_at__lt=now) | Q(overdue_at__isnull=False), then=Value("overdue")),
        When(warn_at__lte=now, then=Value("near")),
        default=Value("on_track"),
        output_field=CharField(),
    )


def bears(viewer: Viewer) -> Q:
    """The condition for stays whose duty the viewer's posts bear: the unit a post is held for, or the post. A post is
    the chair: whoever holds the same kind for the same place now bears what the one before bore (`judging`)."""
    condition = Q(pk__in=[])
    for post in viewer.posts:
        if "duty.bear" not in post.duties:
            continue
        if post.unit_id:
            condition |= Q(unit_id=post.unit_id)
        if post.place_id:
            condition |= Q(post__kind__code=post.kind, post__place_id=post.place_id)
    return condition


def standing_now(viewer: Viewer, place: int | None = None) -> QuerySet[Stay]:
    """The open stays this viewer may see, of one place if asked."""
    rows = Stay.objects.filter(viewer.reach("case.view").q("case__tokens", "case__matter_class"), left_at=None)
    return rows.filter(case__tokens__contains=[place]) if place else rows


@dataclass(slots=True)
class Counts:
    """What stands on one tier: all of them, by light, and how many nobody has received yet."""

    level: int
    code: str
    ladder_id: int
    all: int = 0
    lights: dict[str, int] = field(default_factory=dict)
    unreceived: int = 0


def counts_by_tier(viewer: Viewer, place: int | None = None) -> list[Counts]:
    """The open stays by tier, from the highest; one query."""
    rows = (
        standing_now(viewer, place)
        .annotate(light=light_when(clock.now()))
        .values("level", "tier_code", "light")
        .annotate(n=Count("pk"), waiting=Count("pk", filter=Q(received_at=None)), ladder=Max("ladder_id"))
        .order_by("-level", "tier_code")
    )
    found: dict[tuple[int, str], Counts] = {}
    for row in rows:
        tier = found.setdefault((row["level"], row["tier_code"]), Counts(row["level"], row["tier_code"], row["ladder"]))
        tier.ladder_id = max(tier.ladder_id, row["ladder"])
        tier.all += row["n"]
        tier.lights[row["light"]] = tier.lights.get(row["light"], 0) + row["n"]
        tier.unreceived += row["waiting"]
    return list(found.values())


def filtered(viewer: Viewer, filters: DutyFilters) -> QuerySet[Stay]:
    """The open stays that the filters ask for, each with its light."""
    rows = standing_now(viewer, filters.place).annotate(light=light_when(clock.now()))
    if filters.view in ("mine", "receive"):
        rows = rows.filter(bears(viewer))
    if filters.view == "receive" or filters.unreceived:
        rows = rows.filter(received_at=None)
    if filters.view == "soon":
        rows = rows.filter(light="near")
    elif filters.view == "late":
        rows = rows.filter(light="overdue")
    if filters.tier:
        rows = rows.filter(tier_code=filters.tier)
    if filters.lights:
        rows = rows.filter(light__in=filters.lights)
    return rows


def rows_of(viewer: Viewer, filters: DutyFilters, size: int = PAGE) -> tuple[list[dict[str, Any]], bool]:
    """One page of open stays, overdue and soonest first, and whether more follow; one query."""
    start = (filters.page - 1) * size
    rows = filtered(viewer, filters).order_by("stands", F("due_at").asc(nulls_last=True), "id")
    found = list(rows.values("light", *_STAY, *_CASE, *_BEARER)[start : start + size + 1])
    return found[:size], len(found) > size


def count_of(viewer: Viewer, filters: DutyFilters) -> int:
    """How many stays the filters find."""
    return filtered(viewer, filters).count()


@dataclass(frozen=True, slots=True)
class MyCounts:
    """What lies with the viewer: all duties, those not received, those near their limit, those over it."""

    mine: int
    receive: int
    soon: int
    late: int


def my_counts(viewer: Viewer) -> MyCounts:
    """The duties that the viewer's posts bear; one query."""
    now = clock.now()
    rows = standing_now(viewer).filter(bears(viewer)).annotate(light=light_when(now))
    found = rows.aggregate(
        mine=Count("pk"),
        receive=Count("pk", filter=Q(received_at=None)),
        soon=Count("pk", filter=Q(light="near")),
        late=Count("pk", filter=Q(light="overdue")),
    )
    return MyCounts(**found)


# ── Legacy and major problems ──────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class ProblemFilters:
    """kind: "" both, legacy, major; done: those that were closed meanwhile."""

    kind: str = ""
    done: bool = False
    tier: str = ""
    place: int | None = None
    page: int = 1

    @classmethod
    def read(cls, query: QueryDict) -> ProblemFilters:
        """Read them from a query string."""
        base = DutyFilters.read(query)
        kind = query.get("kind", "")
        return cls(
            kind if kind in ("legacy", "major") else "", query.get("done") == "1", base.tier, base.place, base.page
        )


def problems(viewer: Viewer, filters: ProblemFilters) -> QuerySet[Case]:
    """Legacy and major problems, with the tier they stand on (or stood on last) and what was tried on the way."""
    latest = Stay.objects.filter(case=OuterRef("pk")).order_by("-sequence")
    tried = latest.exclude(tried="")
    rows = Case.objects.filter(viewer.reach("case.view").q(), is_open=not filters.done, parent=None)
    rows = rows.filter(
        {"legacy": Q(legacy=True), "major": Q(major=True)}.get(filters.kind, Q(legacy=True) | Q(major=True))
    )
    if filters.place:
        rows = rows.filter(tokens__contains=[filters.place])
    rows = rows.annotate(
        stay_id=Subquery(latest.values("pk")[:1]),
        tier_code=Subquery(latest.values("tier_code")[:1]),
        tier_level=Subquery(latest.values("level")[:1]),
        ladder_id=Subquery(latest.values("ladder_id")[:1]),
        tier_due_at=Subquery(latest.values("due_at")[:1]),
        tier_since=Subquery(latest.values("entered_at")[:1]),
        tried_last=Subquery(tried.values("tried")[:1]),
        why_last=Subquery(tried.values("why")[:1]),
    )
    if filters.tier:
        rows = rows.filter(tier_code=filters.tier)
    return rows.order_by("reported_at", "id")


PROBLEM_COLUMNS = (
    "id",
    "number",
    "state",
    "description",
    "legacy",
    "major",
    "place_id",
    "lineage",
    "reported_at",
    "ended_at",
    "current_due_at",
    "due_at",
    "item__name_zh",
    "item__name_en",
    "unit__name_zh",
    "unit__name_en",
    "tier_code",
    "tier_level",
    "ladder_id",
    "tier_due_at",
    "tier_since",
    "tried_last",
    "why_last",
)


def problem_rows(viewer: Viewer, filters: ProblemFilters, size: int = PAGE) -> tuple[list[dict[str, Any]], bool]:
    """One page of them, the oldest first, and whether more follow; one query."""
    start = (filters.page - 1) * size
    found = list(problems(viewer, filters).values(*PROBLEM_COLUMNS)[start : start + size + 1])
    return found[:size], len(found) > size


def problem_counts(viewer: Viewer, place: int | None = None) -> dict[str, int]:
    """How many are open and how many were solved, of each kind; one query."""
    rows = Case.objects.filter(viewer.reach("case.view").q(), Q(legacy=True) | Q(major=True), parent=None)
    if place:
        rows = rows.filter(tokens__contains=[place])
    return rows.aggregate(
        legacy_all=Count("pk", filter=Q(legacy=True)),
        legacy_open=Count("pk", filter=Q(legacy=True, is_open=True)),
        major_all=Count("pk", filter=Q(major=True)),
        major_open=Count("pk", filter=Q(major=True, is_open=True)),
    )
