"""Writing buildings: one by one and from a sheet. A building stands in the grid around its point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict, Refused
from linli.kernel.outbox import Event
from linli.rooms.places import atlas, queries
from linli.rooms.places.actions.base import (
    EDIT_BUILDINGS,
    clean_name,
    facts_of,
    locked,
    prepared,
    saved,
)
from linli.rooms.places.models import PARENTS, Building, Kind, Place
from linli.rooms.places.sheets import BuildingRow


@transaction.atomic
def create_building(
    by: Authority,
    *,
    name: str,
    address: str = "",
    lng: float | None = None,
    lat: float | None = None,
    parent_id: int | None = None,
    floors: int | None = None,
    stairwells: int = 1,
    stairwell_labels: Sequence[str] = (),
    dwellings: int = 0,
    managed_by: str = "",
    local_code: str = "",
    valid_from: dt.date | None = None,
) -> Place:
    """A building; without `parent_id` it goes under the grid (or community) around its point.

    Refused when it has neither a point inside the district nor a parent.
    """
    parent = _home(lng, lat, parent_id)
    by.require(EDIT_BUILDINGS, list(parent.lineage))
    place = saved(
        Place(
            kind=Kind.BUILDING,
            name_zh=clean_name(name, "name"),
            local_code=clean_name(local_code, "local_code", 40, needed=False),
            parent=parent,
            lng=lng,
            lat=lat,
            valid_from=valid_from or atlas.today(),
        ),
        address,
    )
    Building.objects.create(
        place=place,
        address=clean_name(address, "address", 200, needed=False),
        lng=lng,
        lat=lat,
        floors=floors,
        stairwells=len(stairwell_labels) or stairwells,
        stairwell_labels=list(stairwell_labels),
        dwellings=dwellings,
        managed_by=clean_name(managed_by, "managed_by", 100, needed=False),
    )
    _record(by, "building.created", place, None)
    return place


def _home(lng: float | None, lat: float | None, parent_id: int | None) -> Place:
    if parent_id is None and lng is not None and lat is not None:
        where = queries.locate(lng, lat)
        if where.kind == "outside":
            raise Refused(_("这个位置不在本区内。请核对经纬度和坐标系。"), "places.outside", field="lng")
        parent_id = where.place_id
    if parent_id is None:
        raise Refused(_("请在地图上标出楼栋，或选择所属网格、社区。"), "places.no_position", field="lng")
    parent = locked(parent_id)
    if parent.kind not in PARENTS[Kind.BUILDING]:
        raise Refused(
            _("“%(name)s”没有网格，也不是社区：请先选社区。") % {"name": parent.name},
            "places.wrong_parent",
            field="parent",
        )
    return parent


def _record(by: Authority, action: str, place: Place, before: dict[str, Any] | None) -> None:
    journal.record(
        action=action,
        actor=by.actor,
        object_type="place",
        object_id=place.id,
        before=before,
        after=_facts(place),
        place_ids=list(place.lineage),
        events=[Event(action, "place", place.id, {})],
    )


def _facts(place: Place) -> dict[str, Any]:
    building = Building.objects.get(place_id=place.id)
    return {
        **facts_of(place),
        "address": building.address,
        "lng": str(building.lng),
        "lat": str(building.lat),
        "floors": building.floors,
        "stairwells": building.stairwells,
        "dwellings": building.dwellings,
        "managed_by": building.managed_by,
    }


@transaction.atomic
def edit_building(
    by: Authority,
    place_id: int,
    *,
    name: str,
    address: str,
    lng: float | None,
    lat: float | None,
    floors: int | None = None,
    stairwells: int = 1,
    stairwell_labels: Sequence[str] = (),
    dwellings: int = 0,
    managed_by: str = "",
) -> Place:
    """All facts of a building at once; a moved point may put it under another grid."""
    place = locked(place_id)
    by.require(EDIT_BUILDINGS, list(place.lineage))
    if place.kind != Kind.BUILDING:
        raise Refused(_("这不是楼栋。"), "places.not_a_building")
    building = Building.objects.select_for_update().get(place=place)
    before = _facts(place)
    if (lng, lat) != (building.lng, building.lat):
        place.parent = _home(lng, lat, place.parent_id if lng is None else None)
        by.require(EDIT_BUILDINGS, list(place.parent.lineage))
    place.name_zh, place.lng, place.lat = clean_name(name, "name"), lng, lat
    saved(place, address)
    building.address = clean_name(address, "address", 200, needed=False)
    building.lng, building.lat, building.floors = lng, lat, floors
    building.stairwells = len(stairwell_labels) or stairwells
    building.stairwell_labels = list(stairwell_labels)
    building.dwellings = dwellings
    building.managed_by = clean_name(managed_by, "managed_by", 100, needed=False)
    building.save()
    _record(by, "building.edited", place, before)
    return place


@transaction.atomic
def retire_building(by: Authority, place_id: int, *, on: dt.date | None = None) -> Place:
    """A building that was pulled down: it ends on a day."""
    place = locked(place_id)
    by.require(EDIT_BUILDINGS, list(place.lineage))
    if place.valid_to is not None:
        raise Conflict(_("“%(name)s”已经停用了。") % {"name": place.name}, "places.already_ended")
    before = _facts(place)
    place.valid_to = max(on or atlas.today(), place.valid_from)
    place.save(update_fields=["valid_to"])
    _record(by, "building.retired", place, before)
    return place


@transaction.atomic
def import_buildings(by: Authority, rows: Sequence[BuildingRow], *, valid_from: dt.date | None = None) -> int:
    """All buildings of a sheet, or none. Returns how many were made.

    rows: as `sheets.read_buildings` gives them. Refused with the row's number when a place is unknown, the
    point lies outside, or a building of that name stands at that address already.
    """
    by.require(EDIT_BUILDINGS)
    since = valid_from or atlas.today()
    homes = _homes_of(rows)
    known = set(queries.valid().filter(kind=Kind.BUILDING).values_list("name_zh", "building__address", "parent_id"))
    places: list[Place] = []
    for row in rows:
        parent = homes[row.number]
        if (row.name, row.address, parent.id) in known:
            raise Refused(
                _("第 %(row)d 行：“%(name)s”已经有了。") % {"row": row.number, "name": row.name},
                "places.building_exists",
            )
        known.add((row.name, row.address, parent.id))
        place = Place(
            kind=Kind.BUILDING,
            name_zh=clean_name(row.name, "name"),
            parent=parent,
            lng=row.lng,
            lat=row.lat,
            valid_from=since,
        )
        places.append(prepared(place, row.address))
    made = Place.objects.bulk_create(places, batch_size=1000)
    Building.objects.bulk_create(
        [
            Building(
                place=place,
                address=row.address,
                lng=row.lng,
                lat=row.lat,
                floors=row.floors,
                stairwells=row.stairwells,
                stairwell_labels=list(row.stairwell_labels),
                dwellings=row.dwellings,
                managed_by=row.managed_by,
            )
            for place, row in zip(made, rows, strict=True)
        ],
        batch_size=1000,
    )
    if made:
        journal.record(
            action="buildings.imported",
            actor=by.actor,
            object_type="buildings",
            object_id=made[0].id,
            before=None,
            after={"count": len(made), "first": made[0].id, "last": made[-1].id},
            events=[Event("buildings.imported", "place", made[0].id, {"count": len(made)})],
        )
    return len(made)


def _homes_of(rows: Sequence[BuildingRow]) -> dict[int, Place]:
    """The parent of each row by row number: by its point, else by the code or name it gives."""
    located: dict[int, int] = {}
    for row in rows:
        if row.lng is not None and row.lat is not None:
            where = queries.locate(row.lng, row.lat)
            if where.place_id is not None:
                located[row.number] = where.place_id
    named = {row.under for row in rows if row.number not in located and row.under}
    wanted = queries.valid().filter(kind__in=PARENTS[Kind.BUILDING])
    by_id = {place.id: place for place in wanted.filter(id__in=set(located.values()))}
    by_text: dict[str, list[Place]] = {}
    if named:
        for place in wanted:
            for text in {place.code, place.local_code, place.name_zh} & named:
                by_text.setdefault(text, []).append(place)
    homes: dict[int, Place] = {}
    for row in rows:
        found = [by_id[located[row.number]]] if located.get(row.number) in by_id else by_text.get(row.under, [])
        if len(found) != 1:
            reason = (
                _("第 %(row)d 行：“%(text)s”有好几个，请写编码。")
                if found
                else _("第 %(row)d 行：找不到“%(name)s”所在的网格或社区，请核对经纬度、坐标系或所属网格。")
            )
            raise Refused(reason % {"row": row.number, "text": row.under, "name": row.name}, "places.row_without_place")
        homes[row.number] = found[0]
    return homes
