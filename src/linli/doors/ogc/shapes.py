"""Features as GeoJSON: which properties each collection has, flat, as tables of attributes want them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from linli.kernel.flow import say
from linli.kernel.geo.shapes import to_geojson
from linli.rooms.cases.flow import FLOW
from linli.rooms.places import atlas
from linli.rooms.places.features import PlaceFeature, PlacePage

_ABOVE = ("district", "street", "community", "grid")


def place(feature: PlaceFeature, page: PlacePage) -> dict[str, Any]:
    """A grid or a building. Every kind has the same columns, so that programs can make one table of them."""
    properties: dict[str, Any] = {
        "kind": feature.kind,
        "code": feature.code,
        "local_code": feature.local_code,
        "name_zh": feature.name_zh,
        "name_en": feature.name_en,
        "level": feature.level,
        "parent_id": feature.parent_id,
    }
    higher = {above["kind"]: above for pk in feature.lineage[:-1] if (above := page.above.get(pk))}
    if "special" in higher:
        higher.setdefault("grid", higher["special"])
    for kind in _ABOVE:
        above = higher.get(kind)
        properties[f"{kind}_code"] = above["code"] if above else ""
        properties[f"{kind}_name"] = above["name_zh"] if above else ""
    if feature.kind != "building":
        properties["area_m2"] = round(feature.area_m2) if feature.area_m2 is not None else None
    properties["valid_from"] = feature.valid_from.isoformat()
    properties["valid_to"] = feature.valid_to.isoformat() if feature.valid_to else None
    geometry = to_geojson(feature.shape, 7) if feature.shape is not None else None
    return {"type": "Feature", "id": feature.id, "geometry": geometry, "properties": properties}


def case(row: dict[str, Any], *, inner: bool) -> dict[str, Any]:
    """A case. inner: with what only a viewer may know, who asked with a key; the row has its columns then."""
    known = atlas.current().places
    where = {known[pk].kind: known[pk] for pk in row["lineage"] if pk in known}
    grid = where.get("micro") or where.get("special") or where.get("grid")
    properties: dict[str, Any] = {
        "number": row["number"],
        "state": row["state"],
        "state_label": say(FLOW.state(row["state"]).label),
        "class": row["matter_class"],
        "item": row["item__key"] or "",
        "item_zh": row["item__name_zh"] or "",
        "item_en": row["item__name_en"] or "",
        "words": row["description"],
        "answer": row["public_words"],
        "unit_zh": row["unit__name_zh"] or "",
        "unit_en": row["unit__name_en"] or "",
        "street_code": where["street"].code if "street" in where else "",
        "community_code": where["community"].code if "community" in where else "",
        "grid_code": grid.code if grid else "",
        "grid_name": grid.name_zh if grid else "",
        "reported_at": moment(row["reported_at"]),
        "state_since": moment(row["state_since"]),
        "closed_at": moment(row["closed_at"]),
        "report_count": row["report_count"],
        "solved": row["solved"],
        "level": row["level"],
    }
    if inner:
        properties |= {
            "channel": row["channel"],
            "open": row["is_open"],
            "urgent": row["urgent"],
            "legacy": row["legacy"],
            "address": row["address"],
            "accepted_at": moment(row["accepted_at"]),
            "due_at": moment(row["due_at"]),
            "current_due_at": moment(row["current_due_at"]),
            "version": row["version"],
        }
    geometry = None
    if row["lng"] is not None:
        geometry = {"type": "Point", "coordinates": [round(row["lng"], 7), round(row["lat"], 7)]}
    return {"type": "Feature", "id": row["number"], "geometry": geometry, "properties": properties}


def moment(value: dt.datetime | None) -> str | None:
    """A moment as RFC 3339 in UTC, to the second."""
    return f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}" if value else None


def page_of_case(request: HttpRequest, number: str, *, inner: bool) -> str:
    """The page for people: at the desk, or everybody's."""
    return request.build_absolute_uri(reverse("desk:case" if inner else "portal:problem", args=[number]))
