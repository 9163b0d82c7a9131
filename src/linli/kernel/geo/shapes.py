"""Reading polygons from GeoJSON and WKB, and saying exactly what is wrong with a bad one."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from linli.kernel.errors import Refused

MAX_BYTES = 60 * 1024 * 1024
MAX_FEATURES = 60_000
MAX_VERTICES = 200_000  # of one polygon
_POLYGONAL = ("Polygon", "MultiPolygon")
_WHERE = re.compile(r"\[(-?[\d.eE+-]+) (-?[\d.eE+-]+)\]")


@dataclass
class RawFeature:
    """One feature of a file, as found: coordinates untouched, still in the file's system.

    shape is None when the geometry cannot be read; `reason` then says why.
    """

    number: int  # 1 for the first feature of the file
    properties: dict[str, Any]
    shape: BaseGeometry | None
    reason: object = ""


@dataclass
class RawFile:
    """A GeoJSON file: its features and the reference system it names itself, if any."""

    features: list[RawFeature] = field(default_factory=list)
    crs_name: str = ""


@dataclass(frozen=True)
class Flaw:
    """Why a polygon is not valid, where (lng, lat), and a valid version to look at."""

    kind: str
    lng: float
    lat: float
    mended: BaseGeometry


def read_geojson(data: bytes) -> RawFile:
    """The features of a GeoJSON file (FeatureCollection, one Feature, or a bare geometry).

    Refused when the file as a whole cannot be used; a single bad feature is kept with its reason.
    """
    if not data.strip():
        raise Refused(_("文件是空的。请重新导出后再上传。"), "geojson.empty", field="file")
    if len(data) > MAX_BYTES:
        raise Refused(
            _("文件太大（%(size)d MB）。请分批导入，每个文件不超过 %(max)d MB。")
            % {"size": len(data) // 2**20, "max": MAX_BYTES // 2**20},
            "geojson.too_big",
            field="file",
        )
    try:
        body = json.loads(_decode(data), parse_constant=lambda name: math.nan)
    except json.JSONDecodeError as error:
        raise Refused(
            _("这不是完整的 GeoJSON 文件：第 %(line)d 行第 %(column)d 个字符处读不下去。请重新导出。")
            % {"line": error.lineno, "column": error.colno},
            "geojson.broken",
            field="file",
        ) from None
    except RecursionError:
        raise Refused(_("文件嵌套太深，不是正常的 GeoJSON。"), "geojson.broken", field="file") from None
    if not isinstance(body, dict) or "type" not in body:
        raise Refused(_("这不是 GeoJSON：缺少 type。"), "geojson.not_geojson", field="file")
    raw = RawFile(crs_name=_crs_name(body))
    if body["type"] == "FeatureCollection":
        items = body.get("features")
    elif body["type"] == "Feature":
        items = [body]
    elif body["type"] in _POLYGONAL:
        items = [{"type": "Feature", "properties": {}, "geometry": body}]
    else:
        raise Refused(
            _("文件里是 %(type)s，没有面。请导出网格的边界面。") % {"type": str(body["type"])[:40]},
            "geojson.no_polygons",
            field="file",
        )
    if not isinstance(items, list) or not items:
        raise Refused(_("文件里没有要素。"), "geojson.no_features", field="file")
    if len(items) > MAX_FEATURES:
        raise Refused(
            _("文件里有 %(count)d 个要素，最多 %(max)d 个。") % {"count": len(items), "max": MAX_FEATURES},
            "geojson.too_many",
            field="file",
        )
    raw.features = [_read_feature(number, item) for number, item in enumerate(items, 1)]
    return raw


def _decode(data: bytes) -> str:
    """Text of the file: UTF-8, or GB 18030 as older desktop software writes it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(_("文件不是文本。请选择 .geojson 或 .json 文件。"), "geojson.not_text", field="file")


def _crs_name(body: dict[str, Any]) -> str:
    crs = body.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return str(properties.get("name", ""))[:100] if isinstance(properties, dict) else ""


