"""Patrol plans at the desk: the list, one plan with its points, resting and taking up again."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.common.formwork import carry_out, status_of
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.step_forms import item_label
from linli.doors.rounds.forms import POINT, PlanForm, number_of, place_label, rows_of
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.rooms.fieldwork.actions.plans import PlanWords, PointWords, save_plan, switch_plan
from linli.rooms.fieldwork.actions.telling import civil_day
from linli.rooms.fieldwork.models import PatrolPlan
from linli.rooms.fieldwork.queries import patrols as reads
from linli.rooms.fieldwork.queries.scope import may_see

SEES = ("patrol.plan", "inspection.plan")


@require_GET
@opens(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """All plans of my places."""
    viewer = viewer_of_request(request)
    return render(request, "rounds/plans.html", {"plans": reads.plans(viewer), "may_plan": viewer.has("patrol.plan")})


@require_http_methods(["GET", "POST"])
@opens("patrol.plan")
def new(request: HttpRequest) -> HttpResponse:
    """Write a plan."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@opens(*SEES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a plan, or change it."""
    viewer = viewer_of_request(request)
    plan = reads.plan_page(pk, viewer)
    if request.method == "POST":
        viewer.require("patrol.plan", plan.tokens)
    return _form(request, plan)


def _form(request: HttpRequest, plan: PatrolPlan | None) -> HttpResponse:
    viewer = viewer_of_request(request)
    if request.method == "POST":
        form = PlanForm(request.POST)
        rows = rows_of(request.POST, POINT)
        if form.is_valid():
            done = carry_out(
                form,
                lambda: save_plan(
                    _words(form, rows),
                    viewer=viewer,
                    plan_id=plan.pk if plan else None,
                    version=form.cleaned_data["version"] if plan else None,
                ),
            )
            if done is not None:
                saved = done.value
                when = f"{saved.next_day:%Y-%m-%d}" if saved.next_day else _("没有排到日子")
                messages.success(
                    request, _("已保存“%(name)s”，下一次巡查：%(when)s。") % {"name": saved.name, "when": when}
                )
                return HttpResponseRedirect(reverse("rounds:plan", args=[saved.pk]))
    else:
        form = PlanForm(initial=_initial(plan))
        rows = _rows(plan) if plan else []
    return render(
        request,
        "rounds/plan.html",
        {
            "form": form,
            "plan": plan,
            "rows": [_dressed(row) for row in rows] or [{}, {}, {}],
            "may_plan": plan is None or may_see(viewer, plan.tokens, "patrol.plan"),
            "days": reads.days_before(viewer, civil_day(clock.now()), place_id=plan.place_id) if plan else [],
        },
        status=status_of(form),
    )


def _words(form: PlanForm, rows: list[dict[str, str]]) -> PlanWords:
    typed = form.cleaned_data
    return PlanWords(
        name=typed["name"],
        place_id=number_of(typed["place"]) or 0,
        points=[
            PointWords(
                name=row["point_name"],
                check=row["point_check"],
                kind="component" if row["point_item"].startswith("C") else "free",
                place_id=number_of(row["point_place"]),
                lng=row["point_lng"],
                lat=row["point_lat"],
                item_key=row["point_item"],
            )
            for row in rows
        ],
        window_from=typed["window_from"],
        window_to=typed["window_to"],
        days=typed["days"],
        weekdays=[int(value) for value in typed["weekdays"]],
        grid_kinds=typed["grid_kinds"],
        valid_from=typed["valid_from"],
        valid_to=typed["valid_to"],
        request_key=f"plan:{typed['key']}"[:80] if typed["key"] else None,
    )


def _initial(plan: PatrolPlan | None) -> dict[str, Any]:
    if plan is None:
        return {"key": uuid.uuid4().hex}
    names = ("version", "name", "days", "window_from", "window_to", "valid_from", "valid_to", "grid_kinds")
    return {
        **{name: getattr(plan, name) for name in names},
        "place": str(plan.place_id),
        "weekdays": [str(day) for day in plan.weekdays],
    }


def _rows(plan: PatrolPlan) -> list[dict[str, str]]:
    return [
        {
            "point_name": point.name,
            "point_check": point.check_words,
            # A point with coordinates of its own is placed by them alone.
            "point_place": str(point.place_id or "") if point.kind in ("place", "building") else "",
            "point_lng": "" if point.lng is None or point.kind in ("place", "building") else f"{point.lng:.6f}",
            "point_lat": "" if point.lat is None or point.kind in ("place", "building") else f"{point.lat:.6f}",
            "point_item": point.item_key,
        }
        for point in plan.points.all()
    ]


def _dressed(row: dict[str, str]) -> dict[str, str]:
    return {
        **row,
        "place_name": place_label(row.get("point_place", "")),
        "item_name": item_label(row.get("point_item", "")),
    }


@require_POST
@opens("patrol.plan")
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a plan to rest, or take it up again."""
    try:
        plan = switch_plan(
            pk,
            request.POST.get("active") == "1",
            viewer=viewer_of_request(request),
            version=number_of(request.POST.get("version")),
        )
    except LinliError as error:
        if error.status not in (409, 422):
            raise
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("计划已恢复。") if plan.active else _("计划已停用，已生成的巡查不受影响。"))
    return HttpResponseRedirect(reverse("rounds:plan", args=[pk]))
