"""The four reference systems in use in China, and the ways between them.

wgs84     GPS, browsers, OpenStreetMap.
cgcs2000  Tianditu and surveying offices. Differs from WGS-84 by centimetres: taken as equal.
gcj02     AMap, Tencent, WeChat's map. WGS-84 displaced by some hundred metres, inside China only.
bd09      Baidu. GCJ-02 displaced once more.

The displacement is the public-domain algorithm of PRCoords; its inverse is iterated to a fixed point
and agrees to better than 0.005 m (a one-step inverse is off by up to 3.6 m).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from linli.kernel.errors import Refused

System = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
SYSTEMS: dict[System, Any] = {
    "wgs84": _("WGS-84（GPS、OpenStreetMap）"),
    "cgcs2000": _("CGCS2000（天地图、测绘成果）"),
    "gcj02": _("GCJ-02（高德、腾讯、微信地图）"),
    "bd09": _("BD-09（百度地图）"),
}

# The box outside of which GCJ-02 equals WGS-84: degrees west, south, east, north.
CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)

_AXIS = 6378245.0  # Krasovsky 1940, metres
_ECCENTRICITY2 = 0.00669342162296594323
_BD_LNG, _BD_LAT = 0.0065, 0.0060
_CLOSE_ENOUGH = 1e-9  # degrees, about 0.1 mm
_MAX_ROUNDS = 12

Floats = NDArray[np.float64]


def read_system(text: str) -> System:
    """The system of that name, however it is written ("GCJ-02", "gcj02"); Refused if unknown."""
    name = text.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    name = {"wgs1984": "wgs84", "epsg:4326": "wgs84", "epsg:4490": "cgcs2000", "gcj2": "gcj02"}.get(name, name)
    if name not in SYSTEMS:
        raise Refused(
            _("不认识坐标系“%(text)s”。请从 wgs84、cgcs2000、gcj02、bd09 中选一个。") % {"text": text[:40]},
            "geo.unknown_system",
            field="system",
        )
    return cast(System, name)


def to_wgs84(lng: float, lat: float, system: System) -> tuple[float, float]:
    """One point, given in `system`, as WGS-84 (lng, lat)."""
    if system in ("wgs84", "cgcs2000"):
        return lng, lat
    out = array_to_wgs84(np.array([[lng, lat]], dtype=np.float64), system)
    return float(out[0, 0]), float(out[0, 1])


def from_wgs84(lng: float, lat: float, system: System) -> tuple[float, float]:
    """One WGS-84 point in `system`."""
    if system in ("wgs84", "cgcs2000"):
        return lng, lat
    out = array_from_wgs84(np.array([[lng, lat]], dtype=np.float64), system)
    return float(out[0, 0]), float(out[0, 1])


def array_to_wgs84(coords: Floats, system: System) -> Floats:
    """Many points, shape (n, 2), given in `system`, as WGS-84."""
    if system == "gcj02":
        return _inverse(_wgs_to_gcj, coords)
    if system == "bd09":
        return _inverse(_wgs_to_bd, coords)
    return coords


def array_from_wgs84(coords: Floats, system: System) -> Floats:
    """Many WGS-84 points, shape (n, 2), in `system`."""
    if system == "gcj02":
        return _wgs_to_gcj(coords)
    if system == "bd09":
        return _wgs_to_bd(coords)
    return coords


def geometry_to_wgs84(geometry: BaseGeometry, system: System) -> BaseGeometry:
    """A shapely geometry given in `system`, as WGS-84."""
    if system in ("wgs84", "cgcs2000"):
        return geometry
    return shapely.transform(geometry, lambda coords: array_to_wgs84(coords, system))


def geometry_from_wgs84(geometry: BaseGeometry, system: System) -> BaseGeometry:
    """A WGS-84 shapely geometry in `system`."""
    if system in ("wgs84", "cgcs2000"):
        return geometry
    return shapely.transform(geometry, lambda coords: array_from_wgs84(coords, system))


def in_china_box(coords: Floats) -> NDArray[np.bool_]:
    """Which points, shape (n, 2), lie in the box where GCJ-02 differs from WGS-84."""
    west, south, east, north = CHINA_BOX
    lng, lat = coords[:, 0], coords[:, 1]
    return (lng >= west) & (lng <= east) & (lat >= south) & (lat <= north)


def _wgs_to_gcj(coords: Floats) -> Floats:
    """Displacement in metres at (x, y) = (lng − 105, lat − 35), turned into degrees of arc."""
    pi, sin, root = np.pi, np.sin, np.sqrt
    x, y = coords[:, 0] - 105.0, coords[:, 1] - 35.0
    ripple = 2 * sin(6 * pi * x) + 2 * sin(2 * pi * x)
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root(np.abs(x))
    north_m += (ripple + 2 * sin(pi * y) + 4 * sin(pi * y / 3) + 16 * sin(pi * y / 12) + 32 * sin(pi * y / 30)) * (
        20 / 3
    )
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root(np.abs(x))
    east_m += (ripple + 2 * sin(pi * x) + 4 * sin(pi * x / 3) + 15 * sin(pi * x / 12) + 30 * sin(pi * x / 30)) * (
        20 / 3
    )
    latitude = np.radians(coords[:, 1])
    curve = 1 - _ECCENTRICITY2 * sin(latitude) ** 2
    metres_per_lat = np.radians(_AXIS * (1 - _ECCENTRICITY2) / curve**1.5)
    metres_per_lng = np.radians(_AXIS * np.cos(latitude) / root(curve))
    moved = np.column_stack([coords[:, 0] + east_m / metres_per_lng, coords[:, 1] + north_m / metres_per_lat])
    return np.where(in_china_box(coords)[:, None], moved, coords)


def _gcj_to_bd(coords: Floats) -> Floats:
    x, y = coords[:, 0], coords[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(np.radians(y) * 3000)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(np.radians(x) * 3000)
    return np.column_stack([radius * np.cos(angle) + _BD_LNG, radius * np.sin(angle) + _BD_LAT])


def _wgs_to_bd(coords: Floats) -> Floats:
    return np.where(in_china_box(coords)[:, None], _gcj_to_bd(_wgs_to_gcj(coords)), coords)


def _inverse(forward: Callable[[Floats], Floats], coords: Floats) -> Floats:
    """The points that `forward` moves onto `coords`: fixed-point iteration."""
    guess = coords
    for _round in range(_MAX_ROUNDS):
        miss = forward(guess) - coords
        guess = guess - miss
        if not miss.size or float(np.abs(miss).max()) < _CLOSE_ENOUGH:
            break
    return guess
