"""Grids and buildings as features for geographic systems: by day or span of days, by box, page after page.

Places are public facts: nothing here depends on who looks. Pages follow one another by the place's id, so that
whatever is published between two pages neither repeats a place nor leaves one out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import shapely
from django.db import connection
from django.db.models import Min
from shapely.geometry.base import BaseGeometry

from linli.rooms.places import atlas
from linli.rooms.places.models import Kind, Place

Box = tuple[float, float, float, float]  # west, south, east, north
GRIDS = (Kind.GRID, Kind.SPECIAL, Kind.MICRO)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Days:
    """A span of civil days, both ends included; None: open."""

    first: dt.date | None
    last: dt.date | None


@dataclass(frozen=True, slots=True)
class PlaceFeature:
    """A place as it was on the last asked day of its life: `shape` in WGS-84, None where there is none."""

    id: int
    kind: str
    code: str
    local_code: str
    name_zh: str
    name_en: str
    level: int
    parent_id: int | None
    lineage: tuple[int, ...]
    valid_from: dt.date
    valid_to: dt.date | None
    area_m2: float | None
    shape: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class PlacePage:
    """Features in the order of their ids; `after`: the id the next page follows, None after the last page.

    matched: how many there are in all pages together; None where counting them would mean reading every border.
    above: code, names and kind of every place above the features.
    """

    features: list[PlaceFeature]
    after: int | None
    matched: int | None
    above: dict[int, dict[str, Any]]


_GRIDS = """
SELECT DISTINCT ON (p.id) p.id, p.kind, p.code, p.local_code, p.name_zh, p.name_en, p.level, p.parent_id, p.lineage,
       p.valid_from, p.valid_to, b.area_m2, b.polygon
FROM places_place p LEFT JOIN places_boundary b ON b.place_id = p.id AND b.valid_to IS DISTINCT FROM b.valid_from
     AND b.valid_from <= %(last)s AND (b.valid_to IS NULL OR b.valid_to > %(first)s)
WHERE {where} AND p.id > %(after)s ORDER BY p.id, b.valid_from DESC LIMIT %(limit)s
"""
_BUILDINGS = """
SELECT p.id, p.kind, p.code, p.local_code, p.name_zh, p.name_en, p.level, p.parent_id, p.lineage,
       p.valid_from, p.valid_to, NULL, coalesce(b.lng, p.lng), coalesce(b.lat, p.lat)
