"""Bringing grids in and putting them in force: import as a draft, publish at a day, withdraw before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.geo.shapes import from_wkb, read_geojson, to_wkb
from linli.kernel.geo.systems import System, geometry_to_wgs84
from linli.kernel.outbox import Event
from linli.rooms.places import atlas, drafting, drafts, queries
from linli.rooms.places.actions.base import EDIT_GRIDS, PUBLISH_GRIDS, announce_change
from linli.rooms.places.actions.publishing import Publisher
from linli.rooms.places.models import GRID_KINDS, Boundary, DraftFeature, GridSet, Kind, Place, Succession
from linli.rooms.places.problems import Problem

LOCK = 7_430_212  # advisory lock: one publisher at a time


def new_set(by: Authority, source: str, **facts: object) -> GridSet:
    """An empty draft with the next number."""
    last = GridSet.objects.aggregate(last=Max("number"))["last"] or 0
    return GridSet.objects.create(
        number=last + 1,
        source=source,
        created_at=clock.now(),
        created_by=by.actor.name[:100],
        **facts,
    )


@transaction.atomic
def preview_import(
    by: Authority,
    data: bytes,
    *,
    system: System | None,
    filename: str = "",
    swap: bool = False,
    trust_system: bool = False,
    note: str = "",
) -> drafts.Preview:
    """Read a GeoJSON file of grids into a draft and check it. Nothing is in force before `publish_import`.

    system: how the file's coordinates are meant; None when unknown (the draft then says so and what fits).
    swap: exchange longitude and latitude first. trust_system: the person confirms the system against doubt.
    Features are matched with existing grids by code, then local code, then name, within their community.
    Existing grids of the communities the file speaks of, but not in the file, end when it is published.
    Refused when the file as a whole cannot be read.
    """
    by.require(EDIT_GRIDS)
    raw = read_geojson(data)
    reads: list[drafting.Read] = []
    found: list[Problem] = []
    for feature in raw.features:
        read, problem = drafting.read_feature(feature)
        reads.append(read)
        if problem:
            found.append(problem)
        if swap and read.shape is not None:
            read.shape = drafting.swapped(read.shape)
    hopeless = drafting.file_problems(reads)
    rows = [_draft_feature(read, None if hopeless else system) for read in reads]
    _find_communities(rows)
    communities = sorted({row.community_id for row in rows if row.community_id})
    shapes = [read.shape for read in reads if read.shape is not None]
    if hopeless:
        found += hopeless
    elif not trust_system:
        reference = drafts.reference_area(communities)
        found += drafting.system_problems(shapes, system or "", raw.crs_name, reference)
    draft = new_set(
        by,
        GridSet.Source.IMPORT,
        source_system=system or "",
        filename=filename[:200],
        note=note,
        communities=communities,
        options={"swap": swap, "file_problems": [problem.stored() for problem in found]},
    )
    _match(rows, communities)
    for row in rows:
        row.grid_set = draft
    DraftFeature.objects.bulk_create(rows, batch_size=500)
    result = checked(draft)
    journal.record(
        action="grids.import_previewed",
        actor=by.actor,
        object_type="grid_set",
        object_id=draft.id,
        before=None,
        after={
            "number": draft.number,
            "filename": draft.filename,
            "system": system or "",
            "features": len(rows),
            "errors": result.errors,
            "warnings": result.warnings,
        },
    )
    return result


def checked(draft: GridSet) -> drafts.Preview:
    """Run all checks on a draft and keep their result."""
    features = drafts.features_of(draft)
    found = drafts.examine(draft, features)
    draft.problems = [problem.stored() for problem in found]
    draft.save(update_fields=["problems"])
    return drafts.Preview(draft, features, found, drafts.retiring(draft, features))


def _draft_feature(read: drafting.Read, system: System | None) -> DraftFeature:
    shape: BaseGeometry | None = read.shape
    if shape is not None and system is not None:
        shape = geometry_to_wgs84(shape, system)
    return DraftFeature(
        number=read.number,
        kind=read.kind,
        code=read.code,
        local_code=read.local_code,
        name_zh=read.name_zh,
        name_en=read.name_en,
        community_text=read.community,
        parent_text=read.parent,
        polygon=to_wkb(shape) if shape is not None else b"",
        reason=read.reason,
    )


def _find_communities(rows: Sequence[DraftFeature]) -> None:
    """Set each feature's community: by code or name as written, by its grid code, else by where it lies."""
    places = list(queries.valid().filter(kind=Kind.COMMUNITY))
    by_code = {place.code: place for place in places}
    by_name: dict[str, list[Place]] = {}
    for place in places:
        by_name.setdefault(place.name_zh, []).append(place)
    here = atlas.current()
    for row in rows:
        text = row.community_text
        if text:
            same = by_name.get(text, [])
            row.community = by_code.get(text) or (same[0] if len(same) == 1 else None)
        elif len(row.code) == 15:
            row.community = by_code.get(row.code[:12])
        if row.community is None and not text and row.polygon:
            middle = from_wkb(row.polygon).representative_point()
            inside = here.index.containing(middle.x, middle.y) if not middle.is_empty else []
            lineage = here.places[inside[0]].lineage if inside else ()
            row.community = next((place for place in places if place.id in lineage), None)


