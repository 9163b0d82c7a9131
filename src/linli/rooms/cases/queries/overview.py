"""Many cases at a glance: the map's viewport, the board by state, today's figures by grid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import get_language

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.queries.scope import visible
from linli.rooms.cases.queries.worklist import COLUMNS, NEAR, dress, in_lights
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
_CELLS = """
SELECT count(*), avg(lng), avg(lat), count(*) FILTER (WHERE is_open AND current_due_at < %(now)s)
FROM cases_case c
WHERE point <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s)) AND c.parent_id IS NULL AND {scope}
GROUP BY floor(lng / %(cell)s), floor(lat / %(cell)s)
"""


def viewport(box: Box, viewer: Viewer | None, *, open_only: bool = True) -> dict[str, Any]:
    """The cases inside a box as GeoJSON: points, or counted cells when there are too many to draw.

    viewer None: the public's map. Two queries at most; the answer stays under a few hundred features.
    """
    west, south, east, north = box
    now = clock.now()
    english = (get_language() or "zh").startswith("en")
    scope, params = _scope(viewer, open_only)
    values = {
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "limit": MAP_AT_MOST + 1,
        "now": now,
        **params,
    }
    with connection.cursor() as cursor:
        name = "coalesce(nullif(i.name_en, ''), i.name_zh)" if english else "i.name_zh"
        cursor.execute(_POINTS.format(scope=scope, name=name), values)
        rows = cursor.fetchall()
        if len(rows) > MAP_AT_MOST:
            cell = max((east - west) / 16, 1e-4)
            cursor.execute(_CELLS.format(scope=scope), {**values, "cell": cell})
            features = [
                _feature(
                    lng, lat, {"count": count, "overdue": late, "light": "overdue" if late else "on_track"}
                )
                for count, lng, lat, late in cursor.fetchall()
            ]
            return {"type": "FeatureCollection", "features": features, "clustered": True}
    features = [
        _feature(
            lng,
            lat,
            {
                "number": number,
                "state": str(FLOW.state(state).label),
                "title": title or "",
                "reports": reports,
                "light": light_of(state, due, since, now),
            },
        )
        for number, state, lng, lat, due, since, title, reports in rows
    ]
    return {"type": "FeatureCollection", "features": features, "clustered": False}


def _scope(viewer: Viewer | None, open_only: bool) -> tuple[str, dict[str, Any]]:
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


BOARD = (
    "reported",
    "checking",
    "accepted",
    "registered",
    "dispatched",
    "handling",
    "confirming",
    "verifying",
    "closing",
)


def board(viewer: Viewer, each: int = 20) -> list[dict[str, Any]]:
    """The open cases by state: for each column its count and the most pressing ones. Two queries."""
    counts = dict(
        visible(viewer).filter(is_open=True).order_by().values_list("state").annotate(n=Count("id"))
    )
    ranked = (
        visible(viewer)
        .filter(is_open=True, state__in=BOARD)
        .annotate(
            rank=Window(
                RowNumber(),
                partition_by=[F("state")],
                order_by=[F("current_due_at").asc(nulls_last=True), F("id").asc()],
            )
        )
        .filter(rank__lte=each)
    )
    now = clock.now()
    columns: dict[str, list[dict[str, Any]]] = {state: [] for state in BOARD}
    for row in ranked.order_by("state", "rank").values(*COLUMNS):
        dress(row, now)
        columns[row["state"]].append(row)
    return [
        {
            "state": state,
            "label": FLOW.state(state).label,
            "count": counts.get(state, 0),
            "rows": columns[state],
        }
        for state in BOARD
    ]


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


def by_place(viewer: Viewer, place_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Open and overdue counts of places (grids, communities), for the map and the list beside it. One query."""
    if not place_ids:
        return {}
    scope, params = _scope(viewer, True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT token, count(*), count(*) FILTER (WHERE state <> 'suspended' AND current_due_at < %(now)s),"
            " count(*) FILTER (WHERE state <> 'suspended' AND current_due_at >= %(now)s"
            " AND current_due_at < %(near)s)"
            f" FROM cases_case c, unnest(c.tokens) token WHERE {scope} AND c.parent_id IS NULL"
            " AND token = ANY(%(places)s::bigint[]) GROUP BY token",
            {**params, "now": clock.now(), "near": clock.now() + NEAR, "places": list(place_ids)},
        )
        return {
            token: {"open": n, "overdue": late, "near": near} for token, n, late, near in cursor.fetchall()
        }
