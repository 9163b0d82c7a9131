"""Changing grids on the map: a draft copied from what is in force, changed step by step, then published.

The same steps mend an imported draft. Each step is checked like an import; none is in force before
`publish_import`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import shapely
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry
from shapely.ops import split as split_by_line

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.errors import NotFound, Refused
from linli.kernel.geo.shapes import flaw_of, from_wkb, polygons_of, read_polygon, to_wkb
from linli.rooms.places import drafts
from linli.rooms.places.actions.base import EDIT_GRIDS, clean_name
from linli.rooms.places.actions.grids import checked, is_changed, locked_draft, new_set
from linli.rooms.places.models import GRID_KINDS, Boundary, DraftFeature, GridSet, Kind, Place

Operation = Mapping[str, Any]


@transaction.atomic
def begin_drawing(by: Authority, community_ids: Sequence[int], *, note: str = "") -> drafts.Preview:
    """A draft with the grids of these communities as they are (or will be, where a change is published)."""
    communities = list(Place.objects.filter(id__in=community_ids, kind=Kind.COMMUNITY))
    if not communities:
        raise Refused(_("请先选要改哪个社区的网格。"), "places.no_community", field="community")
    for community in communities:
        by.require(EDIT_GRIDS, list(community.lineage))
    ids = sorted(place.id for place in communities)
    draft = new_set(by, GridSet.Source.DRAWING, communities=ids, note=note)
    existing = drafts.open_grids(ids)
    rows = []
    for number, (place, boundary) in enumerate(existing.values(), 1):
        parent = existing.get(place.parent_id or 0, (None, None))[0]
        rows.append(
            DraftFeature(
                grid_set=draft,
                number=number,
                place=place,
                kind=place.kind,
                code=place.code,
                local_code=place.local_code,
                name_zh=place.name_zh,
                name_en=place.name_en,
                community_id=next((above for above in place.lineage if above in ids), None),
                parent_text=(parent.code or parent.local_code) if parent else "",
                polygon=bytes(boundary.polygon) if boundary else b"",
                reason="" if boundary else str(_("还没有边界")),
                changed=False,
            )
        )
    DraftFeature.objects.bulk_create(rows, batch_size=500)
    journal.record(
        action="grids.drawing_begun",
        actor=by.actor,
        object_type="grid_set",
        object_id=draft.id,
        before=None,
        after={"number": draft.number, "communities": ids},
        place_ids=ids,
    )
    return checked(draft)


@transaction.atomic
def edit_draft(by: Authority, draft_id: int, operation: Operation, *, version: int) -> drafts.Preview:
    """One step on a draft; returns it checked again.

    operation: {"do": name, …}. Geometry is GeoJSON, WGS-84.
      add {geometry, community_id?, kind?, name?, local_code?} · reshape {number, geometry} ·
      split {number, line} · merge {numbers, name?} · rename {number, name, local_code?, kind?, code?} ·
      assign {number, community_id} · remove {number} · mend {number}
    version: of the draft the person saw; Conflict when somebody changed it meanwhile.
    """
    draft = locked_draft(draft_id, version)
    for community in Place.objects.filter(id__in=draft.communities):
        by.require(EDIT_GRIDS, list(community.lineage))
    by.require(EDIT_GRIDS)
    step = _STEPS.get(str(operation.get("do")))
    if step is None:
        raise Refused(_("不认识这个操作。请刷新页面再试。"), "places.unknown_operation")
    touched = step(draft, operation)
    draft.version += 1
    draft.communities = sorted(
        set(draft.communities)
        | set(draft.features.filter(community__isnull=False).values_list("community_id", flat=True))
    )
    draft.save(update_fields=["version", "communities"])
    journal.record(
        action="grids.draft_edited",
        actor=by.actor,
        object_type="grid_set",
        object_id=draft.id,
        before=None,
        after={"do": str(operation["do"]), "features": touched, "version": draft.version},
        place_ids=list(draft.communities),
    )
    return checked(draft)


def _feature(draft: GridSet, number: object) -> DraftFeature:
    found = (
        draft.features.filter(number=number).first() if isinstance(number, int) else None
    )  # anything else never was a number of ours
    if found is None:
        raise NotFound()
    return found


def _polygon(geometry: object) -> BaseGeometry:
    if not isinstance(geometry, Mapping) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise Refused(_("请在地图上画一个面。"), "places.not_a_polygon", field="geometry")
    return read_polygon(dict(geometry))


def _next_number(draft: GridSet) -> int:
    last = draft.features.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _kind(value: object) -> str:
    kind = str(value or Kind.GRID)
    if kind not in GRID_KINDS:
        raise Refused(_("请选网格、专属网格或微网格。"), "places.not_a_grid_kind", field="kind")
    return kind


def _store(feature: DraftFeature) -> None:
    """Save a feature, noting whether it now differs from the grid it continues."""
    if feature.place is not None:
        boundary = Boundary.objects.filter(place=feature.place, valid_to__isnull=True).first()
        feature.changed = is_changed(feature, feature.place, boundary)
    feature.save()


def _add(draft: GridSet, operation: Operation) -> list[int]:
    polygon = _polygon(operation.get("geometry"))
    feature = DraftFeature(
        grid_set=draft,
        number=_next_number(draft),
        kind=_kind(operation.get("kind")),
        name_zh=clean_name(str(operation.get("name") or ""), "name", needed=False),
        local_code=clean_name(str(operation.get("local_code") or ""), "local_code", 40, needed=False),
        polygon=to_wkb(polygon),
    )
    feature.community_id = _community_of(draft, operation, polygon)
    feature.save()
    return [feature.number]


def _community_of(draft: GridSet, operation: Operation, polygon: BaseGeometry) -> int | None:
    """The community as chosen, as its border says, as its neighbours in the draft have it."""
    chosen = operation.get("community_id")
    if chosen is not None:
        return _community(chosen)
    middle = shapely.make_valid(polygon).representative_point()
    for key, border in drafts.community_polygons(draft.communities).items():
        if shapely.intersects(border, middle):
            return key
    if len(draft.communities) == 1:
        return draft.communities[0]
    near = [
        (float(shapely.distance(from_wkb(f.polygon), middle)), f.community_id)
        for f in draft.features.all()
        if f.polygon and f.community_id
    ]
    return min(near)[1] if near else None


def _community(value: object) -> int:
    place = Place.objects.filter(id=value, kind=Kind.COMMUNITY).first() if isinstance(value, int) else None
    if place is None:
        raise Refused(_("请选一个社区。"), "places.no_community", field="community_id")
    return place.id


def _reshape(draft: GridSet, operation: Operation) -> list[int]:
    feature = _feature(draft, operation.get("number"))
    feature.polygon = to_wkb(_polygon(operation.get("geometry")))
    feature.reason = ""
    _store(feature)
    return [feature.number]


def _mend(draft: GridSet, operation: Operation) -> list[int]:
    """Take the suggested polygon for an invalid one: only ever on a person's word."""
    feature = _feature(draft, operation.get("number"))
    shape = drafts.shape_of(feature)
    flaw = flaw_of(shape) if shape is not None else None
    if flaw is None or flaw.mended.is_empty:
        raise Refused(_("这个边界没有可用的修正。请重新画。"), "places.nothing_to_mend")
    feature.polygon = to_wkb(flaw.mended)
    _store(feature)
    return [feature.number]


