"""The demo town: a fictional town inside the real county polygon of 渌口区, the same for the same seed.

`build_town` is pure and needs neither database nor clock. Geometry is WGS-84 (lng, lat), seven decimals;
the unit grids of a community tile it exactly, vertex by vertex.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

Size = Literal["small", "district", "city"]


@dataclass(frozen=True)
class Division:
    """A district (6 digits), town (9) or community/village (12)."""

    code: str
    name_zh: str
    name_en: str
    level: Literal["district", "street", "community"]
    parent_code: str
    polygon: BaseGeometry
    urban: bool = False


@dataclass(frozen=True)
class Grid:
    """A unit grid. General and special ones have a 15-digit code, micro-grids only a local one."""

    key: str
    code: str
    local_code: str
    level: Literal["general", "special", "micro"]
    name_zh: str
    name_en: str
    community_code: str
    parent_key: str
    polygon: Polygon


@dataclass(frozen=True)
class Road:
    name: str
    name_en: str
    kind: Literal["main", "street", "lane", "path"]
    line: LineString


@dataclass(frozen=True)
class Block:
    """The ground between streets, with its use."""

    key: str
    grid_key: str
    micro_key: str
    community_code: str
    use: str
    polygon: Polygon


@dataclass(frozen=True)
class Compound:
    """A residential compound (小区); `manager` is empty where there is no property manager."""

    key: str
    name: str
    name_en: str
    block_key: str
    grid_key: str
    community_code: str
    address: str
    manager: str
    polygon: Polygon


@dataclass(frozen=True)
class Building:
    key: str
    name: str
    kind: Literal["home", "shop", "public", "plant", "shed"]
    compound_key: str
    block_key: str
    grid_key: str
    micro_key: str
    community_code: str
    address: str
    polygon: Polygon
    floors: int
    stairwells: int
    flats_per_floor: int

    @property
    def height(self) -> float:
        """Metres."""
        return round(self.floors * 3.0 + 1.2, 1)

    @property
    def point(self) -> tuple[float, float]:
        """(lng, lat) inside the building."""
        centre = self.polygon.centroid
        return round(centre.x, 7), round(centre.y, 7)

    @property
    def dwelling_count(self) -> int:
        return self.floors * self.stairwells * self.flats_per_floor

    def dwellings(self) -> Iterator[tuple[int, int, str]]:
        """(stairwell, floor, door number) of every dwelling: (1, 3, "302")."""
        for stairwell in range(1, self.stairwells + 1):
            for floor_ in range(1, self.floors + 1):
                for flat in range(1, self.flats_per_floor + 1):
                    yield stairwell, floor_, f"{floor_}{flat:02d}"


@dataclass(frozen=True)
class Landmark:
    kind: str
    name: str
    name_en: str
    point: tuple[float, float]
    rank: int
    grid_key: str = ""


@dataclass(frozen=True)
class Area:
    """A patch of water or land use."""

    kind: str
    name: str
    name_en: str
    polygon: BaseGeometry


@dataclass
class Town:
    seed: int
    size: Size
    divisions: list[Division] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    roads: list[Road] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    compounds: list[Compound] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    landmarks: list[Landmark] = field(default_factory=list)
    water: list[Area] = field(default_factory=list)
    land: list[Area] = field(default_factory=list)
    scenery: list[Area] = field(default_factory=list)
    """Farmhouses outside the grids: for the map only."""

    def division(self, code: str) -> Division:
        return next(division for division in self.divisions if division.code == code)

    def unit_grids(self) -> list[Grid]:
        """The general grids: those that tile their communities."""
        return [grid for grid in self.grids if grid.level == "general"]

    def urban_communities(self) -> list[Division]:
        return [division for division in self.divisions if division.urban]

    def households(self) -> int:
        return sum(building.dwelling_count for building in self.buildings if building.kind == "home")

    def fingerprint(self) -> str:
        """SHA-256 over everything in the town: the same seed gives the same town."""
        digest = hashlib.sha256()
        for part in (
            self.divisions,
            self.grids,
            self.roads,
            self.blocks,
            self.compounds,
            self.buildings,
            self.landmarks,
            self.water,
            self.land,
            self.scenery,
        ):
            for thing in part:
                for value in vars(thing).values():
                    digest.update(shapely.to_wkb(value) if isinstance(value, BaseGeometry) else str(value).encode())
        return digest.hexdigest()


def feature_collection(things: list[Any]) -> bytes:
    """GeoJSON (RFC 7946, WGS-84) of any list of the town's things; every other field becomes a property."""
    features = []
    for thing in things:
        properties = dict(vars(thing))
        geometry = properties.pop("polygon", None) or properties.pop("line", None)
        if geometry is None:
            geometry = Point(properties.pop("point"))
        features.append({"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(geometry)})
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def build_town(size: Size = "district", seed: int = 20261122) -> Town:
    """Build the whole town.

    size: "small" (one community, six grids; for tests), "district" (32 grids), "city" (288 grids and about
    80,000 dwellings, the further ones laid over villages in bulk). The same seed gives the same town.
    """
    from linli.demo import bulk, fabric, ground

    rng = random.Random(seed)
    town = Town(seed=seed, size=size)
    lay = ground.lay_out(town, rng)
    fabric.build_up(town, lay, rng)
    if size == "city":
        bulk.urbanise(town, lay, random.Random(seed + 1))
    return town
