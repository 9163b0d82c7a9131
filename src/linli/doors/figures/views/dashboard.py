"""The figures of a place, of a unit or of a post: tiles, trend, table; and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.doors.common import files
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.figures import asked as asking
from linli.doors.figures import naming, showing
from linli.doors.figures.asked import Asked
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import NotFound
from linli.rooms.insight.measures import NOTHING, Counts
from linli.rooms.insight.periods import NAMES
from linli.rooms.insight.queries import counts, counts_of
from linli.rooms.insight.queries.behind import trend
from linli.rooms.insight.queries.scope import Scope, lineage_of, scope_of
from linli.rooms.insight.rules import GROUPS, INDICATORS
from linli.rooms.people.models import Post
from linli.rooms.places import atlas
from linli.rooms.places.atlas import localized

SPANS = 8
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@opens("insight.view")
def dashboard(request: HttpRequest) -> HttpResponseBase:
    """The figures of a place, broken down. format=csv|xlsx: all indicators as a file."""
    scope = scope_of(viewer_of_request(request))
    if not scope.places:
        if not scope.units:
            raise NotFound(code="insight.elsewhere")
        return redirect(reverse("figures:one", args=["unit", scope.units[0]]))
    asked = asking.read(request, scope)
    assert asked.under is not None
    found = counts(asked.by, asked.period.since, asked.period.until, under=asked.under)
    found = {id: each for id, each in found.items() if each}
    named = naming.names(asked.by, found)
    ids = naming.order(asked.by, found, named)
    whole = counts_of("district", asked.under, asked.period.since, asked.period.until)
    if request.GET.get("format") in ("csv", "xlsx"):
        rows = ((named.get(id, f"#{id}"), found[id]) for id in ids)
        return _file(request.GET["format"], asked, str(naming.LABELS[asked.by]), [*rows, (_("合计"), whole)])
    codes = [code for code, indicator in INDICATORS.items() if indicator.group == asked.group]
    return render(
        request,
        "figures/dashboard.html",
        {
            **_frame(asked, whole, "district", asked.under),
            "path": _path(scope, asked.under),
            "place_name": naming.name_of("district", asked.under),
            "bys": [(by, naming.LABELS[by], asked.link(by=by)) for by in asking.choices(asked.under)],
            "by_label": naming.LABELS[asked.by],
            "columns": [(INDICATORS[code], asked.link(show=code) + "#trend") for code in codes],
            "body": showing.table(asked, codes, ids, named, found, whole),
            "rows": len(ids),
            "downloads": [(kind, asked.link(format=kind)) for kind in ("xlsx", "csv")],
        },
    )


@require_GET
@opens("insight.view")
def one(request: HttpRequest, dimension: str, number: str) -> HttpResponse:
    """The figures of one unit, post or grid: every group of indicators, and its trend."""
    id = int(number)
    scope = scope_of(viewer_of_request(request))
    within = check_scope(scope, dimension, id)
    asked = asking.read(request, scope)
    since, until = asked.period.since, asked.period.until
    whole = (
        counts_of(dimension, id, since, until)
        if within is None
        else counts(dimension, since, until, ids=[id], under=within).get(id, NOTHING)
    )
    frame = _frame(asked, whole, dimension, id)
    return render(
        request,
        "figures/one.html",
        {
            **frame,
            "dimension": dimension,
            "name": naming.name_of(dimension, id),
            "kind": naming.LABELS[dimension],
            "groups": [
                (label[1] if naming.english() else label[0], _tiles(asked, whole, group, dimension, id))
                for group, label in GROUPS.items()
            ],
            "within": naming.name_of("district", within) if within is not None else "",
            "back": reverse("figures:home") + asked.link() if scope.places else "",
            "mine": dimension == "unit" and id in scope.units,
        },
    )


def check_scope(scope: Scope, dimension: str, id: int) -> int | None:
    """The place within which this one's figures may be seen (None: all). Raises NotFound."""
    if dimension == "unit":
        within = scope.unit(id)
        whole = within is not None and len(lineage_of(within)) == 1
        return None if whole else within
    if dimension == "grid":
        scope.place(id)
        return None
    if dimension == "post":
        post = Post.objects.filter(pk=id).values("place__lineage", "unit_id").first()
        if post is None:
            raise NotFound(code="insight.elsewhere")
        if post["unit_id"] not in scope.units and set(post["place__lineage"] or ()).isdisjoint(scope.places):
            raise NotFound(code="insight.elsewhere")
        return None
    raise NotFound(code="insight.elsewhere")


