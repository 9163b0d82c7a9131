"""``{% load cases %}``: what templates need of a case beside its columns."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language

from linli.doors.common.photos import photo_url
from linli.rooms.cases.models import Photo

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
            "thumb": photo_url(photo, thumb=True),
            "url": photo_url(photo),
            "alt": photo.get_phase_display(),
            "taken_at": photo.taken_at,
            "width": photo.width,
            "height": photo.height,
        }
        for photo in photos or []
    ]


@register.filter
def named(row: dict[str, Any], prefix: str) -> str:
    """`row|named:"item"`: the name in the reader's language from `item__name_zh` and `item__name_en`."""
    zh, en = row.get(f"{prefix}__name_zh") or "", row.get(f"{prefix}__name_en") or ""
    return en if en and (get_language() or "zh").startswith("en") else zh
