"""Grids: what is in force on a day, versions, import, export; drafts have a module of their own."""

from __future__ import annotations

import datetime as dt

import orjson
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.places import DrawingForm, ExportForm, GridImportForm
from linli.doors.common import waiting
from linli.doors.common.formwork import carry_out, sent, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.rooms.places import actions, atlas, queries
from linli.rooms.places.models import GRID_KINDS, GridSet, Kind

PAGE = 100


def day_of(request: HttpRequest) -> dt.date:
    """`?on=2026-01-31`, today when missing or unreadable."""
    try:
        day = dt.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return atlas.today()
    return day if 1949 <= day.year <= 2399 else atlas.today()


def bounds_text(place_id: int | None = None, at: dt.date | None = None) -> str:
    """`west,south,east,north` of a place or of everything, for a map; "" when nothing has a border."""
    box = queries.extent(place_id, at)
    return ",".join(f"{value:.6f}" for value in box) if box else ""


@require_GET
@opens("places.edit_grids")
def index(request: HttpRequest) -> HttpResponse:
    """The map and the list of one day, and all versions."""
    on = day_of(request)
    here = atlas.current(on)
    words = request.GET.get("q", "").strip()[:60]
    community = request.GET.get("community", "")
    found = [
        facts
        for facts in here.places.values()
        if facts.kind in GRID_KINDS
        and (not community.isdecimal() or int(community) in facts.lineage)
        and (not words or any(words in text for text in (facts.name_zh, facts.name_en, facts.code, facts.local_code)))
    ]
    found.sort(key=lambda facts: (facts.sort_key, facts.id))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "facts": facts,
            "name": queries.localized(facts),
            "kind": Kind(facts.kind).label,
            "community": next(
                (
                    queries.localized(here.places[above])
                    for above in reversed(facts.lineage)
                    if above in here.places and here.places[above].kind == Kind.COMMUNITY
                ),
                "",
            ),
            "area": here.areas.get(facts.id),
        }
        for facts in page.object_list
    ]
    sets = queries.grid_sets()
    communities = [facts for facts in here.places.values() if facts.kind == Kind.COMMUNITY]
    communities.sort(key=lambda facts: facts.code)
    return render(
        request,
        "admin_door/grids.html",
        {
            "on": on,
            "is_today": on == atlas.today(),
            "rows": rows,
            "page": page,
            "words": words,
            "community": community,
            "communities": [(facts.id, queries.localized(facts)) for facts in communities],
            "drafts": [item for item in sets if item.state == GridSet.State.DRAFT],
            "sets": [item for item in sets if item.state != GridSet.State.DRAFT][:50],
            "current": queries.current_set(on),
            "today": atlas.today(),
            "bounds": bounds_text(at=on),
            "with_shape": sum(1 for key in here.shapes if here.places[key].kind in GRID_KINDS),
            "drawing": DrawingForm(),
            "export": ExportForm(initial={"on": on}),
        },
    )


@require_GET
@opens("places.edit_grids", "places.edit_divisions", "places.edit_buildings")
def geojson(request: HttpRequest) -> HttpResponse:
    """Borders of a day for the map: grids, or with `kinds=community` the communities."""
    kinds = tuple(kind for kind in request.GET.get("kinds", "").split(",") if kind in set(Kind)) or GRID_KINDS
    root = request.GET.get("root", "")
    body = queries.grids_geojson(
        at=day_of(request),
        simplify_m=1.0,
        kinds=kinds,
        root_id=int(root) if root.isdecimal() and len(root) < 19 else None,
    )
    return HttpResponse(body, content_type="application/geo+json")


@require_http_methods(["GET", "POST"])
@opens("places.edit_grids")
def import_file(request: HttpRequest) -> HttpResponse:
    """Read a GeoJSON file into a draft; nothing is in force before it is published."""
    viewer = viewer_of_request(request)
    form = GridImportForm(typed(request), sent(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        name, data = given["file"]
        done = carry_out(
            form,
            lambda: actions.preview_import(
                viewer,
                data,
                system=None if given["system"] == "unknown" else given["system"],
                filename=name,
                swap=given["swap"],
                trust_system=given["trust_system"],
                note=given["note"],
            ),
        )
        if done:
            key = waiting.keep(str(viewer.account_id), name, data)
            return redirect(f"{reverse('admin_door:draft', args=[done.value.draft.id])}?file={key}")
    return render(request, "admin_door/grids_import.html", {"form": form}, status=status_of(form))


@require_POST
@opens("places.edit_grids")
def draw(request: HttpRequest) -> HttpResponse:
    """Begin a draft with the grids of a community as they are."""
    form = DrawingForm(request.POST)
    if form.is_valid():
        community = form.cleaned_data["community"]
        done = carry_out(form, lambda: actions.begin_drawing(viewer_of_request(request), [community.id]))
        if done:
            return redirect("admin_door:draft", done.value.draft.id)
    return render(
        request,
        "admin_door/form.html",
        {"form": form, "title": _("在地图上改网格"), "submit": _("开始"), "back_url": reverse("admin_door:grids")},
        status=status_of(form),
    )


@require_GET
@opens("places.edit_grids")
def export(request: HttpRequest) -> HttpResponse:
    """All grids of a day in any reference system, in the form that the import reads back."""
    form = ExportForm(request.GET or None)
    if not form.is_valid():
        return render(
            request,
            "admin_door/form.html",
            {
                "form": form,
                "method": "get",
                "title": _("导出网格"),
                "submit": _("下载 GeoJSON"),
                "back_url": reverse("admin_door:grids"),
            },
            status=status_of(form),
        )
    given = form.cleaned_data
    place = given["place"]
    on = given["on"] or atlas.today()
    body = queries.export_geojson(given["system"], on, place.id if place else None)
    answer = HttpResponse(orjson.dumps(body), content_type="application/geo+json")
    answer["Content-Disposition"] = f'attachment; filename="linli-grids-{on.isoformat()}-{given["system"]}.geojson"'
    return answer


@require_POST
@opens("places.publish_grids")
def withdraw(request: HttpRequest, set_id: int) -> HttpResponse:
    """Take back a version that is published and not yet in force."""
    found = actions.withdraw_set(viewer_of_request(request), set_id)
    messages.success(request, _("第 %(number)d 版已撤销，现在的网格继续有效。") % {"number": found.number})
    return redirect("admin_door:grids")
