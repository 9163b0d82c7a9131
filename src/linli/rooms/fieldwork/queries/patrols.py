"""Patrols: what is to be walked today, one patrol, a day's coverage, the weeks before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, Sum

from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.rooms.fieldwork.actions.telling import civil_day
from linli.rooms.fieldwork.models import Finding, Patrol, PatrolPlan, PatrolStop, RectifyLimit
from linli.rooms.fieldwork.queries.findings import Row, rows_of
from linli.rooms.fieldwork.queries.scope import WALKS, may_see, within
from linli.rooms.people.rights import Viewer
from linli.rooms.places.queries import names


@dataclass(slots=True)
class Coverage:
    """Points done of points due, and how many patrols stand behind it in which state."""

    done: int = 0
    due: int = 0
    bad: int = 0
    patrols: int = 0
    states: dict[str, int] = field(default_factory=dict)

    def add(self, state: str, done: int, due: int, bad: int, patrols: int = 1) -> None:
        self.done, self.due, self.bad = self.done + done, self.due + due, self.bad + bad
        self.patrols += patrols
        self.states[state] = self.states.get(state, 0) + patrols

    @property
    def percent(self) -> float | None:
        return round(100 * self.done / self.due, 1) if self.due else None

    @property
    def missed(self) -> int:
        return self.states.get("missed", 0)


def coverage(patrols: Iterable[Patrol]) -> Coverage:
    """Of these patrols together."""
    found = Coverage()
    for patrol in patrols:
        found.add(patrol.state, patrol.points_done, patrol.points_due, patrol.points_bad)
    return found


def today_for(viewer: Viewer) -> list[Patrol]:
    """Today's patrols this viewer may walk: those expected of the viewer first, then open ones, by their start."""
    day = civil_day(clock.now())
    rows = list(
        Patrol.objects.filter(within(viewer, "patrol.walk"), day=day)
        .select_related("plan", "place", "expected")
        .order_by("window_from", "pk")[:200]
    )
    return sorted(
        rows, key=lambda row: (row.expected_id != viewer.account_id, not row.is_open, row.window_from, row.pk)
    )


@dataclass(slots=True)
class PatrolPage:
    patrol: Patrol
    stops: list[PatrolStop]
    findings: list[Row]
    may_walk: bool
    beside: list[Row] = field(default_factory=list)


def patrol_page(patrol_id: int, viewer: Viewer) -> PatrolPage:
    """One patrol with its points and what was found at each. Raises NotFound when it is none of the viewer's."""
    patrol = Patrol.objects.select_related("plan", "place", "expected", "walker").filter(pk=patrol_id).first()
    if patrol is None or not may_see(viewer, patrol.lineage, *WALKS):
        raise NotFound(code="patrol.not_found")
    stops = list(patrol.stops.select_related("again", "again__case", "place"))
    found = rows_of(Finding.objects.filter(patrol=patrol))
    by_stop: dict[int, list[Row]] = {}
    for row in found:
        by_stop.setdefault(row.stop_id or 0, []).append(row)
    for stop in stops:
        stop.found = by_stop.get(stop.pk, [])  # type: ignore[attr-defined]
    may_walk = patrol.is_open and clock.now() < patrol.closes_at and may_see(viewer, patrol.lineage, "patrol.walk")
    return PatrolPage(patrol, stops, found, may_walk, beside=by_stop.get(0, []))


@dataclass(slots=True)
class Board:
    """A day: the patrols, the coverage of all and of each community."""

    day: dt.date
    patrols: list[Patrol]
    total: Coverage
    areas: list[tuple[int, str, Coverage]]
    unstaffed: int


def day_board(viewer: Viewer, day: dt.date, place_id: int | None = None) -> Board:
    """The patrols of one day that the viewer plans or supervises, those that need somebody first."""
    rows = Patrol.objects.filter(within(viewer, *WALKS), day=day)
    if place_id is not None:
        rows = rows.filter(tokens__contains=[place_id])
    patrols = list(rows.select_related("plan", "place", "expected", "walker").order_by("place__sort_key", "pk")[:1000])
    areas: dict[int, Coverage] = {}
    for patrol in patrols:
        above = patrol.lineage[2] if len(patrol.lineage) > 2 else patrol.lineage[-1]
        areas.setdefault(above, Coverage()).add(patrol.state, patrol.points_done, patrol.points_due, patrol.points_bad)
    called = names(areas)
    order = {"missed": 0, "partial": 1, "due": 2, "walking": 3, "done": 4}
    patrols.sort(key=lambda p: (not (p.unstaffed and p.is_open), order[p.state]))
    return Board(
        day=day,
        patrols=patrols,
        total=coverage(patrols),
        areas=sorted(((pk, called.get(pk, ""), c) for pk, c in areas.items()), key=lambda row: row[2].percent or 0),
        unstaffed=sum(1 for p in patrols if p.unstaffed and p.is_open),
    )


def days_before(
    viewer: Viewer, until: dt.date, days: int = 14, place_id: int | None = None
) -> list[tuple[dt.date, Coverage]]:
    """Coverage day by day up to and with `until`, the latest first; days without a patrol are left out. One query."""
    rows = Patrol.objects.filter(within(viewer, *WALKS), day__gt=until - dt.timedelta(days=days), day__lte=until)
    if place_id is not None:
        rows = rows.filter(tokens__contains=[place_id])
    found: dict[dt.date, Coverage] = {}
    sums = rows.values_list("day", "state").annotate(
        Sum("points_done"), Sum("points_due"), Sum("points_bad"), Count("pk")
    )
    for day, state, done, due, bad, patrols in sums.order_by("-day"):
        found.setdefault(day, Coverage()).add(state, done, due, bad, patrols)
    return list(found.items())


def plans(viewer: Viewer) -> list[PatrolPlan]:
    """The plans of the viewer's places with the number of their points, running ones first."""
    return list(
        PatrolPlan.objects.filter(within(viewer, "patrol.plan", "inspection.plan"))
        .select_related("place")
        .annotate(point_count=Count("points"))
        .order_by("-active", "place__sort_key", "name", "pk")[:500]
    )


def plan_page(plan_id: int, viewer: Viewer) -> PatrolPlan:
    """One plan. Raises NotFound when it is none of the viewer's."""
    found = PatrolPlan.objects.select_related("place", "created_by").filter(pk=plan_id).first()
    if found is None or not may_see(viewer, found.tokens, "patrol.plan", "inspection.plan"):
        raise NotFound(code="patrol.no_plan")
    return found


def of_place(place_id: int, viewer: Viewer, limit: int = 30) -> list[Patrol]:
    """The latest patrols in a place, the latest first."""
    return list(
        Patrol.objects.filter(within(viewer, *WALKS), Q(place_id=place_id) | Q(tokens__contains=[place_id]))
        .select_related("plan", "place", "walker", "expected")
        .order_by("-day", "pk")[:limit]
    )


def rectify_limits() -> list[RectifyLimit]:
    """The limits to choose from, in their order."""
    return list(RectifyLimit.objects.filter(active=True))


def points_geojson(page: PatrolPage) -> dict[str, Any]:
    """The points that have a position, for the map: done ones green, those with a problem amber."""
    lights = {"ok": "done", "bad": "overdue", "": "on_track"}
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [stop.lng, stop.lat]},
                "properties": {
                    "id": str(stop.sequence),
                    "number": str(stop.sequence),
                    "title": f"{stop.sequence}. {stop.name}",
                    "light": lights[stop.result],
                    "url": f"#stop-{stop.sequence}",
                },
            }
            for stop in page.stops
            if stop.lng is not None and stop.lat is not None
        ],
    }
