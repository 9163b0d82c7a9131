"""Where the base map comes from. Standard library only: the settings ask for the hosts to allow.

``<home>/maps/base.pmtiles``  a vector base map in Linli's own layers (the demo's, or one imported by the
operator) ``<home>/maps/source.json``   instead of it, a tile service::

    {"kind": "tianditu", "key": "…"}                               Tianditu's vector map with its labels
    {"kind": "xyz", "tiles": ["https://…/{z}/{x}/{y}.png"], "attribution": "…", "max_zoom": 18}
"""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_TIANDITU = (
    "https://t{s}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)


@dataclass(frozen=True)
class Raster:
    """One raster layer of a tile service."""

    tiles: tuple[str, ...]
    attribution: str
    max_zoom: int


@dataclass(frozen=True)
class Archive:
    """The PMTiles file that is there: bounds and centre as its header says (lng, lat)."""

    path: Path
    bounds: tuple[float, float, float, float]
    centre: tuple[float, float, float]
    min_zoom: int
    max_zoom: int
    vector: bool
    version: str

    @property
    def attribution(self) -> str:
        """Whose map it is, as its metadata says; empty when they do not."""
        return _attribution(self.path, self.version)


@lru_cache(maxsize=4)
def _attribution(path: Path, version: str) -> str:
    try:
        with path.open("rb") as file:
            start, length = struct.unpack_from("<2Q", file.read(127), 24)
            file.seek(start)
            packed = file.read(min(length, 1_000_000))
        said = json.loads(gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed)
        return str(said.get("attribution", ""))
    except (OSError, EOFError, ValueError, AttributeError, struct.error, zlib.error):
        return ""


def raster_layers(folder: Path) -> list[Raster]:
    """The layers of the configured tile service, bottom first; none if there is no usable ``source.json``."""
    try:
        said: Any = json.loads((folder / "source.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(said, dict):
        return []
    if said.get("kind") == "tianditu" and said.get("key"):
        return [
            Raster(
                tuple(_TIANDITU.format(s=s, layer=layer, key=said["key"]) for s in range(8)),
                "天地图",
                18,
            )
            for layer in ("vec", "cva")
        ]
    tiles = said.get("tiles")
    if said.get("kind") == "xyz" and isinstance(tiles, list) and tiles:
        zoom = said.get("max_zoom")
        return [Raster(tuple(map(str, tiles)), str(said.get("attribution", "")), zoom if isinstance(zoom, int) else 18)]
    return []


def hosts(folder: Path) -> list[str]:
    """Origins the browser must be allowed to fetch tiles from, for the content security policy."""
    found = []
    for layer in raster_layers(folder):
        for tile in layer.tiles:
            parts = urlsplit(tile)
            if parts.scheme and parts.netloc:
                found.append(f"{parts.scheme}://{parts.netloc}")
    return sorted(set(found))


def archive(folder: Path) -> Archive | None:
    """The PMTiles file of this home, or None if there is none or it is not a PMTiles archive of version 3."""
    path = folder / "base.pmtiles"
    try:
        with path.open("rb") as file:
            head = file.read(127)
        stat = path.stat()
    except OSError:
        return None
    if len(head) < 127 or head[:7] != b"PMTiles" or head[7] != 3:
        return None
    west, south, east, north = (value / 1e7 for value in struct.unpack_from("<4i", head, 102))
    zoom, lng, lat = struct.unpack_from("<B2i", head, 118)
    return Archive(
        path=path,
        bounds=(west, south, east, north),
        centre=(lng / 1e7, lat / 1e7, float(zoom)),
        min_zoom=head[100],
        max_zoom=head[101],
        vector=head[99] == 1,
        version=f"{stat.st_mtime_ns:x}-{stat.st_size:x}",
    )
