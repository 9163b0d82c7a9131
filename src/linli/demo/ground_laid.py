"""The town's ground, told through the actions of `places`: divisions, borders, grids, buildings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import orjson
from shapely.geometry import mapping

from linli.demo.town import Grid, Town
from linli.kernel.authority import SystemAuthority
from linli.rooms.places import rules
from linli.rooms.places.actions import (
    import_buildings,
    import_division_boundaries,
    import_divisions,
    preview_import,
    publish_import,
)
from linli.rooms.places.models import Kind, Place
from linli.rooms.places.sheets import BuildingRow, DivisionRow

DIVISIONS_SINCE = dt.date(2018, 6, 19)
"""The day on which the county became a district; divisions are older than every case."""

_KINDS = {"general": Kind.GRID, "special": Kind.SPECIAL, "micro": Kind.MICRO}


def lay_divisions(by: SystemAuthority, town: Town) -> None:
    """District, towns and villages with their borders."""
    divisions = sorted(town.divisions, key=lambda division: division.code)
    import_divisions(
        by,
        [
            DivisionRow(number, rules.full_code(division.code), division.name_zh)
            for number, division in enumerate(divisions, 1)
        ],
        valid_from=DIVISIONS_SINCE,
    )
    data = orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"code": d.code}, "geometry": mapping(d.polygon)} for d in divisions
            ],
        }
    )
    import_division_boundaries(by, data, system="wgs84", valid_from=DIVISIONS_SINCE)


def grids_file(grids: Iterable[Grid], code_of: dict[str, str]) -> bytes:
    """The grids as the GeoJSON that the importer reads. code_of: code by key, for the parents of micro-grids."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "kind": str(_KINDS[grid.level]),
                "code": grid.code,
                "local_code": grid.local_code,
                "name": grid.name_zh,
                "name_en": grid.name_en,
                "community": grid.community_code,
                "parent": code_of.get(grid.parent_key, "") if grid.level == "micro" else "",
            },
            "geometry": mapping(grid.polygon),
        }
        for grid in grids
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def lay_grids(by: SystemAuthority, town: Town, since: dt.date) -> None:
    """All grids in one import, looked at and published like an operator's own."""
    data = grids_file(town.grids, {grid.key: grid.code for grid in town.grids})
    preview = preview_import(by, data, system="wgs84", filename="渌口区网格.geojson", note="首次划分")
    # The importer mentions each special grid that lies inside a unit grid; that is how they are meant.
    publish_import(by, preview.draft.id, effective_from=since, accept_warnings=True)


def lay_buildings(by: SystemAuthority, town: Town, since: dt.date) -> None:
    """Every building that has a name, with its stairwells."""
    managers = {compound.key: compound.manager for compound in town.compounds}
    import_buildings(
        by,
        [
            BuildingRow(
                number,
                building.name,
                building.address,
                *building.point,
                under="",
                floors=building.floors,
                stairwells=building.stairwells,
                stairwell_labels=tuple(f"{k}单元" for k in range(1, building.stairwells + 1)),
                dwellings=building.dwelling_count if building.kind == "home" else 0,
                managed_by=managers.get(building.compound_key, ""),
            )
            for number, building in enumerate((b for b in town.buildings if b.name), 1)
        ],
        valid_from=since,
    )


def place_ids(town: Town) -> dict[str, int]:
    """The id of every place of the town: by division code as the town writes it, grid key, building key."""
    places = list(
        Place.objects.filter(valid_to=None).values_list("id", "kind", "code", "local_code", "lineage", "name_zh")
    )
    by_code = {code: key for key, _kind, code, _local, _lineage, _name in places if code}
    found = {division.code: by_code[rules.full_code(division.code)] for division in town.divisions}
    community_of = {by_code[rules.full_code(c.code)]: c.code for c in town.divisions if c.level == "community"}
    micro: dict[tuple[str, str], int] = {}
    for key, kind, _code, local, lineage, _name in places:
        if kind == Kind.MICRO:
            home = next(community_of[above] for above in lineage if above in community_of)
            micro[(home, local)] = key
    for grid in town.grids:
        found[grid.key] = by_code[grid.code] if grid.code else micro[(grid.community_code, grid.local_code)]
    houses = {
        (name, address): key
        for key, name, address in Place.objects.filter(kind=Kind.BUILDING).values_list(
            "id", "name_zh", "building__address"
        )
    }
    for building in town.buildings:
        if building.name:
            found[building.key] = houses[(building.name, building.address)]
    return found
