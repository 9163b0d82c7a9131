"""What lies half done on people's desks: saved views, a list to look through, new borders, a changed matrix."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import openpyxl
import shapely.affinity
from shapely.geometry import Polygon

from linli.demo.ground_laid import grids_file
from linli.demo.people_told import Cast
from linli.demo.staffing import showcase_grid
from linli.demo.stories import problem_list
from linli.demo.town import Town
from linli.demo.units import committee_of
from linli.kernel import clock
from linli.rooms.cases.actions.lists import preview_list
from linli.rooms.cases.actions.settings import save_view
from linli.rooms.people import actions as people
from linli.rooms.people.models import Post, Responsibility
from linli.rooms.places.actions import preview_import

VIEWS: dict[str, tuple[tuple[str, str], ...]] = {
    "intake01": (("待受理", "view=open&state=reported"), ("热线来电", "view=open&channel=hotline")),
    "dispatcher01": (
        ("已超期", "view=open&light=overdue"),
        ("被回退的", "view=open&returned=1"),
        ("待结案", "view=open&state=closing"),
        ("历史遗留", "view=open&legacy=1"),
    ),
    "supervisor01": (("已超期", "view=open&light=overdue"), ("重开过的", "view=all&reopened=1")),
    "unit.contact01": (("处置中", "view=open&state=handling"), ("临期", "view=open&light=near")),
    "cadre.community01": (("本社区未结", "view=open"), ("历史遗留", "view=all&legacy=1")),
    "leader01": (("已超期", "view=open&light=overdue"), ("挂账", "view=open&light=suspended")),
}


def keep_views(cast: Cast) -> None:
    """The lists that people come back to."""
    for username, views in VIEWS.items():
        for name, query in views:
            save_view(name, query, viewer=cast.viewer(username))


def bring_list(cast: Cast, town: Town) -> None:
    """A month of listening as one sheet (HL-2), read and not yet taken in; a few rows need mending."""
    rows = problem_list(town, 40 if town.size == "small" else 436)
    names = {division.code: division.name_zh for division in town.divisions}
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "问题清单"
    sheet.append(["序号", "问题描述", "事项", "地址", "所属社区", "经度", "纬度", "联系电话", "是否历史遗留"])
    for k, row in enumerate(rows):
        spot = row.spot
        located = k % 3 != 2
        sheet.append(
            [
                row.number,
                row.text,
                row.item if k % 4 == 0 else "",
                spot.address,
                "" if k % 53 == 20 else names[spot.community_code],
                (spot.lat if k % 97 == 30 else spot.lng) if located else "",
                (spot.lng if k % 97 == 30 else spot.lat) if located else "",
                "1540012" if k % 71 == 12 else f"1540003{k:04d}" if k % 5 == 0 else "",
                "是" if k % 6 == 1 else "",
            ]
        )
    out = io.BytesIO()
    book.save(out)
    preview_list(out.getvalue(), "十一月问题清单.xlsx", "十一月问题清单", viewer=cast.viewer("intake01"))


def draw_new_borders(cast: Cast, town: Town) -> None:
    """New borders of one community as somebody sent them: one grid moved, one code twice, one line crossed."""
    home = showcase_grid(town).community_code
    divided = {grid.community_code for grid in town.unit_grids()}
    community = next((c.code for c in town.urban_communities() if c.code in divided - {home}), home)
    grids = [grid for grid in town.grids if grid.community_code == community]
    plain = [grid for grid in grids if grid.level == "general"]
    moved = replace(plain[1], polygon=shapely.affinity.translate(plain[1].polygon, xoff=0.0006))
    renamed = replace(plain[-1], code=plain[0].code)
    changed = {moved.key: moved, renamed.key: renamed}
    micro = next((grid for grid in grids if grid.level == "micro"), None)
    if micro is not None:
        west, south, east, north = micro.polygon.bounds
        crossed = Polygon([(west, south), (east, north), (east, south), (west, north)])
        changed[micro.key] = replace(micro, polygon=crossed)
    data = grids_file([changed.get(grid.key, grid) for grid in grids], {grid.key: grid.code for grid in town.grids})
    name = town.division(community).name_zh
    preview_import(
        cast.viewer("admin.system"),
        data,
        system="wgs84",
        filename=f"{name}网格调整方案.geojson",
        note="测绘单位送来的调整方案，待核对",
    )


def rethink_matrix(cast: Cast, town: Town, places: dict[str, int], units: dict[str, int]) -> None:
    """A draft edition with two changes, to be tried over past cases."""
    by = cast.viewer("admin.system")
    home = showcase_grid(town)
    draft = people.draft_matrix(by, note="试行：店外经营交由属地先行劝导")
    committee = units[committee_of(home.community_code)]
    words = people.RuleWords(
        matter="M09001", place_id=places[home.community_code], unit_id=committee, note="先由社区劝导，劝不动再报城管"
    )
    people.add_rule(by, draft.pk, words)
    noise = Responsibility.objects.filter(matrix=draft, matter="M06028", from_time__isnull=False).first()
    if noise is not None:
        night = people.RuleWords(
            matter="M06028",
            place_id=noise.place_id,
            unit_id=noise.unit_id,
            from_time=dt.time(21),
            to_time=dt.time(7),
            note="夜间提早到九点",
        )
        people.edit_rule(by, noise.pk, night)


def plan_leave(cast: Cast) -> None:
    """Whoever names a deputy goes on leave next week."""
    start = clock.now() + dt.timedelta(days=3)
    for row in cast.staffing.posts:
        if row.deputy:
            post = Post.objects.get(holder_id=cast.ids[row.username], kind__code=row.kind)
            until = start + dt.timedelta(days=7)
            people.deputise(cast.viewer(row.username), post.pk, cast.ids[row.deputy], since=start, until=until)
