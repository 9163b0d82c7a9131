"""What other doors have to say to the editor of the responsibility matrix: a registry, as `panels` is for a case.

A door registers in ``AppConfig.ready``: ``matrix_notes.register("whistle", render)``. ``render(request, matter,
place_id)`` returns HTML about an item or class ("M06012", "M06"; "" for all) at a place (None: anywhere), or "".
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

Render = Callable[[HttpRequest, str, int | None], str]

_notes: dict[str, Render] = {}


def register(key: str, render: Render) -> None:
    """Adds a note; one with a known key replaces the earlier one."""
    _notes[key] = render


def notes_on(request: HttpRequest, matter: str = "", place_id: int | None = None) -> list[SafeString]:
    """What there is to say about a matter at a place."""
    shown = (render(request, matter, place_id) for _key, render in sorted(_notes.items()))
    return [mark_safe(html) for html in shown if html]  # templates have escaped what people wrote