def _frame(asked: Asked, whole: Counts, dimension: str, id: int) -> dict[str, Any]:
    """What both pages have: periods, groups, tiles, the trend of one indicator with its table."""
    spans = asked.period.before(SPANS)
    many = trend(dimension, id, spans)
    labels = [_label(since, until, asked.period.name) for since, until in spans]
    shown = INDICATORS[asked.show]
    return {
        "asked": asked,
        "periods": [(name, label, asked.link(period=name, since="", until="")) for name, label in NAMES.items()
                    if name != "any"],
        "groups_nav": [(code, label[1] if naming.english() else label[0], asked.link(group=code, show=""))
                       for code, label in GROUPS.items()],
        "tiles": _tiles(asked, whole, asked.group, dimension, id),
        "indicators": [(each.code, each.label) for each in INDICATORS.values()],
        "shown": shown,
        "chart": showing.chart(asked.show, labels, many),
        "trend": [(label, showing.figure(asked.show, each)) for label, each in zip(labels, many, strict=True)],
        "left_out": whole["left_out"],
        "left_out_url": showing.cases_url(asked, "left_out", *_whose(dimension, id)),
        "now": clock.now(),
        "at_home": True,
        "carried": whole["carried"],
        "due": whole["due"],
    }  # fmt: skip


def _whose(dimension: str, id: int) -> tuple[str, int | None]:
    return ("", None) if dimension == "district" else (dimension, id)


def _tiles(asked: Asked, whole: Counts, group: str, dimension: str, id: int) -> list[showing.Tile]:
    return showing.tiles(whole, group, lambda population: showing.cases_url(asked, population, *_whose(dimension, id)))


def _label(since: Any, until: Any, name: str) -> str:
    if name in ("month", "last_month"):
        return f"{since:%Y-%m}"
    if name == "year":
        return f"{since:%Y}"
    return f"{since:%m-%d}"


def _path(scope: Scope, under: int) -> list[tuple[str, int]]:
    """The places above, as far up as one may see."""
    known = atlas.current().places
    lineage = lineage_of(under)
    first = next((n for n, place_id in enumerate(lineage) if place_id in scope.places), 0)
    return [(localized(known[place_id]), place_id) for place_id in lineage[first:-1] if place_id in known]


def _file(kind: str, asked: Asked, first: str, rows: list[tuple[str, Counts]]) -> HttpResponseBase:
    """All indicators as a file, with what it is, of which days, and when it was made."""
    mark = _("指标 %(since)s 至 %(until)s，%(at)s 生成") % {
        "since": asked.period.since,
        "until": asked.period.last,
        "at": f"{clock.now().astimezone(CIVIL):%Y-%m-%d %H:%M}",
    }
    name = f"figures-{asked.period.since:%Y%m%d}-{asked.period.last:%Y%m%d}.{kind}"
    titles = showing.file_titles(first)
    lines: Iterator[list[Any]] = (showing.file_row(name, each) for name, each in rows)
    if kind == "csv":
        answer = StreamingHttpResponse(files.csv_lines([mark], titles, lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    from linli.doors.common.workbook import xlsx  # loaded when a sheet is asked for

    return FileResponse(
        xlsx(_("指标"), [mark], titles, lines, widths=(24,)), as_attachment=True, filename=name, content_type=_XLSX
    )
