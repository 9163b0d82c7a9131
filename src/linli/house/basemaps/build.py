"""From an extract to the base map of this home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _

from linli.house.basemaps.extract import Box, read_extract
from linli.kernel.errors import Refused
from linli.kernel.geo.archive import About, NothingToDraw, write_archive
from linli.kernel.geo.metres import metres_per_degree
from linli.kernel.web.base_layers import MAX_ZOOM, MIN_ZOOM

MARGIN_M = 2000.0
ATTRIBUTION = "© OpenStreetMap contributors"
_WIDEST = 12.0  # degrees


def with_margin(box: Box, margin_m: float = MARGIN_M) -> Box:
    """The box, wider by so many metres on each side."""
    west, south, east, north = box
    per_lng, per_lat = metres_per_degree((south + north) / 2)
    right, up = margin_m / per_lng, margin_m / per_lat
    return west - right, south - up, east + right, north + up


def read_bbox(text: str) -> Box:
    """`W,S,E,N` in degrees. Refused with the reason when it is none."""
    try:
        west, south, east, north = (float(word) for word in text.replace("，", ",").split(","))
    except ValueError:
        raise Refused(
            _("范围要写成“西,南,东,北”四个数字，例如 113.0,27.6,113.3,27.9。"), "basemap.bbox", field="bbox"
        ) from None
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise Refused(
            _("范围的顺序是西、南、东、北（经度在前），西小于东，南小于北。"), "basemap.bbox_order", field="bbox"
        )
    if east - west > _WIDEST or north - south > _WIDEST:
        raise Refused(_("范围太大，最多 %(most)d 度见方。") % {"most": _WIDEST}, "basemap.bbox_size", field="bbox")
    return west, south, east, north


def build_from_extract(
    source: Path,
    window: Box,
    target: Path,
    say: Callable[[str], None],
    *,
    max_zoom: int = MAX_ZOOM,
) -> int:
    """Make the vector base map of `window` from an OpenStreetMap extract; its size in bytes.

    The base map at `target` is replaced only when the new one is complete. Refused with the reason.
    """
    layers = read_extract(source, window, say)
    counts = ", ".join(f"{name} {len(features):,}" for name, features in layers.items())
    say(_("正在切片：%(counts)s") % {"counts": counts})
    west, south, east, north = window
    about = About(
        name=source.name.split(".")[0],
        attribution=ATTRIBUTION,
        bounds=window,
        centre=((west + east) / 2, (south + north) / 2, min(13, max_zoom)),
        min_zoom=MIN_ZOOM,
        max_zoom=max_zoom,
    )

    def progress(zoom: int, tiles: int) -> None:
        say(_("第 %(zoom)d 级：%(tiles)s 个切片") % {"zoom": zoom, "tiles": f"{tiles:,}"})

    try:
        return write_archive(target, layers, about, progress)
    except NothingToDraw:
        raise Refused(_("这个范围里没有可以画的内容。"), "basemap.nothing", field="file") from None
    except OSError as error:
        raise Refused(
            _("底图写不下去：%(reason)s。原来的底图没有改动。") % {"reason": error.strerror or error},
            "basemap.disk",
        ) from error
