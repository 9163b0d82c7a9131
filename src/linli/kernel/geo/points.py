"""One point from outside: a number pair that can be trusted, or a refusal that says what is wrong."""

from __future__ import annotations

import math
import unicodedata

from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Refused
from linli.kernel.geo.systems import System, to_wgs84

# Everything China claims lies inside; used to recognise swapped numbers, never to refuse a point.
_LNG_RANGE = (73.0, 136.0)
_LAT_RANGE = (3.0, 54.0)


def looks_swapped(lng: float, lat: float) -> bool:
    """Whether (lng, lat) makes no sense in China but (lat, lng) does."""
    return _LAT_RANGE[0] <= lng <= _LAT_RANGE[1] and _LNG_RANGE[0] <= lat <= _LNG_RANGE[1]


def read_number(value: object, field: str) -> float:
    """A finite float from a form, JSON or sheet value; Refused otherwise."""
    if isinstance(value, bool) or value is None:
        raise Refused(_("没有位置。请在地图上点一下，或填写经度和纬度。"), "geo.missing", field=field)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if not text:
        raise Refused(_("没有位置。请在地图上点一下，或填写经度和纬度。"), "geo.missing", field=field)
    try:
        number = float(text)
    except ValueError:
        raise Refused(
            _("“%(text)s”不是数字。经度和纬度请写成小数，例如 113.1339 和 27.8274。") % {"text": text[:40]},
            "geo.not_a_number",
            field=field,
        ) from None
    if not math.isfinite(number):
        raise Refused(
            _("“%(text)s”不是有效的坐标。请重新在地图上选择位置。") % {"text": text[:40]},
            "geo.not_finite",
            field=field,
        )
    return number


def read_point(lng: object, lat: object, system: System = "wgs84") -> tuple[float, float]:
    """A point from outside as WGS-84 (lng, lat).

    Refused when a number is missing, not a number, infinite, out of range, or when longitude and
    latitude were evidently swapped.
    """
    x, y = read_number(lng, "lng"), read_number(lat, "lat")
    if looks_swapped(x, y):
        raise Refused(
            _("纬度和经度好像填反了：经度应为 %(lng)s，纬度应为 %(lat)s。请对调后再试。")
            % {"lng": f"{y:g}", "lat": f"{x:g}"},
            "geo.swapped",
            field="lng",
        )
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        raise Refused(
            _("坐标超出范围：经度在 -180 到 180 之间，纬度在 -90 到 90 之间。"),
            "geo.out_of_range",
            field="lng" if not -180 <= x <= 180 else "lat",
        )
    return to_wgs84(x, y, system)
