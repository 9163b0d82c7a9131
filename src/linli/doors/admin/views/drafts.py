"""One draft of grids: its map, everything that is wrong with it, changes on the map, publishing."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.doors.admin.forms.places import AgainForm, PublishForm
from linli.doors.admin.views.grids import bounds_text
from linli.doors.common import waiting
from linli.doors.common.formwork import carry_out
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.errors import Conflict, LinliError, Refused
from linli.kernel.geo.shapes import from_wkb
from linli.rooms.places import actions, atlas, drafts, queries
from linli.rooms.places.models import GRID_KINDS, GridSet, Kind

PAGE = 200
_NUMBERS = ("number", "community_id")
_TEXTS = ("name", "local_code", "kind", "code")


@require_GET
@opens("places.edit_grids")
def show(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The draft on the map with its list and its problems."""
    return _page(request, draft_id)


def _page(request: HttpRequest, draft_id: int, status: int = 200, **forms: Any) -> HttpResponse:
    found = drafts.preview(draft_id)
    draft = found.draft
    context = _panel(request, found) | {
        "bounds": _bounds(found) or bounds_text(),
        "publish": PublishForm(initial={"effective_from": atlas.today(), "version": draft.version}),
        "again": _again(request, draft),
        "communities": [(place.id, place.name) for place in queries.tree(kinds=[Kind.COMMUNITY])],
        "kinds": [(str(kind), Kind(kind).label) for kind in GRID_KINDS],
        "places_named": queries.names(draft.communities),
    }
    return render(request, "admin_door/draft.html", context | forms, status=status)


def _panel(request: HttpRequest, found: drafts.Preview) -> dict[str, Any]:
    """What changes with every step: figures, problems, the list of grids."""
    draft = found.draft
    shown = [{"id": number, **problem.shown()} for number, problem in enumerate(found.problems)]
    touched: dict[int, str] = {}
    for problem in found.problems:
        for number in problem.numbers:
            if touched.get(number) != "error":
                touched[number] = problem.severity
    page = Paginator(found.features, PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "feature": feature,
            "kind": Kind(feature.kind).label,
            "severity": touched.get(feature.number, ""),
            "state": "new" if feature.place_id is None else "changed" if feature.changed else "same",
        }
        for feature in page.object_list
    ]
    return {
        "draft": draft,
        "is_open": draft.state == GridSet.State.DRAFT,
        "preview": found,
        "counts": found.counts,
        "problems": shown,
        "map_problems": [
            {key: item[key] for key in ("id", "severity", "message", "shape", "mended", "numbers")} for item in shown
        ],
        "mendable": {number for item in found.problems if item.mended for number in item.numbers},
        "page": page,
        "rows": rows,
    }


def _bounds(found: drafts.Preview) -> str:
    boxes = [from_wkb(feature.polygon).bounds for feature in found.features if feature.polygon]
    boxes = [box for box in boxes if box and all(abs(value) <= 180 for value in box)]
    if not boxes:
        return ""
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return f"{west:.6f},{max(south, -85):.6f},{east:.6f},{min(north, 85):.6f}"


def _again(request: HttpRequest, draft: GridSet) -> AgainForm | None:
    """The form to read the same file otherwise, while the file is still kept."""
    key = request.GET.get("file", "")
    if not key or draft.state != GridSet.State.DRAFT:
        return None
    try:
        waiting.fetch(str(viewer_of_request(request).account_id), key)
    except Conflict:
        return None
    return AgainForm(
        initial={"key": key, "system": draft.source_system or "unknown", "swap": draft.options.get("swap", False)}
    )


@require_POST
@opens("places.edit_grids")
def again(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Read the file of this draft once more with another system; the first reading is put aside."""
    viewer = viewer_of_request(request)
    form = AgainForm(request.POST)
    if not form.is_valid():
        return _page(request, draft_id, 422, again=form)
    given = form.cleaned_data
    kept = waiting.fetch(str(viewer.account_id), given["key"])
    done = carry_out(
        form,
        lambda: actions.preview_import(
            viewer,
            kept.data,
            system=None if given["system"] == "unknown" else given["system"],
            filename=kept.name,
            swap=given["swap"],
            trust_system=given["trust_system"],
        ),
    )
    if not done:
        return _page(request, draft_id, 422, again=form)
    actions.discard_draft(viewer, draft_id)
    return redirect(f"{reverse('admin_door:draft', args=[done.value.draft.id])}?file={kept.key}")


@require_GET
@opens("places.edit_grids")
def features(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The grids of the draft for the map."""
    return HttpResponse(drafts.draft_geojson(draft_id), content_type="application/geo+json")


@require_POST
@opens("places.edit_grids")
def edit(request: HttpRequest, draft_id: int) -> HttpResponse:
    """One step. Scripts send JSON and get the panel back; plain forms go back to the page."""
    scripted = request.content_type == "application/json"
    try:
        operation, version = _operation(request, scripted)
        found = actions.edit_draft(viewer_of_request(request), draft_id, operation, version=version)
    except LinliError as error:
        if scripted:
            return JsonResponse(error.as_json(), status=error.status)
        raise
    if scripted:
        return render(request, "admin_door/_draft_panel.html", _panel(request, found))
    messages.success(request, _("已改好，检查结果已更新。"))
    return redirect("admin_door:draft", draft_id)


def _operation(request: HttpRequest, scripted: bool) -> tuple[dict[str, Any], int]:
    """The step and the version that was seen."""
    unreadable = Refused(_("这一步没有读懂，请刷新页面再试。"), "places.unknown_operation")
    try:
        if scripted:
            body = json.loads(request.body)
            return dict(body["operation"]), int(body["version"])
        given = request.POST
        operation: dict[str, Any] = {"do": given.get("do", "")}
        operation |= {key: int(given[key]) for key in _NUMBERS if given.get(key)}
        operation |= {key: given[key] for key in _TEXTS if key in given}
        if given.getlist("numbers"):
            operation["numbers"] = [int(number) for number in given.getlist("numbers")]
        return operation, int(given["version"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise unreadable from None


@require_POST
@opens("places.publish_grids")
def publish(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Put the draft in force from a day on."""
    viewer = viewer_of_request(request)
    form = PublishForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        done = carry_out(
            form,
            lambda: actions.publish_import(
                viewer,
                draft_id,
                effective_from=given["effective_from"],
                accept_warnings=given["accept_warnings"],
                version=given["version"],
            ),
        )
        if done:
            words = {"number": done.value.number, "day": given["effective_from"].isoformat()}
            messages.success(request, _("第 %(number)d 版网格已发布，%(day)s 起生效。") % words)
            return redirect("admin_door:grids")
    return _page(request, draft_id, getattr(form, "status", 422), publish=form)


@require_POST
@opens("places.edit_grids")
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Give the draft up."""
    actions.discard_draft(viewer_of_request(request), draft_id)
    messages.success(request, _("草稿已放弃，现在的网格没有变。"))
    return redirect("admin_door:grids")
