"""What a vector base map holds: the contract between whoever makes one and the map's style.

========== ==================================================================================================
landuse    polygons. ``kind``: park | green | farmland | forest | residential | commercial | school | civic |
           hospital | market | station | industrial | plaza; ``name`` (may be absent)
water      polygons. ``kind``: river | lake | pond | sea; ``name``, ``name_en`` (may be absent)
boundary   lines. ``level``: county | town | community (villages too); drawn dashed and thin
roads      lines. ``kind``: main | street | lane | path | rail; ``name``, ``name_en`` (may be absent);
           ``bridge``: 1 on bridges, else absent
buildings  polygons, from zoom 13. ``kind``: home | shop | public | plant | shed; ``height`` in metres, absent
           when nobody knows it
labels     points. ``kind``: district | town | village | community | park | school | hospital | market |
           station | civic | mall | compound | river; ``name``, ``name_en``;
           ``rank`` 1 (always) to 6 (from zoom 15)
========== ==================================================================================================

Zooms 9 to 15, overzoomed beyond. Layers stand in a tile in the order above.
"""

from __future__ import annotations

LAYERS = ("landuse", "water", "boundary", "roads", "buildings", "labels")
MIN_ZOOM, MAX_ZOOM = 9, 15

ROAD_ZOOM = {"main": 9, "street": 12, "lane": 12, "path": 14, "rail": 9}
BOUNDARY_ZOOM = {"county": 9, "town": 9, "community": 11}
_LAND_ZOOM = {"forest": 9, "farmland": 10}
_LABEL_ZOOM = {"district": 9, "town": 9, "river": 10, "village": 11, "community": 12}
_RANK_ZOOM = {1: 9, 2: 12, 3: 13, 4: 13, 5: 14, 6: 15}


def land_zoom(kind: str) -> int:
    """The first zoom that shows a piece of land of this kind."""
    return _LAND_ZOOM.get(kind, 12)


def water_zoom(kind: str) -> int:
    """The first zoom that shows water of this kind."""
    return 13 if kind in ("lake", "pond") else 9


def label_zoom(kind: str, rank: int) -> int:
    """The first zoom whose tiles carry a label."""
    return _LABEL_ZOOM.get(kind, _RANK_ZOOM[rank])
