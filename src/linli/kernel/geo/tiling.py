"""Vector tiles: cut geometries in Web Mercator into tiles and encode them (Mapbox Vector Tile 2.1).

A small encoder of its own because a whole town has to be cut in seconds: clipping and rounding are done in
bulk by shapely and numpy, only the last step is plain Python. One tile is held at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pmtiles.tile import zxy_to_tileid
from shapely.geometry.base import BaseGeometry

EXTENT = 4096
_BUFFER = 64 / EXTENT

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing on the map: WGS-84 geometry, its attributes, and the first zoom that shows it."""

    geometry: BaseGeometry
    attributes: dict[str, Value]
    minzoom: int


def to_mercator(geometries: Any) -> Any:
    """WGS-84 degrees → Web Mercator scaled to 0 … 1, y downwards."""

    def project(c: Any) -> Any:
        x = c[:, 0] / 360 + 0.5
        y = 0.5 - np.arcsinh(np.tan(np.radians(c[:, 1]))) / (2 * np.pi)
        return np.column_stack([x, y])

    return shapely.transform(geometries, project)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _block(field: int, payload: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(payload)) + payload


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return _block(1, value.encode())
    if isinstance(value, int):
        return _varint(5 << 3) + _varint(value)
    return _varint(3 << 3 | 1) + np.float64(value).tobytes()


class _Geometry:
    """Builds the command stream of one feature; the cursor runs through all its parts."""

    def __init__(self) -> None:
        self.words: list[int] = []
        self.cursor = np.zeros(2, dtype=np.int64)

    def run(self, points: Any, close: bool) -> None:
        """Append one line, or one ring without its closing point."""
        deltas = np.diff(points, axis=0, prepend=self.cursor[None, :])
        zigzag = ((deltas << 1) ^ (deltas >> 63)).tolist()
        self.words += [9, *zigzag[0], 2 | (len(points) - 1) << 3]
        for dx, dy in zigzag[1:]:
            self.words += (dx, dy)
        if close:
            self.words.append(15)
        self.cursor = points[-1]

    def points(self, points: Any) -> None:
        deltas = np.diff(points, axis=0, prepend=self.cursor[None, :])
        self.words.append(1 | len(points) << 3)
        for dx, dy in ((deltas << 1) ^ (deltas >> 63)).tolist():
            self.words += (dx, dy)


def _dedupe(points: Any) -> Any:
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (points[1:] != points[:-1]).any(axis=1)
    return points[keep]


def _signed_area(ring: Any) -> int:
    following = np.roll(ring, -1, axis=0)
    return int((ring[:, 0] * following[:, 1] - following[:, 0] * ring[:, 1]).sum())


def _encode_geometry(geometry: BaseGeometry, origin: Any, scale: float) -> tuple[int, list[int]]:
    """(MVT geometry type, command words); no words when nothing is left at this zoom.

    Of a mixed geometry (a polygon clipped at one of its corners) only the parts of the highest dimension count.
    """
    stream, kind = _Geometry(), 0
    parts = shapely.get_parts(geometry)
    if geometry.geom_type == "GeometryCollection":
        parts = shapely.get_parts(parts)
        dimensions = shapely.get_dimensions(parts)
        parts = parts[dimensions == dimensions.max(initial=-1)]

    def whole(coords: Any) -> Any:
        return np.rint((np.asarray(coords)[:, :2] - origin) * scale).astype(np.int64)

    for part in parts:
        if part.is_empty:
            continue
        if part.geom_type == "Point":
            kind = 1
            stream.points(whole(part.coords))
        elif part.geom_type == "LineString":
            points = _dedupe(whole(part.coords))
            if len(points) > 1:
                kind = 2
                stream.run(points, close=False)
        elif part.geom_type == "Polygon":
            for number, ring in enumerate((part.exterior, *part.interiors)):
                points = _dedupe(whole(ring.coords))[:-1]
                area = _signed_area(points) if len(points) > 2 else 0
                if area == 0:
                    if number == 0:
                        break
                    continue
                # Outer rings positive (clockwise on the screen), holes negative.
                if (area > 0) != (number == 0):
                    points = points[::-1]
                kind = 3
                stream.run(points, close=True)
    return kind, stream.words


