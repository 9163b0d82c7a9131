"""A county of towns and villages: every point of the real county polygon gets a division.

Real borders below the county are not published, so these are made up: towns by a power diagram around
plausible centres with areas by the number of their villages, villages by evenly spread seeds. The built-up
cells of the street lattice stay exactly as they are. Everything is cut once, as one noded set of lines, so
that neighbours share every vertex.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from linli.demo import frame

_SNAP = 0.05  # metres; coarser than the seventh decimal of a degree
_STEP = 420.0

TOWN_CENTRES: dict[str, tuple[float, float]] = {
    "430212100": (4800, 3300),
    "430212101": (-3500, -39500),
    "430212106": (500, -24500),
    "430212107": (-7500, -23500),
    "430212108": (8800, -36500),
    "430212109": (10500, -30500),
    "430212110": (1200, -8000),
    "430212111": (-13800, -17000),
}

Floats = NDArray[np.float64]


@dataclass
class Pieces:
    """The partition of the county in metres: one polygon for each cell of the town and each rural seed."""

    cells: dict[tuple[int, int], Polygon]
    rural: list[BaseGeometry]
    seeds: Floats


def sample(urban: BaseGeometry, step: float = _STEP) -> Floats:
    """A slightly staggered raster of points over the rural part of the county."""
    west, south, east, north = frame.county().bounds
    xs, ys = np.arange(west, east, step), np.arange(south, north, step)
    gx, gy = np.meshgrid(xs, ys)
    gx = gx + (np.arange(len(ys))[:, None] % 2) * step / 2
    points = np.column_stack([gx.ravel(), gy.ravel()])
    inside = shapely.contains_xy(frame.county(), points[:, 0], points[:, 1])
    outside = ~shapely.contains_xy(urban.buffer(150), points[:, 0], points[:, 1])
    return np.asarray(points[inside & outside], dtype=np.float64)


def spread(points: Floats, count: int, rng: np.random.Generator, rounds: int = 14) -> Floats:
    """`count` evenly spread seeds among `points` (Lloyd's iteration)."""
    seeds = points[rng.choice(len(points), size=count, replace=False)]
    for _ in range(rounds):
        nearest = _nearest(points, seeds)
        for k in range(count):
            mine = points[nearest == k]
            if len(mine):
                seeds[k] = mine.mean(axis=0)
    return np.asarray(np.round(seeds, 1), dtype=np.float64)


def _nearest(points: Floats, seeds: Floats) -> NDArray[np.intp]:
    distance = ((points[:, None, :] - seeds[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(distance.argmin(axis=1))


def towns(points: Floats, shares: dict[str, int]) -> dict[str, Floats]:
    """Share the sample points out to the towns, area by number of villages (power diagram)."""
    codes = list(shares)
    centres = np.array([TOWN_CENTRES[code] for code in codes])
    target = np.array([shares[code] for code in codes], dtype=float)
    target /= target.sum()
    distance = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    weight = np.zeros(len(codes))
    for turn in range(120):
        owner = (distance - weight).argmin(axis=1)
        got = np.bincount(owner, minlength=len(codes)) / len(points)
        weight += (target - got) * 4e8 * (0.97**turn)
    owner = (distance - weight).argmin(axis=1)
    return {code: points[owner == k] for k, code in enumerate(codes)}


def partition(cells: dict[tuple[int, int], Polygon], seeds: Floats) -> Pieces:
    """Cut the county along the cells' borders and half-way between the seeds.

    cells: the built-up cells in metres. seeds: n × 2. Returns polygons whose shared borders have the
    same vertices on both sides.
    """
    ground = frame.county()
    urban = shapely.unary_union(list(cells.values()))
    diagram = shapely.voronoi_polygons(MultiPoint(seeds), extend_to=ground.envelope, only_edges=True)
    rural_lines = diagram.intersection(ground).difference(urban)
    edges = [polygon.exterior for polygon in cells.values()]
    noded = shapely.unary_union([ground.exterior, rural_lines, *edges], grid_size=_SNAP)
    faces = list(shapely.get_parts(shapely.polygonize([noded])))
    keys = list(cells)
    tree = shapely.STRtree([cells[key] for key in keys])
    found: dict[tuple[int, int], Polygon] = {}
    rural: dict[int, list[Polygon]] = defaultdict(list)
    for face in faces:
        inner: Point = face.representative_point()
        hits = [k for k in tree.query(inner) if cells[keys[k]].contains(inner)]
        if hits:
            assert keys[hits[0]] not in found, "a cell was cut in two"
            found[keys[hits[0]]] = face
        else:
            rural[int(_nearest(np.array([[inner.x, inner.y]]), seeds)[0])].append(face)
    _rejoin(rural)
    return Pieces(
        found,
        [shapely.coverage_union_all(rural[k]) if len(rural[k]) > 1 else rural[k][0] for k in range(len(seeds))],
        seeds,
    )


def _rejoin(rural: dict[int, list[Polygon]]) -> None:
    """Give pieces that the border or the town cut off from their seed to the neighbour they touch most."""
    loose: list[Polygon] = []
    for parts in rural.values():
        parts.sort(key=lambda part: -part.area)
        whole = parts[0]
        rest, parts[1:] = parts[1:], []
        grown = True
        while grown:
            grown = False
            for part in list(rest):
                if whole.intersection(part).length > 0:
                    whole = whole.union(part)
                    parts.append(part)
                    rest.remove(part)
                    grown = True
        loose += rest
    while loose:
        progress = False
        for part in list(loose):
            touch = {
                k: sum(part.intersection(other).length for other in parts if part.intersects(other))
                for k, parts in rural.items()
            }
            best = max(touch, key=lambda k: touch[k])
            if touch[best] > 0:
                rural[best].append(part)
                loose.remove(part)
                progress = True
        assert progress, "a piece of the county touches nothing"
