"""Reads an OpenStreetMap extract (.osm.pbf) in one stream and keeps what lies in a window.

Memory: the positions of the file's nodes (16 bytes each: about 200 MB for a province) and the features kept.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from django.utils.translation import gettext as _
from osmium.osm import AREA, NODE, RELATION, WAY
from shapely.geometry.base import BaseGeometry

from linli.house.basemaps import tags as reading
from linli.house.basemaps.lines import joined, sea
from linli.house.basemaps.tags import Facts
from linli.kernel.errors import Refused
from linli.kernel.geo.metres import Plane
from linli.kernel.geo.tiling import Feature
from linli.kernel.web.base_layers import BOUNDARY_ZOOM, LAYERS, MAX_ZOOM, label_zoom, land_zoom

Box = tuple[float, float, float, float]
"""west, south, east, north in WGS-84 degrees."""

_BATCH = 4096
_SAY_EVERY = 3.0  # seconds
_SAME_PLACE_M = 400.0
_LARGE_BUILDING_M2 = 400.0


def read_extract(path: Path, window: Box, say: Callable[[str], None]) -> dict[str, list[Feature]]:
    """The features of the file within `window`, in Linli's layers.

    Refused when the file is missing, empty, broken, or holds nothing there. say: progress, a line each.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise Refused(
            _("没有找到文件“%(file)s”。请检查路径。") % {"file": path}, "basemap.missing", field="file"
        ) from None
    if not path.is_file():
        raise Refused(_("“%(file)s”不是文件。") % {"file": path}, "basemap.no_file", field="file")
    if not size:
        raise Refused(_("文件是空的。请重新下载。"), "basemap.empty", field="file")
    collector = _Collector(window)
    try:
        _refuse_elsewhere(path, window)
        say(_("正在读取 %(file)s（%(size)s MB）……") % {"file": path.name, "size": f"{size / 1e6:,.1f}"})
        _read_borders(path, collector)
        _read_all(path, collector, say)
    except (RuntimeError, OSError) as error:
        raise Refused(
            _("读不下去：“%(file)s”不是完整的 OpenStreetMap 数据（.osm.pbf）。请重新下载后再试。（%(reason)s）")
            % {"file": path.name, "reason": str(error)[:200]},
            "basemap.broken",
            field="file",
        ) from error
    if not collector.found:
        raise _elsewhere(path, window, None)
    return collector.finish()


def _file(path: Path) -> Any:
    """The format follows the name; a name that says nothing is taken for PBF."""
    known = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".xml", ".opl", ".o5m")
    return osmium.io.File(str(path)) if path.name.endswith(known) else osmium.io.File(str(path), "pbf")


def _refuse_elsewhere(path: Path, window: Box) -> None:
    """What the file says it covers need not be said, but when it is, it saves reading the whole file."""
    with osmium.io.Reader(_file(path), osmium.osm.NOTHING) as reader:
        covers = reader.header().box()
    if not covers.valid():
        return
    low, high = covers.bottom_left, covers.top_right
    if low.lon > window[2] or high.lon < window[0] or low.lat > window[3] or high.lat < window[1]:
        raise _elsewhere(path, window, (low.lon, low.lat, high.lon, high.lat))


def _elsewhere(path: Path, window: Box, covers: Box | None) -> Refused:
    def words(box: Box) -> str:
        return ",".join(f"{value:.3f}" for value in box)

    if covers is None:
        message = _(
            "“%(file)s”在要的范围内（%(window)s）没有任何内容。请换一个覆盖本区的文件，或用 --bbox 指定范围。"
        ) % {
            "file": path.name,
            "window": words(window),
        }
    else:
        message = _("“%(file)s”的范围是 %(covers)s，要的是 %(window)s，两者不相接。请换一个覆盖本区的文件。") % {
            "file": path.name,
            "covers": words(covers),
            "window": words(window),
        }
    return Refused(message, "basemap.elsewhere", field="file")


def _read_borders(path: Path, collector: _Collector) -> None:
    """Which ways are borders stands in the relations of the areas on both sides."""
    relations: Iterable[Any] = osmium.FileProcessor(_file(path), RELATION).with_filter(
        osmium.filter.TagFilter(("boundary", "administrative"))
    )
    for relation in relations:
        level = reading.border({tag.k: tag.v for tag in relation.tags})
        if level:
            for member in relation.members:
                if member.type == "w" and member.role in ("", "outer", "inner"):
                    collector.border_of(member.ref, level)


