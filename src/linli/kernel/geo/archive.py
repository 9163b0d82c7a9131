"""A PMTiles archive of vector tiles, written whole or not at all."""

from __future__ import annotations

import contextlib
import gzip
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType
from pmtiles.writer import Writer

from linli.kernel.geo.tiling import Feature, cut


class NothingToDraw(ValueError):
    """No feature is left to make a tile of."""


@dataclass(frozen=True)
class About:
    """What an archive says of itself. bounds: west, south, east, north; centre: (lng, lat, zoom)."""

    name: str
    attribution: str
    bounds: tuple[float, float, float, float]
    centre: tuple[float, float, int]
    min_zoom: int
    max_zoom: int


def write_archive(
    path: Path,
    layers: Mapping[str, Sequence[Feature]],
    about: About,
    progress: Callable[[int, int], None] = lambda zoom, tiles: None,
) -> int:
    """Cut the layers into tiles and put them at `path`; the size in bytes.

    An archive that is there already stays in use until the new one is complete on the disk, and for good
    when something goes wrong (OSError, NothingToDraw). progress: called after each zoom with its number of
    tiles. Memory: the layers, and one zoom of them projected.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            _fill(file, layers, about, progress)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            partial.unlink()
    return path.stat().st_size


def _fill(
    file: Any,
    layers: Mapping[str, Sequence[Feature]],
    about: About,
    progress: Callable[[int, int], None],
) -> None:
    writer, written = Writer(file), 0
    try:
        for zoom in range(about.min_zoom, about.max_zoom + 1):
            tiles = 0
            for tile_id, data in cut(layers, zoom):
                writer.write_tile(tile_id, gzip.compress(data, 6, mtime=0))
                tiles += 1
            written += tiles
            progress(zoom, tiles)
        if not written:
            raise NothingToDraw
        west, south, east, north = about.bounds
        lng, lat, zoom = about.centre
        writer.finalize(
            {
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": round(west * 1e7),
                "min_lat_e7": round(south * 1e7),
                "max_lon_e7": round(east * 1e7),
                "max_lat_e7": round(north * 1e7),
                "center_zoom": zoom,
                "center_lon_e7": round(lng * 1e7),
                "center_lat_e7": round(lat * 1e7),
            },
            {
                "name": about.name,
                "attribution": about.attribution,
                "vector_layers": [
                    {"id": name, "fields": _fields(features), "minzoom": about.min_zoom, "maxzoom": about.max_zoom}
                    for name, features in layers.items()
                ],
            },
        )
    finally:
        writer.tile_f.close()


def _fields(features: Sequence[Feature]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for feature in features:
        for key, value in feature.attributes.items():
            fields[key] = "String" if isinstance(value, str) else "Number"
    return fields
