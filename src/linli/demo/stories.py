"""What people report in the demo town: texts put together with real spots of the made-up town.

Everything is chosen by seed. A `Story` carries the words of the reporter and the public words of each step
that may follow; who acts and when is decided where the story is told.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

import shapely
from shapely.geometry import Point

from linli.demo import frame
from linli.demo.town import Block, Building, Compound, Landmark, Road, Town

_NEAR_KINDS = frozenset({"park", "school", "hospital", "market", "station", "civic", "mall"})


@dataclass(frozen=True)
class Spot:
    """A place a story happens at: WGS-84 point inside its grid, and the words for it."""

    lng: float
    lat: float
    grid_key: str
    community_code: str
    building_key: str
    words: dict[str, str]

    @property
    def address(self) -> str:
        return self.words["address"]


@dataclass(frozen=True)
class Story:
    """One problem.

    channel: resident | hotline | worker | meeting. photo: kind to draw. done, checked, refused, returned and
    unsolved are public words for those steps; the last three may be empty.
    """

    item: str
    photo: str
    channel: str
    text: str
    spot: Spot
    done: str
    checked: str
    refused: str = ""
    returned: str = ""
    unsolved: str = ""
    legacy: bool = False
    english: bool = False


@dataclass(frozen=True)
class ListRow:
    """A row of a problem list (HL-2) or a demand of a meeting (LS-5)."""

    number: int
    kind: str
    item: str
    text: str
    spot: Spot


@cache
def _bank() -> Any:
    return frame.read_data("stories.json")


class Gazetteer:
    """Finds spots in the town and the words for them."""

    def __init__(self, town: Town, rng: random.Random) -> None:
        self.town, self.rng = town, rng
        self.roads: list[Road] = [road for road in town.roads if road.name]
        self._road_tree = shapely.STRtree([road.line for road in self.roads])
        # Works and yards (rank 5) are no landmark that people would name.
        self.marks: list[Landmark] = [
            mark for mark in town.landmarks if mark.kind in _NEAR_KINDS and (mark.kind != "civic" or mark.rank < 5)
        ]
        self._mark_tree = shapely.STRtree([Point(mark.point) for mark in self.marks])
        # Told cases belong to the town centre; the villages that the city size adds stay quiet.
        urban = {block.key for block in town.blocks if not block.key.startswith("k-")}
        self.blocks: list[Block] = [block for block in town.blocks if block.key in urban]
        self.homes: list[Building] = [b for b in town.buildings if b.kind == "home" and b.block_key in urban]
        self.flats: list[Building] = [b for b in self.homes if b.stairwells > 1 or b.flats_per_floor > 1]
        self.towers: list[Building] = [b for b in self.flats if b.floors > 8]
        self._home_tree = shapely.STRtree([b.polygon for b in self.homes])
        self.compounds: dict[str, Compound] = {compound.key: compound for compound in town.compounds}
        self.in_compound: dict[str, list[Building]] = defaultdict(list)
        for building in self.homes:
            self.in_compound[building.compound_key].append(building)
        self._by_block: dict[str, list[Building]] = defaultdict(list)
        for building in town.buildings:
            self._by_block[building.block_key].append(building)

    def find(self, where: str) -> Spot:
        """A spot of this sort: road | street (no lane) | compound | building | tower | park | market."""
        if where == "street":
            for _ in range(40):
                spot = self._open_air("road")
                if spot.words["road_kind"] != "lane":
                    break
            return spot
        if where in ("road", "park", "market"):
            return self._open_air(where)
        building = self.rng.choice(self.towers if where == "tower" and self.towers else self.flats)
        lng, lat = building.point
        if where == "compound":
            ring = building.polygon.buffer(0.00004).exterior
            beside = ring.interpolate(self.rng.random(), normalized=True)
            lng, lat = round(beside.x, 7), round(beside.y, 7)
        return self._spot(lng, lat, building)

    def at(self, building: Building) -> Spot:
        """The spot of one building."""
        return self._spot(*building.point, building)

    def _open_air(self, where: str) -> Spot:
        use = {"park": ("park", "green", "plaza"), "market": ("market", "market_small")}.get(where, ())
        fitting = [block for block in self.blocks if block.use in use]
        block = self.rng.choice(fitting or self.blocks)
        if use and fitting:
            inside = block.polygon.centroid
        else:
            inside = block.polygon.exterior.interpolate(self.rng.random(), normalized=True)
        point = Point(round(inside.x, 7), round(inside.y, 7))
        houses = self._by_block[block.key] or self._by_block[self._nearest_built(point)]
        building = min(houses, key=lambda house: house.polygon.distance(point))
        return self._spot(point.x, point.y, building, block)

    def _nearest_built(self, point: Point) -> str:
        built = [block for block in self.blocks if self._by_block[block.key]]
        return min(built, key=lambda block: block.polygon.distance(point)).key

    def _spot(self, lng: float, lat: float, building: Building, block: Block | None = None) -> Spot:
        point = Point(lng, lat)
        road = self.roads[int(self._road_tree.nearest(point))]
        mark = self.marks[int(self._mark_tree.nearest(point))]
        home = building if building.compound_key else self.homes[int(self._home_tree.nearest(point))]
        compound = self.compounds[home.compound_key]
        stair = f"{self.rng.randint(1, building.stairwells)}单元" if building.stairwells > 1 else ""
        address = building.address
        if block is not None:
            number = address.split("号")[0] + "号"
            address = number if number.startswith(road.name) else f"{road.name}近{number}"
        words = {
            "road": road.name,
            "road_en": road.name_en,
            "road_kind": road.kind,
            "near": mark.name,
            "near_en": mark.name_en,
            "compound": compound.name,
            "compound_en": compound.name_en,
            "house": home.name,
            "stair": stair,
            "address": address,
            "n": str(sum(home.dwelling_count for home in self.in_compound[compound.key])),
        }
        return Spot(
            round(lng, 7),
            round(lat, 7),
            block.grid_key if block else building.grid_key,
            block.community_code if block else building.community_code,
            "" if block else building.key,
            words,
        )


def tell(town: Town, count: int = 450, legacy: int = 90, seed: int | None = None) -> list[Story]:
    """`count` stories, `legacy` of them old problems (LK-7), mixed in a fixed order."""
    rng = random.Random((town.seed if seed is None else seed) * 17 + 3)
    places, bank = Gazetteer(town, rng), _bank()
    texts = [(family, report) for family in bank["families"] for report in family["reports"]]
    stories: list[Story] = []
    seen: set[str] = set()
    deck: list[Any] = []
    while len(stories) < count - legacy:
        if not deck:
            deck = list(texts)
            rng.shuffle(deck)
        family, (channel, text) = deck.pop()
        story = _story(rng, family, channel, text, places.find(family["where"]))
        if story.text not in seen or len(seen) > 4 * len(texts):
            seen.add(story.text)
            stories.append(story)
    stories += _legacy(rng, places, bank, legacy)
    rng.shuffle(stories)
    return stories


def _one(rng: random.Random, choices: list[str], words: dict[str, str]) -> str:
    return rng.choice(choices).format_map(words) if choices else ""


def _story(rng: random.Random, family: Any, channel: str, text: str, spot: Spot) -> Story:
    return Story(
        item=family["item"],
        photo=family["photo"],
        channel=channel,
        text=text.format_map(spot.words),
        spot=spot,
        done=_one(rng, family["done"], spot.words),
        checked=_one(rng, family["checked"], spot.words),
        refused=_one(rng, family["refused"], spot.words),
        returned=_one(rng, family["returned"], spot.words),
        unsolved=_one(rng, family["unsolved"], spot.words),
        english=text[:1].isascii() and text[:1].isalpha(),
    )


def _legacy(rng: random.Random, places: Gazetteer, bank: Any, count: int) -> list[Story]:
    """Each old problem three times at most, in different compounds and with different opening words."""
    out: list[Story] = []
    deck: list[Any] = []
    while len(out) < count:
        if not deck:
            deck = list(bank["legacy"])
            rng.shuffle(deck)
        entry = deck.pop()
        spot = places.find(entry.get("where") or ("building" if "{house}" in entry["text"] else "compound"))
        channel = rng.choices(("resident", "hotline", "worker", "meeting"), (4, 2, 2, 2))[0]
        opening = {"hotline": "来电人反映：", "worker": "敲门走访记录："}.get(channel)
        opening = rng.choice(bank["legacy_openings"]) if opening is None else opening
        text = opening + entry["text"] + rng.choice(bank["legacy_endings"])
        out.append(
            Story(
                entry["item"],
                entry["photo"],
                channel,
                text.format_map(spot.words),
                spot,
                rng.choice(bank["legacy_done"]),
                "已到现场逐项对照，与责任单位、住户代表三方签字确认。",
                unsolved="面上弄好了，根子上的问题还在。",
                legacy=True,
            )
        )
    return out


def tell_at(town: Town, building_key: str, count: int) -> list[Story]:
    """`count` different stories of one house, as its residents tell them."""
    rng = random.Random(town.seed * 29 + 1)
    building = next(building for building in town.buildings if building.key == building_key)
    spot = Gazetteer(town, rng).at(building)
    families = [family for family in _bank()["families"] if family["where"] in ("building", "compound")]
    found = [(family, text) for family in families for channel, text in family["reports"] if channel == "resident"]
    rng.shuffle(found)
    return [_story(rng, family, "resident", text, spot) for family, text in found[:count]]


def problem_list(town: Town, count: int = 436) -> list[ListRow]:
    """A month of listening as one list by kind (HL-2), for the sheet import."""
    rng = random.Random(town.seed * 19 + 5)
    places = Gazetteer(town, rng)
    entries = [(kind, item, text) for kind, rows in _bank()["list"].items() for item, text in rows]
    rows: list[ListRow] = []
    seen: set[str] = set()
    while len(rows) < count:
        kind, item, text = rng.choice(entries)
        spot = places.find("road" if "{road}" in text or "{near}" in text else "building")
        words = text.format_map(spot.words)
        if words not in seen:
            seen.add(words)
            rows.append(ListRow(len(rows) + 1, kind, item, words, spot))
    return rows


def demands(town: Town, count: int = 141) -> list[ListRow]:
    """The demands of one meeting (LS-5), short as a clerk types them."""
    rng = random.Random(town.seed * 23 + 11)
    places = Gazetteer(town, rng)
    rows: list[ListRow] = []
    for number in range(1, count + 1):
        item, text = _bank()["demands"][(number * 7) % len(_bank()["demands"])]
        spot = places.find("road" if "{road}" in text or "{near}" in text else "building")
        rows.append(ListRow(number, "meeting", item, text.format_map(spot.words), spot))
    return rows
