"""Sheets of units, posts and matrix rules: read, looked at, taken in whole or not at all."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.people import SheetForm
from linli.doors.common.formwork import carry_out, sent, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.rooms.people import actions, queries
from linli.rooms.people.models import SheetDraft
from linli.rooms.people.sheets import TITLES

NEEDS = {"units": "units.edit", "posts": "posts.edit", "matrix": "matrix.edit"}
SHOWN = 500
COLUMNS = {
    "units": ("code", "name_zh", "kind", "place_name", "parent", "phone"),
    "posts": ("kind_name", "name", "username", "place_name", "unit_name", "valid_from", "valid_to"),
    "matrix": ("matter", "place_name", "unit_name", "kind_name", "weekdays", "from_time", "to_time", "note"),
}


def back_of(kind: str, matrix_number: int | None = None) -> str:
    """The page a sheet belongs to."""
    if kind == "matrix" and matrix_number is not None:
        return reverse("admin_door:matrix_edition", args=[matrix_number])
    return reverse(f"admin_door:{kind}")


def column_words() -> dict[str, str]:
    """What the columns are called."""
    return {
        "code": _("编号"),
        "name_zh": _("名称"),
        "kind": _("类别"),
        "place_name": _("地方"),
        "parent": _("上级"),
        "phone": _("电话"),
        "kind_name": _("岗位"),
        "name": _("姓名"),
        "username": _("用户名"),
        "unit_name": _("单位"),
        "valid_from": _("起"),
        "valid_to": _("止"),
        "matter": _("事项"),
        "weekdays": _("星期"),
        "from_time": _("从"),
        "to_time": _("到"),
        "note": _("备注"),
    }


@require_http_methods(["GET", "POST"])
@opens(*NEEDS.values())
def upload(request: HttpRequest, kind: str, number: int | None = None) -> HttpResponse:
    """Read a sheet; `number` is the matrix edition its rules are for."""
    viewer = viewer_of_request(request)
    if kind not in NEEDS:
        raise Http404
    if not viewer.has(NEEDS[kind]):
        raise NotAllowed()
    edition = queries.edition(viewer, number) if number is not None else None
    form = SheetForm(typed(request), sent(request))
    if request.method == "POST" and form.is_valid():
        name, data = form.cleaned_data["file"]
        done = carry_out(
            form,
            lambda: actions.read_sheet(viewer, kind, name, data, matrix_id=edition.pk if edition else None),
        )
        if done:
            return redirect("admin_door:sheet", done.value.pk)
    title = {"units": _("导入单位"), "posts": _("导入岗位"), "matrix": _("导入责任清单")}[kind]
    context = {
        "form": form,
        "title": title,
        "lead": _("先看一遍读到的内容，确认后整表导入；有一行不对就都不导入。"),
        "submit": _("读入并检查"),
        "one_column": True,
        "back_url": back_of(kind, number),
        "template": "、".join(titles[0] for titles in TITLES[kind].values()),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


def _number(sheet: SheetDraft) -> int | None:
    return sheet.matrix.number if sheet.matrix else None


@require_GET
@opens(*NEEDS.values())
def show(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """What was read, and every problem by row and column."""
    sheet = queries.sheet(viewer_of_request(request), sheet_id)
    return _show(request, sheet)


def _show(request: HttpRequest, sheet: SheetDraft, error: Refused | Conflict | None = None) -> HttpResponse:
    words = column_words()
    columns = COLUMNS[sheet.kind]
    context = {
        "sheet": sheet,
        "heads": [words[column] for column in columns],
        "rows": [(row["row"], [_cell(row.get(column)) for column in columns]) for row in sheet.rows[:SHOWN]],
        "new_people": sum(1 for row in sheet.rows if sheet.kind == "posts" and row.get("account_id") is None),
        "error": error,
        "back_url": back_of(sheet.kind, _number(sheet)),
        "upload_url": reverse("admin_door:matrix_sheet", args=[_number(sheet)])
        if sheet.kind == "matrix" and sheet.matrix
        else reverse("admin_door:sheet_upload", args=[sheet.kind]),
    }
    return render(request, "admin_door/sheet.html", context, status=error.status if error else 200)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


@require_POST
@opens(*NEEDS.values())
def confirm(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Take the sheet in. One-time passwords of new people are shown here and nowhere else."""
    viewer = viewer_of_request(request)
    sheet = queries.sheet(viewer, sheet_id)
    try:
        done = actions.confirm_sheet(viewer, sheet_id)
    except (Refused, Conflict) as error:
        return _show(request, sheet, error)
    if done["passwords"]:
        context = {
            "passwords": sorted(done["passwords"].items()),
            "title": _("新账号的一次性密码"),
            "back_url": back_of(sheet.kind),
        }
        return render(request, "admin_door/passwords.html", context)
    messages.success(request, _("已导入 %(n)d 行。") % {"n": done["rows"]})
    return redirect(back_of(sheet.kind, _number(sheet)))


@require_POST
@opens(*NEEDS.values())
def discard(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Forget the sheet."""
    viewer = viewer_of_request(request)
    sheet = queries.sheet(viewer, sheet_id)
    back = back_of(sheet.kind, _number(sheet))
    actions.discard_sheet(viewer, sheet_id)
    messages.success(request, _("这份表已放弃，什么都没有导入。"))
    return redirect(back)
