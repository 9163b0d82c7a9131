"""``{% load admin_door %}``: figures and codes of the configuration pages in words."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def hectares(area_m2: float | None) -> str:
    """12.3 公顷, or square metres when small."""
    if area_m2 is None:
        return "—"
    if area_m2 < 10_000:
        return _("%(n)s 平方米") % {"n": f"{area_m2:,.0f}"}
    return _("%(n)s 公顷") % {"n": f"{area_m2 / 10_000:,.1f}"}


@register.filter
def lng_lat(thing: Any) -> str:
    """`lng,lat` of a place as scripts read it, "" without a point."""
    lng, lat = getattr(thing, "lng", None), getattr(thing, "lat", None)
    return "" if lng is None or lat is None else f"{lng:.6f},{lat:.6f}"


@register.filter
def plain(value: Any) -> str:
    """A number as machines write it, whatever the language."""
    return "" if value is None else str(value)


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """`mapping|item:key`, "" when missing."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return ""


@register.filter
def changes_of(entry: Any) -> list[dict[str, str]]:
    """What a journal entry changed: only the facts that differ, as text."""
    before, after = entry.before or {}, entry.after or {}
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return [{"what": key, "before": _said(before.get(key)), "after": _said(after.get(key))} for key in keys]


def _said(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return "、".join(_said(one) for one in value)
    if isinstance(value, dict):
        return "；".join(f"{key} {_said(one)}" for key, one in value.items())
    return str(value)
