"""``{% load cases %}``: what templates need of a case beside its columns."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from linli.doors.common.matrix_notes import notes_on
from linli.doors.common.panels import panels_of
from linli.doors.common.photos import photo_url
from linli.kernel.flow import say
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Case, Photo

register = template.Library()


@register.filter
def url(photo: Photo) -> str:
    """The signed address of a picture."""
    return photo_url(photo)


@register.filter
def thumb(photo: Photo) -> str:
    """The signed address of its thumbnail."""
    return photo_url(photo, thumb=True)


@register.filter
def as_strip(photos: list[Photo] | None) -> list[dict[str, Any]]:
    """Pictures in the form that `photo_strip` and `photo_pair` of the design system take."""
    return [
        {
            "thumb_url": photo_url(photo, thumb=True),
            "url": photo_url(photo),
            "caption": photo.get_phase_display(),
            "taken_at": photo.taken_at,
            "width": photo.width,
            "height": photo.height,
        }
        for photo in photos or []
    ]


@register.filter
def name_of(row: dict[str, Any], prefix: str) -> str:
    """`row|name_of:"item"`: the name in the reader's language from `item__name_zh` and `item__name_en`."""
    zh, en = row.get(f"{prefix}__name_zh") or "", row.get(f"{prefix}__name_en") or ""
    return en if en and (get_language() or "zh").startswith("en") else zh


@register.filter
def degrees(value: float | None) -> str:
    """A coordinate as scripts read it, whatever the language."""
    return "" if value is None else f"{value:.6f}"


@register.simple_tag
def request_key() -> SafeString:
    """A hidden field that makes a form count once, however often it is sent."""
    return format_html('<input type="hidden" name="key" value="{}">', uuid.uuid4().hex)


@register.filter
def as_json(value: Any) -> str:
    """A value for a data attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def may_take(found: Any, step: str) -> bool:
    """Whether the reporter may take this step now."""
    return bool(found.may(step))


@register.simple_tag
def step_label(code: str) -> str:
    """What a step is called, in the reader's language."""
    return say(FLOW.step(code).label)


@register.filter
def km(metres: float) -> str:
    """Metres as kilometres with one digit."""
    return f"{metres / 1000:.1f}"


@register.simple_tag(takes_context=True)
def case_panels(context: dict[str, Any], case: Case) -> SafeString:
    """What other doors show on the page of a case (`doors.common.panels`)."""
    return SafeString("".join(panels_of(context["request"], case)))


@register.simple_tag(takes_context=True)
def matrix_notes(context: dict[str, Any], matter: str = "", place_id: int | None = None) -> SafeString:
    """What other doors have to say to the editor of the matrix (`doors.common.matrix_notes`)."""
    return SafeString("".join(notes_on(context["request"], matter or "", place_id)))
