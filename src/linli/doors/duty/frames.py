"""The ladder's pages are used at the desk, by leaders and on phones: each in the frame of the viewer's own door."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from linli.rooms.people.rights import Viewer

FRAMES = {
    "desk": "duty/on_desk.html",
    "command": "duty/on_command.html",
    "field": "duty/on_field.html",
    "admin": "duty/on_admin_plain.html",
}


def frame_of(viewer: Viewer) -> dict[str, Any]:
    """The frame to extend, and whether it is the phone's (whose one column takes the content itself)."""
    door = viewer.home_door if viewer.home_door in FRAMES else "desk"
    return {"frame": FRAMES[door], "on_phone": door == "field"}


def case_url(viewer: Viewer, number: str | None) -> str:
    """Where this viewer opens a case."""
    return reverse("field:case" if viewer.home_door == "field" else "desk:case", args=[number or "-"])
