"""Open cases as vector tiles: points, or counted clusters where there are too many to draw."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import shapely
from django.core.cache import cache
from django.db import connection

from linli.kernel import clock
from linli.kernel.geo.vector_tiles import Tile, encode
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
_CELLS = """
SELECT count(*), avg(lng), avg(lat), count(*) FILTER (WHERE state <> 'suspended' AND current_due_at < %(now)s)
FROM cases_case c
WHERE point <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s)) AND c.parent_id IS NULL AND {scope}
  AND lng < %(east)s AND lat > %(south)s
GROUP BY floor((lng - %(west)s) / %(wide)s), floor((lat - %(south)s) / %(high)s)
"""


def case_tile(tile: Tile, viewer: Viewer | None) -> bytes:
    """Layer `cases`: the open cases in a square; viewer None: the public's. One query, two when there are many.

    A point has number, state, light, title, title_en, reports; a cluster has count and overdue. A tile of clusters
    is kept for some seconds, for everybody with the same rights.
    """
    west, south, east, north = tile.bounds()
    scope, params = scope_of(viewer, open_only=True)
    key = f"{tile.z}/{tile.x}/{tile.y}:{scope}:{sorted(params.items())}"
    key = f"case-tile:{blake2b(key.encode(), digest_size=16).hexdigest()}"
    kept: bytes | None = cache.get(key)
    if kept is not None:
        return kept
    values: dict[str, Any] = {"west": west, "south": south, "east": east, "north": north, **params}
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_POINTS.format(scope=scope), values | {"limit": POINTS_AT_MOST + 1})
        rows = cursor.fetchall()
        if len(rows) > POINTS_AT_MOST:
            wide, high = (east - west) / _ACROSS, (north - south) / _ACROSS
            cursor.execute(_CELLS.format(scope=scope), values | {"now": now, "wide": wide, "high": high})
            drawn = _clusters(tile, cursor.fetchall())
            cache.set(key, drawn, _KEPT_S)
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


def _clusters(tile: Tile, rows: list[tuple[Any, ...]]) -> bytes:
    spots = _spots(tile, [(row[1], row[2]) for row in rows])
    return encode(
        {
            "cases": [
                (number, spot, {"count": count, "overdue": late, "light": "overdue" if late else "on_track"})
                for number, (spot, (count, _lng, _lat, late)) in enumerate(zip(spots, rows, strict=True), 1)
            ]
        }
    )


def _spots(tile: Tile, degrees: list[tuple[float, float]]) -> list[Any]:
    return list(shapely.points(tile.units(np.array(degrees, dtype=float)).round()))