def _split(draft: GridSet, operation: Operation) -> list[int]:
    """Cut a grid along a line. The old grid ends; every part is a new grid that follows it."""
    feature = _feature(draft, operation.get("number"))
    line = _line(operation.get("line"))
    shape = drafts.shape_of(feature)
    if shape is None or not shapely.is_valid(shape):
        raise Refused(_("请先改好这个网格的边界，再拆分。"), "places.split_invalid")
    parts = list(shapely.get_parts(split_by_line(shape, line)))
    if len(parts) < 2:
        raise Refused(_("这条线没有把网格分成两块。请从边界外画到边界外。"), "places.split_misses", field="line")
    sources = sorted({*feature.sources, *([feature.place_id] if feature.place_id else [])})
    number = _next_number(draft)
    made = [
        DraftFeature(
            grid_set=draft,
            number=number + step,
            kind=feature.kind,
            community_id=feature.community_id,
            parent_text=feature.parent_text,
            polygon=to_wkb(part),
            sources=sources,
        )
        for step, part in enumerate(parts)
    ]
    _loosen_micro(draft, feature)
    feature.delete()
    DraftFeature.objects.bulk_create(made)
    return [item.number for item in made]


def _line(value: object) -> BaseGeometry:
    points = value.get("coordinates") if isinstance(value, Mapping) else None
    try:
        line = shapely.LineString([(float(p[0]), float(p[1])) for p in points or []])
    except (TypeError, ValueError, IndexError, KeyError, shapely.errors.GEOSException):
        line = shapely.LineString()
    if line.is_empty or not shapely.get_coordinates(line).size or not bool(line.length > 0):
        raise Refused(_("请在地图上画一条线。"), "places.not_a_line", field="line")
    return line


