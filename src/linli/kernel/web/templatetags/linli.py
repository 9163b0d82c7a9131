"""``{% load linli %}``: the components of the design system. Usage of each is in docs/design-system.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import segno
from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.web import forms, navigation
from linli.kernel.web.bell import Bell, bell_of
from linli.kernel.web.client_words import client_words as words_for_scripts
from linli.kernel.web.lights import LIGHTS, shape_svg
from linli.kernel.web.vendoring import icon_names
from linli.kernel.web.when import duration_words, exact, near_words

register = template.Library()


@cache
def _icons() -> frozenset[str]:
    return frozenset(icon_names())


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite, silent for screen readers: the words stand beside it. size: "", "sm", "lg"."""
    if name not in _icons():
        if settings.DEBUG:
            raise template.TemplateSyntaxError(f"icon {name!r} is not in icons.txt")
        name = "circle-dashed"
    return _drawn(name, size, static("vendor/tabler-icons/sprite.svg") if settings.DEBUG else "")


@cache
def _drawn(name: str, size: str, sprite: str) -> SafeString:
    """A page has some twenty icons, a house some two hundred: each is put together once."""
    extra = f" icon-{size}" if size else ""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        sprite or static("vendor/tabler-icons/sprite.svg"),
        name,
    )


@register.simple_tag
def light(kind: str, words: str = "", boxed: bool = False, size: str = "") -> SafeString:
    """A light: shape, word, colour. kind: on_track, near, overdue, suspended, done; words replaces its word."""
    known = LIGHTS.get(kind)
    if known is None:
        return format_html('<span class="ll-light is-plain">{}</span>', words or kind)
    classes = f"ll-light is-{kind}" + (" is-boxed" if boxed else "") + (f" is-{size}" if size else "")
    shape = mark_safe(shape_svg(known))
    if words:
        # The word of the light is said as well: what is written beside it may be only a number.
        return format_html(
            '<span class="{}">{}<span class="visually-hidden">{} </span>{}</span>',
            classes,
            shape,
            known.word,
            words,
        )
    return format_html('<span class="{}">{}{}</span>', classes, shape, known.word)


@register.simple_tag
def when(moment: datetime | None, empty: str = "—") -> SafeString:
    """A time near now in relative words, farther away as a date; the exact one on hover and in print."""
    if not moment:
        return format_html("{}", empty)
    if not isinstance(moment, datetime):
        return format_html("{}", moment)
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return format_html(
        '<time class="ll-when" datetime="{}" title="{}" data-exact="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        exact(moment),
        exact(moment),
        near_words(moment, clock.now()),
    )


@register.filter
def exact_time(moment: datetime | None) -> str:
    """2026-11-25 18:00."""
    return exact(moment) if moment else "—"


@register.filter
def duration(length: timedelta | float | None) -> str:
    """A length of time in its two largest units; numbers are seconds."""
    return "—" if length is None else duration_words(length)


@register.filter
def named(thing: Any) -> str:
    """The name in the page's language of anything with name_zh and name_en (the other one if it is empty)."""
    if thing is None or isinstance(thing, str):
        return thing or ""
    get = thing.get if isinstance(thing, Mapping) else lambda key, default="": getattr(thing, key, default)
    first, second = ("name_en", "name_zh") if (get_language() or "").startswith("en") else ("name_zh", "name_en")
    return str(get(first, "") or get(second, "") or get("name", "") or thing)


@register.simple_tag
def place_path(places: Iterable[Any], skip: int = 0) -> SafeString:
    """渌口镇 › 伏波社区 › 第三网格: names of places from large to small."""
    names = [named(place) for place in places][skip:]
    return format_html(
        '<span class="ll-path">{}</span>',
        format_html_join("", "<span>{}</span>", ((name,) for name in names)),
    )


@register.simple_tag
def state_badge(label: Any, tone: str = "plain", icon_name: str = "") -> SafeString:
    """A state in words. tone: plain, info, brand, on_track, near, overdue, suspended, done."""
    picture = icon(icon_name, "sm") if icon_name else ""
    return format_html('<span class="ll-badge is-{}">{}{}</span>', tone, picture, label)


@register.simple_tag
def chip(label: Any, url: str = "", active: bool = False, count: int | None = None, icon_name: str = "") -> SafeString:
    """A chip: a link when it has an address. ``active`` marks the chosen one, ``count`` stands behind it."""
    number = format_html('<span class="ll-count">{}</span>', count) if count is not None else ""
    inside = format_html("{}{} {}", icon(icon_name, "sm") if icon_name else "", label, number)
    if not url:
        return format_html('<span class="ll-chip{}">{}</span>', " is-active" if active else "", inside)
    current = mark_safe(' aria-current="true"') if active else ""
    return format_html('<a class="ll-chip" href="{}"{}>{}</a>', url, current, inside)


