"""Bulletins are read at every door: each in the frame of the viewer's own."""

from __future__ import annotations

from typing import Any

from linli.rooms.people.rights import Viewer

FRAMES = {door: f"gazette/on_{door}.html" for door in ("desk", "command", "field", "portal")}


def frame_of(viewer: Viewer) -> dict[str, Any]:
    """The frame to extend; residents and strangers read in the portal's."""
    door = "portal" if not viewer.posts else viewer.home_door
    return {"frame": FRAMES.get(door, FRAMES["desk"])}
