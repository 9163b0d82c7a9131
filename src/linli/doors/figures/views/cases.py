"""The cases behind a figure, as many as the figure says; what is left out; the definitions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.figures import asked as asking
from linli.doors.figures import naming
from linli.doors.figures.views.dashboard import check_scope
from linli.kernel.errors import NotFound
from linli.rooms.cases.flow import FLOW
from linli.rooms.insight.dimensions import DIMENSIONS, PLACE_KINDS
from linli.rooms.insight.models import Exclusion
from linli.rooms.insight.queries.behind import Behind, cases_behind
from linli.rooms.insight.queries.scope import scope_of
from linli.rooms.insight.queries.slow import CONDITIONS
from linli.rooms.insight.rules import GROUPS, INDICATORS

SIZE = 50
LABELS = {
    "reported": _("上报"),
    "valid": _("上报且已立案"),
    "registered": _("立案"),
    "dispatched": _("派遣"),
    "accurate": _("派遣且未被回退"),
    "responded": _("按时接收"),
    "due": _("应处置"),
    "carried": _("期初结转"),
    "handled": _("已处置"),
    "in_time": _("按期处置"),
    "overdue": _("超期未处置"),
    "extended": _("延期"),
    "left_out": _("不计入"),
    "to_close": _("应结案"),
    "closed_in_time": _("按期结案"),
    "reworked": _("返工"),
    "closed": _("结案"),
    "answered": _("上报人有回音"),
    "solved": _("说解决了"),
    "levelled": _("评过满意度"),
    "satisfied": _("基本满意以上"),
    "bad": _("差评"),
    "bad_called": _("差评已回访"),
    "right_due": _("差评整改到期"),
    "righted": _("差评按期整改"),
    "reopened": _("重开"),
}


@require_GET
@opens("insight.view")
def cases(request: HttpRequest) -> HttpResponse:
    """population, period, under, dimension and id as the figure had them."""
    scope = scope_of(viewer_of_request(request))
    asked = asking.read(request, scope)
    population = request.GET.get("population", "due")
    dimension = request.GET.get("dimension", "")
    id = asking.number(request.GET, "id")
    if population not in CONDITIONS or (id is not None and dimension not in DIMENSIONS):
        raise NotFound(code="insight.no_population")
    under = [asked.under] if asked.under is not None else []
    if id is not None and dimension in (*PLACE_KINDS, "unit", "post"):
        if dimension in PLACE_KINDS:
            scope.place(id)
        else:
            within = check_scope(scope, dimension, id)
            if within is None and asked.under is None:
                under = []
    elif not scope.places:
        raise NotFound(code="insight.elsewhere")
    page = asking.page_of(request.GET)
    number, rows = cases_behind(
        population,
        asked.period.since,
        asked.period.until,
        under=under,
        dimension=dimension,
        id=id,
        page=page,
        size=SIZE,
    )
    extra: dict[str, Any] = {"dimension": dimension, "id": id} if id is not None else {}
    where = [naming.name_of(dimension, id)] if id is not None else []
    if asked.under is not None:
        where.append(naming.name_of("district", asked.under))
    return render(
        request,
        "figures/cases.html",
        {
            "asked": asked,
            "population": population,
            "label": LABELS[population],
            "number": number,
            "rows": _shown(rows),
            "where": " · ".join(where),
            "related": [
                (
                    LABELS[name],
                    "?" + asked.link(population=name, by="", group="", show="", **extra)[1:],
                    name == population,
                )
                for name in _related(population)
            ],
            "pages": _pages(asked, population, extra, page, number),
            "at_home": True,
        },
    )


def _related(population: str) -> list[str]:
    """Parts of the same figures: base and numerators together."""
    found = [population]
    for indicator in INDICATORS.values():
        if population in (indicator.base, indicator.numerator):
            base = indicator.base
            found = [base, *(each.numerator for each in INDICATORS.values() if each.base == base)]
            break
    if found[0] == "due":
        found += ["carried", "left_out"]
    if population == "left_out" or population == "carried":
        found = ["due", "in_time", "handled", "overdue", "extended", "carried", "left_out"]
    return [name for name in dict.fromkeys(found) if name in CONDITIONS]


def _pages(asked: Any, population: str, extra: dict[str, Any], page: int, number: int) -> list[tuple[str, str]]:
    last = max(1, -(-number // SIZE))
    found = []
    for label, wanted in ((_("上一页"), page - 1), (_("下一页"), page + 1)):
        if 1 <= wanted <= last:
            link = asked.link(population=population, by="", group="", show="", page=wanted, **extra)
            found.append((str(label), link))
    return found


def _shown(rows: list[Behind]) -> list[dict[str, Any]]:
    units = naming.names("unit", {row.unit_id for row in rows if row.unit_id})
    places = naming.names("grid", {row.place_id for row in rows})
    windows = {row.out_ref for row in rows if row.out == "window" and row.out_ref is not None}
    reasons = dict(Exclusion.objects.filter(pk__in=windows).values_list("pk", "reason")) if windows else {}
    english = naming.english()
    return [
        {
            "row": row,
            "state": str(FLOW.state(row.state).label),
            "item": (row.item_en if english and row.item_en else row.item_zh),
            "unit": units.get(row.unit_id or 0, ""),
            "place": places.get(row.place_id, ""),
            "late": bool(row.due and row.handled and row.handled > row.due),
            "why": _("申诉成立") if row.out == "appeal" else reasons.get(row.out_ref or 0, ""),
        }
        for row in rows
    ]


@require_GET
@opens("insight.view", "appeal.ask")
def definitions(request: HttpRequest) -> HttpResponse:
    """Every indicator with its definition, and what is left out."""
    english = naming.english()
    groups = [
        (label[1] if english else label[0], [each for each in INDICATORS.values() if each.group == group])
        for group, label in GROUPS.items()
    ]
    return render(request, "figures/definitions.html", {"groups": groups, "english": english})
