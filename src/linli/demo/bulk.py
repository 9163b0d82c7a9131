"""The city size: lay plain grids and buildings over many villages at once (for benchmarks)."""

from __future__ import annotations

import random

from shapely.geometry import Polygon, box

from linli.demo import frame, names
from linli.demo.ground import Lay, chinese_number, reading_order, short_name
from linli.demo.town import Block, Building, Compound, Grid, Town

HOUSEHOLDS = 80_000


def urbanise(town: Town, lay: Lay, rng: random.Random) -> None:
    """Cut the chosen divisions into eight grids each and fill up to 80,000 dwellings in all."""
    grids = sum(len(faces) for faces in lay.bulk.values())
    wanted = HOUSEHOLDS - town.households()
    each, rest = divmod(max(wanted, grids * 60), grids)
    for code, faces in lay.bulk.items():
        division = town.division(code)
        polygons = [frame.to_degrees(face) for face, _seed in faces]
        for number, k in enumerate(reading_order(polygons), start=1):
            key = f"g-{code}-{number:03d}"
            town.grids.append(
                Grid(
                    key,
                    f"{code}{number:03d}",
                    f"{code[6:]}-{number:02d}",
                    "general",
                    f"{short_name(division.name_zh)}第{chinese_number(number)}网格",
                    f"{division.name_en} Grid {number}",
                    code,
                    "",
                    polygons[k],
                )
            )
            _fill(town, rng, key, code, faces[k], each + (1 if rest > 0 else 0))
            rest -= 1


def _fill(
    town: Town,
    rng: random.Random,
    grid_key: str,
    code: str,
    face: tuple[Polygon, tuple[float, float]],
    homes: int,
) -> None:
    polygon, (x, y) = face
    inner = polygon.buffer(-8)
    number = len(town.compounds) + 1
    name = f"{short_name(town.division(code).name_zh).removesuffix('村').removesuffix('社区')}{number}号院"
    address = f"{short_name(town.division(code).name_zh)}{rng.randint(1, 180)}号"
    ground = box(x - 190, y - 190, x + 190, y + 190).intersection(inner)
    shape = frame.to_degrees(ground)
    block = Block(f"k-{grid_key[2:]}", grid_key, "", code, "residential", shape)
    compound = Compound(
        f"c{number:03d}",
        name,
        names.pinyin(name),
        block.key,
        grid_key,
        code,
        address,
        "" if rng.random() < 0.7 else "渌口苇岸物业服务有限公司",
        shape,
    )
    town.blocks.append(block)
    town.compounds.append(compound)
    left, house = homes, 0
    for ring in range(6):
        for dx in range(-ring, ring + 1):
            for dy in range(-ring, ring + 1):
                if max(abs(dx), abs(dy)) != ring or left <= 0:
                    continue
                px, py = x + dx * 62, y + dy * 36
                slab = box(px - 22, py - 6, px + 22, py + 6)
                if not inner.contains(slab):
                    continue
                house += 1
                # The last house takes exactly what is left.
                floors, flats = (6, 6) if left >= 36 else (1, left)
                left -= floors * flats
                town.buildings.append(
                    Building(
                        f"b{len(town.buildings) + 1:05d}",
                        f"{house}栋",
                        "home",
                        compound.key,
                        block.key,
                        grid_key,
                        "",
                        code,
                        f"{address}{name}{house}栋",
                        frame.to_degrees(slab),
                        floors,
                        3 if floors > 1 else 1,
                        2 if floors > 1 else flats,
                    )
                )