def _read_feature(number: int, item: Any) -> RawFeature:
    if not isinstance(item, dict):
        return RawFeature(number, {}, None, _("不是 GeoJSON 要素"))
    found = item.get("properties")
    properties = found if isinstance(found, dict) else {}
    geometry = item.get("geometry")
    if not isinstance(geometry, dict):
        return RawFeature(number, properties, None, _("没有边界"))
    if geometry.get("type") not in _POLYGONAL:
        return RawFeature(
            number,
            properties,
            None,
            _("是 %(type)s，不是面") % {"type": str(geometry.get("type"))[:40]},
        )
    try:
        return RawFeature(number, properties, read_polygon(geometry))
    except Refused as refused:
        return RawFeature(number, properties, None, refused.message)


def read_polygon(geometry: dict[str, Any]) -> BaseGeometry:
    """A GeoJSON Polygon or MultiPolygon as shapely, heights dropped, rings closed.

    Refused on numbers that are none, too few or too many vertices. Does not check validity.
    """
    parts = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        parts = [parts]
    if not isinstance(parts, list) or not parts:
        raise Refused(_("边界没有坐标"), "shape.empty")
    polygons = [_polygon(part) for part in parts]
    if sum(int(shapely.get_num_coordinates(polygon)) for polygon in polygons) > MAX_VERTICES:
        raise Refused(
            _("边界的点太多（超过 %(max)d 个）。请先简化。") % {"max": MAX_VERTICES},
            "shape.too_many_vertices",
        )
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _polygon(rings: Any) -> BaseGeometry:
    if not isinstance(rings, list) or not rings:
        raise Refused(_("边界没有坐标"), "shape.empty")
    closed = [_ring(ring) for ring in rings]
    return shapely.Polygon(closed[0], closed[1:])


def _ring(ring: Any) -> np.ndarray:
    try:
        coords = np.array([position[:2] for position in ring], dtype=np.float64)
        if coords.ndim != 2 or coords.shape[1] != 2:
            raise ValueError
    except (TypeError, ValueError, IndexError, KeyError):
        raise Refused(_("坐标不是“[经度, 纬度]”的数字"), "shape.not_numbers") from None
    if not np.isfinite(coords).all():
        raise Refused(_("坐标里有 NaN 或无穷大"), "shape.not_finite")
    if (coords[0] != coords[-1]).any():
        coords = np.vstack([coords, coords[:1]])
    if len(coords) < 4:
        raise Refused(_("边界少于三个点，围不成面"), "shape.too_few_points")
    return coords


def flaw_of(shape: BaseGeometry) -> Flaw | None:
    """What makes a polygon invalid (self-intersection, hole outside …), or None when it is valid."""
    if shapely.is_valid(shape):
        return None
    reason = str(shapely.is_valid_reason(shape))
    found = _WHERE.search(reason)
    if found:
        lng, lat = float(found.group(1)), float(found.group(2))
    else:
        lng, lat = (float(v) for v in np.asarray(shapely.get_coordinates(shape))[0])
    kind = reason.split("[")[0].strip().lower().replace(" ", "_").replace("-", "_")
    return Flaw(kind, lng, lat, polygons_of(shapely.make_valid(shape, method="structure")))


def polygons_of(shape: BaseGeometry) -> BaseGeometry:
    """Only the areas of a mixed result, as Polygon or MultiPolygon (possibly empty)."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in _POLYGONAL and not part.is_empty]
    flat = [polygon for part in parts for polygon in shapely.get_parts(part)]
    if len(flat) == 1:
        return flat[0]
    return shapely.MultiPolygon(flat)


def to_wkb(shape: BaseGeometry) -> bytes:
    """The stored form: little-endian WKB, two dimensions, WGS-84."""
    return bytes(shapely.to_wkb(shape, output_dimension=2, byte_order=1))


def from_wkb(data: bytes | memoryview) -> BaseGeometry:
    """A stored polygon."""
    return shapely.from_wkb(bytes(data))


def to_geojson(shape: BaseGeometry, digits: int = 7) -> dict[str, Any]:
    """GeoJSON geometry with rounded coordinates (7 digits: one centimetre), rings as RFC 7946 wants them."""
    rounded = shapely.transform(shapely.orient_polygons(shape), lambda coords: np.round(coords, digits))
    return dict(json.loads(shapely.to_geojson(rounded)))
