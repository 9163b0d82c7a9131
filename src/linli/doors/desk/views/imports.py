"""A list of problems from a sheet: choose the file, look at every row, mend what is wrong, take it in whole."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.common.step_forms import item_choices, item_label, place_choices, place_label
from linli.doors.common.widgets import Suggested
from linli.doors.desk.views.worklist import staff
from linli.kernel.errors import LinliError, NotFound, Refused
from linli.rooms.cases.actions.lists import amend_row, default_name, drop_list, preview_list, take_in_list
from linli.rooms.cases.models import CaseImport
from linli.rooms.cases.problem_list import COLUMNS, MAX_BYTES
from linli.rooms.cases.queries.lists import list_draft, lists_of, row_for_page

PAGE = 40
SYSTEMS = {
    "wgs84": "WGS-84",
    "cgcs2000": "CGCS2000",
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
}


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """GET: what to bring and the lists so far. POST: read the file and go to its preview."""
    viewer = staff(request)
    viewer.require("case.import")
    context: dict[str, Any] = {"systems": SYSTEMS, "name": default_name()}
    status = 200
    if request.method == "POST":
        context.update(name=request.POST.get("name", "")[:100], system=request.POST.get("system", ""))
        try:
            file = request.FILES.get("file")
            if file is None:
                raise Refused(_("请选一个表格文件（.xlsx 或 .csv）。"), "list.no_file", "file")
            if file.size and file.size > MAX_BYTES:
                raise Refused(
                    _("文件太大（%(size)d MB）。请选小于 10 MB 的表格，或分几次导入。") % {"size": file.size >> 20},
                    "list.too_large",
                    "file",
                )
            made = preview_list(
                file.read(),
                file.name or "",
                request.POST.get("name", ""),
                viewer=viewer,
                system=request.POST.get("system", "wgs84"),
            )
        except LinliError as error:
            context["error"], status = " ".join(str(p) for p in (error.message, error.what_next) if p), error.status
        else:
            return HttpResponseRedirect(reverse("desk:import_draft", args=[made.pk]))
    return render(request, "desk/import.html", {**context, "lists": lists_of(viewer)}, status=status)


@require_GET
def template(request: HttpRequest) -> FileResponse:
    """An empty sheet with the right titles and two rows that show how to fill it in."""
    staff(request).require("case.import")
    titles = [title for title, _words in COLUMNS.values()]
    rows = [
        ["路口的路灯三天没亮了", "路灯", "滨江路 12 号门口", "", "", "", "", "", "", "", ""],
        ["楼道里堆着旧家具，消防通道走不过去", "", "3 栋 2 单元", "", "", "", "", "", "", "是", ""],
    ]
    from linli.doors.common.workbook import xlsx  # loaded when a sheet is asked for

    file = xlsx(_("问题清单"), [], titles, rows, widths=(44, 14, 26, 18, 12, 12, 12, 16, 16, 14, 10))
    return FileResponse(
        file,
        as_attachment=True,
        filename="problem-list.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def _shown(request: HttpRequest, draft: CaseImport) -> dict[str, Any]:
    rows = draft.rows
    wrong = [row for row in rows if row["problems"] and not row["left_out"]]
    out = [row for row in rows if row["left_out"]]
    show = request.GET.get("show", "wrong" if wrong and draft.state == CaseImport.State.DRAFT else "all")
    chosen = {"wrong": wrong, "out": out}.get(show, rows)
    page = request.GET.get("page", "1")
    pages = max(1, -(-len(chosen) // PAGE))
    at = min(max(int(page) if page.isdigit() and len(page) < 6 else 1, 1), pages)
    return {
        "draft": draft,
        "rows": [row_for_page(row) for row in chosen[(at - 1) * PAGE : at * PAGE]],
        "show": show,
        "counts": {"all": len(rows), "wrong": len(wrong), "out": len(out), "taking": len(rows) - len(out)},
        "guessed": sum(1 for row in rows if row.get("guessed")),
        "without_item": sum(1 for row in rows if not row["item"]),
        "unknown": draft.problems[0].get("unknown", []) if draft.problems else [],
        "pager": {
            "previous": f"?show={show}&page={at - 1}" if at > 1 else "",
            "next": f"?show={show}&page={at + 1}" if at < pages else "",
            "shown": _("第 %(at)d 页，共 %(pages)d 页") % {"at": at, "pages": pages},
        },
        "is_done": draft.state == CaseImport.State.DONE,
    }


@require_GET
def draft(request: HttpRequest, import_id: int) -> HttpResponse:
    """The preview: the rows with their proposals, what is wrong first."""
    found = list_draft(import_id, staff(request))
    return render(request, "desk/import_draft.html", _shown(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
def row(request: HttpRequest, import_id: int, row: int) -> HttpResponse:
    """One row of a draft: its form (GET), or its change (POST); a fragment for htmx, a page without scripts."""
    viewer = staff(request)
    found = list_draft(import_id, viewer)
    entry = next((one for one in found.rows if one["n"] == row), None)
    if entry is None:
        raise NotFound(code="list.no_row")
    fragment = bool(request.headers.get("HX-Request"))
    status = 200
    if request.method == "POST":
        typed = ("words", "address", "phone", "left_out")
        changes = {name: request.POST[name][:20_000] for name in typed if name in request.POST}
        if "item" in request.POST:
            changes["item"] = _key(request, "item", "items")
        if place := request.POST.get("place"):
            changes["place"] = place
        entry = amend_row(import_id, row, changes, viewer=viewer)
        if not fragment:
            return HttpResponseRedirect(f"{reverse('desk:import_draft', args=[import_id])}#row-{row}")
        found = list_draft(import_id, viewer)
        context = {**_shown(request, found), "row": row_for_page(entry), "fresh": True}
        return render(request, "desk/_import_row.html", context)
    closed = request.GET.get("close") == "1"
    context = {"draft": found, "row": row_for_page(entry), "widgets": _widgets(entry, fragment)}
    name = "desk/_import_row.html" if closed else "desk/_import_edit.html" if fragment else "desk/import_row.html"
    return render(request, name, context, status=status)


def _key(request: HttpRequest, name: str, kind: str) -> str:
    widget = Suggested(kind, item_choices, item_label)
    value = str(widget.value_from_datadict(request.POST, None, name))
    return value if item_label(value) else ""


def _widgets(entry: dict[str, Any], scripts: bool) -> dict[str, str]:
    """Inputs for item and place with what is proposed in them."""
    item = Suggested("items", item_choices, item_label)
    place = Suggested("places", place_choices, lambda pk: place_label(pk) or entry.get("place_name", ""))
    item.scripts = place.scripts = scripts
    place.typed = entry["place_text"] or entry["address"]
    attrs = {"class": "form-control"}
    return {
        "item": item.render("item", entry["item"], {**attrs, "id": f"item-{entry['n']}"}),
        "place": place.render("place", entry["place"] or "", {**attrs, "id": f"place-{entry['n']}"}),
    }


@require_POST
def take_in(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take the whole list in, or say which row stands against it."""
    viewer = staff(request)
    back = reverse("desk:import_draft", args=[import_id])
    list_draft(import_id, viewer)
    try:
        done = take_in_list(import_id, viewer=viewer)
    except Refused as refused:
        messages.error(request, " ".join(str(p) for p in (refused.message, refused.what_next) if p))
        return HttpResponseRedirect(f"{back}?show=wrong")
    messages.success(
        request,
        ngettext("已导入 %(n)d 件，都在“待受理”里。", "已导入 %(n)d 件，都在“待受理”里。", done.case_count)
        % {"n": done.case_count},
    )
    return HttpResponseRedirect(back)


@require_POST
def drop(request: HttpRequest, import_id: int) -> HttpResponse:
    """Give the draft up."""
    drop_list(import_id, viewer=staff(request))
    messages.success(request, _("已放弃这份清单，什么都没有导入。"))
    return HttpResponseRedirect(reverse("desk:import"))
