"""The demo town's base map: one PMTiles file with vector tiles (MVT), zoom 9 to 15 (then overzoomed).

Layers and attributes, the contract with the map style:

========== ==================================================================================================
water      polygons. ``kind``: river | lake | pond; ``name``, ``name_en`` (may be empty)
landuse    polygons. ``kind``: park | green | farmland | forest | residential | commercial | school | civic |
           hospital | market | station | industrial | plaza; ``name`` (may be empty)
roads      lines. ``kind``: main | street | lane | path | rail; ``name``, ``name_en`` (may be empty);
           ``bridge``: 1 on bridges, else absent
buildings  polygons, from zoom 13. ``height`` in metres, ``kind``: home | shop | public | plant | shed
labels     points. ``kind``: district | town | village | community | park | school | hospital | market |
           station | civic | mall | compound | river; ``name``, ``name_en``;
           ``rank`` 1 (always) to 6 (from zoom 15)
boundary   lines. ``level``: county | town | community (villages too); draw it dashed and thin
========== ==================================================================================================

Coordinates come as WGS-84 (lng, lat). Centre of the urban part: about (113.14, 27.70), good at zoom 14.
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from linli.demo import tiles
from linli.demo.tiles import Feature
from linli.demo.town import Town

MINZOOM, MAXZOOM = 9, 15

_ROAD_ZOOM = {"main": 9, "street": 12, "lane": 12, "path": 14, "rail": 9}
_LABEL_ZOOM = {"district": 9, "town": 9, "river": 10, "village": 11, "community": 12}
_RANK_ZOOM = {1: 9, 2: 12, 3: 13, 4: 13, 5: 14, 6: 15}


def layers(town: Town) -> dict[str, list[Feature]]:
    """The layers of the docstring above, in drawing order."""
    out: dict[str, list[Feature]] = {
        "landuse": [
            Feature(
                area.polygon,
                {"kind": area.kind, "name": area.name},
                {"forest": 9, "farmland": 10}.get(area.kind, 12),
            )
            for area in town.land
        ],
        "water": [
            Feature(
                area.polygon,
                {"kind": area.kind, "name": area.name, "name_en": area.name_en},
                9 if area.kind == "river" else 13,
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
        facts: dict[str, tiles.Value] = {"kind": road.kind, "name": road.name, "name_en": road.name_en}
        zoom = _ROAD_ZOOM[road.kind]
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
            _LABEL_ZOOM.get(mark.kind, _RANK_ZOOM[mark.rank]),
        )
        for mark in sorted(town.landmarks, key=lambda mark: mark.rank)
    ]
    return out


def _boundaries(town: Town) -> list[Feature]:
    """Each border line once, under the highest level it separates."""
    out: list[Feature] = []
    drawn: Any = None
    for level, name, zoom in (
        ("district", "county", 9),
        ("street", "town", 9),
        ("community", "community", 11),
    ):
        lines = [division.polygon.boundary for division in town.divisions if division.level == level]
        merged = shapely.unary_union(lines)
        fresh = merged if drawn is None else merged.difference(drawn)
        drawn = merged if drawn is None else shapely.union(drawn, merged)
        out.append(Feature(shapely.line_merge(fresh), {"level": name}, zoom))
    return out


def write_basemap(town: Town, path: Path) -> int:
    """Write the whole base map to `path` and return its size; an old file is replaced whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = layers(town)
    west, south, east, north = town.division("430212").polygon.bounds
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        writer = Writer(file)
        ready: dict[int, bytes] = {}
        for zoom in range(MINZOOM, MAXZOOM + 1):
            for (x, y), data in tiles.cut(content, zoom).items():
                ready[zxy_to_tileid(zoom, x, y)] = data
        for tile_id in sorted(ready):
            writer.write_tile(tile_id, gzip.compress(ready[tile_id], 6, mtime=0))
        writer.finalize(
            {
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_zoom": MINZOOM,
                "max_zoom": MAXZOOM,
                "min_lon_e7": round(west * 1e7),
                "min_lat_e7": round(south * 1e7),
                "max_lon_e7": round(east * 1e7),
                "max_lat_e7": round(north * 1e7),
                "center_zoom": 14,
                "center_lon_e7": 1_131_400_000,
                "center_lat_e7": 276_990_000,
            },
            {
                "name": "Linli demo town",
                "attribution": "演示小镇，街道、楼栋与村界均为虚构",
                "vector_layers": [
                    {"id": name, "fields": _fields(features), "minzoom": MINZOOM, "maxzoom": MAXZOOM}
                    for name, features in content.items()
                ],
            },
        )
    os.replace(partial, path)
    return path.stat().st_size


def _fields(features: list[Feature]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for feature in features:
        for key, value in feature.attributes.items():
            fields[key] = "String" if isinstance(value, str) else "Number"
    return fields
