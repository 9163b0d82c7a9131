"""The first page of each administrator, and what fields suggest while typing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.doors.admin.overview import attention
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.picks import suggestions
from linli.rooms.people.rules import ADMIN_CAPABILITIES

ANY = sorted(frozenset().union(*ADMIN_CAPABILITIES.values()) - {"matrix.view"})


@require_GET
@opens(*ANY)
def index(request: HttpRequest) -> HttpResponse:
    """What waits for this administrator, and the ways on."""
    viewer = viewer_of_request(request)
    return render(request, "admin_door/home.html", {"items": attention(viewer), "role": viewer.admin_role})


@require_GET
@opens(*ANY)
def suggest(request: HttpRequest, source: str) -> JsonResponse:
    """Places, units, accounts or matters for the words typed so far."""
    words = request.GET.get("q", "")[:60]
    kinds = [kind for kind in request.GET.get("kinds", "").split(",") if kind]
    return JsonResponse({"items": suggestions(source, viewer_of_request(request), words, kinds)})
