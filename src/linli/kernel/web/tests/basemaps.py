"""A small base map for tests: one square kilometre of town as a PMTiles archive in Linli's layers."""

from __future__ import annotations

import gzip
from pathlib import Path

import mapbox_vector_tile
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

CENTRE = (113.14, 27.70)


def write(path: Path, attribution: str = "") -> None:
    """Writes zoom 14 around CENTRE: a park, a river, a street with a name, a label in Latin and one in Chinese."""
    x, y = 13341, 6878  # the tile of CENTRE at zoom 14
    layers = [
        {
            "name": "landuse",
            "features": [
                {
                    "geometry": "POLYGON((100 100, 4000 100, 4000 4000, 100 4000, 100 100))",
                    "properties": {"kind": "park", "name": "伏波公园"},
                }
            ],
        },
        {
            "name": "roads",
            "features": [
                {
                    "geometry": "LINESTRING(0 2000, 4096 2200)",
                    "properties": {"kind": "main", "name": "伏波大道", "name_en": "Fubo Avenue"},
                }
            ],
        },
        {
            "name": "labels",
            "features": [
                {
                    "geometry": f"POINT({right} {up})",
                    "properties": {"kind": "community", "name": "伏波社区", "name_en": "Fubo Community", "rank": 1},
                }
                for right in range(300, 4096, 500)
                for up in range(300, 4096, 500)
            ],
        },
    ]
    tile = gzip.compress(mapbox_vector_tile.encode(layers))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = Writer(file)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                writer.write_tile(zxy_to_tileid(14, x + dx, y + dy), tile)
        writer.finalize(
            {
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_zoom": 14,
                "max_zoom": 14,
                "min_lon_e7": int(113.1e7),
                "min_lat_e7": int(27.66e7),
                "max_lon_e7": int(113.18e7),
                "max_lat_e7": int(27.74e7),
                "center_zoom": 14,
                "center_lon_e7": int(CENTRE[0] * 1e7),
                "center_lat_e7": int(CENTRE[1] * 1e7),
            },
            {"name": "test", "attribution": attribution},
        )
