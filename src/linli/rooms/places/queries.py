"""Reads of the room. Places are public facts: nothing here depends on who looks.

Look-ups of grids answer from memory (`atlas`); trees, searches and buildings take one or two queries.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import connection
from django.db.models import Q, QuerySet

from linli.kernel.errors import NotFound
from linli.kernel.geo.points import looks_swapped
from linli.kernel.text import matches, query_grams
from linli.rooms.places import atlas
from linli.rooms.places.atlas import GRID_RANK, Atlas, division_above, localized, today
from linli.rooms.places.maps import boundary_geojson, export_geojson, extent, grids_geojson
from linli.rooms.places.models import LEVELS, Building, GridSet, Kind, Place

__all__ = [
    "Candidate",
    "Location",
    "boundary_geojson",
    "breadcrumb",
    "breadcrumbs",
    "buildings_in",
    "buildings_near",
    "by_code",
    "children",
    "current_set",
    "export_geojson",
    "extent",
    "get",
    "grid_sets",
    "grids_geojson",
    "localized",
    "locate",
    "locate_many",
    "names",
    "search",
    "successors_of",
    "tree",
    "valid",
]

OUTSIDE_M = 500.0
"""A point this near to the district still belongs to it: published borders are simplified."""
NEAREST_DIVISION_M = 3000.0
"""Beyond this distance from any community the district itself is the fallback."""
MAX_CANDIDATES = 8


@dataclass(frozen=True)
class Candidate:
    """A grid the point may lie in, given its accuracy; 0 m when it lies inside."""

    place_id: int
    name: str
    distance_m: float


@dataclass(frozen=True)
class Location:
    """Where a point lies.

    kind: "inside" a grid, with nothing else within the accuracy; "near_border": inside one, others are
    possible; "no_grid": in the district but in no grid, falls to `division` (属地兜底); "outside".
    place_id: the grid, or the division it falls to; None when outside.
    lineage: ids from the district down to `place_id`.
    division: containing or nearest community, street or district.
    distance_m: to that division's polygon (0 inside), or to the nearest border when outside.
    swapped: outside, but inside when longitude and latitude change places.
    """

    place_id: int | None
    lineage: tuple[int, ...]
    kind: Literal["inside", "near_border", "no_grid", "outside"]
    candidates: list[Candidate] = field(default_factory=list)
    division: int | None = None
    distance_m: float | None = 0.0
    swapped: bool = False

    @property
    def grid_id(self) -> int | None:
        """The grid, None when the point is in none."""
        return self.place_id if self.kind in ("inside", "near_border") else None


def locate(lng: float, lat: float, accuracy_m: float | None = None, at: dt.date | None = None) -> Location:
    """The most specific grid around a WGS-84 point on a civil day (today), and all its ancestors.

    accuracy_m: radius the position may be off by; grids within it become candidates. No database query
    except a look at the revision at most once a second.
    """
    here = atlas.current(at)
    index = here.index
    reach = min(accuracy_m, 5000.0) if accuracy_m and math.isfinite(accuracy_m) and accuracy_m > 0 else None
    candidates = _candidates(here, lng, lat, reach) if reach else []
    containing = index.containing(lng, lat)
    if containing and here.rank(containing[0]) >= GRID_RANK:
        grid = here.places[containing[0]]
        return Location(
            grid.id,
            grid.lineage,
            "near_border" if len(candidates) > 1 else "inside",
            candidates or [Candidate(grid.id, localized(grid), 0.0)],
            division=division_above(here, grid.lineage),
        )
    return _without_grid(here, lng, lat, containing, candidates)


def locate_many(coords: Any, at: dt.date | None = None) -> Any:
    """Most specific place ids for an array of shape (n, 2), WGS-84; -1 where there is no polygon."""
    return atlas.current(at).index.locate_many(coords)


def _candidates(here: Atlas, lng: float, lat: float, reach: float) -> list[Candidate]:
    """The leaf grids within reach, nearest first: a grid is left out where one of its own parts is in."""
    near = here.index.within(lng, lat, reach, min_rank=GRID_RANK)
    ancestors = {above for item in near for above in here.places[item.key].lineage[:-1]}
    return [
        Candidate(item.key, localized(here.places[item.key]), round(item.distance_m, 1))
        for item in near
        if item.key not in ancestors
    ][:MAX_CANDIDATES]


def _without_grid(
    here: Atlas, lng: float, lat: float, containing: Sequence[int], candidates: list[Candidate]
) -> Location:
    """A point in no grid: the containing or nearest division, or outside."""
    community_rank = atlas.RANKS["street"]
    if containing and here.rank(containing[0]) >= community_rank:
        division = here.places[containing[0]]
        return Location(division.id, division.lineage, "no_grid", candidates, division.id, 0.0)
    near = here.index.within(lng, lat, NEAREST_DIVISION_M, min_rank=community_rank)
    if near and (containing or near[0].distance_m <= OUTSIDE_M):
        division = here.places[division_above(here, here.places[near[0].key].lineage) or near[0].key]
        return Location(division.id, division.lineage, "no_grid", candidates, division.id, round(near[0].distance_m, 1))
    if containing:
        district = here.places[containing[0]]
        return Location(district.id, district.lineage, "no_grid", candidates, district.id, 0.0)
    nearest = here.index.nearest(lng, lat)
    if nearest is None:
        return _without_map(here)
    if nearest.distance_m <= OUTSIDE_M:
        division = here.places[nearest.key]
        return Location(division.id, division.lineage, "no_grid", candidates, division.id, round(nearest.distance_m, 1))
    return Location(
        None,
        (),
        "outside",
        [],
        division_above(here, here.places[nearest.key].lineage),
        round(nearest.distance_m, 1),
        swapped=looks_swapped(lng, lat) or bool(here.index.containing(lat, lng)),
    )


def _without_map(here: Atlas) -> Location:
    """A house that has no polygon yet: everything falls to the district."""
    roots = [facts for facts in here.places.values() if facts.kind == Kind.DISTRICT]
    if not roots:
        return Location(None, (), "outside", distance_m=None)
    return Location(roots[0].id, roots[0].lineage, "no_grid", [], roots[0].id, None)


def get(place_id: int) -> Place:
    """One place, ended ones too; NotFound."""
    place = Place.objects.filter(id=place_id).first()
    if place is None:
        raise NotFound()
    return place


def valid(at: dt.date | None = None) -> QuerySet[Place]:
    """The places that exist on a civil day (today)."""
    day = at or today()
    return Place.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


def by_code(code: str, at: dt.date | None = None) -> Place | None:
    """The place that carries this code on that day."""
    return valid(at).filter(code=code).first() if code else None


def tree(root_id: int | None = None, at: dt.date | None = None, kinds: Sequence[str] | None = None) -> list[Place]:
    """Places in the order of a table of contents (each followed by what is below it), one query.

    root_id: only this place and what is below it. kinds: default everything except buildings.
    """
    wanted = list(kinds) if kinds else [k for k in LEVELS if k != Kind.BUILDING]
    rows = valid(at).filter(kind__in=wanted)
    if root_id is not None:
        rows = rows.filter(lineage__contains=[root_id])
    below: dict[int | None, list[Place]] = {}
    found = {place.id: place for place in rows.order_by("level", "sort_key", "id")}
    for place in found.values():
        below.setdefault(place.parent_id if place.parent_id in found else None, []).append(place)
    ordered: list[Place] = []
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        place = waiting.pop()
        ordered.append(place)
        waiting.extend(reversed(below.get(place.id, [])))
    return ordered


def children(place_id: int, at: dt.date | None = None) -> list[Place]:
    """What stands directly below a place, in order."""
    return list(valid(at).filter(parent_id=place_id).order_by("level", "sort_key", "id"))


def breadcrumbs(place_ids: Iterable[int]) -> dict[int, list[Place]]:
    """For each place its ancestors and itself, root first; one query for any number of places."""
    wanted = set(place_ids)
    if not wanted:
        return {}
    rows = Place.objects.raw(
        "SELECT DISTINCT a.* FROM places_place p JOIN places_place a ON a.id = ANY (p.lineage) WHERE p.id = ANY (%s)",
        [list(wanted)],
    )
    found = {place.id: place for place in rows}
    return {
        place_id: [found[above] for above in found[place_id].lineage if above in found]
        for place_id in wanted
        if place_id in found
    }


def breadcrumb(place_id: int) -> list[Place]:
    """The ancestors of one place and itself, root first."""
    return breadcrumbs([place_id]).get(place_id, [])


def names(place_ids: Iterable[int]) -> dict[int, str]:
    """Names in the reader's language: from memory where the place is in force today, else one query."""
    here = atlas.current()
    found: dict[int, str] = {}
    missing: list[int] = []
    for place_id in set(place_ids):
        facts = here.places.get(place_id)
        if facts:
            found[place_id] = localized(facts)
        else:
            missing.append(place_id)
    if missing:
        found.update({place.id: place.name for place in Place.objects.filter(id__in=missing)})
    return found