def _match(rows: Sequence[DraftFeature], communities: Sequence[int]) -> None:
    """Set `place` of each feature that continues an existing grid, and whether anything changes."""
    existing = drafts.open_grids()
    by_key: dict[tuple[object, ...], list[int]] = {}
    for key, (place, _boundary) in existing.items():
        community = next((above for above in reversed(place.lineage) if above in communities), None)
        if place.code:
            by_key.setdefault(("code", place.code), []).append(key)
        if place.local_code:
            by_key.setdefault(("local", community, place.kind, place.local_code), []).append(key)
        by_key.setdefault(("name", community, place.kind, place.name_zh), []).append(key)
    taken: set[int] = set()
    for row in rows:
        tries: list[tuple[object, ...]] = [("code", row.code)] if row.code else []
        if not row.code:
            tries = [
                ("local", row.community_id, row.kind, row.local_code),
                ("name", row.community_id, row.kind, row.name_zh),
            ]
        for attempt in tries:
            keys = [key for key in by_key.get(attempt, []) if key not in taken]
            if len(keys) == 1:
                place, boundary = existing[keys[0]]
                taken.add(place.id)
                row.place = place
                row.code = place.code
                row.local_code = row.local_code or place.local_code
                row.name_zh = row.name_zh or place.name_zh
                row.changed = is_changed(row, place, boundary)
                break


def is_changed(row: DraftFeature, place: Place, boundary: Boundary | None) -> bool:
    """Whether a feature differs from the grid it continues by more than a millimetre or in its names."""
    if boundary is None or not row.polygon:
        return True
    same_names = (row.name_zh, row.local_code, row.kind) == (place.name_zh, place.local_code, place.kind)
    now, then = from_wkb(row.polygon).normalize(), from_wkb(boundary.polygon).normalize()
    return not (same_names and now.equals_exact(then, 1e-8))


def locked_draft(draft_id: int, version: int | None) -> GridSet:
    """The draft, locked; Conflict when it was changed or published meanwhile."""
    draft = GridSet.objects.select_for_update().filter(id=draft_id).first()
    if draft is None:
        raise NotFound()
    if draft.state != GridSet.State.DRAFT:
        raise Conflict(_("第 %(number)d 版已经发布或撤销，不能再改。") % {"number": draft.number}, "places.not_a_draft")
    if version is not None and version != draft.version:
        raise Conflict(_("草稿刚被别人改过。请刷新后再试。"), "places.draft_changed")
    return draft


