"""The register of supervision orders; all state is in the address."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.supervision.apps import USERS
from linli.doors.supervision.showing import frame, left_words
from linli.doors.supervision.templatetags.supervision import known
from linli.kernel import clock, journal
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import NotAllowed
from linli.kernel.flow import say
from linli.rooms.oversight.flow import ORDER
from linli.rooms.oversight.models import Source
from linli.rooms.oversight.queries import proposals
from linli.rooms.oversight.queries import register as reads
from linli.rooms.oversight.queries.order import level_names
from linli.rooms.oversight.queries.register import VIEWS, Filters
from linli.rooms.people.rights import Viewer

EXPORT_AT_MOST = 20_000
WIDTHS = (20, 10, 10, 10, 10, 30, 40, 18, 14, 22, 16, 16, 16, 16, 16, 8, 8, 8)


@require_GET
@opens(*USERS)
def register(request: HttpRequest) -> HttpResponse:
    """One page of the viewer's orders."""
    viewer = viewer_of_request(request)
    filters = Filters.read(request.GET)
    offset = request.GET.get("from", "")
    start = int(offset) if offset.isdecimal() and len(offset) < 7 else 0
    rows, more = reads.page(viewer, filters, start)
    levels = level_names()
    for row in rows:
        row["left"] = left_words(row["current_due_at"], row["is_open"] and len(row["turns"]) > 1)
        row["level_name"] = levels[row["level"] - 1] if row["level"] <= len(levels) else row["level"]
    supervises = viewer.has("case.supervise")
    context: dict[str, Any] = {
        "frame": frame(request),
        "rows": rows,
        "filters": filters,
        "tabs": _tabs(viewer, filters),
        "facets": _facets(viewer, filters, request.GET),
        "total": reads.total(viewer, filters),
        "pager": {
            "previous": _address(request.GET, **{"from": max(0, start - reads.PAGE) or None}) if start else "",
            "next": _address(request.GET, **{"from": more}) if more else "",
            "shown": _("本页 %(n)d 份") % {"n": len(rows)},
        },
        "waiting": proposals.counts(viewer)[""] if supervises else 0,
        "supervises": supervises,
        "may_export": viewer.has("case.export"),
        "query": request.GET.urlencode(),
        "filtered": any(
            (filters.lights, filters.states, filters.sources, filters.q, filters.unit, filters.place, filters.late)
        ),
    }
    return render(request, "supervision/register.html", context)


def _tabs(viewer: Viewer, filters: Filters) -> list[dict[str, Any]]:
    wanted = [code for code in VIEWS if code != "drafts" or viewer.has("case.supervise")]
    return [{"url": f"?view={code}", "label": VIEWS[code], "chosen": code == filters.view} for code in wanted]


def _address(query: QueryDict, **changes: Any) -> str:
    kept = query.copy()
    for name, value in changes.items():
        kept.pop(name, None)
        if value:
            kept[name] = str(value)
    return "?" + kept.urlencode()


def _facets(viewer: Viewer, filters: Filters, query: QueryDict) -> list[dict[str, Any]]:
    counted = reads.counts(viewer, filters)
    groups: list[tuple[str, Any, list[tuple[str, Any]], list[str]]] = [
        ("light", _("督办灯"), [(code, facts[0]) for code, facts in known().items()], filters.lights),
        ("state", _("状态"), [(state.code, say(state.label)) for state in ORDER.states], filters.states),
        ("source", _("来源"), list(Source.choices), filters.sources),
    ]
    found = []
    for name, label, values, chosen in groups:
        links = [
            {
                "code": code,
                "label": words,
                "count": counted[name].get(code, 0),
                "chosen": code in chosen,
                "url": _toggled(query, name, code),
            }
            for code, words in values
            if counted[name].get(code) or code in chosen
        ]
        if links:
            found.append({"name": name, "label": label, "links": links})
    return found


def _toggled(query: QueryDict, name: str, code: str) -> str:
    kept = query.copy()
    kept.pop("from", None)
    values = kept.getlist(name)
    kept.setlist(name, [v for v in values if v != code] if code in values else [*values, code])
    return "?" + kept.urlencode()


@require_POST
@opens(*USERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """The register as XLSX, on record."""
    viewer = viewer_of_request(request)
    verdict = viewer.may("case.export")
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    query = QueryDict(request.POST.get("query", "")[:2000])
    filters = Filters.read(query)
    found = reads.matching(viewer, filters)[:EXPORT_AT_MOST]
    count = found.count()
    with transaction.atomic():
        entry = journal.record(
            action="order.export",
            actor=viewer.acting(verdict.post),
            object_type="export",
            object_id="orders.xlsx",
            before=None,
            after={"query": query.urlencode()[:1000], "count": count},
        )
    from linli.doors.common.workbook import xlsx  # loaded when a sheet is asked for

    now = f"{clock.now().astimezone(CIVIL):%Y-%m-%d %H:%M}"
    mark = _("%(by)s 于 %(at)s 导出，共 %(n)d 份。记录号 %(entry)d。仅供工作使用，不得外传。") % {
        "by": viewer.name,
        "at": now,
        "n": count,
        "entry": entry,
    }
    rows = reads.sheet_rows(reads.matching(viewer, filters), level_names())
    file = xlsx(_("督办登记簿"), [mark], reads.titles(), rows, author=viewer.name, widths=WIDTHS)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"orders-{now[:10]}.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
