"""The whistle's pages stand in the frame of the viewer's own door: desk, leaders' screen, phone, or settings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from linli.doors.common.gate import viewer_of_request
from linli.rooms.people.rights import Viewer

FRAMES = ("desk", "command", "field", "admin")


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of this door in the viewer's frame; `on_phone` says whether it is the phone's."""
    door = viewer_of_request(request).home_door
    door = door if door in FRAMES else "desk"
    frame = {"frame": f"whistle/on_{door}.html", "on_phone": door == "field"}
    return render(request, f"whistle/{template}", {**frame, **context}, status=status)


def case_url(viewer: Viewer, number: str | None) -> str:
    """Where this viewer opens a case."""
    return reverse("field:case" if viewer.home_door == "field" else "desk:case", args=[number or "-"])