@transaction.atomic
def publish_import(
    by: Authority,
    draft_id: int,
    *,
    effective_from: dt.date | None = None,
    accept_warnings: bool = False,
    version: int | None = None,
) -> GridSet:
    """Put a draft (imported or drawn) in force from a day on, whole or not at all.

    The day is today or later; earlier only for communities that had no grids yet. Refused while there are
    errors, or warnings that nobody accepted; Conflict when other grids were published meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    draft = locked_draft(draft_id, version)
    for community in Place.objects.filter(id__in=draft.communities):
        by.require(PUBLISH_GRIDS, list(community.lineage))
    by.require(PUBLISH_GRIDS)
    preview = checked(draft)
    if preview.errors:
        raise Refused(
            _("还有 %(count)d 个错误，不能发布。请按提示改好再发布。") % {"count": preview.errors},
            "places.draft_has_errors",
        )
    if preview.warnings and not accept_warnings:
        raise Refused(
            _("有 %(count)d 条提醒。看过后勾选“已看过提醒”，再发布。") % {"count": preview.warnings},
            "places.draft_has_warnings",
        )
    if not preview.features and not preview.retiring:
        raise Refused(_("草稿里没有网格。"), "places.draft_empty")
    day = effective_from or atlas.today()
    _check_day(draft, day)
    done = Publisher(draft, preview, day).publish()
    draft.state = GridSet.State.PUBLISHED
    draft.effective_from = day
    draft.published_at = clock.now()
    draft.published_by = by.actor.name[:100]
    draft.save()
    journal.record(
        action="grids.published",
        actor=by.actor,
        object_type="grid_set",
        object_id=draft.id,
        before=None,
        after={"number": draft.number, "effective_from": day.isoformat(), **done},
        place_ids=list(draft.communities),
        events=[
            Event(
                "grids.published",
                "grid_set",
                draft.id,
                {"number": draft.number, "effective_from": day.isoformat(), "retired": done["retired"]},
            )
        ],
    )
    announce_change()
    if day <= atlas.today():
        settle(draft)
    return draft


def _check_day(draft: GridSet, day: dt.date) -> None:
    between = GridSet.objects.filter(
        state=GridSet.State.PUBLISHED,
        published_at__gt=draft.created_at,
        communities__overlap=draft.communities,
    ).first()
    if between is not None:
        raise Conflict(
            _("这份草稿建好之后，第 %(number)d 版已经发布。请用最新的网格重新建草稿。") % {"number": between.number},
            "places.base_changed",
        )
    existing = Boundary.objects.filter(place__kind__in=GRID_KINDS, place__lineage__overlap=draft.communities)
    latest = existing.filter(valid_to__isnull=True).aggregate(latest=Max("valid_from"))["latest"]
    if latest is not None and latest > day:
        raise Refused(
            _("这些社区已有 %(day)s 生效的网格。请选这天或以后的日期，或先撤销那一版。") % {"day": latest.isoformat()},
            "places.later_set",
            field="effective_from",
        )
    if latest is not None and day < atlas.today():
        raise Refused(
            _("生效日期不能早于今天：旧案件要保留当时的网格。"),
            "places.day_in_past",
            field="effective_from",
        )
    begun = Place.objects.filter(id__in=draft.communities).aggregate(latest=Max("valid_from"))["latest"] or day
    if begun > day:
        raise Refused(
            _("生效日期早于社区的启用日期 %(day)s。") % {"day": begun.isoformat()},
            "places.day_before_community",
            field="effective_from",
        )


def settle(draft: GridSet) -> int:
    """Move the buildings of the communities under the grids of today; returns how many moved."""
    buildings = list(
        queries.valid()
        .filter(kind=Kind.BUILDING, lineage__overlap=draft.communities)
        .values_list("id", "parent_id", "lng", "lat", "lineage")
    )
    here = atlas.current()
    moves: list[tuple[int, int]] = []
    for place_id, parent_id, lng, lat, lineage in buildings:
        inside = here.index.containing(lng, lat) if lng is not None and lat is not None else []
        home = inside[0] if inside and here.rank(inside[0]) >= atlas.RANKS["community"] else None
        if home is None and parent_id not in here.places:
            home = next((above for above in reversed(lineage[:-1]) if above in here.places), None)
        if home is not None and home != parent_id:
            moves.append((place_id, home))
    if moves:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE places_place p SET parent_id = m.home FROM unnest(%s::bigint[], %s::bigint[])"
                " AS m (id, home) WHERE p.id = m.id",
                [[m[0] for m in moves], [m[1] for m in moves]],
            )
    GridSet.objects.filter(id=draft.id).update(settled=True)
    draft.settled = True
    return len(moves)


@transaction.atomic
def discard_draft(by: Authority, draft_id: int) -> None:
    """Give a draft up; it stays in the list as withdrawn, without its features."""
    by.require(EDIT_GRIDS)
    draft = locked_draft(draft_id, None)
    draft.state = GridSet.State.WITHDRAWN
    draft.problems = []
    draft.save()
    draft.features.all().delete()
    journal.record(
        action="grids.draft_discarded",
        actor=by.actor,
        object_type="grid_set",
        object_id=draft.id,
        before={"state": "draft"},
        after={"state": "withdrawn"},
    )


@transaction.atomic
def withdraw_set(by: Authority, set_id: int) -> GridSet:
    """Take back a published version before its day: the grids of now go on, its new codes stay used up.

    Refused once it is in force or when a later version builds on it.
    """
    by.require(PUBLISH_GRIDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    found = GridSet.objects.select_for_update().filter(id=set_id, state=GridSet.State.PUBLISHED).first()
    if found is None or found.effective_from is None:
        raise NotFound()
    day = found.effective_from
    if day <= atlas.today():
        raise Refused(_("这一版已经生效，不能撤销。请发布新的一版。"), "places.in_force")
    later = GridSet.objects.filter(
        state=GridSet.State.PUBLISHED,
        published_at__gt=found.published_at,
        communities__overlap=found.communities,
    )
    if later.exists():
        raise Refused(_("后面还有一版建立在它上面。请先撤销后面的版本。"), "places.built_upon")
    grids = Place.objects.filter(kind__in=GRID_KINDS, lineage__overlap=found.communities)
    Boundary.objects.filter(grid_set=found).update(valid_to=day)
    grids.filter(valid_from=day, valid_to__isnull=True).update(valid_to=day)
    Succession.objects.filter(since=day, before__in=grids).delete()
    grids.filter(valid_to=day, valid_from__lt=day).update(valid_to=None)
    Boundary.objects.filter(place__in=grids, valid_to=day, valid_from__lt=day).update(valid_to=None)
    found.state = GridSet.State.WITHDRAWN
    found.save()
    journal.record(
        action="grids.withdrawn",
        actor=by.actor,
        object_type="grid_set",
        object_id=found.id,
        before={"state": "published", "effective_from": day.isoformat()},
        after={"state": "withdrawn"},
        place_ids=list(found.communities),
        events=[Event("grids.withdrawn", "grid_set", found.id, {"number": found.number})],
    )
    announce_change()
    return found
