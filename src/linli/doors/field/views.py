"""Pages for a phone in one hand: cards in the order of what to do now, one primary button each."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.photos import photo_url
from linli.doors.common.step_forms import StepForm
from linli.doors.field.forms import PatrolForm
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError
from linli.rooms.cases.actions.intake import join_case, report_problem
from linli.rooms.cases.actions.photos import keep_photo
from linli.rooms.cases.queries.page import case_page
from linli.rooms.cases.queries.photos import photos_of
from linli.rooms.cases.queries.public import thumbs
from linli.rooms.cases.queries.worklist import Filters, page, waiting_for
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.atlas import Facts

SHOWN = 60
# What a card's one button says and which step it opens, by state.
PRIMARY = {
    "checking": "check",
    "dispatched": "receive",
    "handling": "handle",
    "confirming": "confirm",
    "verifying": "verify_pass",
}
# Steps that begin with a photo.
CAMERA_STEPS = frozenset({"check", "handle", "verify_pass"})


@require_GET
@opens("case.report")
def todo(request: HttpRequest) -> HttpResponse:
    """What waits for me, the most pressing first; with `near=1` the page's script puts the nearest first.

    Distances are reckoned in the phone: its position is not sent here.
    """
    viewer = viewer_of_request(request)
    found = page(viewer, Filters(view="todo"), size=SHOWN)
    _dress(found.rows, {row["id"] for row in found.rows})
    near = request.GET.get("near") == "1"
    return render(
        request,
        "field/todo.html",
        {
            "groups": _by_day(found.rows),
            "count": len(found.rows),
            "camera_steps": CAMERA_STEPS,
            "due_today": sum(row["due_group"] in ("late", "today") for row in found.rows),
            "overdue": sum(row["due_group"] == "late" for row in found.rows),
            "near": near,
            "by_due": not near,
            "more": bool(found.after),
        },
    )


@require_GET
@opens("case.report")
def grid(request: HttpRequest) -> HttpResponse:
    """All open cases of my places on the map and as a list."""
    viewer = viewer_of_request(request)
    found = page(viewer, Filters(view="open"), size=SHOWN)
    _dress(found.rows, waiting_for(viewer, [row["id"] for row in found.rows]))
    own = _own_place(viewer)
    shape = atlas.current().shapes.get(own.id) if own else None
    bounds = ",".join(f"{edge:.5f}" for edge in shape.bounds) if shape is not None else ""
    return render(
        request,
        "field/grid.html",
        {
            "rows": found.rows,
            "camera_steps": CAMERA_STEPS,
            "own": own,
            "bounds": bounds,
            "more": bool(found.after),
        },
    )


@require_GET
@opens("case.report")
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case: where, what, by when, photos, and the next step's form with the camera first."""
    viewer = viewer_of_request(request)
    found = case_page(number, viewer)
    possible = {offer.step.code: offer.step for offer in found.possible}
    step = possible.get(PRIMARY.get(found.case.state, ""))
    form = StepForm(step, found.case, scripts=True) if step else None
    if form is not None:
        form.order_fields(["photos"])
    # What leads to the next step of my own comes back here; otherwise the next card waits.
    back = request.path if step and step.code in ("receive", "check") else reverse("field:todo")
    return render(
        request,
        "field/case.html",
        {
            "page": found,
            "case": found.case,
            "step": step,
            "form": form,
            "possible": form is not None,
            "next": back,
            "others": [offer for offer in found.possible if step is None or offer.step.code != step.code],
            "left": _left(found.case.current_due_at),
        },
    )


@require_http_methods(["GET", "POST"])
@opens("case.report")
def report(request: HttpRequest) -> HttpResponse:
    """Report what I see on patrol: camera first, the phone's position as the place."""
    viewer = viewer_of_request(request)
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


# What the patrol page's script says, in the page's language.
_TEXTS = {
    "duplicate": gettext_lazy("{n} 人已上报过，相距 {metres} 米"),
    "join": gettext_lazy("就是这件，加入"),
    "joining": gettext_lazy("✓ 发送后就加入"),
    "send": gettext_lazy("发送"),
    "send_join": gettext_lazy("加入这一件"),
    "located": gettext_lazy("已用手机定位，误差约 {n} 米"),
    "album": gettext_lazy("从相册选"),
    "not_located": gettext_lazy("没有拿到位置，请在地图上点，或写楼栋、小区的名字。"),
}


def _show(request: HttpRequest, form: PatrolForm, uids: list[str], status: int = 200) -> HttpResponse:
    kept = [{"id": str(p.uid), "thumb_url": photo_url(p, thumb=True)} for p in photos_of(uids)]
    own = _own_place(viewer_of_request(request))
    texts = {name: str(words) for name, words in _TEXTS.items()}
    return render(
        request, "field/report.html", {"form": form, "kept": kept, "own": own, "texts": texts}, status=status
    )


def _own_place(viewer: Viewer) -> Facts | None:
    """The place of the first post that is held for one."""
    known = atlas.current().places
    return next((known[post.place_id] for post in viewer.posts if post.place_id in known), None)


def _left(due: dt.datetime | None) -> dict[str, Any] | None:
    """How long until a deadline, or how long since: for the large words of a card."""
    if due is None:
        return None
    now = clock.now()
    return {"late": due < now, "length": abs(due - now)}


def _dress(rows: list[dict[str, Any]], mine: Collection[int]) -> None:
    """Add the picture, the one button and the large time of each card. One query."""
    pictures = thumbs([row["id"] for row in rows])
    now = clock.now()
    for row in rows:
        row["photo"] = pictures.get(row["id"])
        row["primary"] = PRIMARY.get(row["state"]) if row["id"] in mine else None
        row["left"] = _left(row["current_due_at"])
        row["due_group"] = _due_group(row, now)


def _due_group(row: dict[str, Any], now: dt.datetime) -> str:
    due = row["current_due_at"]
    if row["light"] == "overdue":
        return "late"
    if due is not None and due.astimezone(CIVIL).date() <= now.astimezone(CIVIL).date():
        return "today"
    return "later"


def _by_day(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cards under their headings, in the order they come; empty ones left out."""
    titles = {"late": _("已超期"), "today": _("今天到期"), "later": _("以后到期")}
    groups = [
        {"code": code, "title": title, "rows": [row for row in rows if row["due_group"] == code]}
        for code, title in titles.items()
    ]
    return [group for group in groups if group["rows"]]
