"""Buildings: found, added, changed, ended, and taken in from a sheet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.places import BuildingForm, BuildingSheetForm
from linli.doors.admin.views.grids import bounds_text
from linli.doors.common import waiting
from linli.doors.common.formwork import carry_out, put_into, sent, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.errors import NotFound, Refused
from linli.rooms.places import actions, queries
from linli.rooms.places.models import Kind, Place
from linli.rooms.places.sheets import read_buildings

PAGE = 100
SHOWN = 200


@require_GET
@opens("places.edit_buildings")
def index(request: HttpRequest) -> HttpResponse:
    """Buildings by name or address, or those of a community."""
    words = request.GET.get("q", "").strip()[:60]
    community = request.GET.get("community", "")
    rows = queries.valid().filter(kind=Kind.BUILDING).select_related("building", "parent")
    if community.isdecimal() and len(community) < 19:
        rows = rows.filter(lineage__contains=[int(community)])
    if words:
        rows = rows.filter(id__in=[place.id for place in queries.search(words, 500, [Kind.BUILDING])])
    page = Paginator(rows.order_by("lineage", "sort_key", "id"), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "admin_door/buildings.html",
        {
            "page": page,
            "words": words,
            "community": community,
            "communities": [(place.id, place.name) for place in queries.tree(kinds=[Kind.COMMUNITY])],
        },
    )


def _facts(form: BuildingForm) -> dict[str, Any]:
    given = dict(form.cleaned_data)
    count, labels = given.pop("stairwells")
    return given | {"stairwells": count, "stairwell_labels": labels, "dwellings": given["dwellings"] or 0}


@require_http_methods(["GET", "POST"])
@opens("places.edit_buildings")
def create(request: HttpRequest) -> HttpResponse:
    """One new building, placed on the map or under a grid."""
    form = BuildingForm(typed(request))
    if request.method == "POST" and form.is_valid():
        given = _facts(form)
        parent = given.pop("parent")
        done = carry_out(
            form,
            lambda: actions.create_building(
                viewer_of_request(request), parent_id=parent.id if parent and given["lng"] is None else None, **given
            ),
        )
        if done:
            messages.success(request, _("“%(name)s”已添加。") % {"name": done.value.name})
            return redirect("admin_door:building", done.value.id)
    context = {"form": form, "bounds": bounds_text(), "place": None}
    return render(request, "admin_door/building.html", context, status=status_of(form))


def _building(place_id: int) -> Place:
    place = queries.get(place_id)
    if place.kind != Kind.BUILDING:
        raise NotFound()
    return place


@require_http_methods(["GET", "POST"])
@opens("places.edit_buildings")
def show(request: HttpRequest, place_id: int) -> HttpResponse:
    """One building."""
    place = _building(place_id)
    building = place.building
    initial = {
        "name": place.name_zh,
        "address": building.address,
        "lng": building.lng,
        "lat": building.lat,
        "parent": place.parent,
        "floors": building.floors,
        "stairwells": "、".join(building.stairwell_labels) or str(building.stairwells),
        "dwellings": building.dwellings,
        "managed_by": building.managed_by,
    }
    form = BuildingForm(typed(request), initial=initial)
    del form.fields["parent"]
    if request.method == "POST" and form.is_valid():
        given = _facts(form)
        if carry_out(form, lambda: actions.edit_building(viewer_of_request(request), place_id, **given)):
            messages.success(request, _("已保存。"))
            return redirect("admin_door:building", place_id)
    context = {"form": form, "place": place, "path": queries.breadcrumb(place_id), "bounds": bounds_text()}
    return render(request, "admin_door/building.html", context, status=status_of(form))


@require_POST
@opens("places.edit_buildings")
def end(request: HttpRequest, place_id: int) -> HttpResponse:
    """A building that was pulled down."""
    place = actions.retire_building(viewer_of_request(request), _building(place_id).id)
    messages.success(request, _("“%(name)s”今天起停用。") % {"name": place.name})
    return redirect("admin_door:buildings")


@require_http_methods(["GET", "POST"])
@opens("places.edit_buildings")
def import_sheet(request: HttpRequest) -> HttpResponse:
    """Read a sheet and show it; problems are named by row and column."""
    form = BuildingSheetForm(typed(request), sent(request))
    if request.method == "POST" and form.is_valid():
        name, data = form.cleaned_data["file"]
        system = form.cleaned_data["system"]
        try:
            sheet = read_buildings(data, name, system)
        except Refused as refused:
            put_into(form, refused)
        else:
            good = bool(sheet.rows) and not sheet.problems
            context = {
                "name": name,
                "sheet": sheet,
                "shown": sheet.rows[:SHOWN],
                "system": system,
                "key": waiting.keep(_owner(request), name, data) if good else "",
            }
            return render(request, "admin_door/buildings_preview.html", context, status=200 if good else 422)
    context = {
        "form": form,
        "title": _("导入楼栋"),
        "lead": _("先看一遍读到的内容，确认后整表导入；有一行不对就都不导入。"),
        "submit": _("读入并检查"),
        "one_column": True,
        "back_url": reverse("admin_door:buildings"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


@require_POST
@opens("places.edit_buildings")
def confirm(request: HttpRequest) -> HttpResponse:
    """Take in what was shown, whole."""
    kept = waiting.fetch(_owner(request), request.POST.get("key", ""))
    form = BuildingSheetForm({"system": request.POST.get("system", "")})
    form.fields["file"].required = False
    if form.is_valid():
        system = form.cleaned_data["system"]

        def take_in() -> int:
            return actions.import_buildings(
                viewer_of_request(request), read_buildings(kept.data, kept.name, system).rows
            )

        if done := carry_out(form, take_in):
            waiting.drop(kept.key)
            messages.success(request, _("已导入 %(n)d 栋楼。") % {"n": done.value})
            return redirect("admin_door:buildings")
    form.fields["file"].required = True
    context = {
        "form": form,
        "title": _("导入楼栋"),
        "lead": _("这份表没有导入，一栋也没有写入。请按提示改好后重新上传。"),
        "submit": _("读入并检查"),
        "one_column": True,
        "action": reverse("admin_door:buildings_import"),
        "back_url": reverse("admin_door:buildings"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


def _owner(request: HttpRequest) -> str:
    return str(viewer_of_request(request).account_id)
