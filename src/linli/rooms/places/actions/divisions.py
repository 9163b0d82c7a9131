"""Writing divisions: one by one, from a sheet, from the list that ships with Linli."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import shapely
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict, Refused
from linli.kernel.geo.metres import area_m2
from linli.kernel.geo.shapes import flaw_of, read_geojson, to_wkb
from linli.kernel.geo.systems import System, geometry_to_wgs84
from linli.kernel.outbox import Event
from linli.rooms.places import atlas, rules
from linli.rooms.places.actions.base import (
    EDIT_DIVISIONS,
    announce_change,
    clean_name,
    facts_of,
    lineage_of,
    link_successors,
    locked,
    saved,
)
from linli.rooms.places.models import DIVISION_KINDS, PARENTS, Boundary, Kind, Place
from linli.rooms.places.queries import valid
from linli.rooms.places.sheets import DivisionRow


@transaction.atomic
def create_division(
    by: Authority,
    *,
    code: str,
    name_zh: str,
    name_en: str = "",
    local_code: str = "",
    parent_id: int | None = None,
    valid_from: dt.date | None = None,
) -> Place:
    """A district, street or community; its kind and (when not given) its parent follow from the code.

    Refused on a malformed code, an unknown parent or a code that is in force; NotAllowed.
    """
    full = rules.full_code(code)
    kind = rules.kind_of_code(full)
    since = valid_from or atlas.today()
    parent = locked(parent_id) if parent_id else _parent_of(full, since)
    by.require(EDIT_DIVISIONS, lineage_of(parent))
    if parent is not None and parent.kind not in PARENTS[kind]:
        raise Refused(
            _("%(kind)s不能放在“%(parent)s”下面。") % {"kind": Kind(kind).label, "parent": parent.name},
            "places.wrong_parent",
            field="parent",
        )
    place = Place(
        kind=kind,
        code=full,
        local_code=clean_name(local_code, "local_code", 40, needed=False),
        name_zh=clean_name(name_zh),
        name_en=clean_name(name_en, "name_en", 150, needed=False) or rules.english_name(name_zh, kind),
        parent=parent,
        valid_from=since,
    )
    _save_new(place)
    journal.record(
        action="place.created",
        actor=by.actor,
        object_type="place",
        object_id=place.id,
        before=None,
        after=facts_of(place),
        place_ids=list(place.lineage),
        events=[Event("place.created", "place", place.id, {"kind": str(place.kind)})],
    )
    announce_change()
    return place


def _parent_of(code: str, at: dt.date) -> Place | None:
    above = rules.parent_code(code)
    if not above:
        return None
    parent = valid(at).filter(code=above).first()
    if parent is None:
        raise Refused(
            _("找不到上级区划 %(code)s。请先建上级。") % {"code": above},
            "places.parent_missing",
            field="code",
        )
    return parent


def _save_new(place: Place) -> None:
    try:
        with transaction.atomic():
            saved(place)
    except IntegrityError as error:
        if "places_place_code_once" not in str(error):
            raise
        raise Refused(
            _("编码 %(code)s 已在使用。") % {"code": place.code}, "places.code_in_use", field="code"
        ) from error


@transaction.atomic
def edit_place(
    by: Authority,
    place_id: int,
    *,
    name_zh: str,
    name_en: str = "",
    local_code: str = "",
    capability: str = EDIT_DIVISIONS,
) -> Place:
    """Other names or another local code; the code and the days are changed by actions of their own."""
    place = locked(place_id)
    by.require(capability, list(place.lineage))
    before = facts_of(place)
    place.name_zh = clean_name(name_zh)
    place.name_en = clean_name(name_en, "name_en", 150, needed=False)
    place.local_code = clean_name(local_code, "local_code", 40, needed=False)
    building = getattr(place, "building", None) if place.kind == Kind.BUILDING else None
    saved(place, building.address if building else "")
    after = facts_of(place)
    if after != before:
        journal.record(
            action="place.edited",
            actor=by.actor,
            object_type="place",
            object_id=place.id,
            before=before,
            after=after,
            place_ids=list(place.lineage),
        )
        announce_change()
    return place


@transaction.atomic
def retire_division(
    by: Authority,
    place_id: int,
    *,
    on: dt.date | None = None,
    successor_ids: Sequence[int] = (),
    reason: str = "merge",
) -> Place:
    """End a division; what still stands below it must have ended or be moved first.

    on: first day on which it no longer exists. Refused while it has children, or when already ended.
    """
    place = locked(place_id)
    by.require(EDIT_DIVISIONS, list(place.lineage))
    day = on or atlas.today()
    if place.valid_to is not None:
        raise Conflict(_("“%(name)s”已经停用了。") % {"name": place.name}, "places.already_ended")
    if day < place.valid_from:
        raise Refused(_("停用日期早于启用日期。"), "places.ends_before_start", field="on")
    left = valid(day).filter(parent_id=place.id).count()
    if left:
        raise Refused(
            _("“%(name)s”下面还有 %(count)d 个区划、网格或楼栋。请先把它们移走或停用。")
            % {"name": place.name, "count": left},
            "places.has_children",
        )
    before = facts_of(place)
    place.valid_to = day
    place.save(update_fields=["valid_to"])
    Boundary.objects.filter(place=place, valid_to__isnull=True).update(valid_to=day)
    link_successors([place.id], successor_ids, reason, day)
    journal.record(
        action="place.retired",
        actor=by.actor,
        object_type="place",
        object_id=place.id,
        before=before,
        after={**facts_of(place), "successors": list(successor_ids)},
        place_ids=list(place.lineage),
        events=[Event("place.retired", "place", place.id, {"successors": list(successor_ids)})],
    )
    announce_change()
    return place


@transaction.atomic
def renumber_division(
    by: Authority, place_id: int, *, code: str, name_zh: str = "", on: dt.date | None = None
) -> Place:
    """A new code (and name) for a division, as when 株洲县 430221 became 渌口区 430212.

    The old place ends, a new one begins on the same day and succeeds it; what stands below moves along and
    keeps its own codes. Past cases go on pointing to the old place.
    """
    old = locked(place_id)
    by.require(EDIT_DIVISIONS, list(old.lineage))
    day = on or atlas.today()
    full = rules.full_code(code)
    if rules.kind_of_code(full) != old.kind or old.kind not in DIVISION_KINDS:
        raise Refused(_("新代码 %(code)s 的级别不同。") % {"code": code}, "places.other_level", field="code")
    if old.valid_to is not None:
        raise Conflict(_("“%(name)s”已经停用了。") % {"name": old.name}, "places.already_ended")
    if day <= old.valid_from:
        raise Refused(_("停用日期早于启用日期。"), "places.ends_before_start", field="on")
    before = facts_of(old)
    name = clean_name(name_zh) if name_zh else old.name_zh
    old.valid_to = day
    old.save(update_fields=["valid_to"])
    new = Place(
        kind=old.kind,
        code=full,
        name_zh=name,
        name_en=rules.english_name(name, old.kind) if name_zh else old.name_en,
        local_code=old.local_code,
        parent_id=old.parent_id,
        valid_from=day,
        lng=old.lng,
        lat=old.lat,
    )
    _save_new(new)
    for boundary in Boundary.objects.filter(place=old, valid_to__isnull=True):
        boundary.valid_to = day
        boundary.save(update_fields=["valid_to"])
        Boundary.objects.create(place=new, polygon=boundary.polygon, area_m2=boundary.area_m2, valid_from=day)
    valid(day).filter(parent_id=old.id).update(parent_id=new.id)
    link_successors([old.id], [new.id], "renumber", day)
    journal.record(
        action="place.renumbered",
        actor=by.actor,
        object_type="place",
        object_id=new.id,
        before=before,
        after=facts_of(new),
        place_ids=[*new.lineage, old.id],
        events=[Event("place.renumbered", "place", new.id, {"before": old.id})],
    )
    announce_change()
    return new


@transaction.atomic
def import_divisions(
    by: Authority, rows: Sequence[DivisionRow], *, valid_from: dt.date | None = None
) -> dict[str, int]:
    """All rows of a division sheet, or none: new ones are made, changed names taken over, the rest kept.

    rows: as `sheets.read_divisions` gives them, already without errors. Divisions that are missing from the
    sheet stay as they are. Returns counts: created, renamed, unchanged.
    """
    by.require(EDIT_DIVISIONS)
    since = valid_from or atlas.today()
    known = {place.code: place for place in valid(max(since, atlas.today())).filter(kind__in=DIVISION_KINDS)}
    counts = {"created": 0, "renamed": 0, "unchanged": 0}
    changes: list[dict[str, Any]] = []
    for row in sorted(rows, key=lambda item: item.code):
        existing = known.get(row.code)
        if existing is not None:
            if existing.name_zh == row.name:
                counts["unchanged"] += 1
                continue
            changes.append({"code": row.code, "before": existing.name_zh, "after": row.name})
            existing.name_zh = row.name
            existing.name_en = rules.english_name(row.name, existing.kind)
            saved(existing)
            counts["renamed"] += 1
            continue
        above = rules.parent_code(row.code)
        if above and above not in known:
            raise Refused(
                _("第 %(row)d 行：找不到上级区划 %(code)s。") % {"row": row.number, "code": above},
                "places.parent_missing",
            )
        kind = rules.kind_of_code(row.code)
        place = Place(
            kind=kind,
            code=row.code,
            name_zh=row.name,
            name_en=rules.english_name(row.name, kind),
            parent=known.get(above),
            valid_from=since,
        )
        _save_new(place)
        known[row.code] = place
        counts["created"] += 1
        changes.append({"code": row.code, "before": None, "after": row.name})
    if changes:
        journal.record(
            action="divisions.imported",
            actor=by.actor,
            object_type="divisions",
            object_id=changes[0]["code"],
            before=None,
            after={"counts": counts, "rows": changes},
            events=[Event("divisions.imported", "place", 0, counts)],
        )
        announce_change()
    return counts


@transaction.atomic
def set_boundary(
    by: Authority,
    place_id: int,
    polygon: BaseGeometry,
    *,
    valid_from: dt.date | None = None,
) -> Boundary:
    """The polygon of a division (WGS-84) from a day on; an earlier one ends on that day.

    Grids have their boundaries through drafts only. Refused when the polygon is not valid.
    """
    place = locked(place_id)
    by.require(EDIT_DIVISIONS, list(place.lineage))
    if place.kind not in DIVISION_KINDS:
        raise Refused(_("网格的边界请在网格草稿里修改。"), "places.not_a_division")
    boundary = _replace_boundary(place, polygon, valid_from or max(place.valid_from, atlas.today()))
    journal.record(
        action="place.boundary_set",
        actor=by.actor,
        object_type="place",
        object_id=place.id,
        before=None,
        after={"valid_from": boundary.valid_from.isoformat(), "area_m2": round(boundary.area_m2)},
        place_ids=list(place.lineage),
    )
    announce_change()
    return boundary


def _replace_boundary(place: Place, polygon: BaseGeometry, since: dt.date) -> Boundary:
    flaw = flaw_of(polygon)
    if flaw is not None or polygon.is_empty:
        where = f"{flaw.lng:.6f}, {flaw.lat:.6f}" if flaw else ""
        raise Refused(
            _("“%(name)s”的边界无效（%(where)s）。请在原软件里修正后再导入。") % {"name": place.name, "where": where},
            "places.invalid_boundary",
        )
    for earlier in Boundary.objects.filter(place=place, valid_to__isnull=True):
        if earlier.valid_from >= since:
            earlier.delete()
        else:
            earlier.valid_to = since
            earlier.save(update_fields=["valid_to"])
    centre = shapely.point_on_surface(polygon)
    place.lng, place.lat = round(float(centre.x), 7), round(float(centre.y), 7)
    place.save(update_fields=["lng", "lat"])
    return Boundary.objects.create(place=place, polygon=to_wkb(polygon), area_m2=area_m2(polygon), valid_from=since)


@transaction.atomic
def import_division_boundaries(by: Authority, data: bytes, *, system: System, valid_from: dt.date | None = None) -> int:
    """Borders of divisions from GeoJSON whose features carry `code` (6, 9 or 12 digits); all or none.

    Returns how many were taken. Refused with the feature's number when a code is unknown or a polygon bad.
    """
    by.require(EDIT_DIVISIONS)
    raw = read_geojson(data)
    since = valid_from or atlas.today()
    known = {place.code: place for place in valid(max(since, atlas.today())).filter(kind__in=DIVISION_KINDS)}
    for feature in raw.features:
        code = str(feature.properties.get("code") or feature.properties.get("代码") or "")
        place = known.get(rules.full_code(code))
        if place is None or feature.shape is None:
            raise Refused(
                _("第 %(number)d 个要素：区划 %(code)s 不存在，或边界读不出来。")
                % {"number": feature.number, "code": code},
                "places.bad_feature",
            )
        _replace_boundary(place, geometry_to_wgs84(feature.shape, system), since)
    journal.record(
        action="boundaries.imported",
        actor=by.actor,
        object_type="divisions",
        object_id="boundaries",
        before=None,
        after={"count": len(raw.features), "system": system},
    )
    announce_change()
    return len(raw.features)
