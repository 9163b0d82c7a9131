"""Squares of the web map as vector tiles (Mapbox Vector Tile 2.1, Web Mercator, 4096 units wide)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

EXTENT = 4096
BUFFER = 80  # units drawn beyond the edge, so that lines do not show where tiles meet
MAX_ZOOM = 22
_MAX_LAT = 85.0511287798066


@dataclass(frozen=True, slots=True)
class Tile:
    """One square: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def real(self) -> bool:
        """Whether the web map has this square."""
        return 0 <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    def bounds(self, buffer: int = 0) -> tuple[float, float, float, float]:
        """west, south, east, north in degrees; buffer: units added all around."""
        more = buffer / EXTENT
        west, north = self._degrees(self.x - more, self.y - more)
        east, south = self._degrees(self.x + 1 + more, self.y + 1 + more)
        return west, south, east, north

    def _degrees(self, x: float, y: float) -> tuple[float, float]:
        side = 1 << self.z
        lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / side))))
        return x / side * 360 - 180, lat

    def units(self, lng_lat: Any) -> Any:
        """Degrees, shape (n, 2), as units of this tile from its upper left corner, not rounded."""
        lat = np.radians(np.clip(lng_lat[:, 1], -_MAX_LAT, _MAX_LAT))
        side = float(1 << self.z)
        x = (lng_lat[:, 0] + 180) / 360 * side - self.x
        y = (1 - np.arcsinh(np.tan(lat)) / math.pi) / 2 * side - self.y
        return np.stack([x, y], axis=1) * EXTENT

    def cut(self, shapes: list[BaseGeometry], simplify: float = 2.0) -> list[BaseGeometry]:
        """Polygons in units of this tile, cut at its buffer, simplified; empty where nothing is left of them."""
        drawn = shapely.transform(np.array(shapes, dtype=object), self.units)
        cut = shapely.clip_by_rect(drawn, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
        return list(shapely.set_precision(shapely.simplify(cut, simplify), 1.0))


Feature = tuple[int, BaseGeometry, dict[str, Any]]


def encode(layers: dict[str, Iterable[Feature]]) -> bytes:
    """The tile of some layers: features as (id, geometry in units, properties). What is empty is left out."""
    return bytes(
        mapbox_vector_tile.encode(
            [
                {
                    "name": name,
                    "features": [
                        {"id": key, "geometry": shape, "properties": properties}
                        for key, shape, properties in features
                        if not shape.is_empty
                    ],
                }
                for name, features in layers.items()
            ],
            default_options={"y_coord_down": True, "extents": EXTENT},
        )
    )
