"""Pages for a phone in one hand: cards in the order of what to do now, one primary button each."""

from __future__ import annotations

import math
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.doors.common.photos import photo_url
from linli.doors.field.forms import PatrolForm
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError, NotAllowed, Refused
from linli.kernel.geo import read_point
from linli.rooms.cases.actions.intake import join_case, report_problem
from linli.rooms.cases.actions.photos import keep_photo
from linli.rooms.cases.queries.page import case_page
from linli.rooms.cases.queries.photos import photos_of
from linli.rooms.cases.queries.public import thumbs
from linli.rooms.cases.queries.worklist import Filters, page
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas

SHOWN = 60
# What a card's one button says and which step it opens, by state.
PRIMARY = {
    "checking": "check",
    "dispatched": "receive",
    "handling": "handle",
    "confirming": "confirm",
    "verifying": "verify_pass",
}


def _staff(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    verdict = viewer.may("case.report")
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    return viewer


def _position(request: HttpRequest) -> tuple[float, float] | None:
    """Where the phone says it is (`lng`, `lat` of the address), for distances; never stored."""
    try:
        return read_point(request.GET.get("lng"), request.GET.get("lat"))
    except Refused:
        return None


@require_GET
def todo(request: HttpRequest) -> HttpResponse:
    """What waits for me: most pressing first, or nearest first with `near=1` and a position."""
    viewer = _staff(request)
    found = page(viewer, Filters(view="todo"), size=SHOWN)
    position = _position(request)
    rows = _with_distance(found.rows, position)
    if request.GET.get("near") == "1" and position:
        rows.sort(key=lambda row: (row["metres"] is None, row["metres"]))
    _dress(rows)
    today = clock.now().astimezone(CIVIL).date()
    due_today = [
        row for row in rows if row["current_due_at"] and row["current_due_at"].astimezone(CIVIL).date() <= today
    ]
    return render(
        request,
        "field/todo.html",
        {
            "rows": rows,
            "due_today": len(due_today),
            "overdue": sum(row["light"] == "overdue" for row in rows),
            "near": request.GET.get("near") == "1",
            "by_due": request.GET.get("near") != "1",
            "more": bool(found.after),
        },
    )


@require_GET
def grid(request: HttpRequest) -> HttpResponse:
    """All open cases of my places on the map and as a list."""
    viewer = _staff(request)
    found = page(viewer, Filters(view="open"), size=SHOWN)
    rows = _with_distance(found.rows, _position(request))
    _dress(rows)
    known = atlas.current().places
    own = next((known[post.place_id] for post in viewer.posts if post.place_id in known), None)
    return render(request, "field/grid.html", {"rows": rows, "own": own, "more": bool(found.after)})


@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case: where, what, by when, photos, and the next step with the camera."""
    viewer = _staff(request)
    found = case_page(number, viewer)
    possible = {offer.step.code for offer in found.possible}
    primary = PRIMARY.get(found.case.state)
    return render(
        request,
        "field/case.html",
        {"page": found, "case": found.case, "primary": primary if primary in possible else None},
    )


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Report what I see on patrol: camera first, the phone's position as the place."""
    viewer = _staff(request)
    if request.method == "GET":
        return _show(request, PatrolForm(initial={"key": uuid.uuid4().hex}), [])
    form = PatrolForm(request.POST)
    form.is_valid()
    uids = [uid for uid in request.POST.getlist("photo_ids") if uid][:20]
    try:
        for file in request.FILES.getlist("photos")[:9]:
            uids.append(str(keep_photo(file.read(), file.name or "", viewer=viewer).uid))
        intake = form.intake(uids)
        join = request.POST.get("join", "")
        if join.isdigit() and len(join) < 18:
            receipt = join_case(int(join), intake, viewer=viewer)
        else:
            receipt = report_problem(intake, viewer=viewer)
    except LinliError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, " ".join(str(part) for part in (error.message, error.what_next) if part))
        return _show(request, form, uids, status=error.status)
    messages.success(request, _("已上报，编号 %(number)s。") % {"number": receipt.number})
    return HttpResponseRedirect(f"{reverse('field:case', args=[receipt.number])}?sent=1")


def _show(request: HttpRequest, form: PatrolForm, uids: list[str], status: int = 200) -> HttpResponse:
    kept = [{"id": str(p.uid), "thumb_url": photo_url(p, thumb=True)} for p in photos_of(uids)]
    known = atlas.current().places
    own = next((known[post.place_id] for post in request.viewer.posts if post.place_id in known), None)  # type: ignore[attr-defined]
    return render(request, "field/report.html", {"form": form, "kept": kept, "own": own}, status=status)


def _with_distance(rows: list[dict[str, Any]], position: tuple[float, float] | None) -> list[dict[str, Any]]:
    for row in rows:
        row["metres"] = None
        if position and row["lng"] is not None:
            dx = (row["lng"] - position[0]) * 111_320 * math.cos(math.radians(position[1]))
            row["metres"] = round(math.hypot(dx, (row["lat"] - position[1]) * 111_320))
    return rows


def _dress(rows: list[dict[str, Any]]) -> None:
    """Add the picture and the one button of each card. One query."""
    pictures = thumbs([row["id"] for row in rows])
    for row in rows:
        row["photo"] = pictures.get(row["id"])
        row["primary"] = PRIMARY.get(row["state"])
