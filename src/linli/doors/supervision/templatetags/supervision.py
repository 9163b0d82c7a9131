"""``{% load supervision %}``: the lights as the operator set them."""

from __future__ import annotations

import time
from functools import lru_cache

from django import template
from django.db import connection
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from linli.rooms.oversight.queries.register import lights

register = template.Library()

# A shape is as much a light as its colour is; each in a 12 × 12 box.
SHAPES = {
    "circle": '<circle cx="6" cy="6" r="5.25" fill="currentColor"/>',
    "triangle": '<path d="M6 .5 11.8 11.3H.2Z" fill="currentColor"/>',
    "square": '<path d="M.8.8h10.4v10.4H.8Z" fill="currentColor"/>',
    "diamond": '<path d="M6 .3 11.7 6 6 11.7.3 6Z" fill="currentColor"/>',
    "bars": '<path d="M2 1h2.8v10H2zM7.2 1H10v10H7.2z" fill="currentColor"/>',
    "tick": '<path d="M1 6.5 4.5 10 11 2.5" fill="none" stroke="currentColor" stroke-width="2.2"/>',
}
SIGNS = {"circle": "●", "triangle": "▲", "square": "■", "diamond": "◆", "bars": "‖", "tick": "✓"}


@lru_cache(maxsize=8)
def _known(alias: str, language: str, second: int) -> dict[str, tuple[str, str, str]]:
    return {code: (light.name, light.colour, light.shape) for code, light in lights().items()}


def known() -> dict[str, tuple[str, str, str]]:
    """code → (name, colour, shape); asked at most once a second."""
    return _known(connection.alias, get_language() or "", int(time.monotonic()))


@register.simple_tag
def lamp(code: str, words: str = "", boxed: bool = False) -> SafeString:
    """A supervision light: shape, word, colour. words replaces its word, which is still said to screen readers."""
    name, colour, shape = known().get(code, (code, "plain", "circle"))
    drawn = mark_safe(f'<svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">{SHAPES[shape]}</svg>')
    said = format_html('<span class="visually-hidden">{} </span>{}', name, words) if words else name
    return format_html('<span class="ll-light is-{}{}">{}{}</span>', colour, " is-boxed" if boxed else "", drawn, said)


@register.simple_tag
def sign_of(code: str) -> str:
    """The light in plain characters, for print: ■ 超期."""
    name, _colour, shape = known().get(code, (code, "", "circle"))
    return f"{SIGNS[shape]} {name}"
