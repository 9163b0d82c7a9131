"""Legacy and major problems (历史遗留、重大问题): the list, and the same as a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.doors.common import files
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.duty.frames import frame_of
from linli.doors.duty.showing import TierNames, dress_problems
from linli.doors.duty.views.board import with_query
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Refused
from linli.rooms.ladder import lists
from linli.rooms.ladder.exports import export_problems
from linli.rooms.ladder.lists import ProblemFilters
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized

WIDTHS = (18, 12, 16, 26, 50, 12, 14, 8, 20, 40, 30, 16)
SEES = ("duty.bear", "duty.assign", "case.mark", "case.supervise", "command.view")


@require_GET
@opens(*SEES)
def problems(request: HttpRequest) -> HttpResponse:
    """The old and the large problems, the oldest first: tier, days, what was tried, what comes next."""
    viewer = viewer_of_request(request)
    filters = ProblemFilters.read(request.GET)
    now = clock.now()
    rows, more = lists.problem_rows(viewer, filters)
    tiers = lists.tiers_in_force()
    strange = {row["ladder_id"] for row in rows if row["ladder_id"]} - {tier.ladder_id for tier in tiers}
    names = TierNames.of([*(lists.tiers_of(strange) if strange else []), *tiers])
    dress_problems(rows, names, viewer, now)
    place = atlas.current().places.get(filters.place) if filters.place else None
    return render(
        request,
        "duty/problems.html",
        {
            **frame_of(viewer),
            "rows": rows,
            "counts": lists.problem_counts(viewer, filters.place),
            "filters": filters,
            "kinds": [
                {"label": label, "url": with_query(request.GET, kind=code or None), "on": filters.kind == code}
                for code, label in (("", _("全部")), ("legacy", _("历史遗留")), ("major", _("重大问题")))
            ],
            "states": [
                {"label": label, "url": with_query(request.GET, done=code or None), "on": filters.done == bool(code)}
                for code, label in (("", _("没办完的")), ("1", _("办结的")))
            ],
            "tiers": [
                {"label": tier.name, "url": with_query(request.GET, tier=tier.code), "on": filters.tier == tier.code}
                for tier in tiers
            ],
            "no_tier": with_query(request.GET, tier=None),
            "place": localized(place) if place else "",
            "no_place": with_query(request.GET, place=None),
            "pager": {
                "previous": f"{with_query(request.GET)}&page={filters.page - 1}" if filters.page > 1 else "",
                "next": f"{with_query(request.GET)}&page={filters.page + 1}" if more else "",
                "shown": _("本页 %(n)d 件") % {"n": len(rows)},
            },
            "may_export": viewer.has("case.export"),
            "query": request.GET.urlencode(),
            "filtered": bool(filters.kind or filters.tier or filters.place),
        },
    )


@require_POST
@opens(*SEES)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV or XLSX, watermarked. A POST, because it leaves a record."""
    viewer = viewer_of_request(request)
    form = request.POST.get("format", "")
    if form not in ("csv", "xlsx"):
        raise Refused(_("请选 Excel 或 CSV。"), code="export.format")
    query = QueryDict(request.POST.get("query", "")[:2000])
    found = export_problems(ProblemFilters.read(query), query.urlencode(), form, viewer=viewer)
    mark = _("%(by)s 于 %(at)s 导出历史遗留和重大问题，共 %(n)d 件。记录号 %(entry)d。仅供工作使用，不得外传。") % {
        "by": found.by,
        "at": f"{found.at.astimezone(CIVIL):%Y-%m-%d %H:%M}",
        "n": found.count,
        "entry": found.entry_id,
    }
    names = TierNames.of(lists.tiers_in_force())

    def cells() -> Iterator[tuple[Any, ...]]:
        for row in found.rows:
            dress_problems([row], names, viewer, found.at)
            kinds = [words for marked, words in ((row["legacy"], _("历史遗留")), (row["major"], _("重大"))) if marked]
            yield (
                row["number"], "、".join(kinds), row["title"], row["where"], row["description"], row["state_words"],
                row["tier"], row["days"], row["unit"], row["tried_last"] or "", row["why_last"] or "", row["next"],
            )  # fmt: skip

    titles = [
        _("事件编号"), _("类别"), _("事项"), _("地点"), _("问题描述"), _("环节"), _("层级"), _("天数"), _("主办单位"),
        _("做过什么"), _("为什么没有办成"), _("下一步"),
    ]  # fmt: skip
    name = f"problems-{found.at.astimezone(CIVIL):%Y%m%d-%H%M}.{form}"
    if form == "csv":
        answer: HttpResponseBase = StreamingHttpResponse(
            files.csv_lines([mark], titles, cells()), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    from linli.doors.common.workbook import xlsx  # loaded when a sheet is asked for

    file = xlsx(_("历史遗留和重大问题"), [mark], titles, cells(), author=found.by, widths=WIDTHS)
    return FileResponse(
        file,
        as_attachment=True,
        filename=name,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
