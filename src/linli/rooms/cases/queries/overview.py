"""Many cases at a glance: the map's viewport, the board by state, today's figures by grid."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, F, Q
from django.utils.translation import get_language

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.flow import FLOW, OPEN_MAIN
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.scope import visible
from linli.rooms.cases.queries.worklist import COLUMNS, NEAR, dress, in_lights, state_words
from linli.rooms.cases.rules import light_of
from linli.rooms.people.rights import Viewer

MAP_AT_MOST = 500
Box = tuple[float, float, float, float]  # west, south, east, north

_POINTS = """
SELECT number, state, lng, lat, current_due_at, state_since, {name}, report_count
FROM cases_case c LEFT JOIN catalogue_item i ON i.id = c.item_id
WHERE point <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s)) AND c.parent_id IS NULL AND {scope}
LIMIT %(limit)s
"""
# Counting all that was ever told, district-wide, would read every case: more than CELLS_AT_MOST are counted as the
# newest CELLS_AT_MOST.
_CELLS = """
SELECT count(*), avg(lng), avg(lat), count(*) FILTER (WHERE is_open AND current_due_at < %(now)s)
FROM ({chosen}) c
WHERE point <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s)) AND c.parent_id IS NULL
GROUP BY floor(lng / %(cell)s), floor(lat / %(cell)s)
"""
_INSIDE = """SELECT lng, lat, point, is_open, current_due_at, parent_id FROM cases_case c
WHERE point <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s)) AND c.parent_id IS NULL AND {scope}
LIMIT %(cells)s"""
_NEWEST = """SELECT lng, lat, point, is_open, current_due_at, parent_id FROM cases_case c
WHERE {scope} ORDER BY reported_at DESC, id DESC LIMIT %(cells)s"""
CELLS_AT_MOST = 20_000
CELLS_FOR_S = 20  # what a browser may keep, too
_NO_LIMIT = 10**9


def viewport(box: Box, viewer: Viewer | None, *, open_only: bool = True) -> dict[str, Any]:
    """The cases inside a box as GeoJSON: points, or counted cells when there are too many to draw.

    viewer None: the public's map. One query, three at most; the answer stays under a few hundred features.
    counted_at_most: so many of the newest cases are counted where ended ones count, too; the map's legend says so.
    """
    west, south, east, north = box
    now = clock.now()
    english = (get_language() or "zh").startswith("en")
    scope, params = scope_of(viewer, open_only)
    values = {"west": west, "south": south, "east": east, "north": north, "limit": MAP_AT_MOST + 1, **params}
    with connection.cursor() as cursor:
        name = "coalesce(nullif(i.name_en, ''), i.name_zh)" if english else "i.name_zh"
        cursor.execute(_POINTS.format(scope=scope, name=name), values)
        rows = cursor.fetchall()
    if len(rows) > MAP_AT_MOST:
        found = {"type": "FeatureCollection", "features": _cells(box, viewer, open_only), "clustered": True}
        return found if open_only else found | {"counted_at_most": CELLS_AT_MOST}
    words = state_words(get_language() or "")
    features = [
        _feature(
            lng,
            lat,
            {
                "number": number,
                "state": words[state],
                "title": title or "",
                "reports": reports,
                "light": light_of(state, due, since, now),
            },
        )
        for number, state, lng, lat, due, since, title, reports in rows
    ]
    return {"type": "FeatureCollection", "features": features, "clustered": False}


def _cells(box: Box, viewer: Viewer | None, open_only: bool) -> list[dict[str, Any]]:
    """Counted cells of a box. They lie on one lattice for everybody, so that many looks need one count."""
    west, south, east, north = box
    cell = 2.0 ** math.floor(math.log2(max((east - west) / 16, 1e-4)))
    west, south = math.floor(west / cell) * cell, math.floor(south / cell) * cell
    east, north = math.ceil(east / cell) * cell, math.ceil(north / cell) * cell
    scope, params = scope_of(viewer, open_only)
    key = f"cells:{west}:{south}:{east}:{north}:{scope}:{sorted(params.items())}"
    key = f"cells:{blake2b(key.encode(), digest_size=16).hexdigest()}"
    known: list[dict[str, Any]] | None = cache.get(key)
    if known is not None:
        return known
    values = {"west": west, "south": south, "east": east, "north": north, "cell": cell, "now": clock.now(), **params}
    with connection.cursor() as cursor:
        for chosen in (_INSIDE, _NEWEST):
            values["cells"] = _NO_LIMIT if open_only else CELLS_AT_MOST + (chosen is _INSIDE)
            cursor.execute(_CELLS.format(chosen=chosen.format(scope=scope)), values)
            rows = cursor.fetchall()
            if open_only or sum(row[0] for row in rows) <= CELLS_AT_MOST:
                break
    found = [
        _feature(lng, lat, {"count": count, "overdue": late, "light": "overdue" if late else "on_track"})
        for count, lng, lat, late in rows
    ]
    cache.set(key, found, CELLS_FOR_S)
    return found


def scope_of(viewer: Viewer | None, open_only: bool) -> tuple[str, dict[str, Any]]:
    """The viewer's scope as plain SQL: the map is asked for with every move of a finger."""
    open_ = " AND c.is_open" if open_only else ""
    if viewer is None:
        public = (
            "c.is_public AND c.accepted_at IS NOT NULL AND c.state NOT IN ('withdrawn', 'merged', 'refused')"
        )
        return public + open_, {}
    reach = viewer.reach("case.view")
    parts = ["c.tokens && %(free)s::bigint[]"]
    params: dict[str, Any] = {"free": list(reach.free)}
    for index, (token, classes) in enumerate(reach.limited):
        parts.append(
            f"(c.tokens && ARRAY[%(token{index})s]::bigint[] AND c.matter_class = ANY(%(classes{index})s))"
        )
        params[f"token{index}"], params[f"classes{index}"] = token, sorted(classes)
    return f"({' OR '.join(parts)})" + open_, params


