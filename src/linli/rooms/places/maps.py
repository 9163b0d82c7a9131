"""Boundaries as GeoJSON: for the map in view, for one place, for export. Answers come from memory."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import orjson
import shapely

from linli.kernel.geo.shapes import to_geojson
from linli.kernel.geo.systems import System, geometry_from_wgs84
from linli.rooms.places import atlas
from linli.rooms.places.atlas import GRID_RANK, Atlas, Facts, division_above, localized, today
from linli.rooms.places.models import Kind


def grids_geojson(
    bbox: tuple[float, float, float, float] | None = None,
    at: dt.date | None = None,
    simplify_m: float = 0.0,
    kinds: Sequence[str] = (Kind.GRID, Kind.SPECIAL, Kind.MICRO),
    root_id: int | None = None,
) -> bytes:
    """Boundaries in view as a GeoJSON FeatureCollection (WGS-84), from memory.

    bbox: west, south, east, north. simplify_m: tolerance for small scales, rounded up to a power of two
    so that results are shared. Properties: id, kind, code, local_code, name, parent_id.
    """
    here = atlas.current(at)
    if bbox:
        positions = sorted(here.tree.query(shapely.box(*bbox)).tolist())
        ids = [here.tree_keys[position] for position in positions]
    else:
        ids = here.tree_keys
    wanted = set(kinds)
    tolerance = 2.0 ** math.ceil(math.log2(simplify_m)) if simplify_m > 0 else 0.0
    parts: list[bytes] = []
    for place_id in ids:
        facts = here.places[place_id]
        if facts.kind not in wanted or (root_id is not None and root_id not in facts.lineage):
            continue
        parts.append(_feature_json(here, facts, tolerance))
    return b'{"type":"FeatureCollection","features":[' + b",".join(parts) + b"]}"


def _feature_json(here: Atlas, facts: Facts, tolerance: float) -> bytes:
    """One boundary as GeoJSON bytes; the geometry is kept, names depend on the language."""
    geometry = here.simplified.get((facts.id, tolerance))
    if geometry is None:
        shape = here.shapes[facts.id]
        if tolerance:
            shape = shape.simplify(tolerance / here.index.plane.north, preserve_topology=True)
        geometry = orjson.dumps(to_geojson(shape, 6))
        here.simplified[(facts.id, tolerance)] = geometry
    properties = orjson.dumps(
        {
            "id": facts.id,
            "kind": facts.kind,
            "code": facts.code,
            "local_code": facts.local_code,
            "name": localized(facts),
            "parent_id": facts.parent_id,
        }
    )
    return b'{"type":"Feature","id":%d,"properties":%b,"geometry":%b}' % (facts.id, properties, geometry)


def boundary_geojson(place_id: int, at: dt.date | None = None) -> dict[str, Any] | None:
    """The polygon of one place on a day, or None."""
    shape = atlas.current(at).shapes.get(place_id)
    return to_geojson(shape) if shape is not None else None


def extent(place_id: int | None = None, at: dt.date | None = None) -> tuple[float, float, float, float] | None:
    """west, south, east, north of a place's boundary, or of everything; None without any boundary."""
    here = atlas.current(at)
    if place_id is None:
        shapes = list(here.shapes.values())
    else:
        shapes = [here.shapes[key] for key in here.shapes if place_id in here.places[key].lineage]
    if not shapes:
        return None
    west, south, east, north = (float(v) for v in shapely.total_bounds(shapes))
    return west, south, east, north


def export_geojson(system: System = "wgs84", at: dt.date | None = None, root_id: int | None = None) -> dict[str, Any]:
    """All grids of a day in any reference system, in the form that the import reads back."""
    here = atlas.current(at)
    features: list[dict[str, Any]] = []
    for place_id, shape in here.shapes.items():
        facts = here.places[place_id]
        if here.rank(place_id) < GRID_RANK or (root_id is not None and root_id not in facts.lineage):
            continue
        parent = here.places.get(facts.parent_id or 0)
        community = here.places.get(division_above(here, facts.lineage) or 0)
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "kind": facts.kind,
                    "code": facts.code,
                    "local_code": facts.local_code,
                    "name": facts.name_zh,
                    "name_en": facts.name_en,
                    "community": community.code if community else "",
                    "parent": (parent.code or parent.local_code) if parent and parent != community else "",
                    "area_m2": round(here.areas[place_id]),
                },
                "geometry": to_geojson(geometry_from_wgs84(shape, system), 8),
            }
        )
    features.sort(key=lambda item: (item["properties"]["code"], item["properties"]["local_code"]))
    return {
        "type": "FeatureCollection",
        "system": system,
        "date": (at or today()).isoformat(),
        "features": features,
    }
