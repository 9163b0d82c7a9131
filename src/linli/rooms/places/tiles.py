"""Grids as vector tiles, from memory: drawn once for each revision of the borders, then kept."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely

from linli.kernel.geo.vector_tiles import BUFFER, EXTENT, Tile, encode
from linli.rooms.places import atlas
from linli.rooms.places.atlas import GRID_RANK

MIN_ZOOM, MAX_ZOOM = 9, 16
_KEEP = 256
_SPECK = 4.0  # units; smaller grids are not seen at this scale


def revision() -> str:
    """Names everything a tile of today was made from: the revision of the borders and the day."""
    return f"{atlas.current().revision}-{atlas.today():%Y%m%d}"


def grid_tile(tile: Tile) -> bytes:
    """Layers `grids` (polygons) and `names` (one point for each grid, in the tile it lies in).

    Properties: id, kind, code, name, name_en. Names come in both languages, so that everybody shares one tile.
    """
    return _drawn(tile, revision())


@lru_cache(maxsize=_KEEP)
def _drawn(tile: Tile, made_from: str) -> bytes:
    here = atlas.current()
    positions = sorted(here.tree.query(shapely.box(*tile.bounds(BUFFER))).tolist())
    ids = [key for key in (here.tree_keys[position] for position in positions) if here.rank(key) >= GRID_RANK]
    if not ids:
        return b""
    shapes = [here.shapes[key] for key in ids]
    cut = tile.cut(shapes)
    points = tile.units(shapely.get_coordinates(shapely.point_on_surface(np.array(shapes, dtype=object))))
    grids, names = [], []
    for key, shape, (x, y) in zip(ids, cut, points.round(), strict=True):
        facts = here.places[key]
        said = {
            "id": key,
            "kind": facts.kind,
            "code": facts.code,
            "name": facts.name_zh,
            "name_en": facts.name_en or facts.name_zh,
        }
        west, north, east, south = shape.bounds
        if max(east - west, south - north) >= _SPECK:
            grids.append((key, shape, said))
        if 0 <= x < EXTENT and 0 <= y < EXTENT:
            names.append((key, shapely.Point(x, y), said))
    return encode({"grids": grids, "names": names})
