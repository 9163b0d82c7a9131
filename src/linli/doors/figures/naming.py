"""Names of what is counted: places from memory, the rest from their tables; in the reader's language."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.rooms.catalogue.models import Item, MatterClass
from linli.rooms.insight.dimensions import PLACE_KINDS
from linli.rooms.people.models import Post, Unit
from linli.rooms.places import atlas
from linli.rooms.places.atlas import localized
from linli.rooms.places.models import Place

LABELS = {
    "district": _("区县"),
    "street": _("街道（乡镇）"),
    "community": _("社区（村）"),
    "grid": _("网格"),
    "unit": _("责任单位"),
    "post": _("岗位"),
    "item": _("事项"),
    "class": _("大类"),
}


def english() -> bool:
    """Whether the reader reads English."""
    return (get_language() or "zh").startswith("en")


def names(dimension: str, ids: Collection[int]) -> dict[int, str]:
    """id → name; for grids with their community's, as grids of several communities have the same names."""
    if dimension in PLACE_KINDS:
        return _places(dimension, ids)
    column = "name_en" if english() else "name_zh"
    if dimension == "post":
        posts = Post.objects.filter(pk__in=list(ids)).values_list(
            "pk", f"kind__{column}", "place__name_zh", "unit__name_zh", "holder__name"
        )
        return {
            pk: " · ".join(part for part in (place or unit, kind, holder) if part)
            for pk, kind, place, unit, holder in posts
        }
    table: Any = {"unit": Unit, "item": Item}.get(dimension, MatterClass)
    rows = table.objects.filter(pk__in=list(ids)).values_list("pk", "name_zh", column)
    return {pk: chosen or chinese for pk, chinese, chosen in rows}


def name_of(dimension: str, id: int) -> str:
    """One name."""
    return names(dimension, [id]).get(id, f"#{id}")


def _places(dimension: str, ids: Collection[int]) -> dict[int, str]:
    known = atlas.current().places
    found = {}
    for id in ids:
        if id not in known:
            continue
        facts = known[id]
        name, above = localized(facts), known.get(facts.parent_id or 0)
        if dimension == "grid" and above is not None and localized(above) not in name:
            name = f"{localized(above)} {name}"
        found[id] = name
    missing = [id for id in ids if id not in found]
    if missing:
        found |= dict(Place.objects.filter(pk__in=missing).values_list("pk", "name_zh"))
    return found


def order(dimension: str, ids: Collection[int], named: dict[int, str]) -> list[int]:
    """Places in the order of their codes, the rest by name."""
    if dimension in PLACE_KINDS:
        known = atlas.current().places
        return sorted(
            ids, key=lambda id: (known[id].code or "~", known[id].sort_key, id) if id in known else ("~", "", id)
        )
    return sorted(ids, key=lambda id: (named.get(id, ""), id))
