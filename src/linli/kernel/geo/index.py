"""From a point to the polygon around it: an in-memory tree over all polygons valid on one day.

Measured on one core at 50,000 grids (bench/locate.py): over 100,000 single look-ups a second, over
300,000 in batch. Polygons are kept in metres on a local plane, so that distances cost nothing extra.

Batches, distances and views use shapely's STRtree. For a single point most of the tree's time goes into
making a geometry of two numbers and an array of one answer; a table of cells answers that case twice as
fast: cell → the few polygons whose boxes reach into it, most specific first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, intersects_xy
from shapely.geometry.base import BaseGeometry

from linli.kernel.geo.metres import Plane


class Entry(NamedTuple):
    """One polygon: whose it is, how specific it is (higher wins), and its WGS-84 shape."""

    key: int
    rank: int
    polygon: BaseGeometry


class Near(NamedTuple):
    """A polygon near a point; 0 m when the point is inside."""

    key: int
    distance_m: float


_Box = tuple[int, float, float, float, float]  # position, west, south, east, north
_MOST_CELLS = 2_000  # a polygon that reaches into more cells is kept apart


def _table(flat: NDArray[np.object_]) -> tuple[float, dict[tuple[int, int], list[_Box]], list[_Box]]:
    """Size of a cell in metres, boxes by cell, and the boxes too wide for the table; positions ascending."""
    cells: dict[tuple[int, int], list[_Box]] = {}
    wide: list[_Box] = []
    if not len(flat):
        return 1.0, cells, wide
    bounds = shapely.bounds(flat)
    sides = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    cell = max(float(np.median(sides)) / 2, 1.0)
    corners = np.floor(bounds / cell).astype(np.int64).tolist()
    for position, ((left, low, right, high), box) in enumerate(zip(corners, bounds.tolist(), strict=True)):
        entry: _Box = (position, *box)
        if (right - left + 1) * (high - low + 1) > _MOST_CELLS:
            wide.append(entry)
            continue
        for column in range(left, right + 1):
            for row in range(low, high + 1):
                cells.setdefault((column, row), []).append(entry)
    return cell, cells, wide


class LocateIndex:
    """Immutable once built; safe to share between threads."""

    def __init__(self, entries: Sequence[Entry], revision: int = 0) -> None:
        self.revision = revision
        shapes = np.array([entry.polygon for entry in entries], dtype=object)
        self.plane = Plane.around(shapes)
        if len(entries):
            flat = self.plane.flatten_all(shapes)
            ranks = np.array([entry.rank for entry in entries])
            # Most specific first, then the smaller one: the lowest position wins everywhere below.
            order = np.lexsort((shapely.area(flat), -ranks))
            flat, ranks = flat[order], ranks[order]
            keys = np.array([entry.key for entry in entries], dtype=np.int64)[order]
        else:
            flat, ranks, keys = shapes, np.array([], dtype=np.int64), np.array([], dtype=np.int64)
        shapely.prepare(flat)
        self._flat = flat
        self._list = list(flat)
        self._keys = keys
        self._key_list: list[int] = keys.tolist()
        self._rank_list: list[int] = ranks.tolist()
        self._position = {key: position for position, key in enumerate(self._key_list)}
        self._tree = shapely.STRtree(flat)
        self._east, self._north = self.plane.east, self.plane.north
        self._cell, self._cells, self._wide = _table(flat)

    def __len__(self) -> int:
        return len(self._key_list)

    def locate_one(self, lng: float, lat: float) -> int | None:
        """Key of the most specific polygon that contains the point (borders count), or None."""
        x, y = lng * self._east, lat * self._north
        if not (math.isfinite(x) and math.isfinite(y)):
            return None
        here = self._cells.get((int(x // self._cell), int(y // self._cell)), ())
        if self._wide:
            here = sorted((*here, *self._wide))
        for position, west, south, east, north in here:
            if west <= x <= east and south <= y <= north and intersects_xy(self._list[position], x, y):
                return self._key_list[position]
        return None

    def locate_many(self, coords: NDArray[np.float64]) -> NDArray[np.int64]:
        """The same for an array of shape (n, 2); -1 where there is no polygon."""
        x = coords[:, 0] * self.plane.east
        y = coords[:, 1] * self.plane.north
        found = np.full(len(coords), -1, dtype=np.int64)
        if not len(self._key_list) or not len(coords):
            return found
        which, position = self._tree.query(shapely.points(x, y))
        inside = shapely.intersects_xy(self._flat[position], x[which], y[which])
        which, position = which[inside], position[inside]
        order = np.lexsort((position, which))
        which, position = which[order], position[order]
        first = np.ones(len(which), dtype=bool)
        first[1:] = which[1:] != which[:-1]
        found[which[first]] = self._keys[position[first]]
        return found

    def containing(self, lng: float, lat: float) -> list[int]:
        """Keys of all polygons that contain the point, most specific first."""
        point = Point(lng * self.plane.east, lat * self.plane.north)
        hits = self._tree.query(point, predicate="intersects").tolist()
        return [self._key_list[position] for position in sorted(hits)]

    def within(self, lng: float, lat: float, metres: float, min_rank: int | None = None) -> list[Near]:
        """Polygons no farther than `metres`, nearest first, the more specific first among equals."""
        point = Point(lng * self.plane.east, lat * self.plane.north)
        hits = sorted(self._tree.query(point, predicate="dwithin", distance=metres).tolist())
        if min_rank is not None:
            hits = [position for position in hits if self._rank_list[position] >= min_rank]
        near = [Near(self._key_list[p], float(shapely.distance(self._list[p], point))) for p in hits]
        return sorted(near, key=lambda item: item.distance_m)

    def nearest(self, lng: float, lat: float) -> Near | None:
        """The nearest polygon and its distance (0 inside); None when the index is empty."""
        if not self._key_list:
            return None
        point = Point(lng * self.plane.east, lat * self.plane.north)
        position = int(self._tree.nearest(point))
        return Near(self._key_list[position], float(shapely.distance(self._list[position], point)))

    def border_m(self, key: int, lng: float, lat: float) -> float:
        """Metres from the point to the border of polygon `key`; KeyError if it is not in the index."""
        point = Point(lng * self.plane.east, lat * self.plane.north)
        return float(shapely.distance(self._list[self._position[key]].boundary, point))
