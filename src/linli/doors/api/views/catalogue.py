"""The catalogue: classes, items, filing rules, search and suggestions. From memory."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from linli.doors.api import schemas, shapes
from linli.doors.api.door import json
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.catalogue.suggest import suggest

router = Router(tags=["catalogue"])


class ItemQuery(Schema):
    kind: Literal["matter", "component"] = "matter"
    class_: str = Field("", alias="class", max_length=3, description="M06")
    q: str = Field("", max_length=100, description="name or everyday word")
    inactive: bool = False
    limit: int = Field(1000, ge=1, le=1000)


@router.get("/classes", response=schemas.ClassList, url_name="classes")
def classes(request: HttpRequest) -> HttpResponse:
    """The classes of matters (M…) and components (C…)."""
    rows = [
        {"key": one.key, "kind": one.kind, "name": one.name, "icon": one.icon}
        for one in catalogue.catalogue().classes.values()
    ]
    return json({"items": rows})


@router.get("/items", response=schemas.ItemList, by_alias=True, url_name="items")
def items(request: HttpRequest, asked: Query[ItemQuery]) -> HttpResponse:
    """Items of the catalogue; with `q` the best matches first."""
    if asked.q.strip():
        searched = catalogue.search(asked.q, kind=asked.kind, limit=min(asked.limit, 100), inactive=asked.inactive)
        found = [one.item for one in searched]
    else:
        found = [
            one
            for one in catalogue.catalogue().items.values()
            if one.kind == asked.kind and (one.active or asked.inactive)
        ]
    wanted = [shapes.item(one) for one in found if not asked.class_ or one.class_key == asked.class_]
    return json({"items": wanted[: asked.limit]})


@router.get("/items/suggest", response=schemas.SuggestedList, by_alias=True, url_name="suggest")
def suggested(
    request: HttpRequest, words: str = Query(..., min_length=1, max_length=500), top: int = Query(5, ge=1, le=20)
) -> HttpResponse:
    """Items that somebody's words may mean, likeliest first, and the words that spoke for it. A person decides."""
    rows = [
        {"item": shapes.item(one.item), "score": round(one.score, 4), "because": list(one.because)}
        for one in suggest(words, top=top)
    ]
    return json({"items": rows})


@router.get("/items/{key}", response=schemas.ItemOut, by_alias=True, url_name="item")
def item(request: HttpRequest, key: str) -> HttpResponse:
    """One item, retired ones too. Its ETag goes into If-Match of a change."""
    found = catalogue.item(key)
    return json(shapes.item(found), headers={"ETag": f'"{found.version}"'})


@router.get("/items/{key}/rules", response=schemas.RuleList, url_name="item_rules")
def rules(request: HttpRequest, key: str) -> HttpResponse:
    """The filing rules in force for an item, the default first."""
    return json({"items": [shapes.rule(one) for one in catalogue.rules_for(catalogue.item(key).key)]})