def successors_of(place_id: int, at: dt.date | None = None) -> list[Place]:
    """The places that follow an ended one and exist on that day, through any number of changes."""
    sql = """
        WITH RECURSIVE chain(id) AS (
            SELECT %s::bigint
            UNION SELECT s.after_id FROM places_succession s JOIN chain c ON c.id = s.before_id
        ) SELECT id FROM chain
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [place_id])
        ids = [row[0] for row in cursor.fetchall()]
    return list(valid(at).filter(id__in=ids).exclude(id=place_id).order_by("sort_key"))


def search(text: str, limit: int = 20, kinds: Sequence[str] | None = None) -> list[Place]:
    """Places by name (two Chinese characters are enough), code, local code or address.

    Divisions before grids before buildings. The building's row comes along where there is one.
    """
    query = text.strip()
    if not query:
        return []
    rows = valid().select_related("building")
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    wanted = query_grams(query)
    if wanted:
        rows = rows.filter(grams__contains=wanted)
    else:
        rows = rows.filter(name_zh__startswith=query, level__lte=5)
    found = []
    for place in rows.order_by("level", "sort_key", "id")[: limit * 5]:
        building = getattr(place, "building", None)
        words = " ".join(
            [place.name_zh, place.name_en, place.code, place.local_code, building.address if building else ""]
        )
        if not wanted or matches(words, query):
            found.append(place)
        if len(found) == limit:
            break
    return found


def buildings_near(lng: float, lat: float, metres: float = 200.0, limit: int = 10) -> list[tuple[Building, float]]:
    """The nearest buildings within some metres and their distance, nearest first; one query on the index."""
    from linli.kernel.geo.metres import distance_m, metres_per_degree

    east, north = metres_per_degree(lat)
    rows = Building.objects.raw(
        "SELECT b.* FROM places_building b JOIN places_place p ON p.id = b.place_id"
        " WHERE point(b.lng, b.lat) <@ box(point(%s, %s), point(%s, %s)) AND p.valid_to IS NULL"
        " ORDER BY point(b.lng, b.lat) <-> point(%s, %s) LIMIT %s",
        [
            lng - metres / east,
            lat - metres / north,
            lng + metres / east,
            lat + metres / north,
            lng,
            lat,
            limit * 2,
        ],
    ).prefetch_related("place")
    measured = [(b, distance_m(lng, lat, b.lng or 0.0, b.lat or 0.0)) for b in rows]
    return sorted((item for item in measured if item[1] <= metres), key=lambda item: item[1])[:limit]


def buildings_in(place_id: int) -> list[Place]:
    """The buildings below a place, in order, each with its `building` row; one query."""
    return list(
        valid()
        .filter(kind=Kind.BUILDING, lineage__contains=[place_id])
        .select_related("building")
        .order_by("sort_key", "id")
    )


def grid_sets() -> list[GridSet]:
    """All versions, newest first."""
    return list(GridSet.objects.defer("problems", "options").order_by("-number"))


def current_set(at: dt.date | None = None) -> GridSet | None:
    """The version last put in force by that day."""
    return (
        GridSet.objects.filter(state=GridSet.State.PUBLISHED, effective_from__lte=at or today())
        .order_by("-effective_from", "-number")
        .first()
    )
