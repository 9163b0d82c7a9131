"""Build up the cells: blocks with a use, compounds, buildings with addresses, parks and public houses."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Any

from shapely.geometry import Polygon

from linli.demo import country, frame, names, plan
from linli.demo.ground import Cell, Lay, middle, short_name
from linli.demo.town import Area, Block, Building, Compound, Landmark, Town

UNMANAGED = 0.70
"""Share of the compounds without a property manager (LK)."""

_MANAGERS = (
    "渌口苇岸物业服务有限公司",
    "竹篙物业管理有限公司",
    "禾声家园物业有限公司",
    "樟树里物业服务中心",
    "澄湖安居物业有限公司",
    "橘灯物业服务有限公司",
)

_PUBLIC: dict[str, tuple[str, int, tuple[tuple[str, str], ...]]] = {
    "park": (
        "park",
        3,
        (
            ("竹岸公园", "Zhu'an Park"),
            ("澄湖公园", "Chenghu Park"),
            ("晒谷坪公园", "Shaiguping Park"),
            ("荷风游园", "Hefeng Garden"),
        ),
    ),
    "green": (
        "park",
        5,
        (("芦荻滩湿地", "Ludi Wetland"), ("望江绿地", "River View Green"), ("柳浪绿地", "Willow Green")),
    ),
    "school": (
        "school",
        3,
        (
            ("听渔小学", "Tingyu Primary School"),
            ("禾声中学", "Hesheng Middle School"),
            ("半坡小学", "Banpo Primary School"),
            ("青蒲中学", "Qingpu Middle School"),
        ),
    ),
    "hospital": ("hospital", 3, (("渌口芷兰医院", "Lukou Zhilan Hospital"),)),
    "civic": (
        "civic",
        3,
        (("渌口便民服务中心", "Lukou Service Centre"), ("渌口镇文化站", "Lukou Culture Station")),
    ),
    "market": ("market", 3, (("河口农贸市场", "Hekou Farmers' Market"),)),
    "market_small": ("market", 4, (("晒谷街菜市场", "Shaigu Street Market"),)),
    "station": ("station", 2, (("渌口东汽车站", "Lukou East Bus Station"),)),
    "mall": ("mall", 3, (("樟树里购物中心", "Zhangshuli Shopping Centre"),)),
    "plaza": ("civic", 4, (("禾声广场", "Hesheng Square"),)),
    "industrial": (
        "civic",
        5,
        (
            ("砂石码头", "Gravel Wharf"),
            ("老水泵厂", "Old Pump Works"),
            ("渔具工业园", "Fishing Gear Works"),
            ("竹器工业园", "Bamboo Works"),
        ),
    ),
}
_LAND = {
    "green": "green",
    "residential": "residential",
    "old": "residential",
    "cottages": "residential",
    "market_small": "market",
    "mall": "commercial",
    "vacant": "green",
}


_HALLS: dict[str, list[tuple[float, float, float, float, int]]] = {
    "school": [(0.3, 0.24, 62, 14, 4), (0.3, 0.5, 62, 14, 4), (0.78, 0.3, 34, 24, 2)],
    "hospital": [(0.35, 0.3, 70, 18, 8), (0.35, 0.62, 60, 16, 5), (0.8, 0.45, 26, 40, 4)],
    "civic": [(0.5, 0.4, 74, 18, 6), (0.24, 0.72, 36, 14, 3)],
    "market": [(0.5, 0.3, 120, 34, 1), (0.5, 0.62, 120, 34, 1)],
    "market_small": [(0.5, 0.45, 90, 40, 1)],
    "station": [(0.5, 0.3, 96, 26, 2), (0.3, 0.7, 50, 16, 1)],
    "mall": [(0.5, 0.48, 128, 92, 5)],
    "industrial": [(0.3, 0.28, 70, 30, 1), (0.3, 0.62, 70, 30, 1), (0.76, 0.45, 40, 60, 1)],
    "plaza": [(0.5, 0.18, 60, 10, 1)],
}
"""Public buildings of a block: (u, v, length, depth, floors)."""


@dataclass
class _Site:
    """One cell being built on: the quad's corners shrunk to the kerb, in metres."""

    cell: Cell
    quad: tuple[tuple[float, float], ...]
    polygon: Polygon

    def at(self, u: float, v: float) -> tuple[float, float]:
        """Bilinear: u 0 west … 1 east, v 0 north … 1 south."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.quad
        top = (ax + (bx - ax) * u, ay + (by - ay) * u)
        low = (dx + (cx - dx) * u, dy + (cy - dy) * u)
        return top[0] + (low[0] - top[0]) * v, top[1] + (low[1] - top[1]) * v

    def box(self, u: float, v: float, length: float, depth: float) -> Polygon:
        """A rectangle around (u, v), its long side along the street, `length` × `depth` metres."""
        (x, y), (x0, y0), (x1, y1) = self.at(u, v), self.at(0, v), self.at(1, v)
        run = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        ex, ey = (x1 - x0) / run * length / 2, (y1 - y0) / run * length / 2
        nx, ny = -ey / length * depth, ex / length * depth
        return Polygon(
            [
                (x - ex - nx, y - ey - ny),
                (x + ex - nx, y + ey - ny),
                (x + ex + nx, y + ey + ny),
                (x - ex + nx, y - ey + ny),
            ]
        )

    def part(self, u0: float, u1: float, v0: float, v1: float) -> Polygon:
        return Polygon([self.at(u0, v0), self.at(u1, v0), self.at(u1, v1), self.at(u0, v1)])


class Builder:
    """Puts blocks, compounds and buildings into the town, numbering houses along each road."""

    def __init__(self, town: Town, lay: Lay, rng: random.Random) -> None:
        self.town, self.lay, self.rng = town, lay, rng
        self.compound_names = names.CompoundNames(rng)
        self.house_numbers: dict[str, int] = defaultdict(int)
        self.public = {use: list(entry[2]) for use, entry in _PUBLIC.items()}
        self.counter = 0

    def address(self, cell: Cell) -> str:
        """The next free number on the most important street beside the cell."""
        i, j = cell
        edges = [("row", j + 1, i), ("row", j, i), ("column", i, j), ("column", i + 1, j)]
        found = [self.lay.road_at[edge] for edge in edges if edge in self.lay.road_at]
        rank = {"main": 0, "street": 1, "lane": 2}
        road = min(found, key=lambda entry: rank[entry[1]])[0] if found else "听渔大道"
        self.house_numbers[road] += self.rng.randint(2, 7)
        return f"{road}{self.house_numbers[road]}号"

    def building(self, block: Block, compound: Compound | None, shape: Polygon, **facts: Any) -> None:
        self.counter += 1
        address = facts.pop("address")
        self.town.buildings.append(
            Building(
                key=f"b{self.counter:05d}",
                compound_key=compound.key if compound else "",
                block_key=block.key,
                grid_key=block.grid_key,
                micro_key=block.micro_key,
                community_code=block.community_code,
                address=address,
                polygon=frame.to_degrees(shape),
                **facts,
            )
        )

    def build(self, cell: Cell, use: str) -> None:
        polygon = self.lay.cell_polygons[cell].buffer(-9, join_style="mitre")
        quad = tuple(Polygon(self.lay.lattice.quads[cell]).buffer(-9, join_style="mitre").exterior.coords)[:4]
        grid_key = self.lay.grid_of_cell[cell]
        block = Block(
            f"k{cell[0]:02d}{cell[1]:02d}",
            grid_key,
            self.lay.micro_of_cell.get(cell, ""),
            grid_key[2:14],
            use,
            frame.to_degrees(polygon),
        )
        self.town.blocks.append(block)
        # The buffered ring starts anywhere: put the corners back into NW, NE, SE, SW.
        corners = [min(quad, key=partial(math.dist, corner)) for corner in self.lay.lattice.quads[cell]]
        site = _Site(cell, tuple(corners), polygon)
        if use in ("residential", "old", "cottages"):
            self.homes(site, block)
        else:
            self.institution(site, block)

    def homes(self, site: _Site, block: Block) -> None:
        """One or two compounds of slabs, towers or cottages; shops along the busier streets."""
        rng, use = self.rng, block.use
        frontage = any(
            self.lay.road_at.get(("row", row, site.cell[0]), ("", ""))[1] in ("main", "street")
            for row in (site.cell[1], site.cell[1] + 1)
        )
        halves = [(0.0, 1.0)] if rng.random() < 0.45 else [(0.0, 0.48), (0.52, 1.0)]
        for u0, u1 in halves:
            compound = self.compound(site, block, u0, u1)
            tower = bool(compound.manager) and rng.random() < 0.35
            if use == "cottages":
                self.cottages(site, block, compound, u0, u1)
            else:
                self.slabs(site, block, compound, (u0, u1), tower, frontage)
        if frontage and use != "cottages":
            self.shops(site, block)
        self.town.land.append(Area("residential", "", "", block.polygon))

    def compound(self, site: _Site, block: Block, u0: float, u1: float) -> Compound:
        rng = self.rng
        due = (1 - UNMANAGED) * (len(self.town.compounds) + 1)
        managed = block.use == "residential" and sum(bool(c.manager) for c in self.town.compounds) < due
        if managed:
            name = self.compound_names.managed()
        elif block.use == "old" and rng.random() < 0.75:
            name = self.compound_names.old_works_housing()
        else:
            name = self.compound_names.plain()
        compound = Compound(
            f"c{len(self.town.compounds) + 1:03d}",
            name,
            names.compound_en(name),
            block.key,
            block.grid_key,
            block.community_code,
            self.address(site.cell),
            rng.choice(_MANAGERS) if managed else "",
            frame.to_degrees(site.part(u0, u1, 0, 1)),
        )
        self.town.compounds.append(compound)
        rank = 5 if u1 - u0 > 0.6 else 6
        self.town.landmarks.append(
            Landmark("compound", name, compound.name_en, middle(compound.polygon), rank, block.grid_key)
        )
        return compound

    def slabs(
        self,
        site: _Site,
        block: Block,
        compound: Compound,
        span: tuple[float, float],
        tower: bool,
        frontage: bool,
    ) -> None:
        rng, number = self.rng, 0
        width = site.part(span[0], span[1], 0, 1).area ** 0.5
        rows = rng.choice((2, 3)) if tower else rng.choice((3, 4))
        low, high = (0.2, 0.8) if frontage else (0.1, 0.9)
        across = max(1, int((span[1] - span[0]) * (2 if tower else 3) + rng.uniform(0, 0.6)))
        floors = (
            rng.choice((11, 17, 18, 24)) if tower else rng.choice((5, 6, 6, 7) if block.use != "old" else (4, 5, 5, 6))
        )
        for row in range(rows):
            v = low + (high - low) * (row + 0.5) / rows
            for col in range(across):
                if rng.random() < 0.07:
                    continue  # a court instead of a house
                u = span[0] + (span[1] - span[0]) * (col + 0.5) / across + rng.uniform(-0.012, 0.012)
                stairwells = 1 if tower else rng.choice((2, 2, 3, 3, 4))
                length = 28.0 if tower else 14.5 * stairwells
                length = min(length, width * ((span[1] - span[0] > 0.6 and 0.95) or 0.9) / across * 0.9)
                shape = site.box(u, v, length, 17.0 if tower else 12.0)
                if not site.polygon.contains(shape):
                    continue
                number += 1
                self.building(
                    block,
                    compound,
                    shape,
                    name=f"{number}栋",
                    kind="home",
                    address=f"{compound.address}{compound.name}{number}栋",
                    floors=floors + rng.choice((0, 0, -1)),
                    stairwells=stairwells,
                    flats_per_floor=4 if tower else 2,
                )

    def cottages(self, site: _Site, block: Block, compound: Compound, u0: float, u1: float) -> None:
        """Self-built houses in uneven rows."""
        rng, number = self.rng, 0
        rows, across = 6, 9 if u1 - u0 > 0.6 else 4
        for row in range(rows):
            for col in range(across):
                if rng.random() < 0.22:
                    continue
                u = u0 + (u1 - u0) * (col + 0.5) / across + rng.uniform(-0.014, 0.014)
                v = 0.06 + 0.88 * (row + 0.5) / rows + rng.uniform(-0.02, 0.02)
                shape = site.box(u, v, rng.uniform(10, 15), rng.uniform(9, 13))
                if not site.polygon.contains(shape):
                    continue
                number += 1
                self.building(
                    block,
                    compound,
                    shape,
                    name=f"{number}号",
                    kind="home",
                    address=f"{compound.address}{compound.name}{number}号",
                    floors=rng.choice((2, 2, 3, 3, 4)),
                    stairwells=1,
                    flats_per_floor=1,
                )

    def shops(self, site: _Site, block: Block) -> None:
        """A row of two-storey shops along each busy side."""
        for v, row in ((0.055, site.cell[1]), (0.945, site.cell[1] + 1)):
            name, kind = self.lay.road_at.get(("row", row, site.cell[0]), ("", ""))
            if kind not in ("main", "street"):
                continue
            for k in range(3):
                shape = site.box((k + 0.5) / 3, v, 46.0, 9.0)
                if site.polygon.contains(shape):
                    self.house_numbers[name] += 2
                    number = self.house_numbers[name]
                    self.building(
                        block,
                        None,
                        shape,
                        name=f"{name}{number}号商铺",
                        kind="shop",
                        address=f"{name}{number}号",
                        floors=2,
                        stairwells=1,
                        flats_per_floor=1,
                    )

    def institution(self, site: _Site, block: Block) -> None:
        rng, use = self.rng, block.use
        pool = self.public.get(use, [])
        name, english = pool.pop(0) if pool else ("", "")
        kind, rank, _names = _PUBLIC.get(use, ("civic", 6, ()))
        land = _LAND.get(use, use)
        self.town.land.append(Area(land, name, english, block.polygon))
        if name:
            self.town.landmarks.append(Landmark(kind, name, english, middle(block.polygon), rank, block.grid_key))
        if use == "park":
            pond = country.blob(rng, site.at(0.55, 0.5), 34)
            self.town.water.append(Area("pond", "", "", frame.to_degrees(pond)))
        shapes = _HALLS.get(use, [])
        address = self.address(site.cell)
        for number, (u, v, length, depth, floors) in enumerate(shapes, start=1):
            shape = site.box(u, v, length, depth)
            if site.polygon.contains(shape):
                self.building(
                    block,
                    None,
                    shape,
                    name=f"{name}{number}号楼" if len(shapes) > 1 else name,
                    kind="plant" if use == "industrial" else "public",
                    address=f"{address}{name}",
                    floors=floors,
                    stairwells=1,
                    flats_per_floor=0,
                )


def build_up(town: Town, lay: Lay, rng: random.Random) -> None:
    """Fill every active cell, then the open country round about."""
    builder = Builder(town, lay, rng)
    for cell in sorted(lay.active):
        use = plan.FIXED_USES.get(cell)
        if use is None:
            edge = cell[0] < 3 or cell[1] > 6
            use = rng.choices(("residential", "old", "cottages"), (5, 4 if edge else 2, 3 if edge else 1))[0]
        builder.build(cell, use)
    for division in town.divisions:
        if division.level == "community":
            kind = "community" if division.code in plan.COMMUNITIES else "village"
            town.landmarks.append(
                Landmark(
                    kind,
                    short_name(division.name_zh),
                    division.name_en,
                    _seat(lay, division.code, division.polygon),
                    4 if kind == "community" else 5,
                )
            )
    country.fill(town, lay, rng)


def _seat(lay: Lay, code: str, polygon: Any) -> tuple[float, float]:
    return frame.point_to_degrees(*lay.village_seeds[code]) if code in lay.village_seeds else middle(polygon)