def _merge(draft: GridSet, operation: Operation) -> list[int]:
    """Join touching grids of one kind and community into a new one that follows all of them."""
    numbers = operation.get("numbers")
    chosen = numbers if isinstance(numbers, list) else []
    features = [_feature(draft, number) for number in dict.fromkeys(n for n in chosen if isinstance(n, int))]
    if len(features) < 2:
        raise Refused(_("请选两个或更多网格。"), "places.merge_needs_two", field="numbers")
    if len({(f.kind, f.community_id) for f in features}) > 1:
        raise Refused(_("只能合并同一社区、同一类型的网格。"), "places.merge_differs", field="numbers")
    shapes = [drafts.shape_of(feature) for feature in features]
    if any(shape is None or not shapely.is_valid(shape) for shape in shapes):
        raise Refused(_("请先改好这些网格的边界，再合并。"), "places.merge_invalid")
    union = polygons_of(shapely.union_all(shapes))
    if shapely.get_num_geometries(union) > 1:
        raise Refused(_("这些网格不相邻，合并后不是一整块。"), "places.merge_apart", field="numbers")
    sources = sorted({s for f in features for s in [*f.sources, *([f.place_id] if f.place_id else [])]})
    merged = DraftFeature(
        grid_set=draft,
        number=_next_number(draft),
        kind=features[0].kind,
        name_zh=clean_name(str(operation.get("name") or ""), "name", needed=False),
        community_id=features[0].community_id,
        parent_text=features[0].parent_text,
        polygon=to_wkb(union),
        sources=sources,
    )
    for feature in features:
        _loosen_micro(draft, feature)
        feature.delete()
    merged.save()
    return [merged.number]


def _loosen_micro(draft: GridSet, parent: DraftFeature) -> None:
    """Micro-grids of a grid that goes away find their new one by where they lie."""
    texts = [text for text in (parent.code, parent.local_code, parent.name_zh) if text]
    draft.features.filter(kind=Kind.MICRO, community_id=parent.community_id, parent_text__in=texts).update(
        parent_text=""
    )


def _rename(draft: GridSet, operation: Operation) -> list[int]:
    feature = _feature(draft, operation.get("number"))
    feature.name_zh = clean_name(str(operation.get("name") or ""), "name")
    if "local_code" in operation:
        feature.local_code = clean_name(str(operation["local_code"] or ""), "local_code", 40, needed=False)
    if "kind" in operation:
        feature.kind = _kind(operation["kind"])
    if "code" in operation and feature.place_id is None:
        feature.code = clean_name(str(operation["code"] or ""), "code", 15, needed=False)
    _store(feature)
    return [feature.number]


def _assign(draft: GridSet, operation: Operation) -> list[int]:
    """Say which community a feature belongs to."""
    feature = _feature(draft, operation.get("number"))
    feature.community_id = _community(operation.get("community_id"))
    feature.community_text = ""
    _store(feature)
    return [feature.number]


def _remove(draft: GridSet, operation: Operation) -> list[int]:
    feature = _feature(draft, operation.get("number"))
    _loosen_micro(draft, feature)
    feature.delete()
    return [feature.number]


_STEPS: dict[str, Callable[[GridSet, Operation], list[int]]] = {
    "add": _add,
    "reshape": _reshape,
    "split": _split,
    "merge": _merge,
    "rename": _rename,
    "assign": _assign,
    "remove": _remove,
    "mend": _mend,
}
