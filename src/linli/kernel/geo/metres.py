"""Distances and areas in metres on the WGS-84 ellipsoid.

Inside a district a plane with the scale of its middle latitude is enough (`Plane`); areas that are
stored are geodesic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

_AXIS = 6378137.0
_ECCENTRICITY2 = 0.00669437999014


@cache
def _geod() -> Geod:
    return Geod(ellps="WGS84")


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Length of one degree of (longitude, latitude) at this latitude."""
    phi = math.radians(lat)
    curve = 1 - _ECCENTRICITY2 * math.sin(phi) ** 2
    east = math.radians(_AXIS * math.cos(phi) / math.sqrt(curve))
    north = math.radians(_AXIS * (1 - _ECCENTRICITY2) / curve**1.5)
    return east, north


def distance_m(lng1: float, lat1: float, lng2: float, lat2: float) -> float:
    """Metres between two points; geodesic beyond about 20 km, the local plane below."""
    if abs(lng1 - lng2) > 0.2 or abs(lat1 - lat2) > 0.2:
        return float(_geod().inv(lng1, lat1, lng2, lat2)[2])
    east, north = metres_per_degree((lat1 + lat2) / 2)
    return math.hypot((lng1 - lng2) * east, (lat1 - lat2) * north)


def area_m2(geometry: BaseGeometry) -> float:
    """Geodesic area of a WGS-84 polygon or multipolygon in square metres."""
    return abs(float(_geod().geometry_area_perimeter(shapely.orient_polygons(geometry))[0]))


@dataclass(frozen=True)
class Plane:
    """A flat map around one latitude: degrees times a scale. 25 km north or south of it lengths
    east–west are off by 0.2 %."""

    east: float
    north: float

    @classmethod
    def at(cls, lat: float) -> Plane:
        return cls(*metres_per_degree(lat))

    @classmethod
    def around(cls, geometries: list[BaseGeometry] | NDArray[np.object_]) -> Plane:
        """The plane at the middle latitude of these geometries; Zhuzhou's when there are none."""
        if not len(geometries):
            return cls.at(27.8)
        bounds = shapely.total_bounds(np.asarray(geometries, dtype=object))
        middle = float((bounds[1] + bounds[3]) / 2)
        return cls.at(middle if math.isfinite(middle) and abs(middle) < 89 else 27.8)

    def flatten(self, geometry: BaseGeometry) -> BaseGeometry:
        """WGS-84 → metres."""
        scale = np.array([self.east, self.north])
        return shapely.transform(geometry, lambda coords: coords * scale)

    def flatten_all(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """WGS-84 → metres for an array of geometries."""
        scale = np.array([self.east, self.north])
        return shapely.transform(geometries, lambda coords: coords * scale)

    def unfold(self, geometry: BaseGeometry) -> BaseGeometry:
        """Metres → WGS-84."""
        scale = np.array([self.east, self.north])
        return shapely.transform(geometry, lambda coords: coords / scale)