@register.simple_tag
def count(part: int, base: int, words: str = "") -> SafeString:
    """41/53 按期 · 77 %: a number never without its base; no percentage of nothing."""
    share = f" · {round(100 * part / base)} %" if base else ""
    label = f" {words}" if words else ""
    return format_html('<span class="ll-count">{}/{}{}{}</span>', part, base, label, share)


@register.simple_tag
def copy_button(text: Any, label: str = "") -> SafeString:
    """Copies ``text``; says so. Without scripts nothing is lost: the text stands beside it."""
    return format_html(
        '<button type="button" class="btn btn-sm" data-copy="{}">{}<span>{}</span></button>',
        text,
        icon("copy"),
        label or _("复制"),
    )


@register.simple_tag
def qr(data: str, label: str = "") -> SafeString:
    """A QR code as inline SVG, dark on white in every theme."""
    picture = segno.make(str(data), error="m", micro=False).svg_inline(border=2, omitsize=True, dark="#000000")
    return format_html(
        '<span class="ll-qr" role="img" aria-label="{}">{}</span>', label or _("二维码"), mark_safe(picture)
    )


@register.inclusion_tag("web/components/empty.html")
def empty_state(icon_name: str, title: str, guidance: str = "", url: str = "", action: str = "") -> dict[str, Any]:
    """Nothing here: what belongs here, how it comes, and one thing to do."""
    return {"icon": icon_name, "title": title, "guidance": guidance, "url": url, "action": action}


@register.inclusion_tag("web/components/photo_strip.html")
def photo_strip(photos: Iterable[Any], large: bool = False) -> dict[str, Any]:
    """Thumbnails that open large. A photo has ``thumb_url``, ``url``, ``caption`` (object or dict)."""
    return {"photos": list(photos), "large": large}


@register.inclusion_tag("web/components/photo_pair.html")
def photo_pair(before: Iterable[Any], after: Iterable[Any]) -> dict[str, Any]:
    """Photos before and after, side by side. A photo may also have ``taken_at``."""
    return {"before": list(before), "after": list(after)}


@register.inclusion_tag("web/components/timeline.html")
def timeline(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A vertical story. Item: at, title, who, post, words, note (internal), took, photos, tone, icon, ahead."""
    return {"items": list(items)}


@register.inclusion_tag("web/components/pager.html", takes_context=True)
def pager(context: Mapping[str, Any], page: Any, parameter: str = "page") -> dict[str, Any]:
    """Under a list. ``page``: a Django Page, or a dict with previous, next (addresses) and shown (words)."""
    if isinstance(page, Page):
        request: HttpRequest | None = context.get("request")
        kept = [(k, v) for k, values in (request.GET.lists() if request else []) if k != parameter for v in values]

        def address(number: int) -> str:
            return "?" + urlencode([*kept, (parameter, number)])

        pages = [
            (number, address(number) if isinstance(number, int) else "")
            for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
        ]
        return {
            "previous": address(page.previous_page_number()) if page.has_previous() else "",
            "next": address(page.next_page_number()) if page.has_next() else "",
            "pages": pages if page.paginator.num_pages > 1 else [],
            "number": page.number,
            "shown": _("第 %(first)d–%(last)d 条，共 %(all)d 条")
            % {"first": page.start_index(), "last": page.end_index(), "all": page.paginator.count},
        }
    return {**page, "pages": []}


@register.inclusion_tag("web/components/skeleton.html")
def skeleton(lines: int = 4) -> dict[str, Any]:
    """Grey lines where words will come."""
    return {"lines": range(lines)}


@register.simple_tag
def field_row(field: BoundField) -> SafeString:
    """One form field with label, help and error; the same as ``{{ field.as_field_group }}``."""
    return field.as_field_group()


@register.simple_tag
def field_parts(field: BoundField) -> dict[str, Any]:
    """For the field template: how it is laid out, and its control."""
    kind = forms.kind_of(field)
    return {"kind": kind, "control": forms.control(field) if kind in {"plain", "check"} else ""}


@register.simple_tag(takes_context=True)
def door_nav(context: Mapping[str, Any], door: str) -> list[navigation.Link]:
    """The navigation of a door for this viewer: ``{% door_nav "portal" as nav %}``."""
    return navigation.links(door, context.get("request"))


@register.simple_tag
def client_words() -> SafeString:
    """The sentences of the scripts as JSON for an attribute."""
    return escape(json.dumps(words_for_scripts(), ensure_ascii=False, separators=(",", ":")))


@register.simple_tag(takes_context=True)
def bell(context: Mapping[str, Any]) -> Bell | None:
    """What the bell of the frame shows; None for strangers."""
    return bell_of(context.get("request"))


@register.simple_tag(takes_context=True)
def with_query(context: Mapping[str, Any], **changes: Any) -> str:
    """This page's query with some parameters changed (None or "" removes one): state stays in the address."""
    request: HttpRequest | None = context.get("request")
    query = request.GET.copy() if request else None
    if query is None:
        return "?" + urlencode({k: v for k, v in changes.items() if v not in (None, "")})
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return "?" + query.urlencode()