FROM places_place p LEFT JOIN places_building b ON b.place_id = p.id
WHERE {where} AND p.id > %(after)s ORDER BY p.id LIMIT %(limit)s
"""
_ALIVE = (
    "p.valid_from <= %(last)s AND (p.valid_to IS NULL OR p.valid_to > %(first)s)"
    " AND p.valid_to IS DISTINCT FROM p.valid_from"
)


def grids(days: Days, boxes: Sequence[Box] = (), *, after: int = 0, limit: int = 100) -> PlacePage:
    """The grids in force on some of the days, with the last border they had in them; those in a box only.

    Four queries at most, two of them small; for a span of days together with a box the borders are read in batches.
    """
    one_day = days.first is not None and days.first == days.last
    where = f"p.kind = ANY(%(kinds)s) AND {_ALIVE}"
    values: dict[str, Any] = {"kinds": [str(kind) for kind in GRIDS], **_ends(days)}
    if boxes and one_day:
        where += " AND p.id = ANY(%(ids)s)"
        values["ids"] = _ids_in(boxes, atlas.current(days.first))
    if boxes and not one_day:
        reading = (f for f in _read_on(where, values, after) if f.shape is not None and _touches(f.shape, boxes))
        return _page(list(islice(reading, limit + 1)), limit, None)
    found = [_grid(row) for row in _rows(_GRIDS, where, values, after, limit + 1)]
    return _page(found, limit, _count(where, values))


def buildings(days: Days, boxes: Sequence[Box] = (), *, after: int = 0, limit: int = 100) -> PlacePage:
    """The buildings that stood on some of the days, in order of their ids. Three queries."""
    where, values = f"p.kind = 'building' AND {_ALIVE}", _ends(days)
    if boxes:
        parts = []
        for number, box in enumerate(boxes):
            west, south, east, north = (f"%({name}{number})s" for name in "wsen")
            parts.append(f"point(b.lng, b.lat) <@ box(point({west}, {south}), point({east}, {north}))")
            values |= {f"{name}{number}": edge for name, edge in zip("wsen", box, strict=True)}
        where += f" AND ({' OR '.join(parts)})"
    found = [_building(row) for row in _rows(_BUILDINGS, where, values, after, limit + 1)]
    return _page(found, limit, _count(where, values, " LEFT JOIN places_building b ON b.place_id = p.id"))


def grid(place_id: int) -> PlacePage:
    """One grid with its present border, or the last one it had; no feature when there is no such grid."""
    return _one(_GRIDS, "p.kind = ANY(%(kinds)s) AND p.id = %(id)s", place_id, _grid)


def building(place_id: int) -> PlacePage:
    """One building; no feature when there is no such building."""
    return _one(_BUILDINGS, "p.kind = 'building' AND p.id = %(id)s", place_id, _building)


def first_day(kinds: Iterable[str] = GRIDS) -> dt.date | None:
    """The first day on which there was any place of these kinds."""
    return Place.objects.filter(kind__in=list(kinds)).aggregate(first=Min("valid_from"))["first"]


def revision() -> str:
    """Changes whenever borders do, and with the day: names what a tile or a list of grids was made from."""
    return f"{atlas.current().revision}-{atlas.today():%Y%m%d}"


def _ends(days: Days) -> dict[str, Any]:
    return {"first": days.first or dt.date.min, "last": days.last or dt.date.max}


def _ids_in(boxes: Sequence[Box], here: atlas.Atlas) -> list[int]:
    found = {int(i) for box in boxes for i in here.tree.query(shapely.box(*box), predicate="intersects")}
    return [here.tree_keys[position] for position in sorted(found)]


def _touches(shape: BaseGeometry, boxes: Sequence[Box]) -> bool:
    return any(shape.intersects(shapely.box(*box)) for box in boxes)


def _read_on(where: str, values: dict[str, Any], after: int) -> Iterator[PlaceFeature]:
    while rows := _rows(_GRIDS, where, values, after, _BATCH):
        yield from map(_grid, rows)
        after = rows[-1][0]


def _rows(sql: str, where: str, values: dict[str, Any], after: int, limit: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(where=where), {**values, "after": after, "limit": limit})
        return list(cursor.fetchall())


def _count(where: str, values: dict[str, Any], joined: str = "") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM places_place p{joined} WHERE {where}", values)
        return int(cursor.fetchone()[0])


def _one(sql: str, where: str, place_id: int, read: Any) -> PlacePage:
    values: dict[str, Any] = {"kinds": [str(kind) for kind in GRIDS], "id": place_id}
    # The border of today; a grid that has ended, or has yet to begin, shows the last one it had.
    for days in (Days(atlas.today(), atlas.today()), Days(None, None)):
        found = [read(row) for row in _rows(sql, where, values | _ends(days), 0, 1)]
        if not found or found[0].shape is not None:
            break
    return _page(found, 1, len(found))


def _grid(row: tuple[Any, ...]) -> PlaceFeature:
    shape = shapely.from_wkb(bytes(row[12])) if row[12] is not None else None
    return _feature(row, shape)


def _building(row: tuple[Any, ...]) -> PlaceFeature:
    shape = shapely.Point(row[12], row[13]) if row[12] is not None else None
    return _feature(row, shape)


def _feature(row: tuple[Any, ...], shape: BaseGeometry | None) -> PlaceFeature:
    place_id, kind, code, local_code, name_zh, name_en, level, parent_id, lineage, first, ended, area = row[:12]
    return PlaceFeature(
        place_id, kind, code, local_code, name_zh, name_en, level, parent_id, tuple(lineage), first, ended, area, shape
    )


def _page(found: list[PlaceFeature], limit: int, matched: int | None) -> PlacePage:
    features = found[:limit]
    wanted = {above for feature in features for above in feature.lineage}
    columns = ("id", "kind", "code", "name_zh", "name_en")
    above = {row["id"]: row for row in Place.objects.filter(pk__in=wanted).values(*columns)} if wanted else {}
    return PlacePage(features, features[-1].id if len(found) > limit else None, matched, above)