def _feature(lng: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lng, lat]},
        "properties": properties,
    }


def board(viewer: Viewer, each: int = 20) -> list[dict[str, Any]]:
    """The open cases by state: for each column its count and the most pressing ones. Two queries."""
    scope, params = scope_of(viewer, True)
    with connection.cursor() as cursor:
        # Each state that holds anything by itself: its first rows come from the index of due times, unsorted.
        cursor.execute(
            f"WITH held AS (SELECT c.state, count(*) AS n FROM cases_case c WHERE {scope} GROUP BY c.state)"
            " SELECT held.state, held.n,"
            f" ARRAY(SELECT c.id FROM cases_case c WHERE c.state = held.state AND {scope}"
            " ORDER BY c.current_due_at, c.id LIMIT %(each)s) FROM held WHERE held.state = ANY(%(states)s)",
            {**params, "each": each, "states": list(OPEN_MAIN)},
        )
        found = {state: (count, ids) for state, count, ids in cursor.fetchall()}
    now = clock.now()
    pressing = [case_id for _count, ids in found.values() for case_id in ids]
    rows = {row["id"]: row for row in Case.objects.filter(pk__in=pressing).values(*COLUMNS)}
    for row in rows.values():
        dress(row, now)
    columns = []
    for state in OPEN_MAIN:
        count, ids = found.get(state, (0, []))
        # A case that moved on between the two questions is left out.
        shown = [rows[case_id] for case_id in ids if case_id in rows]
        columns.append({"state": state, "label": FLOW.state(state).label, "count": count, "rows": shown})
    return columns


def figures(viewer: Viewer) -> dict[str, Any]:
    """Today's figures with their bases, in the viewer's scope, without sub-cases of assisting units. One query.

    Counted by the conditions of the worklist, so that a figure and the list it opens say the same.
    """
    now = clock.now()
    today = dt.datetime.combine(now.astimezone(CIVIL).date(), dt.time(), CIVIL)
    month = today - dt.timedelta(days=30)
    main = Q(parent=None)
    return {"since": today.date(), "month": month.date()} | (
        visible(viewer)
        .filter(main)
        # Whatever was reported, handled or closed in these days is open still or ended in them: old cases are
        # not looked at, however many there are.
        .filter(Q(is_open=True) | Q(is_open=False, ended_at__gte=month))
        .aggregate(
            open=Count("id", filter=Q(is_open=True)),
            overdue=Count("id", filter=in_lights(["overdue"], now)),
            near=Count("id", filter=in_lights(["near"], now)),
            suspended=Count("id", filter=in_lights(["suspended"], now)),
            legacy_open=Count("id", filter=Q(is_open=True, legacy=True)),
            reported_today=Count("id", filter=Q(reported_at__gte=today)),
            closed_today=Count("id", filter=Q(is_open=False, closed_at__gte=today)),
            due_today=Count("id", filter=Q(is_open=True, current_due_at__lt=today + dt.timedelta(days=1))),
            reported_30=Count("id", filter=Q(reported_at__gte=month)),
            closed_30=Count("id", filter=Q(is_open=False, closed_at__gte=month)),
            confirmed_30=Count("id", filter=Q(confirmed_at__gte=month)),
            in_time_30=Count("id", filter=Q(confirmed_at__gte=month, confirmed_at__lte=F("due_at"))),
            rated_30=Count("id", filter=Q(closed_at__gte=month) & ~Q(solved="")),
            solved_30=Count("id", filter=Q(closed_at__gte=month, solved="yes")),
            levelled_30=Count("id", filter=Q(closed_at__gte=month, level__isnull=False)),
            satisfied_30=Count("id", filter=Q(closed_at__gte=month, level__gte=3)),
        )
    )


FEW_PLACES = 60  # for so few, the index of tokens is asked


def by_place(viewer: Viewer, place_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Open and overdue counts of places (grids, communities), for the map and the list beside it. One query."""
    if not place_ids:
        return {}
    scope, params = scope_of(viewer, True)
    wanted = set(place_ids)
    if len(wanted) <= FEW_PLACES:
        scope += " AND c.tokens && %(places)s::bigint[]"
        params["places"] = sorted(wanted)
    found: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        # A few hundred lineages cover all open cases; adding them up here is cheaper than unnesting each case.
        cursor.execute(
            "SELECT lineage, count(*), count(*) FILTER (WHERE state <> 'suspended' AND current_due_at < %(now)s),"
            " count(*) FILTER (WHERE state <> 'suspended' AND current_due_at >= %(now)s"
            " AND current_due_at < %(near)s)"
            f" FROM cases_case c WHERE {scope} AND c.parent_id IS NULL GROUP BY lineage",
            {**params, "now": clock.now(), "near": clock.now() + NEAR},
        )
        for lineage, opened, late, near in cursor.fetchall():
            for place_id in wanted.intersection(lineage):
                counts = found.setdefault(place_id, {"open": 0, "overdue": 0, "near": 0})
                counts["open"] += opened
                counts["overdue"] += late
                counts["near"] += near
    return found
