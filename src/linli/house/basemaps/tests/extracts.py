"""A tiny extract of OpenStreetMap for tests: one square kilometre around (113.14, 27.70)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import osmium
from osmium.osm import Box, Location
from osmium.osm.mutable import Node, Relation, Way

CENTRE = (113.14, 27.70)
BBOX = "113.13,27.69,113.15,27.71"

Point = tuple[float, float]


class Extract:
    """Nodes, ways and relations by their tags; positions in metres east and north of CENTRE."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._ways: list[Way] = []
        self._relations: list[Relation] = []

    def node(self, at: Point, tags: Mapping[str, str] | None = None) -> int:
        number = len(self._nodes) + 1
        place = (CENTRE[0] + at[0] / 98_600, CENTRE[1] + at[1] / 110_800)
        self._nodes.append(Node(id=number, location=place, tags=dict(tags or {})))
        return number

    def way(self, points: Sequence[Point], tags: Mapping[str, str] | None = None) -> int:
        number = len(self._ways) + 1
        nodes = [self.node(point) for point in points]
        if points[0] == points[-1]:
            nodes[-1] = nodes[0]
        return self.way_through(nodes, tags, number)

    def way_through(self, nodes: Sequence[int], tags: Mapping[str, str] | None = None, number: int = 0) -> int:
        number = number or len(self._ways) + 1
        self._ways.append(Way(id=number, nodes=list(nodes), tags=dict(tags or {})))
        return number

    def square(self, at: Point, side: float, tags: Mapping[str, str] | None = None) -> int:
        x, y = at
        return self.way([(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)], tags)

    def relation(self, members: Sequence[tuple[int, str]], tags: Mapping[str, str]) -> None:
        self._relations.append(
            Relation(
                id=len(self._relations) + 1,
                members=[("w", number, role) for number, role in members],
                tags=dict(tags),
            )
        )

    def write(self, path: Path, box: tuple[float, float, float, float] | None = None) -> Path:
        header = osmium.io.Header()
        if box:
            header.add_box(Box(Location(*box[:2]), Location(*box[2:])))
        with osmium.SimpleWriter(str(path), header=header) as writer:
            for node in self._nodes:
                writer.add_node(node)
            for way in self._ways:
                writer.add_way(way)
            for relation in self._relations:
                writer.add_relation(relation)
        return path


def town() -> Extract:
    """A little of everything the base map draws."""
    made = Extract()
    corner = made.node((0, 0))
    for points in (
        [made.node((-700, 0)), corner],
        [corner, made.node((700, 0))],
    ):
        made.way_through(points, {"highway": "primary", "name": "伏波大道", "name:en": "Fubo Avenue"})
    made.way([(0, 0), (0, 300)], {"highway": "residential", "name": "人民路"})
    made.way([(100, 0), (100, 50)], {"highway": "tertiary", "bridge": "yes"})
    made.way([(-50, 20), (50, 30)], {"highway": "footway"})
    made.way([(-700, -200), (700, -210)], {"railway": "rail"})
    made.way([(-700, -300), (700, -310)], {"railway": "subway", "tunnel": "yes"})
    made.square((50, 50), 30, {"building": "apartments", "building:levels": "6"})
    made.square((100, 100), 8, {"building": "shed", "height": "2.5 m"})
    made.square((-300, 100), 200, {"leisure": "park", "name": "伏波公园"})
    made.square((200, 200), 150, {"amenity": "school", "name": "渌口一小"})
    made.node((260, 260), {"amenity": "school", "name": "渌口一小"})
    outer, inner = made.square((-600, 300), 300), made.square((-500, 400), 100)
    made.relation([(outer, "outer"), (inner, "inner")], {"type": "multipolygon", "natural": "water", "name": "青龙湖"})
    made.way([(-700, -400), (700, -420)], {"waterway": "river", "name": "渌水", "width": "40"})
    made.node((0, 10), {"place": "town", "name": "渌口镇", "name:en": "Lukou Town"})
    shared = made.way([(0, -600), (0, 600)])
    west = made.way([(0, 600), (-600, 600), (-600, -600), (0, -600)])
    east = made.way([(0, 600), (600, 600), (600, -600), (0, -600)])
    border = {"type": "boundary", "boundary": "administrative"}
    made.relation([(shared, "outer"), (west, "outer")], {**border, "admin_level": "10"})
    made.relation([(shared, "outer"), (east, "outer")], {**border, "admin_level": "8"})
    return made
