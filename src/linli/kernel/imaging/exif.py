"""What a camera noted: which side is up, when, where. Broken notes are worth nothing, and harm nothing."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from math import isfinite
from typing import Any, NamedTuple, TypeVar

from PIL import Image

from linli.kernel.clock.calendar import CIVIL

T = TypeVar("T")

_ORIENTATION, _DATETIME = 0x0112, 0x0132
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_ORIGINAL, _DIGITIZED = 0x9003, 0x9004
_OFFSET, _OFFSET_ORIGINAL, _OFFSET_DIGITIZED = 0x9010, 0x9011, 0x9012
_LAT_REF, _LAT, _LNG_REF, _LNG = 1, 2, 3, 4


class Notes(NamedTuple):
    """Orientation 1–8, moment (aware) and WGS-84 position as far as they can be believed."""

    orientation: int = 1
    taken_at: datetime | None = None
    lng: float | None = None
    lat: float | None = None


def read_notes(image: Image.Image) -> Notes:
    """Read the notes of an opened image; never raises."""
    exif = _or_none(image.getexif)
    if not exif:
        return Notes()
    orientation = _or_none(lambda: int(exif.get(_ORIENTATION, 1))) or 1
    details: Mapping[int, Any] = _or_none(lambda: exif.get_ifd(_EXIF_IFD)) or {}
    gps: Mapping[int, Any] = _or_none(lambda: exif.get_ifd(_GPS_IFD)) or {}
    taken_at = None
    for value, offset in (
        (details.get(_ORIGINAL), details.get(_OFFSET_ORIGINAL)),
        (details.get(_DIGITIZED), details.get(_OFFSET_DIGITIZED)),
        (exif.get(_DATETIME), details.get(_OFFSET)),
    ):
        taken_at = taken_at or _or_none(lambda v=value, o=offset: _moment(v, o))  # type: ignore[misc]
    lng, lat = _or_none(lambda: _position(gps)) or (None, None)
    return Notes(orientation if 1 <= orientation <= 8 else 1, taken_at, lng, lat)


def _or_none(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Exception:  # strangers' bytes: every kind of error means that there is nothing to read
        return None


def _text(value: object) -> str:
    text = value.decode("ascii", "ignore") if isinstance(value, bytes) else str(value or "")
    return text.replace("\x00", "").strip()


def _moment(value: object, offset: object) -> datetime | None:
    """ "2026:02:13 17:00:05"; without an offset it is civil time: that is where the camera stood."""
    parts = re.match(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?", _text(value))
    if not parts:
        return None
    zone = CIVIL
    shift = re.fullmatch(r"([+-])(\d\d):?(\d\d)", _text(offset))
    if shift:
        minutes = int(shift[2]) * 60 + int(shift[3])
        zone = timezone(timedelta(minutes=minutes if shift[1] == "+" else -minutes))
    year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups())
    if not 1990 <= year < 2400:  # cameras without a set clock begin with 1970 or 1980
        return None
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)


def _degrees(value: object) -> float:
    parts = [float(part) for part in (value if isinstance(value, tuple | list) else (value,))]  # type: ignore[arg-type]
    return sum(part / 60**place for place, part in enumerate(parts[:3]))


def _position(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    """(lng, lat). References that were swapped with their values are put right; 0° 0° is nowhere."""
    lat, lng = _degrees(gps[_LAT]), _degrees(gps[_LNG])
    lat_ref, lng_ref = _text(gps.get(_LAT_REF)).upper()[:1], _text(gps.get(_LNG_REF)).upper()[:1]
    if (lat_ref in ("E", "W") and lng_ref in ("N", "S")) or (abs(lat) > 90 >= abs(lng)):
        lat, lng = lng, lat
        if lat_ref in ("E", "W") and lng_ref in ("N", "S"):
            lat_ref, lng_ref = lng_ref, lat_ref
    lat = -abs(lat) if lat_ref == "S" else lat
    lng = -abs(lng) if lng_ref == "W" else lng
    if not (isfinite(lat) and isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):
        return None
    if abs(lat) < 1e-6 and abs(lng) < 1e-6:
        return None
    return round(lng, 7), round(lat, 7)
