"""The first numbering of grids: west to east, row by row from north to south."""

from collections.abc import Iterable
from math import cos, hypot, radians
from statistics import median
from typing import TypeVar

Key = TypeVar("Key", bound=object)


def number_grids(grids: Iterable[tuple[Key, tuple[float, float]]], first: int = 1) -> list[tuple[Key, int]]:
    """Sequence numbers for (key, (lng, lat) of the centroid), in the order of the numbers.

    Real grids do not lie in straight rows. So the northernmost grid opens a row, and a grid belongs to it as
    long as its centroid lies no further south of that one than half the usual distance between neighbours
    (the median distance to the nearest). Within a row numbers go from west to east. The order of the input
    makes no difference; grids with the same centroid are ordered by their key.
    """
    listed = sorted(grids, key=lambda grid: (-grid[1][1], grid[1][0], str(grid[0])))
    band = _usual_distance([centroid for _key, centroid in listed]) / 2
    rows: list[list[tuple[Key, tuple[float, float]]]] = []
    for each in listed:
        if rows and rows[-1][0][1][1] - each[1][1] <= band:
            rows[-1].append(each)
        else:
            rows.append([each])
    ordered = [
        key for row in rows for key, _at in sorted(row, key=lambda grid: (grid[1][0], -grid[1][1], str(grid[0])))
    ]
    return list(zip(ordered, range(first, first + len(ordered)), strict=True))


def _usual_distance(points: list[tuple[float, float]]) -> float:
    """The median distance to the nearest neighbour, in degrees of latitude; 0 for fewer than two points."""
    if len(points) < 2:
        return 0.0
    shrink = cos(radians(median(lat for _lng, lat in points)))
    flat = [(lng * shrink, lat) for lng, lat in points]
    return median(
        min(hypot(x - other_x, y - other_y) for at, (other_x, other_y) in enumerate(flat) if at != own)
        for own, (x, y) in enumerate(flat)
    )
