"""Lay out the ground: divisions, grids with their codes, rivers and the streets of the centre."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from linli.demo import county, frame, lattice, names, plan
from linli.demo.town import Area, Division, Grid, Road, Town
from linli.rooms.places.rules import numbered

BULK_COMMUNITIES, BULK_GRIDS = 32, 8
"""What the city size urbanises besides: 32 × 8 + 32 = 288 grids."""

Cell = tuple[int, int]


@dataclass
class Lay:
    """What building up needs to know of the ground; geometry in metres."""

    lattice: lattice.Lattice
    cell_polygons: dict[Cell, Polygon]
    grid_of_cell: dict[Cell, str]
    micro_of_cell: dict[Cell, str]
    road_at: dict[tuple[str, int, int], tuple[str, str]]
    """(axis, index, edge) → (name, kind) of the street on that edge of the lattice."""
    active: frozenset[Cell]
    """The cells that get blocks and buildings (all but in the small size)."""
    xiang: BaseGeometry
    lu: BaseGeometry
    urban: BaseGeometry
    village_seeds: dict[str, tuple[float, float]] = field(default_factory=dict)
    bulk: dict[str, list[tuple[Polygon, tuple[float, float]]]] = field(default_factory=dict)


def reading_order(polygons: list[BaseGeometry]) -> list[int]:
    """Indexes in the order of the first numbering, the one that the house itself gives."""
    numbers = numbered(polygons, 1)
    return sorted(range(len(polygons)), key=lambda k: numbers[k])


def lay_out(town: Town, rng: random.Random) -> Lay:
    """Fill the town's divisions, grids, water and streets; return the ground in metres."""
    net = lattice.build(rng)
    book = frame.read_data("divisions_430212.json")
    raw_cells = {cell: net.polygon(cell) for cell in net.quads}
    urban = shapely.unary_union(list(raw_cells.values()))
    rural = {t["code"]: [d for d in t["divisions"] if d[0] not in plan.COMMUNITIES] for t in book["towns"]}
    samples = county.sample(urban, step=300.0 if town.size == "city" else 420.0)
    by_town = county.towns(samples, {code: len(rows) for code, rows in rural.items()})
    nrng = np.random.default_rng(rng.randrange(2**32))
    seeds: dict[str, tuple[float, float]] = {}
    for code, rows in rural.items():
        spots = county.spread(by_town[code], len(rows), nrng)
        centre = np.array(county.TOWN_CENTRES[code])
        spots = spots[((spots - centre) ** 2).sum(axis=1).argsort()]  # the committees of the seat come first
        for row, seed in zip(rows, spots, strict=True):
            seeds[row[0]] = (float(seed[0]), float(seed[1]))
    owners, points = _seed_points(town, seeds, samples, nrng)
    pieces = county.partition(raw_cells, points)
    faces: dict[str, list[BaseGeometry]] = defaultdict(list)
    for owner, face in zip(owners, pieces.rural, strict=True):
        faces[owner].append(frame.to_degrees(face))
    cells = {cell: frame.to_degrees(polygon) for cell, polygon in pieces.cells.items()}
    by_community: dict[str, list[BaseGeometry]] = defaultdict(list)
    for cell, sign in plan.cells().items():
        by_community[plan.community_of(sign)].append(cells[cell])
    faces.update(by_community)
    _divisions(town, book, faces)
    active = frozenset(
        cell
        for cell, sign in plan.cells().items()
        if town.size != "small" or plan.community_of(sign) == plan.SMALL_COMMUNITY
    )
    lay = Lay(
        net,
        pieces.cells,
        {},
        {},
        {},
        active,
        _river(lattice.XIANG, 190),
        _river(lattice.LU, 62),
        urban,
        seeds,
    )
    for owner, face, point in zip(owners, pieces.rural, points, strict=True):
        if owners.count(owner) > 1:
            lay.bulk.setdefault(owner, []).append((face, (float(point[0]), float(point[1]))))
    _grids(town, lay, cells)
    _water(town, lay)
    _streets(town, lay, rng)
    return lay


