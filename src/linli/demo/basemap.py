"""The demo town's base map: one PMTiles file with vector tiles, in the layers that `kernel.web.base_layers` names.

Coordinates come as WGS-84 (lng, lat). Centre of the urban part: about (113.14, 27.70), good at zoom 14.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely

from linli.demo.town import Town
from linli.kernel.geo.archive import About, write_archive
from linli.kernel.geo.tiling import Feature, Value
from linli.kernel.web.base_layers import (
    BOUNDARY_ZOOM,
    MAX_ZOOM,
    MIN_ZOOM,
    ROAD_ZOOM,
    label_zoom,
    land_zoom,
    water_zoom,
)


def layers(town: Town) -> dict[str, list[Feature]]:
    """All layers, in drawing order."""
    out: dict[str, list[Feature]] = {
        "landuse": [
            Feature(
                area.polygon,
                {"kind": area.kind, "name": area.name},
                land_zoom(area.kind),
            )
            for area in town.land
        ],
        "water": [
            Feature(
                area.polygon,
                {"kind": area.kind, "name": area.name, "name_en": area.name_en},
                water_zoom(area.kind),
            )
            for area in town.water
        ],
        "boundary": _boundaries(town),
        "roads": [],
        "buildings": [],
    }
    wet = shapely.union_all([area.polygon for area in town.water if area.kind == "river"])
    shapely.prepare(wet)
    for road in town.roads:
        facts: dict[str, Value] = {"kind": road.kind, "name": road.name, "name_en": road.name_en}
        zoom = ROAD_ZOOM[road.kind]
        if not wet.intersects(road.line):
            out["roads"].append(Feature(road.line, facts, zoom))
            continue
        out["roads"].append(Feature(road.line.difference(wet), facts, zoom))
        out["roads"].append(Feature(road.line.intersection(wet), {**facts, "bridge": 1}, zoom))
    for building in town.buildings:
        out["buildings"].append(Feature(building.polygon, {"kind": building.kind, "height": building.height}, 13))
    for house in town.scenery:
        out["buildings"].append(Feature(house.polygon, {"kind": "home", "height": 7.0}, 14))
    out["labels"] = [
        Feature(
            shapely.Point(mark.point),
            {"kind": mark.kind, "name": mark.name, "name_en": mark.name_en, "rank": mark.rank},
            label_zoom(mark.kind, mark.rank),
        )
        for mark in sorted(town.landmarks, key=lambda mark: mark.rank)
    ]
    return out


def _boundaries(town: Town) -> list[Feature]:
    """Each border line once, under the highest level it separates."""
    out: list[Feature] = []
    drawn: Any = None
    for level, name in (("district", "county"), ("street", "town"), ("community", "community")):
        lines = [division.polygon.boundary for division in town.divisions if division.level == level]
        merged = shapely.unary_union(lines)
        fresh = merged if drawn is None else merged.difference(drawn)
        drawn = merged if drawn is None else shapely.union(drawn, merged)
        out.append(Feature(shapely.line_merge(fresh), {"level": name}, BOUNDARY_ZOOM[name]))
    return out


def write_basemap(town: Town, path: Path) -> int:
    """Write the whole base map to `path` and return its size; an old file is replaced whole."""
    return write_archive(
        path,
        layers(town),
        About(
            name="Linli demo town",
            attribution="演示小镇，街道、楼栋与村界均为虚构",
            bounds=town.division("430212").polygon.bounds,
            centre=(113.14, 27.699, 14),
            min_zoom=MIN_ZOOM,
            max_zoom=MAX_ZOOM,
        ),
    )
