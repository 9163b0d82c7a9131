"""Inspections at the desk: planned, drawn, followed, concluded."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.common.formwork import carry_out, status_of
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.step_forms import item_label
from linli.doors.rounds.forms import CHECK, InspectionForm, limit_of, number_of, rows_of, unit_label
from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import LinliError, NotAllowed, NotFound
from linli.rooms.fieldwork.actions import inspections as actions
from linli.rooms.fieldwork.actions.inspections import InspectionWords, ItemWords
from linli.rooms.fieldwork.actions.telling import civil_day
from linli.rooms.fieldwork.models import ChecklistItem, Inspection
from linli.rooms.fieldwork.queries import inspections as reads
from linli.rooms.places import atlas
from linli.rooms.places.queries import grids_geojson

SEES = ("inspection.plan", "inspection.check")
LIGHTS = {"due": "suspended", "walking": "near", "signing": "near", "done": "done", "missed": "overdue"}


@require_GET
@opens(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """All inspections of my places."""
    viewer = viewer_of_request(request)
    return render(
        request,
        "rounds/inspections.html",
        {"rows": reads.inspections(viewer), "may_plan": viewer.has("inspection.plan")},
    )


@require_GET
@opens(*SEES)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress, results, the draw."""
    return _show(request, pk)


def _show(request: HttpRequest, pk: int, error: LinliError | None = None) -> HttpResponse:
    page = reads.inspection_page(pk, viewer_of_request(request))
    edges = _edges([row.visit.place_id for row in page.rows])
    return render(
        request,
        "rounds/inspection.html",
        {
            "page": page,
            "inspection": page.inspection,
            "bounds": edges,
            "today": civil_day(clock.now()),
            "error": error,
            "typed": request.POST,
        },
        status=error.status if error else 200,
    )


def _edges(place_ids: list[int]) -> str:
    shapes = [shape.bounds for pk in place_ids if (shape := atlas.current().shapes.get(pk)) is not None]
    if not shapes:
        return ""
    west, south, east, north = zip(*shapes, strict=True)
    return ",".join(f"{edge:.5f}" for edge in (min(west), min(south), max(east), max(north)))


@require_GET
@opens(*SEES)
def grids(request: HttpRequest, pk: int) -> HttpResponse:
    """The grids of the sample for the map, lit by how far they are; the count under the name is what was found."""
    page = reads.inspection_page(pk, viewer_of_request(request))
    rows = {row.visit.place_id: row for row in page.rows}
    edges = [float(edge) for edge in _edges(list(rows)).split(",") if edge]
    if not edges:
        return HttpResponse(b'{"type":"FeatureCollection","features":[]}', content_type="application/geo+json")
    shapes = orjson.loads(grids_geojson((edges[0], edges[1], edges[2], edges[3])))
    features = [f for f in shapes["features"] if f["properties"]["id"] in rows]
    for feature in features:
        row = rows[feature["properties"]["id"]]
        light = LIGHTS[row.visit.state]
        feature["properties"].update(light=light, count=f"{row.found}")
    return HttpResponse(
        orjson.dumps({"type": "FeatureCollection", "features": features}), content_type="application/geo+json"
    )


@require_http_methods(["GET", "POST"])
@opens("inspection.plan")
def new(request: HttpRequest) -> HttpResponse:
    """Plan an inspection."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@opens("inspection.plan")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one that has not begun."""
    page = reads.inspection_page(pk, viewer_of_request(request))
    if not page.may_plan:
        raise NotAllowed(_("这次检查不归您安排。"))
    if page.inspection.state != Inspection.State.DRAFT:
        return HttpResponseRedirect(reverse("rounds:inspection", args=[pk]))
    return _form(request, page.inspection)


def _form(request: HttpRequest, found: Inspection | None) -> HttpResponse:
    viewer = viewer_of_request(request)
    if request.method == "POST":
        form = InspectionForm(request.POST)
        rows = rows_of(request.POST, CHECK)
        _offer_posts(form, number_of(request.POST.get("place")), request.POST.getlist("post_ids"))
        if form.is_valid():
            done = carry_out(
                form,
                lambda: actions.save_inspection(
                    _words(form, rows),
                    viewer=viewer,
                    inspection_id=found.pk if found else None,
                    version=form.cleaned_data["version"] if found else None,
                ),
            )
            if done is not None:
                messages.success(request, _("已保存。核对检查表后，点“开始检查”抽取网格。"))
                return HttpResponseRedirect(reverse("rounds:inspection", args=[done.value.pk]))
    else:
        form = InspectionForm(initial=_initial(found))
        own = next((post.place_id for post in viewer.posts if "inspection.plan" in post.duties and post.place_id), None)
        if found is None and own:
            form.initial["place"] = str(own)
        _offer_posts(form, found.place_id if found else own, [])
        rows = _rows(found) if found else []
    blank = {"item_proof": "on_no", "item_weight": "0"}
    return render(
        request,
        "rounds/inspection_form.html",
        {
            "form": form,
            "inspection": found,
            "rows": [_dressed(row) for row in rows] or [blank, blank, blank],
            "proofs": ChecklistItem.Proof.choices,
        },
        status=status_of(form),
    )


