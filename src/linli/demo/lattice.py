"""The street lattice of the town centre: bent rows and columns between two rivers, in metres."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from shapely.geometry import LineString, Polygon

from linli.demo import plan

XY = tuple[float, float]

WEST_AT_ZERO, WEST_LEAN = -1245.0, 0.352
"""The west edge of the town follows the bank of the Xiang: x of the edge at y = 0, and its lean."""
NORTH, SOUTH, EAST = 830.0, -1120.0, 1610.0

XIANG: tuple[XY, ...] = (
    (-1300, -51500), (1200, -46000), (-2500, -41000), (-6500, -36000), (-4000, -30000), (-7500, -25000),
    (-3500, -20500), (-1700, -16000), (0, -12600), (-900, -9500), (-2700, -6200), (-2560, -3000),
    (-1760, -600), (-1010, 1500), (-600, 2700), (-900, 4200), (-1500, 5600), (-1900, 6900), (-1600, 8300),
)  # fmt: skip
LU: tuple[XY, ...] = (
    (13800, 600), (11800, -300), (9600, -250), (7400, -900), (5600, -600), (4200, -1500), (2700, -1750),
    (1500, -1430), (300, -1390), (-800, -1560), (-2250, -1500),
)  # fmt: skip


@dataclass(frozen=True)
class StreetLine:
    """One run of lattice edges with one name: `axis` is "column" or "row", `index` its number, `first` its
    first edge; the run is as many edges long as its line has segments."""

    axis: str
    index: int
    first: int
    kind: str
    line: LineString


@dataclass(frozen=True)
class Lattice:
    """Nodes at every crossing; `quads` the cells of the plan as four corners (NW, NE, SE, SW)."""

    nodes: dict[tuple[int, int], XY]
    quads: dict[tuple[int, int], tuple[XY, XY, XY, XY]]
    streets: tuple[StreetLine, ...]

    def polygon(self, cell: tuple[int, int]) -> Polygon:
        return Polygon(self.quads[cell])


def smooth(points: tuple[XY, ...], step: int = 8) -> list[XY]:
    """A Catmull–Rom curve through `points`."""
    padded = [points[0], *points, points[-1]]
    out: list[XY] = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for k in range(step):
            t = k / step
            out.append(
                tuple(  # type: ignore[arg-type]
                    0.5
                    * (
                        2 * b[n]
                        + (c[n] - a[n]) * t
                        + (2 * a[n] - 5 * b[n] + 4 * c[n] - d[n]) * t * t
                        + (3 * b[n] - a[n] - 3 * c[n] + d[n]) * t**3
                    )
                    for n in (0, 1)
                )
            )
    out.append(points[-1])
    return out


def _steps(rng: random.Random, count: int, low: float = 0.82, high: float = 1.24) -> list[float]:
    """Positions 0 … 1 of count + 1 lines with uneven distances."""
    widths = [rng.uniform(low, high) for _ in range(count)]
    total, at, out = sum(widths), 0.0, [0.0]
    for width in widths:
        at += width / total
        out.append(at)
    out[-1] = 1.0
    return out


def _kind(axis: str, index: int) -> str:
    main, street = (plan.MAIN_COLUMNS, plan.STREET_COLUMNS) if axis == "column" else (plan.MAIN_ROWS, plan.STREET_ROWS)
    return "main" if index in main else "street" if index in street else "lane"


def build(rng: random.Random) -> Lattice:
    """Bend the plan into the ground between the rivers."""
    cells = plan.cells()
    columns, rows = len(plan.PLAN[0]), len(plan.PLAN)
    across, down = _steps(rng, columns), _steps(rng, rows)
    phase = [rng.uniform(0, math.tau) for _ in range(4)]
    nodes: dict[tuple[int, int], XY] = {}
    for i, u in enumerate(across):
        for j, v in enumerate(down):
            y = NORTH + (SOUTH - NORTH) * v
            y += 44 * math.sin(math.tau * u * 0.9 + phase[0]) + 15 * math.sin(math.tau * u * 2.3 + phase[1])
            y += -70 * (u - 0.35) * (1 - v)
            west = WEST_AT_ZERO + WEST_LEAN * y
            east = EAST + 46 * math.sin(math.tau * v * 0.8 + phase[2])
            x = west + (east - west) * u + 30 * math.sin(math.tau * (v * 1.4 + u) + phase[3]) * u
            loose = 11.0 if _kind("column", i) == "lane" and _kind("row", j) == "lane" else 5.0
            nodes[i, j] = (
                round(x + rng.uniform(-loose, loose), 1),
                round(y + rng.uniform(-loose, loose), 1),
            )
    quads = {(i, j): (nodes[i, j], nodes[i + 1, j], nodes[i + 1, j + 1], nodes[i, j + 1]) for i, j in cells}
    return Lattice(nodes, quads, tuple(_streets(rng, nodes, cells)))


def _streets(
    rng: random.Random, nodes: dict[tuple[int, int], XY], cells: dict[tuple[int, int], str]
) -> list[StreetLine]:
    """The lattice's edges as named runs; some lanes inside a grid are left out: larger blocks."""
    columns, rows = len(plan.PLAN[0]), len(plan.PLAN)
    out: list[StreetLine] = []
    for axis, lines, along in (("column", columns + 1, rows), ("row", rows + 1, columns)):
        for index in range(lines):
            kind, run = _kind(axis, index), list[XY]()
            for k in range(along + 1):
                if axis == "column":
                    here, there, sides = (index, k), (index, k + 1), ((index - 1, k), (index, k))
                else:
                    here, there, sides = (k, index), (k + 1, index), ((k, index - 1), (k, index))
                signs = [cells.get(side) for side in sides]
                keep = k < along and any(signs)
                if keep and kind == "lane" and signs[0] == signs[1] and rng.random() < 0.24:
                    keep = False
                if keep:
                    run = [*run, nodes[there]] if run else [nodes[here], nodes[there]]
                elif run:
                    out.append(StreetLine(axis, index, k - len(run) + 1, kind, LineString(run)))
                    run = []
    return out
