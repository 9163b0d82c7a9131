"""The open country: roads between the villages, farmland, woods, ponds and farmhouses, for the map."""

from __future__ import annotations

import math
import random

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.prepared import prep

from linli.demo import frame, lattice, names
from linli.demo.ground import Lay
from linli.demo.town import Area, Landmark, Road, Town

XY = tuple[float, float]

_EXITS = ((3, 0), (8, 0), (13, 4), (8, 9), (3, 9))
"""Crossings at which country roads leave the town."""


def blob(rng: random.Random, centre: XY, radius: float, corners: int = 14) -> Polygon:
    """A rounded, uneven patch around `centre` (metres)."""
    turn = rng.uniform(0, math.tau)
    waves = [(rng.uniform(0.06, 0.2), k, rng.uniform(0, math.tau)) for k in (2, 3, 5)]
    points = []
    for n in range(corners):
        angle = turn + math.tau * n / corners
        far = radius * (1 + sum(size * math.sin(k * angle + phase) for size, k, phase in waves))
        points.append((centre[0] + far * math.cos(angle), centre[1] + far * math.sin(angle)))
    return Polygon(lattice.smooth((*points, points[0]), 3))


def fill(town: Town, lay: Lay, rng: random.Random) -> None:
    """Roads first, then fields and woods around what is there."""
    _roads(town, lay, rng)
    keep_out = lay.urban.buffer(20)
    wet = shapely.unary_union([lay.xiang, lay.lu])
    inside = frame.county()
    fields, houses, ponds = [], [], []
    for x, y in lay.village_seeds.values():
        for _ in range(rng.randint(2, 4)):
            centre = (x + rng.gauss(0, 520), y + rng.gauss(0, 520))
            fields.append(blob(rng, centre, rng.uniform(240, 560)))
        for _ in range(rng.randint(8, 18)):
            houses.append((x + rng.gauss(0, 190), y + rng.gauss(0, 190)))
        if rng.random() < 0.7:
            ponds.append(blob(rng, (x + rng.gauss(0, 330), y + rng.gauss(0, 330)), rng.uniform(24, 60), 9))
    farmland = shapely.unary_union(fields).intersection(inside).difference(wet).difference(keep_out)
    west, south, east, north = inside.bounds
    woods = []
    for _ in range(420):
        centre = (rng.uniform(west, east), rng.uniform(south, north))
        if inside.contains(Point(centre)):
            woods.append(blob(rng, centre, rng.uniform(380, 1250)))
    forest = shapely.unary_union(woods).intersection(inside).difference(farmland.buffer(30)).difference(wet.buffer(60))
    forest = forest.difference(keep_out.buffer(120))
    for kind, shape_ in (("farmland", farmland), ("forest", forest)):
        for part in shapely.get_parts(shape_.simplify(6)):
            if part.area > 8000:
                town.land.append(Area(kind, "", "", frame.to_degrees(part)))
    bank = shapely.unary_union([lay.xiang.buffer(46), lay.lu.buffer(26)]).difference(wet).intersection(inside)
    for part in shapely.get_parts(bank.difference(lay.urban).intersection(lay.urban.buffer(1500))):
        if part.geom_type == "Polygon" and part.area > 500:
            town.land.append(Area("green", "", "", frame.to_degrees(part)))
    for pond in ponds:
        if inside.contains(pond) and not pond.intersects(keep_out) and not pond.intersects(wet):
            town.water.append(Area("pond", "", "", frame.to_degrees(pond)))
    no_house = prep(shapely.unary_union([keep_out, wet, *ponds]))
    for x, y in houses:
        shape_ = _house(rng, x, y)
        if not no_house.intersects(shape_) and inside.contains(shape_):
            town.scenery.append(Area("home", "", "", frame.to_degrees(shape_)))
    _labels(town, lay)


def _house(rng: random.Random, x: float, y: float) -> Polygon:
    angle, a, b = rng.uniform(-0.5, 0.5), rng.uniform(6, 9), rng.uniform(4, 6)
    c, s = math.cos(angle), math.sin(angle)
    return Polygon([(x + p * c - q * s, y + p * s + q * c) for p, q in ((-a, -b), (a, -b), (a, b), (-a, b))])


