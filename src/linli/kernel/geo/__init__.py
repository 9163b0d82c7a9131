"""Coordinates, shapes and distances. Inside the house everything is (lng, lat) in WGS-84.

`systems` turns what comes in under another reference system; `points` checks one point; `shapes`
reads polygons; `metres` measures; `index` finds the polygon around a point.
"""

from linli.kernel.geo.metres import area_m2, distance_m
from linli.kernel.geo.points import looks_swapped, read_point
from linli.kernel.geo.systems import SYSTEMS, System, from_wgs84, read_system, to_wgs84

__all__ = [
    "SYSTEMS",
    "System",
    "area_m2",
    "distance_m",
    "from_wgs84",
    "looks_swapped",
    "read_point",
    "read_system",
    "to_wgs84",
]
