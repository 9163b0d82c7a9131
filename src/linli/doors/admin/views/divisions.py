"""Divisions: the tree, one division, sheets, shipped codes, borders."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.places import (
    BoundaryForm,
    DivisionForm,
    DivisionSheetForm,
    EndDivisionForm,
    NamesForm,
    RenumberForm,
    ShippedForm,
)
from linli.doors.admin.views.grids import bounds_text, day_of
from linli.doors.common import divisions as sheets
from linli.doors.common import waiting
from linli.doors.common.formwork import carry_out, put_into, sent, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.errors import NotFound, Refused
from linli.rooms.places import actions, atlas, queries
from linli.rooms.places.models import DIVISION_KINDS, Kind, Place

DIVISIONS = [str(kind) for kind in DIVISION_KINDS]


@require_GET
@opens("places.edit_divisions")
def index(request: HttpRequest) -> HttpResponse:
    """The tree of a day; with `q` what is called so."""
    on = day_of(request)
    words = request.GET.get("q", "").strip()[:60]
    tree = queries.tree(at=on, kinds=DIVISIONS)
    if words:
        tree = [place for place in tree if words in f"{place.name_zh} {place.name_en} {place.code} {place.local_code}"]
    with_border = set(atlas.current(on).shapes)
    return render(
        request,
        "admin_door/divisions.html",
        {
            "tree": [(place, place.id in with_border) for place in tree],
            "on": on,
            "words": words,
            "shipped": ShippedForm(),
            "empty_house": not tree and not words,
        },
    )


def _division(place_id: int) -> Place:
    place = queries.get(place_id)
    if place.kind not in DIVISION_KINDS:
        raise NotFound()
    return place


@require_GET
@opens("places.edit_divisions")
def show(request: HttpRequest, place_id: int) -> HttpResponse:
    """One division: where it stands, what it was and what follows it, what can be done."""
    return _show(request, _division(place_id))


def _show(request: HttpRequest, place: Place, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "place": place,
        "path": queries.breadcrumb(place.id),
        "children": [child for child in queries.children(place.id) if child.kind != Kind.BUILDING],
        "buildings": len(queries.buildings_in(place.id)) if place.kind == Kind.COMMUNITY else None,
        "successors": queries.successors_of(place.id),
        "predecessors": list(place.predecessors.all()),
        "bounds": bounds_text(place.id) if place.id in atlas.current().shapes else "",
        "ended": place.valid_to is not None and place.valid_to <= atlas.today(),
        "names": NamesForm(
            initial={"name_zh": place.name_zh, "name_en": place.name_en, "local_code": place.local_code}
        ),
        "end": EndDivisionForm(initial={"on": atlas.today()}),
        "renumber": RenumberForm(initial={"on": atlas.today() + dt.timedelta(days=1)}),
    }
    return render(request, "admin_door/division.html", context | forms, status=status)


@require_POST
@opens("places.edit_divisions")
def change(request: HttpRequest, place_id: int, what: str) -> HttpResponse:
    """Rename, end or renumber a division."""
    viewer = viewer_of_request(request)
    place = _division(place_id)
    if what == "names":
        form: Any = NamesForm(request.POST)
        if form.is_valid() and carry_out(form, lambda: actions.edit_place(viewer, place_id, **form.cleaned_data)):
            messages.success(request, _("名称已保存。"))
            return redirect("admin_door:division", place_id)
        return _show(request, place, status_of(form), names=form)
    if what == "end":
        form = EndDivisionForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            after = [given["successor"].id] if given["successor"] else []
            if carry_out(
                form,
                lambda: actions.retire_division(
                    viewer, place_id, on=given["on"], successor_ids=after, reason=given["reason"]
                ),
            ):
                words = {"name": place.name, "day": given["on"].isoformat()}
                messages.success(request, _("“%(name)s”从 %(day)s 起停用。") % words)
                return redirect("admin_door:division", place_id)
        return _show(request, place, status_of(form), end=form)
    form = RenumberForm(request.POST)
    if form.is_valid():
        done = carry_out(form, lambda: actions.renumber_division(viewer, place_id, **form.cleaned_data))
        if done:
            messages.success(request, _("已改号，下级一并归到新区划；旧案件仍指向旧代码。"))
            return redirect("admin_door:division", done.value.id)
    return _show(request, place, status_of(form), renumber=form)


@require_http_methods(["GET", "POST"])
@opens("places.edit_divisions")
def create(request: HttpRequest) -> HttpResponse:
    """One new division."""
    form = DivisionForm(typed(request), initial={"code": request.GET.get("code", "")[:12]})
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: actions.create_division(viewer_of_request(request), **form.cleaned_data))
        if done:
            messages.success(request, _("“%(name)s”已建好。") % {"name": done.value.name})
            return redirect("admin_door:division", done.value.id)
    context = {"form": form, "title": _("添加区划"), "submit": _("添加"), "back_url": reverse("admin_door:divisions")}
    return render(request, "admin_door/form.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@opens("places.edit_divisions")
def import_sheet(request: HttpRequest) -> HttpResponse:
    """Read a sheet and show what it would change; nothing is taken in before the confirmation."""
    form = DivisionSheetForm(typed(request), sent(request))
    if request.method == "POST" and form.is_valid():
        name, data = form.cleaned_data["file"]
        try:
            found = sheets.read(name, data, form.cleaned_data["district"])
        except Refused as refused:
            put_into(form, refused)
        else:
            key = "" if found.problems else waiting.keep(_owner(request), name, data)
            return _preview(request, found, key=key, district=form.cleaned_data["district"])
    return render(request, "admin_door/divisions_import.html", {"form": form}, status=status_of(form))


@require_POST
@opens("places.edit_divisions")
def shipped(request: HttpRequest) -> HttpResponse:
    """The codes that ship with Linli, to look at."""
    form = ShippedForm(request.POST)
    if not form.is_valid():
        raise Refused(_("没有随附这个区县的区划，请导入表格。"), "places.not_shipped")
    return _preview(request, sheets.shipped(form.cleaned_data["code"]), shipped=form.cleaned_data["code"])


def _preview(request: HttpRequest, found: sheets.DivisionPreview, **more: str) -> HttpResponse:
    status = 422 if found.problems else 200
    return render(request, "admin_door/divisions_preview.html", {"found": found, **more}, status=status)


@require_POST
@opens("places.edit_divisions")
def confirm(request: HttpRequest) -> HttpResponse:
    """Take in what was shown, whole."""
    viewer = viewer_of_request(request)
    key = request.POST.get("key", "")
    if code := request.POST.get("shipped", ""):
        rows = sheets.shipped(code).rows
    else:
        kept = waiting.fetch(_owner(request), key)
        found = sheets.read(kept.name, kept.data, request.POST.get("district", "")[:12])
        if found.problems:
            return _preview(request, found)
        rows = found.rows
    counts = actions.import_divisions(viewer, rows)
    waiting.drop(key)
    messages.success(request, _("区划已导入：新建 %(created)d，改名 %(renamed)d，不变 %(unchanged)d。") % counts)
    return redirect("admin_door:divisions")


@require_http_methods(["GET", "POST"])
@opens("places.edit_divisions")
def borders(request: HttpRequest) -> HttpResponse:
    """Borders of divisions from GeoJSON."""
    form = BoundaryForm(typed(request), sent(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = carry_out(
            form,
            lambda: actions.import_division_boundaries(
                viewer_of_request(request), given["file"][1], system=given["system"], valid_from=given["valid_from"]
            ),
            {"code": "file"},
        )
        if done:
            messages.success(request, _("已导入 %(n)d 个区划的边界。") % {"n": done.value})
            return redirect("admin_door:divisions")
    context = {
        "form": form,
        "title": _("导入区划边界"),
        "lead": _("有了社区边界，网格的超界和空白才查得出来；落在网格之外的上报也能找到社区。"),
        "submit": pgettext("settings", "导入"),
        "one_column": True,
        "back_url": reverse("admin_door:divisions"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


def _owner(request: HttpRequest) -> str:
    return str(viewer_of_request(request).account_id)
