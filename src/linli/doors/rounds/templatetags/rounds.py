"""What the pages of the rounds ask about their viewer."""

from __future__ import annotations

from django import template

from linli.rooms.people.rights import Viewer

register = template.Library()


@register.filter
def holds_any(viewer: Viewer, duties: str) -> bool:
    """Whether the viewer carries one of these duties, written with blanks between them."""
    return any(viewer.has(duty) for duty in duties.split())
