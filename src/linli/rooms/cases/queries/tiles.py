"""Open cases as vector tiles: points, or counted clusters where there are too many to draw."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import shapely
from django.core.cache import cache
from django.db import connection

from linli.kernel import clock
from linli.kernel.geo.vector_tiles import EXTENT, Tile, encode
from linli.rooms.cases.queries.overview import scope_of
from linli.rooms.cases.rules import light_of
from linli.rooms.people.rights import Viewer

MIN_ZOOM, MAX_ZOOM = 4, 17
POINTS_AT_MOST = 250
_ACROSS = 8  # clusters across one tile
_KEPT_S = 20

_POINTS = """
SELECT c.id, number, state, lng, lat, current_due_at, state_since, i.name_zh, i.name_en, report_count
FROM cases_case c LEFT JOIN catalogue_item i ON i.id = c.item_id
WHERE point <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s)) AND c.parent_id IS NULL AND {scope}
LIMIT %(limit)s
"""
# All open cases of a scope as numbers: longitude, latitude, 1 when overdue. One look serves many tiles.
_OPEN = """
SELECT string_agg(float8send(lng) || float8send(lat) ||
    float8send(CASE WHEN state <> 'suspended' AND current_due_at < %(now)s THEN 1 ELSE 0 END), ''::bytea)
FROM cases_case c WHERE lng IS NOT NULL AND c.parent_id IS NULL AND {scope}
"""


def case_tile(tile: Tile, viewer: Viewer | None) -> bytes:
    """Layer `cases`: the open cases in a square; viewer None: the public's. One query, two when there are many.

    A point has number, state, light, title, title_en, reports; a cluster has count and overdue. Clusters are counted
    from a picture of all open cases that is kept for some seconds, for everybody with the same rights.
    """
    west, south, east, north = tile.bounds()
    scope, params = scope_of(viewer, open_only=True)
    key = blake2b(f"{scope}:{sorted(params.items())}".encode(), digest_size=16).hexdigest()
    known: bytes | None = cache.get(f"open-cases:{key}")
    if known is not None and (drawn := _clusters(tile, known)):
        return drawn
    values: dict[str, Any] = {"west": west, "south": south, "east": east, "north": north, **params}
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_POINTS.format(scope=scope), values | {"limit": POINTS_AT_MOST + 1})
        rows = cursor.fetchall()
        if len(rows) > POINTS_AT_MOST:
            cursor.execute(_OPEN.format(scope=scope), {**params, "now": now})
            known = bytes(cursor.fetchone()[0] or b"")
            cache.set(f"open-cases:{key}", known, _KEPT_S)
            if drawn := _clusters(tile, known):
                return drawn
    if not rows:
        return b""
    spots = _spots(tile, [(row[3], row[4]) for row in rows])
    return encode(
        {
            "cases": [
                (
                    case_id,
                    spot,
                    {
                        "number": number,
                        "state": state,
                        "light": light_of(state, due, since, now),
                        "title": name_zh or "",
                        "title_en": name_en or name_zh or "",
                        "reports": reports,
                    },
                )
                for spot, (case_id, number, state, _lng, _lat, due, since, name_zh, name_en, reports) in zip(
                    spots, rows, strict=True
                )
            ]
        }
    )


def _clusters(tile: Tile, known: bytes) -> bytes:
    """The clusters of a tile; empty when it has so few cases that each can be drawn."""
    table = np.frombuffer(known, ">f8").reshape(-1, 3)
    west, south, east, north = tile.bounds()
    lng, lat = table[:, 0], table[:, 1]
    table = table[(lng >= west) & (lng < east) & (lat > south) & (lat <= north)]
    if len(table) <= POINTS_AT_MOST:
        return b""
    units = tile.units(table[:, :2].astype(float))
    cells = (units // (EXTENT / _ACROSS)).clip(0, _ACROSS - 1).astype(int)
    cell = cells[:, 0] * _ACROSS + cells[:, 1]
    count, x, y, late = (
        np.bincount(cell, weights, minlength=_ACROSS**2)
        for weights in (None, units[:, 0], units[:, 1], table[:, 2].astype(float))
    )
    features = []
    for number in np.flatnonzero(count):
        n, overdue = int(count[number]), int(late[number])
        spot = shapely.Point(round(x[number] / n), round(y[number] / n))
        said = {"count": n, "overdue": overdue, "light": "overdue" if overdue else "on_track"}
        features.append((int(number) + 1, spot, said))
    return encode({"cases": features})


def _spots(tile: Tile, degrees: list[tuple[float, float]]) -> list[Any]:
    return list(shapely.points(tile.units(np.array(degrees, dtype=float)).round()))