def _read_all(path: Path, collector: _Collector, say: Callable[[str], None]) -> None:
    named = osmium.filter.KeyFilter(*reading.NODE_KEYS)
    named.enable_for(NODE)
    stream: Iterable[Any] = (
        osmium.FileProcessor(_file(path))
        .with_locations()
        .with_areas(osmium.filter.KeyFilter(*reading.AREA_KEYS))
        .with_filter(osmium.filter.EntityFilter(NODE | WAY | AREA))
        .with_filter(named)
    )
    factory = osmium.geom.WKBFactory()
    said = time.monotonic()
    for number, thing in enumerate(stream):
        try:
            if thing.is_node():
                collector.node(thing, factory)
            elif thing.is_way():
                collector.way(thing, factory)
            else:
                collector.area(thing, factory)
        except (osmium.InvalidLocationError, RuntimeError):
            collector.skipped += 1  # cut off at the edge of the extract, or a shape that is none
        if not number % 1000 and time.monotonic() - said > _SAY_EVERY:
            said = time.monotonic()
            say(
                _("已读 %(count)s 个对象，留下 %(kept)s 个……")
                % {"count": f"{number:,}", "kept": f"{collector.found:,}"}
            )
    collector.flush()


class _Collector:
    """Keeps what lies in the window, clipped to it; geometries are read in batches."""

    def __init__(self, window: Box) -> None:
        self.window = window
        self.plane = Plane.at((window[1] + window[3]) / 2)
        self.layers: dict[str, list[Feature]] = {name: [] for name in LAYERS}
        self.found = 0
        self.skipped = 0
        self._borders: dict[int, str] = {}
        self._waiting: list[tuple[str, str, Any]] = []
        self._lines: dict[tuple[Any, ...], list[BaseGeometry]] = defaultdict(list)
        self._rivers: dict[tuple[str, str], list[BaseGeometry]] = defaultdict(list)
        self._coast: list[BaseGeometry] = []

    def border_of(self, way: int, level: str) -> None:
        """A way on several borders belongs to the highest of them."""
        order = list(BOUNDARY_ZOOM)
        known = self._borders.get(way)
        if known is None or order.index(level) < order.index(known):
            self._borders[way] = level

    def node(self, node: Any, factory: Any) -> None:
        if not node.location.valid():
            return
        west, south, east, north = self.window
        if west <= node.location.lon <= east and south <= node.location.lat <= north:
            facts = reading.label({tag.k: tag.v for tag in node.tags})
            if facts:
                self._keep(factory.create_point(node), "labels", facts)

    def way(self, way: Any, factory: Any) -> None:
        tags = {tag.k: tag.v for tag in way.tags}
        level = self._borders.get(way.id)
        if level:
            self._keep(factory.create_linestring(way), "boundary", level)
        if not tags:
            return
        if road := reading.road(tags):
            self._keep(factory.create_linestring(way), "roads", road)
        elif course := reading.watercourse(tags):
            self._keep(factory.create_linestring(way), "courses", course)
        elif tags.get("natural") == "coastline":
            self._keep(factory.create_linestring(way), "coast", None)

    def area(self, area: Any, factory: Any) -> None:
        tags = {tag.k: tag.v for tag in area.tags}
        if not tags:
            return
        wanted: list[tuple[str, Facts]] = []
        if house := reading.building(tags):
            wanted.append(("buildings", house))
        elif water := reading.water_area(tags):
            wanted.append(("water", water))
        elif land := reading.land(tags):
            wanted.append(("landuse", land))
        if name := reading.label(tags):
            wanted.append(("names", name))
        if wanted:
            shape = factory.create_multipolygon(area)
            for layer, facts in wanted:
                self._keep(shape, layer, facts)

    def _keep(self, wkb: str, layer: str, facts: Any) -> None:
        self._waiting.append((wkb, layer, facts))
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Read the shapes that wait, and sort those in the window into their layers."""
        waiting, self._waiting = self._waiting, []
        shapes = shapely.from_wkb(np.array([wkb for wkb, _layer, _facts in waiting], dtype=object), on_invalid="ignore")
        west, south, east, north = self.window
        low_x, low_y, high_x, high_y = shapely.bounds(shapes).T if waiting else (np.array([]),) * 4
        inside = (low_x >= west) & (high_x <= east) & (low_y >= south) & (high_y <= north)
        touching = (high_x >= west) & (low_x <= east) & (high_y >= south) & (low_y <= north)
        for k in np.flatnonzero(touching):
            shape = shapes[k]
            if not inside[k]:
                shape = _clip(shape, self.window)
                if shape is None:
                    continue
            self.found += 1
            _wkb, layer, facts = waiting[k]
            self._sort(shape, layer, facts)

    def _sort(self, shape: BaseGeometry, layer: str, facts: Any) -> None:
        if layer == "roads":
            attributes, zoom = facts
            self._lines[(zoom, *sorted(attributes.items()))].append(shape)
        elif layer == "boundary":
            self.layers["boundary"].append(Feature(shape, {"level": facts}, BOUNDARY_ZOOM[facts]))
        elif layer == "coast":
            self._coast.append(shape)
        elif layer == "courses":
            attributes, width, zoom = facts
            self.layers["water"].append(Feature(self._widened(shape, width), attributes, zoom))
            if attributes.get("name") and zoom < 13:
                self._rivers[attributes["name"], attributes.get("name_en", "")].append(shape)
        elif layer == "water":
            self.layers["water"].append(Feature(shape, facts, 13 if facts["kind"] == "pond" else 9))
        elif layer == "landuse":
            self.layers["landuse"].append(Feature(shape, facts, land_zoom(facts["kind"])))
        elif layer == "buildings":
            zoom = 13 if self._area_m2(shape) >= _LARGE_BUILDING_M2 else 14
            self.layers["buildings"].append(Feature(shape, facts, zoom))
        elif layer == "names":
            facts = dict(facts)
            if facts["kind"] in ("park", "river", "compound") and self._area_m2(shape) > 100_000:
                facts["rank"] -= 1
            self._label(shapely.point_on_surface(shape), facts)
        else:
            self._label(shape, facts)

    def _label(self, point: BaseGeometry, facts: Facts) -> None:
        kind, rank = str(facts["kind"]), int(facts["rank"])
        zoom = label_zoom(kind, rank) if kind != "river" or rank < 4 else 13
        self.layers["labels"].append(Feature(point, facts, min(zoom, MAX_ZOOM)))

    def _area_m2(self, shape: BaseGeometry) -> float:
        return float(shapely.area(shape)) * self.plane.east * self.plane.north

    def _widened(self, line: BaseGeometry, width: float) -> BaseGeometry:
        flat = self.plane.flatten(line)
        return self.plane.unfold(shapely.buffer(flat, width / 2, quad_segs=2, cap_style="flat"))

    def finish(self) -> dict[str, list[Feature]]:
        """All layers in drawing order: large land below small, lanes below main roads, first names first."""
        for (zoom, *attributes), lines in self._lines.items():
            self.layers["roads"] += [Feature(line, dict(attributes), zoom) for line in joined(lines)]
        for (name, english), lines in self._rivers.items():
            longest = max(joined(lines), key=shapely.length)
            facts: Facts = {"kind": "river", "name": name, "rank": 3}
            if english:
                facts["name_en"] = english
            self._label(shapely.line_interpolate_point(longest, 0.5, normalized=True), facts)
        self.layers["boundary"] = [
            Feature(line, {"level": level}, zoom)
            for level, zoom in BOUNDARY_ZOOM.items()
            for line in joined(f.geometry for f in self.layers["boundary"] if f.attributes["level"] == level)
        ]
        self.layers["water"] += [
            Feature(shape, {"kind": "sea"}, 9) for shape in sea(self._coast, shapely.box(*self.window))
        ]
        order = {"path": 0, "rail": 1, "lane": 2, "street": 3, "main": 4}
        self.layers["roads"].sort(key=lambda road: order[str(road.attributes["kind"])])
        self.layers["landuse"].sort(key=lambda land: -shapely.area(land.geometry))
        self.layers["labels"] = list(self._once(self.layers["labels"]))
        return self.layers

    def _once(self, labels: Iterable[Feature]) -> Iterator[Feature]:
        """A school is often mapped as an area and again as a point: one name near the same place is enough."""
        seen: dict[tuple[Any, Any], list[tuple[float, float]]] = defaultdict(list)
        scale = np.array([self.plane.east, self.plane.north])
        for label in sorted(labels, key=lambda label: int(label.attributes["rank"])):
            x, y = (shapely.get_coordinates(label.geometry)[0] * scale).tolist()
            known = seen[label.attributes["kind"], label.attributes["name"]]
            if all((x - a) ** 2 + (y - b) ** 2 > _SAME_PLACE_M**2 for a, b in known):
                known.append((x, y))
                yield label


def _clip(shape: BaseGeometry, window: Box) -> BaseGeometry | None:
    try:
        piece = shapely.clip_by_rect(shape, *window)
    except shapely.GEOSException:
        piece = shapely.intersection(shapely.make_valid(shape), shapely.box(*window))
    if shapely.get_dimensions(piece) < shapely.get_dimensions(shape):
        return None
    return piece
