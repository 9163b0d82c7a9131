"""Look-ups of grids a second: one by one and in batch, over 50,000 grids. Needs no database.

Run: ./linli bench locate [number of grids]
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import shapely
from bench.harness.table import Row
from shapely.geometry.base import BaseGeometry

from linli.kernel.geo.index import Entry, LocateIndex

WEST, SOUTH, STEP = 113.0, 27.2, 0.002
POINTS = 100_000
PORTION = 1_000  # look-ups timed together: one alone is too short for the clock


def crooked_grids(count: int, points: int = 6) -> list[BaseGeometry]:
    """About `count` grids of 200 m whose borders are crooked, as a square."""
    side = round(count**0.5)
    grids = []
    for i in range(side):
        for j in range(side):
            corners = [
                np.array(
                    [
                        WEST + (i + u) * STEP + 0.0003 * np.sin((j + v) * 3),
                        SOUTH + (j + v) * STEP + 0.0003 * np.sin((i + u) * 5),
                    ]
                )
                for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))
            ]
            steps = np.linspace(0, 1, points, endpoint=False)[:, None]
            ring = np.vstack([corners[k] + (corners[(k + 1) % 4] - corners[k]) * steps for k in range(4)])
            grids.append(shapely.Polygon(ring))
    return grids


def best_of(rounds: int, run: object) -> float:
    """Seconds of processor time of the quickest round."""
    times = []
    for _round in range(rounds):
        start = time.process_time()
        run()  # type: ignore[operator]
        times.append(time.process_time() - start)
    return min(times)


def slow_end(times: list[float], each: int) -> float:
    """Milliseconds of one of `each` look-ups in the slowest twentieth of the portions."""
    return sorted(times)[int(len(times) * 0.95)] * 1000 / each


def measure(words: list[str], folder: Path) -> list[Row]:
    """The goals are 100,000 single and 300,000 batch look-ups a second over 50,000 grids."""
    grids = crooked_grids(int(words[0]) if words else 50_000)
    start = time.process_time()
    index = LocateIndex([Entry(key, 4, polygon) for key, polygon in enumerate(grids, 1)])
    built = time.process_time() - start
    side = STEP * round(len(grids) ** 0.5)
    random = np.random.default_rng(430212)
    points = np.column_stack([random.uniform(WEST, WEST + side, POINTS), random.uniform(SOUTH, SOUTH + side, POINTS)])
    pairs = points.tolist()
    one = POINTS / best_of(3, lambda: [index.locate_one(lng, lat) for lng, lat in pairs])
    many = POINTS / best_of(5, lambda: index.locate_many(points))
    near = 10_000 / best_of(3, lambda: [index.within(lng, lat, 30) for lng, lat in pairs[:10_000]])
    print(f"{len(grids):,} grids, index built in {built:.2f} s")
    print(f"one by one      {one:>10,.0f} look-ups/s")
    print(f"in batch        {many:>10,.0f} look-ups/s")
    print(f"within 30 m     {near:>10,.0f} look-ups/s")
    portions = []
    for first in range(0, POINTS, PORTION):
        began = time.process_time()
        for lng, lat in pairs[first : first + PORTION]:
            index.locate_one(lng, lat)
        portions.append(time.process_time() - began)
    batches = []
    for first in range(0, POINTS, PORTION * 10):
        began = time.process_time()
        index.locate_many(points[first : first + PORTION * 10])
        batches.append(time.process_time() - began)
    return [
        Row("point to grid, one by one", len(grids), round(1000 / one, 5), slow_end(portions, PORTION), 0, 0.01),
        Row("point to grid, in batch", len(grids), round(1000 / many, 5), slow_end(batches, PORTION * 10), 0, 1 / 300),
    ]
