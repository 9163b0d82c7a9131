"""The town's own plane: metres east and north of the seat, and the way back to WGS-84."""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

SEAT = (113.14, 27.70)
_KX = math.cos(math.radians(SEAT[1])) * 111_320.0
_KY = 110_860.0


def to_metres(geometry: BaseGeometry) -> Any:
    """WGS-84 degrees → metres around the seat."""
    return shapely.transform(geometry, lambda c: (c - np.array(SEAT)) * np.array([_KX, _KY]))


def to_degrees(geometry: BaseGeometry) -> Any:
    """Metres → WGS-84 degrees with seven decimals (1 cm), so that shared vertices stay exactly shared."""
    return shapely.transform(geometry, lambda c: np.round(c / np.array([_KX, _KY]) + np.array(SEAT), 7))


def point_to_degrees(x: float, y: float) -> tuple[float, float]:
    """One point in metres → (lng, lat)."""
    return round(x / _KX + SEAT[0], 7), round(y / _KY + SEAT[1], 7)


def point_to_metres(lng: float, lat: float) -> tuple[float, float]:
    """One point (lng, lat) → metres."""
    return (lng - SEAT[0]) * _KX, (lat - SEAT[1]) * _KY


def read_data(name: str) -> Any:
    """The JSON file `name` of the demo's data folder."""
    return json.loads((files("linli.demo") / "data" / name).read_text(encoding="utf-8"))


@cache
def county() -> Polygon:
    """The real county polygon of 渌口区 in metres; one polygon, without islands."""
    geometry = shape(read_data("county_430212.geojson")["features"][0]["geometry"])
    if isinstance(geometry, MultiPolygon):
        geometry = max(geometry.geoms, key=lambda part: part.area)
    flat = to_metres(shapely.force_2d(geometry))
    assert isinstance(flat, Polygon)
    return flat
