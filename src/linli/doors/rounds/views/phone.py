"""The phone's pages: today's rounds, a patrol point by point, a checklist question by question."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.photos import photo_url
from linli.doors.rounds.forms import number_of, where_of
from linli.kernel import clock
from linli.kernel.errors import LinliError, NotAllowed, NotFound
from linli.rooms.cases.actions.photos import keep_photo
from linli.rooms.cases.queries.photos import photos_of
from linli.rooms.fieldwork.actions import patrols, visits
from linli.rooms.fieldwork.queries import inspections
from linli.rooms.fieldwork.queries import patrols as reads
from linli.rooms.people.rights import Viewer

WALKS = ("patrol.walk", "inspection.check")


@require_GET
@opens(*WALKS, "patrol.plan", "inspection.plan")
def today(request: HttpRequest) -> HttpResponse:
    """What I walk and inspect today, what is left first."""
    viewer = viewer_of_request(request)
    rows = reads.today_for(viewer)
    return render(
        request,
        "rounds/today.html",
        {
            "mine": [row for row in rows if row.expected_id == viewer.account_id or row.walker_id == viewer.account_id],
            "others": [row for row in rows if viewer.account_id not in (row.expected_id, row.walker_id)],
            "visits": inspections.visits_for(viewer),
            "total": reads.coverage(row for row in rows if row.expected_id == viewer.account_id),
            "now": clock.now(),
        },
    )


@require_GET
@opens(*WALKS, "patrol.plan", "inspection.plan")
def patrol(request: HttpRequest, pk: int) -> HttpResponse:
    """One patrol: its points in order, each with two large buttons."""
    return _patrol(request, pk)


def _patrol(request: HttpRequest, pk: int, error: LinliError | None = None) -> HttpResponse:
    page = reads.patrol_page(pk, viewer_of_request(request))
    located = [stop for stop in page.stops if stop.lng is not None]
    bounds = ""
    if located:
        lngs, lats = [s.lng for s in located], [s.lat for s in located]
        edges = (min(lngs) - 0.001, min(lats) - 0.001, max(lngs) + 0.001, max(lats) + 0.001)  # type: ignore[type-var,operator]
        bounds = ",".join(f"{edge:.5f}" for edge in edges)
    return render(
        request,
        "rounds/patrol.html",
        {
            "page": page,
            "patrol": page.patrol,
            "bounds": bounds,
            "left": page.patrol.points_due - page.patrol.points_done,
            "error": error,
            "typed": request.POST.get("words", ""),
        },
        status=error.status if error else 200,
    )


@require_GET
@opens(*WALKS, "patrol.plan", "inspection.plan")
def points(request: HttpRequest, pk: int) -> HttpResponse:
    """The points of a patrol for the map."""
    page = reads.patrol_page(pk, viewer_of_request(request))
    return HttpResponse(orjson.dumps(reads.points_geojson(page)), content_type="application/geo+json")


@require_POST
@opens("patrol.walk")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a patrol."""
    patrols.start(pk, viewer=viewer_of_request(request))
    return HttpResponseRedirect(reverse("rounds:patrol", args=[pk]))


@require_POST
@opens("patrol.walk")
def stop(request: HttpRequest, pk: int, sequence: int) -> HttpResponse:
    """One tap at one point. "bad" leads on to the form for what was found."""
    viewer = viewer_of_request(request)
    result = request.POST.get("result", "")
    try:
        patrols.mark(pk, sequence, result, viewer=viewer, where=where_of(request.POST))
    except (NotFound, NotAllowed):
        raise
    except LinliError as error:
        return _patrol(request, pk, error)
    if result == "bad":
        target = f"{reverse('rounds:patrol_finding', args=[pk])}?stop={sequence}"
    else:
        target = f"{reverse('rounds:patrol', args=[pk])}#next"
    return HttpResponseRedirect(target)


@require_POST
@opens("patrol.walk")
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """End a patrol; what is still missing is said on the page, with the words kept."""
    try:
        done = patrols.finish(pk, request.POST.get("words", ""), viewer=viewer_of_request(request))
    except (NotFound, NotAllowed):
        raise
    except LinliError as error:
        return _patrol(request, pk, error)
    messages.success(
        request, _("巡查完成：%(done)d/%(due)d 个点。") % {"done": done.points_done, "due": done.points_due}
    )
    return HttpResponseRedirect(reverse("rounds:today"))


# ── Inspections ────────────────────────────────────────────────────────────────────────────────────────


@require_GET
@opens("inspection.check", "inspection.plan")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """The checklist of one grid."""
    return _visit(request, pk)


def _visit(
    request: HttpRequest,
    pk: int,
    error: LinliError | None = None,
    item: int | None = None,
    uids: list[str] | None = None,
) -> HttpResponse:
    page = inspections.visit_page(pk, viewer_of_request(request))
    shown: dict[str, Any] = {"page": page, "visit": page.visit, "error": error, "key": uuid.uuid4().hex}
    if error is not None:
        shown["error_item"] = item or number_of(error.field)
        shown["typed"] = request.POST
        shown["kept"] = [{"id": str(p.uid), "thumb_url": photo_url(p, thumb=True)} for p in photos_of(uids or [])]
    return render(request, "rounds/visit.html", shown, status=error.status if error else 200)


def taken_in(request: HttpRequest, viewer: Viewer, files: str = "photos", ids: str = "photo_ids") -> list[str]:
    """The pictures of a form: those sent before by their uids, and files of a form without scripts. Raises Refused."""
    uids = [uid for uid in request.POST.getlist(ids) if uid][:20]
    for file in request.FILES.getlist(files)[:9]:
        uids.append(str(keep_photo(file.read(), file.name or "", viewer=viewer).uid))
    return uids


@require_POST
@opens("inspection.check")
def answer_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """One question answered; a refusal keeps words and pictures."""
    viewer = viewer_of_request(request)
    uids = [uid for uid in request.POST.getlist("photo_ids") if uid][:20]
    try:
        uids = taken_in(request, viewer)
        visits.answer(
            pk,
            item,
            request.POST.get("value", ""),
            viewer=viewer,
            words=request.POST.get("words", ""),
            photos=uids,
            where=where_of(request.POST),
        )
    except (NotFound, NotAllowed):
        raise
    except LinliError as error:
        return _visit(request, pk, error, item, uids)
    return HttpResponseRedirect(f"{reverse('rounds:visit', args=[pk])}#next")


@require_POST
@opens("inspection.check")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """All is answered: close and sign. What is missing is said at its question."""
    try:
        done = visits.close_visit(pk, request.POST.get("words", ""), viewer=viewer_of_request(request))
    except (NotFound, NotAllowed):
        raise
    except LinliError as error:
        return _visit(request, pk, error)
    messages.success(
        request,
        _("检查表已交，等其他检查人签字。") if done.state == "signing" else _("这个网格检查完了，已签字。"),
    )
    return HttpResponseRedirect(reverse("rounds:visit", args=[pk]))


@require_POST
@opens("inspection.check")
def sign_visit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one's name under a visit."""
    try:
        visits.sign(pk, viewer=viewer_of_request(request))
    except (NotFound, NotAllowed):
        raise
    except LinliError as error:
        return _visit(request, pk, error)
    messages.success(request, _("已签字。"))
    return HttpResponseRedirect(reverse("rounds:visit", args=[pk]))