class _Layer:
    def __init__(self, name: str) -> None:
        self.name = name
        self.keys: dict[str, int] = {}
        self.values: dict[tuple[type, Value], int] = {}
        self.features: list[bytes] = []

    def add(self, kind: int, words: list[int], attributes: dict[str, Value]) -> None:
        tags: list[int] = []
        for key, value in attributes.items():
            if value == "":
                continue
            tags.append(self.keys.setdefault(key, len(self.keys)))
            tags.append(self.values.setdefault((type(value), value), len(self.values)))
        body = _block(2, b"".join(map(_varint, tags))) if tags else b""
        body += _varint(3 << 3) + _varint(kind) + _block(4, b"".join(map(_varint, words)))
        self.features.append(_block(2, body))

    def encode(self) -> bytes:
        body = _varint(15 << 3) + _varint(2) + _block(1, self.name.encode())
        body += b"".join(self.features)
        body += b"".join(_block(3, key.encode()) for key in self.keys)
        body += b"".join(_block(4, _value(value)) for _kind, value in self.values)
        body += _varint(5 << 3) + _varint(EXTENT)
        return _block(3, body)


class _Sheet:
    """One layer at one zoom: projected and simplified shapes, and which of them reach into which tile."""

    def __init__(self, name: str, features: Sequence[Feature], zoom: int) -> None:
        self.name = name
        self.features = [feature for feature in features if feature.minzoom <= zoom]
        self.members: dict[tuple[int, int], list[int]] = {}
        self.side = 1 / 2**zoom
        if not self.features:
            return
        pixel = self.side / EXTENT
        shapes = to_mercator(np.array([feature.geometry for feature in self.features], dtype=object))
        self.shapes = shapely.simplify(shapes, pixel * (5 if zoom < 14 else 2), preserve_topology=False)
        bounds = shapely.bounds(self.shapes)
        # What would be a speck of less than half a pixel on the screen is not worth its bytes.
        specks = (shapely.get_dimensions(self.shapes) == 2) & (shapely.area(self.shapes) < (4 * pixel) ** 2)
        bounds[specks] = np.nan
        pad, last = self.side * _BUFFER, 2**zoom - 1
        for k, (x0, y0, x1, y1) in enumerate(bounds.tolist()):
            if x0 != x0:  # empty
                continue
            for x in range(max(int((x0 - pad) / self.side), 0), min(int((x1 + pad) / self.side), last) + 1):
                for y in range(max(int((y0 - pad) / self.side), 0), min(int((y1 + pad) / self.side), last) + 1):
                    self.members.setdefault((x, y), []).append(k)

    def tile(self, x: int, y: int) -> bytes:
        """The encoded layer of one tile; nothing when no feature is left in it."""
        members = self.members.get((x, y))
        if not members:
            return b""
        side, pad, layer = self.side, self.side * _BUFFER, _Layer(self.name)
        window = (x * side - pad, y * side - pad, (x + 1) * side + pad, (y + 1) * side + pad)
        try:
            pieces = shapely.clip_by_rect(self.shapes[members], *window)
        except shapely.GEOSException:  # a ring that simplifying has crossed with itself
            pieces = shapely.intersection(shapely.make_valid(self.shapes[members]), shapely.box(*window))
        origin = np.array([x * side, y * side])
        for k, piece in zip(members, pieces, strict=True):
            if piece.is_empty:
                continue
            kind, words = _encode_geometry(piece, origin, EXTENT / side)
            if words:
                layer.add(kind, words, self.features[k].attributes)
        return layer.encode() if layer.features else b""


def cut(layers: Mapping[str, Sequence[Feature]], zoom: int) -> Iterator[tuple[int, bytes]]:
    """All tiles of one zoom that show anything: (PMTiles id, the tile's bytes), ids ascending.

    Layers come in the order given, features within a layer too.
    """
    sheets = [_Sheet(name, features, zoom) for name, features in layers.items()]
    places = {(zxy_to_tileid(zoom, x, y), x, y) for sheet in sheets for x, y in sheet.members}
    for tile_id, x, y in sorted(places):
        data = b"".join(sheet.tile(x, y) for sheet in sheets)
        if data:
            yield tile_id, data