def _offer_posts(form: InspectionForm, place_id: int | None, wanted: list[str]) -> None:
    offered = [(str(pk), name) for pk, name in (reads.inspectors(place_id) if place_id else [])]
    field: Any = form.fields["post_ids"]
    field.choices = offered + [(pk, f"#{pk}") for pk in wanted if pk.isdecimal() and pk not in dict(offered)]


def _words(form: InspectionForm, rows: list[dict[str, str]]) -> InspectionWords:
    typed = form.cleaned_data
    return InspectionWords(
        level=typed["level"],
        theme=typed["theme"],
        place_id=number_of(typed["place"]) or 0,
        starts_on=typed["starts_on"],
        ends_on=typed["ends_on"],
        items=[
            ItemWords(
                text=row["item_text"],
                proof=row["item_proof"],
                item_key=row["item_matter"],
                unit_id=number_of(row["item_unit"]),
                limit=limit_of(row["item_limit"], "items"),
                weight=number_of(row["item_weight"]) or 0,
            )
            for row in rows
        ],
        sample=typed["sample"],
        sample_size=typed["sample_size"],
        chosen=[pk for value in form.data.getlist("chosen") if (pk := number_of(value))],  # type: ignore[attr-defined]
        grid_kinds=typed["grid_kinds"],
        post_ids=[int(pk) for pk in typed["post_ids"]],
        signers=typed["signers"] or 1,
        words=typed["words"],
        request_key=f"inspection:{typed['key']}"[:80] if typed["key"] else None,
    )


def _initial(found: Inspection | None) -> dict[str, Any]:
    if found is None:
        today = civil_day(clock.now())
        return {"key": uuid.uuid4().hex, "starts_on": today, "ends_on": today + dt.timedelta(days=14)}
    names = (
        "version",
        "level",
        "theme",
        "words",
        "starts_on",
        "ends_on",
        "sample",
        "sample_size",
        "signers",
        "grid_kinds",
    )
    return {
        **{name: getattr(found, name) for name in names},
        "place": str(found.place_id),
        "chosen": [str(pk) for pk in found.chosen],
        "post_ids": [str(pk) for pk in found.post_ids],
    }


def _rows(found: Inspection) -> list[dict[str, str]]:
    return [
        {
            "item_text": item.text,
            "item_proof": item.proof,
            "item_matter": item.item_key,
            "item_unit": str(item.unit_id or ""),
            "item_limit": str(TimeLimit(item.limit_amount, item.limit_unit)) if item.limit_amount else "",  # type: ignore[arg-type]
            "item_weight": str(item.weight),
        }
        for item in found.items.all()
    ]


def _dressed(row: dict[str, str]) -> dict[str, str]:
    return {
        **row,
        "matter_name": item_label(row.get("item_matter", "")),
        "unit_name": unit_label(row.get("item_unit", "")),
    }


@require_POST
@opens("inspection.plan")
def act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Open, finish or cancel; a refusal shows the page again with what was typed."""
    viewer = viewer_of_request(request)
    version = number_of(request.POST.get("version"))
    try:
        if step == "open":
            found = actions.open_inspection(pk, viewer=viewer, version=version)
            messages.success(request, _("检查开始：%(n)d 个网格。") % {"n": found.visits.count()})
        elif step == "finish":
            actions.finish_inspection(pk, request.POST.get("conclusion", ""), viewer=viewer, version=version)
            messages.success(request, _("检查已结束。"))
        elif step == "cancel":
            actions.cancel_inspection(pk, request.POST.get("reason", ""), viewer=viewer, version=version)
            messages.success(request, _("检查已取消，已发现的问题照常办理。"))
        else:
            raise NotFound(code="inspection.no_step")
    except (NotFound, NotAllowed):
        raise
    except LinliError as error:
        return _show(request, pk, error)
    return HttpResponseRedirect(reverse("rounds:inspection", args=[pk]))
