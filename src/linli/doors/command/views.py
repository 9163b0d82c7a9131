"""One screen for leaders: figures that can be clicked, the map in the middle, the same as a list beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel import clock
from linli.rooms.cases.queries.overview import by_place, figures
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: what it says, out of how many, which light, and the list it opens."""

    value: int
    label: str
    url: str
    light: str = ""
    base: int | None = None
    base_label: str = ""

    @property
    def percent(self) -> int | None:
        return round(100 * self.value / self.base) if self.base else None


@require_GET
@opens("command.view")
def today(request: HttpRequest, wall: bool = False) -> HttpResponse:
    """Today's figures and the grids. kind=grid|community chooses what the list beside the map counts."""
    viewer = viewer_of_request(request)
    kind = "community" if request.GET.get("kind") == "community" else "grid"
    numbers = figures(viewer)
    places = _places(viewer, kind)
    return render(
        request,
        "command/today.html",
        {
            "tiles": _tiles(numbers),
            "rates": _rates(numbers),
            "places": places,
            "kind": kind,
            "wall": wall,
            "bounds": _bounds(places),
            "now": clock.now(),
            "by_grid": kind == "grid",
            "by_community": kind == "community",
        },
    )


def _list(**query: str) -> str:
    """The desk's list of these cases, without sub-cases of assisting units: figures do not count them either."""
    return f"{reverse('desk:worklist')}?{urlencode({**query, 'main': '1'})}"


def _tiles(n: dict[str, Any]) -> list[Tile]:
    """The figures of now, each leading to a list of exactly as many cases."""
    today = str(n["since"])
    return [
        Tile(n["open"], _("正在办"), _list(view="open")),
        Tile(n["overdue"], _("超期"), _list(view="open", light="overdue"), "overdue", n["open"], _("在办")),
        Tile(n["near"], _("4 小时内到期"), _list(view="open", light="near"), "near", n["open"], _("在办")),
        Tile(n["suspended"], _("挂账"), _list(view="open", light="suspended"), "suspended", n["open"], _("在办")),
        Tile(n["reported_today"], _("今天上报"), _list(view="all", since=today)),
        Tile(n["closed_today"], _("今天结案"), _list(view="ended", closed=today), "done"),
        Tile(n["legacy_open"], _("历史遗留未结"), _list(view="open", legacy="1"), "", n["open"], _("在办")),
    ]


def _rates(n: dict[str, Any]) -> list[Tile]:
    """Rates of thirty days, each with its base and the list of its cases (DOMAIN §3: always publish the base)."""
    month = str(n["month"])
    ended = _list(view="ended", closed=month)
    in_time = _list(view="all", confirmed=month, in_time="1")
    solved, satisfied = (_list(view="all", closed=month, **{flag: "1"}) for flag in ("solved", "satisfied"))
    return [
        Tile(n["in_time_30"], _("按期处置"), in_time, "", n["confirmed_30"], _("已处置")),
        Tile(n["closed_30"], _("结案"), ended, "", n["reported_30"], _("上报")),
        Tile(n["solved_30"], _("说解决了"), solved, "", n["rated_30"], _("已评价")),
        Tile(n["satisfied_30"], _("基本满意以上"), satisfied, "", n["levelled_30"], _("选了满意度")),
    ]


def _places(viewer: Viewer, kind: str) -> list[dict[str, Any]]:
    """Grids (or communities) with open cases, the most pressing first."""
    known = atlas.current().places
    kinds = ("community",) if kind == "community" else ("grid", "special")
    reach = set(viewer.reach("case.view").free)
    wanted = [facts for facts in known.values() if facts.kind in kinds and reach.intersection(facts.lineage)]
    counts = by_place(viewer, [facts.id for facts in wanted])
    rows = []
    for facts in wanted:
        found = counts.get(facts.id)
        if not found:
            continue
        parent = known.get(facts.parent_id or 0)
        rows.append(
            {
                "id": facts.id,
                "name": localized(facts),
                "parent": localized(parent) if parent else "",
                **found,
                "light": "overdue" if found["overdue"] else "near" if found["near"] else "on_track",
                "url": _list(view="open", place=str(facts.id)),
                "lng": facts.lng,
                "lat": facts.lat,
                "code": facts.code,
            }
        )
    return sorted(rows, key=lambda row: (-row["overdue"], -row["near"], -row["open"]))


def _bounds(rows: list[dict[str, Any]]) -> str:
    """The box around the places of the list, for the map's first look: west,south,east,north."""
    shapes = atlas.current().shapes
    boxes = [shapes[row["id"]].bounds for row in rows if row["id"] in shapes]
    if not boxes:
        return ""
    west, south, east, north = zip(*boxes, strict=True)
    return f"{min(west):.5f},{min(south):.5f},{max(east):.5f},{max(north):.5f}"