def _seed_points(
    town: Town, seeds: dict[str, tuple[float, float]], samples: county.Floats, nrng: np.random.Generator
) -> tuple[list[str], county.Floats]:
    """One seed for each village; eight for each of those that the city size urbanises."""
    codes = list(seeds)
    if town.size != "city":
        return codes, np.array([seeds[code] for code in codes])
    chosen = set(sorted(codes, key=lambda code: (code[9] != "0", seeds[code][0] ** 2 + seeds[code][1] ** 2))[:32])
    all_seeds = np.array([seeds[code] for code in codes])
    nearest = ((samples[:, None, :] - all_seeds[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    owners: list[str] = []
    points: list[county.Floats] = []
    for k, code in enumerate(codes):
        mine = samples[nearest == k]
        own = county.spread(mine, BULK_GRIDS, nrng) if code in chosen else np.array([seeds[code]])
        owners += [code] * len(own)
        points.append(own)
    return owners, np.vstack(points)


def _river(points: tuple[lattice.XY, ...], half_width: float) -> BaseGeometry:
    line = LineString(lattice.smooth(points))
    return line.buffer(half_width, quad_segs=4).simplify(3).intersection(frame.county())


def _water(town: Town, lay: Lay) -> None:
    for shape_, name, english in ((lay.xiang, "湘江", "Xiang River"), (lay.lu, "渌江", "Lu River")):
        town.water.append(Area("river", name, english, frame.to_degrees(shape_)))


def _whole(parts: Iterable[BaseGeometry]) -> BaseGeometry:
    listed = list(parts)
    return shapely.coverage_union_all(listed) if len(listed) > 1 else listed[0]


def _divisions(town: Town, book: dict[str, object], faces: dict[str, list[BaseGeometry]]) -> None:
    towns = book["towns"]
    assert isinstance(towns, list)
    streets: list[Division] = []
    communities: list[Division] = []
    for entry in towns:
        mine = [
            Division(
                code,
                name,
                names.place_en(name),
                "community",
                entry["code"],
                _whole(faces[code]),
                code in plan.COMMUNITIES or (town.size == "city" and len(faces[code]) > 1),
            )
            for code, name in entry["divisions"]
        ]
        communities += mine
        streets.append(
            Division(
                entry["code"],
                entry["name"],
                names.place_en(entry["name"]),
                "street",
                "430212",
                _whole(division.polygon for division in mine),
            )
        )
    whole = _whole(division.polygon for division in streets)
    town.divisions = [
        Division("430212", "渌口区", "Lukou District", "district", "", whole),
        *streets,
        *communities,
    ]


_DIGITS = "一二三四五六七八九十"


def chinese_number(number: int) -> str:
    """1 … 19 in Chinese: 11 → "十一"."""
    return _DIGITS[number - 1] if number <= 10 else "十" + _DIGITS[number - 11]


def short_name(division_name: str) -> str:
    """ "象石社区居委会" → "象石社区"."""
    return division_name.removesuffix("居委会")


def _grids(town: Town, lay: Lay, cells: dict[Cell, Polygon]) -> None:
    by_sign: dict[str, list[Cell]] = defaultdict(list)
    for cell, sign in plan.cells().items():
        by_sign[sign].append(cell)
    special_signs = {plan.cells()[cell] for cell in plan.SPECIAL_CELLS}
    for community, signs in plan.COMMUNITIES.items():
        if town.size == "small" and community != plan.SMALL_COMMUNITY:
            continue
        division = town.division(community)
        place, english = short_name(division.name_zh), division.name_en
        polygons = [_whole(cells[cell] for cell in by_sign[sign]) for sign in signs]
        for number, k in enumerate(reading_order(polygons), start=1):
            sign, key = signs[k], f"g-{community}-{number:03d}"
            local = f"{plan.SHORT[community]}-{number:02d}"
            town.grids.append(
                Grid(
                    key,
                    f"{community}{number:03d}",
                    local,
                    "general",
                    f"{place}第{chinese_number(number)}网格",
                    f"{english} Grid {number}",
                    community,
                    "",
                    polygons[k],
                )
            )
            for cell in by_sign[sign]:
                lay.grid_of_cell[cell] = key
            if sign in special_signs or sign in plan.NO_MICRO:
                continue
            mine = by_sign[sign]
            for micro, m in enumerate(reading_order([cells[cell] for cell in mine]), start=1):
                micro_key = f"{key}-{micro}"
                lay.micro_of_cell[mine[m]] = micro_key
                town.grids.append(
                    Grid(
                        micro_key,
                        "",
                        f"{local}-{micro}",
                        "micro",
                        f"{place}第{chinese_number(number)}网格{micro}号微网格",
                        f"{english} Grid {number}, micro-grid {micro}",
                        community,
                        key,
                        cells[mine[m]],
                    )
                )
        number = len(signs)
        for cell, (_kind, name, name_en) in plan.SPECIAL_CELLS.items():
            if plan.cells()[cell] in signs:
                number += 1
                town.grids.append(
                    Grid(
                        f"s-{community}-{number:03d}",
                        f"{community}{number:03d}",
                        f"{plan.SHORT[community]}-Z{number - len(signs)}",
                        "special",
                        name,
                        name_en,
                        community,
                        lay.grid_of_cell[cell],
                        cells[cell],
                    )
                )


def _streets(town: Town, lay: Lay, rng: random.Random) -> None:
    mains, lanes = iter(names.MAIN_ROADS), list(names.LANES)
    pools = {"column": list(names.STREETS_NS), "row": list(names.STREETS_EW)}
    for pool in (*pools.values(), lanes):
        rng.shuffle(pool)
    given: dict[tuple[str, int], str] = {("column", 0): names.RIVERSIDE[0], ("row", 9): names.RIVERSIDE[1]}
    spare = 0
    for street in lay.lattice.streets:
        line_key = (street.axis, street.index)
        if street.kind == "lane":
            if lanes:
                name = lanes.pop()
            else:
                name = names.LANES[spare % len(names.LANES)].replace("巷", "二巷" if spare < 36 else "三巷")
                spare += 1
        else:
            if line_key not in given:
                given[line_key] = next(mains) if street.kind == "main" else pools[street.axis].pop()
            name = given[line_key]
        for k in range(len(street.line.coords) - 1):
            lay.road_at[street.axis, street.index, street.first + k] = (name, street.kind)
        town.roads.append(
            Road(name, names.road_en(name), street.kind, frame.to_degrees(street.line))  # type: ignore[arg-type]
        )


def middle(polygon: BaseGeometry) -> tuple[float, float]:
    """A (lng, lat) inside the polygon, near its middle."""
    centre = polygon.centroid
    inside: Point = centre if polygon.contains(centre) else polygon.representative_point()
    return round(inside.x, 7), round(inside.y, 7)
