"""A small land for tests: a district of two communities, each a square kilometre of tiles."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import NotAllowed
from linli.rooms.places import actions, drafts
from linli.rooms.places.models import GridSet, Place

BY = SystemAuthority()
LONG_AGO = dt.date(2020, 1, 1)
WEST0, SOUTH0, STEP = 113.10, 27.60, 0.002


class Nobody(SystemAuthority):
    """Somebody without any right."""

    def require(self, capability: str, *args: Any, **kwargs: Any) -> None:
        raise NotAllowed()


def tile(column: float, row: float, wide: float = 1, high: float = 1) -> BaseGeometry:
    """A rectangle; (0, 0) is the south-western tile, about 197 m × 222 m."""
    x, y = WEST0 + column * STEP, SOUTH0 + row * STEP
    return shapely.box(x, y, x + wide * STEP, y + high * STEP)


def middle(column: float, row: float) -> tuple[float, float]:
    """(lng, lat) of the middle of a tile."""
    return WEST0 + (column + 0.5) * STEP, SOUTH0 + (row + 0.5) * STEP


def feature(polygon: BaseGeometry | dict | None, **properties: Any) -> dict[str, Any]:
    geometry = json.loads(shapely.to_geojson(polygon)) if isinstance(polygon, BaseGeometry) else polygon
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(*features: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def divisions(borders: bool = True) -> dict[str, Place]:
    """District 430212, street 430212100, communities …003 (columns 0–3) and …009 (columns 4–7)."""
    made = {
        code: actions.create_division(BY, code=code, name_zh=name, valid_from=LONG_AGO)
        for code, name in [
            ("430212", "渌口区"),
            ("430212100", "渌口镇"),
            ("430212100003", "象石社区居委会"),
            ("430212100009", "松西子社区居委会"),
        ]
    }
    if borders:
        for code, polygon in [
            ("430212", tile(-5, -5, 18, 14)),
            ("430212100003", tile(0, 0, 4, 4)),
            ("430212100009", tile(4, 0, 4, 4)),
        ]:
            actions.set_boundary(BY, made[code].id, polygon, valid_from=LONG_AGO)
    return made


def four_tiles(community: str = "430212100003", column: int = 0) -> list[dict[str, Any]]:
    """Four grids of 2 × 2 tiles that fill a community: south-west, south-east, north-west, north-east."""
    return [
        feature(tile(column + x, y, 2, 2), community=community, name=name)
        for name, x, y in [("西南", 0, 0), ("东南", 2, 0), ("西北", 0, 2), ("东北", 2, 2)]
    ]


def previewed(*features: dict[str, Any], **options: Any) -> drafts.Preview:
    return actions.preview_import(BY, geojson(*features), **{"system": "wgs84", **options})


def published(*features: dict[str, Any], on: dt.date = LONG_AGO, **options: Any) -> GridSet:
    preview = previewed(*features, **options)
    return actions.publish_import(BY, preview.draft.id, effective_from=on, accept_warnings=True)


def grids(**which: Any) -> dict[str, Place]:
    """Grids that have not ended, by name."""
    rows = Place.objects.filter(kind__in=("grid", "special", "micro"), valid_to__isnull=True, **which)
    return {place.name_zh: place for place in rows}


def codes(preview: drafts.Preview) -> list[str]:
    """The kinds of problems found, sorted."""
    return sorted(problem.code for problem in preview.problems)