def _roads(town: Town, lay: Lay, rng: random.Random) -> None:
    """A spanning tree over the villages and the town's exits: crossing the Xiang is dear."""
    from linli.demo.county import TOWN_CENTRES

    codes = list(lay.village_seeds)
    points: list[XY] = [lay.village_seeds[code] for code in codes]
    first_exit = len(points)
    points += [lay.lattice.nodes[node] for node in _EXITS]
    hubs = {
        min(
            (k for k, code in enumerate(codes) if code.startswith(town_code)),
            key=lambda k: math.dist(points[k], TOWN_CENTRES[town_code]),
        )
        for town_code in TOWN_CENTRES
    }
    river = prep(lay.xiang)
    outside = lay.urban.buffer(-5)
    shapely.prepare(outside)

    def cost(a: int, b: int) -> float:
        if a >= first_exit and b >= first_exit:
            return 0.0
        length = math.dist(points[a], points[b])
        if length > 9000:
            return length * 30
        line = LineString([points[a], points[b]])
        return length * (6 if river.intersects(line) else 1) * (9 if line.intersects(outside) else 1)

    joined, parent = {first_exit}, dict[int, int]()
    best = {k: (cost(first_exit, k), first_exit) for k in range(len(points)) if k != first_exit}
    while best:
        k = min(best, key=lambda n: best[n])
        parent[k] = best.pop(k)[1]
        joined.add(k)
        for other in best:
            price = cost(k, other)
            if price < best[other][0]:
                best[other] = (price, k)
    on_main: dict[int, str] = {}
    for number, hub in enumerate(sorted(hubs)):
        at = hub
        while at in parent and at not in on_main:
            on_main[at] = names.COUNTRY_ROADS[number % len(names.COUNTRY_ROADS)]
            at = parent[at]
    for child, other in sorted(parent.items()):
        if child >= first_exit and other >= first_exit:
            continue
        line = _wander(rng, points[child], points[other]).intersection(frame.county()).difference(lay.urban)
        name = on_main.get(child, "")
        kind = "main" if name else "lane"
        for part in shapely.get_parts(line):
            if isinstance(part, LineString) and part.length > 5:
                town.roads.append(
                    Road(name, names.road_en(name) if name else "", kind, frame.to_degrees(part))  # type: ignore[arg-type]
                )


def _wander(rng: random.Random, a: XY, b: XY) -> BaseGeometry:
    length = math.dist(a, b)
    nx, ny = -(b[1] - a[1]) / length, (b[0] - a[0]) / length
    points: list[XY] = [a]
    steps = max(2, int(length / 700))
    for k in range(1, steps):
        t, off = k / steps, rng.gauss(0, min(90.0, length * 0.06))
        points.append((a[0] + (b[0] - a[0]) * t + nx * off, a[1] + (b[1] - a[1]) * t + ny * off))
    points.append(b)
    return LineString(lattice.smooth(tuple(points), 5)).simplify(2)


def _labels(town: Town, lay: Lay) -> None:
    from linli.demo.county import TOWN_CENTRES

    for division in town.divisions:
        if division.level == "street":
            seat = min(
                (p for c, p in lay.village_seeds.items() if c.startswith(division.code)),
                key=lambda p: math.dist(p, TOWN_CENTRES[division.code]),
            )
            if division.code == "430212100":
                seat = (120.0, -60.0)
            town.landmarks.append(
                Landmark("town", division.name_zh, division.name_en, frame.point_to_degrees(*seat), 2)
            )
    whole = frame.county().representative_point()
    town.landmarks.append(Landmark("district", "渌口区", "Lukou District", frame.point_to_degrees(whole.x, whole.y), 1))
    for name, english, spots in (
        ("湘江", "Xiang River", ((-1430, 300), (-2350, -4500), (-1500, -14000), (-5500, -28000))),
        ("渌江", "Lu River", ((900, -1410), (6600, -760), (10500, -260))),
    ):
        for spot in spots:
            town.landmarks.append(Landmark("river", name, english, frame.point_to_degrees(*spot), 3))
