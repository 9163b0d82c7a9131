"""The steps about places: the district, its divisions, the grids."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.doors.common import divisions as sheets
from linli.doors.common import waiting
from linli.doors.common.formwork import carry_out, put_into, sent, status_of, typed
from linli.doors.common.gate import viewer_of_request
from linli.doors.setup import keeper, rows, steps
from linli.doors.setup.forms import (
    DistrictForm,
    DivisionsForm,
)
from linli.doors.setup.views.wizard import goes_on, show
from linli.kernel.errors import Conflict, Refused
from linli.rooms.places import actions as places_actions
from linli.rooms.places import atlas
from linli.rooms.places import queries as places_queries
from linli.rooms.places.models import GRID_KINDS, Kind
from linli.rooms.places.sheets import shipped_codes

TYPED = "typed.csv"


@require_http_methods(["GET", "POST"])
@goes_on
def district(request: HttpRequest) -> HttpResponse:
    """Name and code of the district."""
    by = keeper.authority(viewer_of_request(request))
    present = steps.district()
    initial = {"code": present.code[:6], "name_zh": present.name_zh, "name_en": present.name_en} if present else {}
    form = DistrictForm(typed(request), initial=initial)
    if present is not None:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def save() -> Any:
            if present is None:
                return places_actions.create_division(by, **given)
            return places_actions.edit_place(
                by, present.id, name_zh=given["name_zh"], name_en=given["name_en"], local_code=present.local_code
            )

        if carry_out(form, save):
            return redirect("setup:divisions")
    return show(request, "district", {"form": form, "shipped": shipped_codes(), "present": present}, status_of(form))


@require_http_methods(["GET", "POST"])
@goes_on
def divisions(request: HttpRequest) -> HttpResponse:
    """Streets and communities: shipped, from a sheet, or typed; looked at before they are taken in."""
    viewer = viewer_of_request(request)
    root = steps.district()
    if root is None:
        return redirect("setup:district")
    form = DivisionsForm(typed(request), sent(request))
    found: sheets.DivisionPreview | None = None
    key = ""
    if request.method == "POST":
        what = request.POST.get("what", "")
        try:
            if what == "shipped":
                form = DivisionsForm()
                found = sheets.shipped(root.code[:6])
            elif what == "confirm":
                return _take_divisions(request, root.code[:6])
            elif form.is_valid():
                name, data = form.cleaned_data["file"] or (TYPED, rows.divisions_sheet(form.cleaned_data["typed"]))
                found = _read_divisions(name, data, root.code)
                key = "" if found.problems else waiting.keep(str(viewer.account_id), name, data)
        except (Refused, Conflict) as error:
            form = form if form.is_bound else DivisionsForm({"typed": " "})
            form.is_valid()
            put_into(form, error)
    context = {
        "form": form,
        "found": found,
        "key": key,
        "root": root,
        "ships": root.code[:6] in {code for code, _name in shipped_codes()},
        "streets": places_queries.valid().filter(kind=Kind.STREET).count(),
        "communities": places_queries.valid().filter(kind=Kind.COMMUNITY).count(),
    }
    status = 422 if found is not None and found.problems else status_of(form)
    return show(request, "divisions", context, status)


def _read_divisions(name: str, data: bytes, code: str) -> sheets.DivisionPreview:
    return (sheets.read_lines if name == TYPED else sheets.read)(name, data, code[:6])


def _take_divisions(request: HttpRequest, code: str) -> HttpResponse:
    viewer = viewer_of_request(request)
    if request.POST.get("key"):
        kept = waiting.fetch(str(viewer.account_id), request.POST["key"])
        found = _read_divisions(kept.name, kept.data, code)
        if found.problems:
            raise Refused(found.problems[0].message, "sheet.problems", "file")
    else:
        found = sheets.shipped(code)
    counts = places_actions.import_divisions(keeper.authority(viewer), found.rows)
    waiting.drop(request.POST.get("key", ""))
    messages.success(request, _("区划已导入：新建 %(created)d，改名 %(renamed)d，不变 %(unchanged)d。") % counts)
    return redirect("setup:grids")


@require_GET
@goes_on
def grids(request: HttpRequest) -> HttpResponse:
    """Grids are imported or drawn in the administrators' door; this page leads there and back."""
    here = atlas.current()
    kinds = [facts.kind for facts in here.places.values()]
    context = {
        "grids": sum(kind in GRID_KINDS for kind in kinds),
        "communities": sum(kind == Kind.COMMUNITY for kind in kinds),
        "bordered": sum(here.places[key].kind == Kind.COMMUNITY for key in here.shapes),
        "district_border": any(here.places[key].kind == Kind.DISTRICT for key in here.shapes),
    }
    return show(request, "grids", context)
