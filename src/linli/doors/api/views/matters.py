"""Changing the catalogue: local items, words, what is in use; filing rules. As on the pages of the administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Router

from linli.doors.api import schemas, shapes
from linli.doors.api.door import carried_out_once, needs
from linli.doors.api.views.catalogue import router
from linli.doors.api.views.steps import version_of
from linli.kernel.once import Kept
from linli.rooms.catalogue import actions
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.catalogue.actions.filing import RuleText
from linli.rooms.catalogue.models import FilingRule

rules_router = Router(tags=["catalogue"])


@router.post("/items", response={201: schemas.ItemOut}, by_alias=True, url_name="items")
def add_item(request: HttpRequest, given: schemas.ItemIn) -> HttpResponse:
    """Add a local item."""
    viewer = needs(request, "catalogue.edit")
    fields = given.dict()
    class_key = fields.pop("class_")
    return _item(request, lambda: actions.add_item(viewer, class_key, **fields).key, 201)


@router.patch("/items/{key}", response=schemas.ItemOut, by_alias=True, url_name="item")
def change_item(request: HttpRequest, key: str, given: schemas.ItemChange) -> HttpResponse:
    """Change names, everyday words, urgency or danger. With If-Match only if nobody changed it since."""
    viewer = needs(request, "catalogue.edit")
    sent = {name: value for name, value in given.dict(exclude_unset=True).items() if value is not None}
    version = version_of(request)
    present = catalogue.item(key).version if version is None else version
    return _item(request, lambda: actions.change_item(viewer, key, present, **sent).key)


@router.post("/items/{key}/retire", response=schemas.ItemOut, by_alias=True, url_name="item_retire")
def retire_item(request: HttpRequest, key: str, given: schemas.RetireItemIn) -> HttpResponse:
    """Take an item out of use; cases that name it keep it."""
    viewer = needs(request, "catalogue.edit")
    return _item(request, lambda: actions.retire_item(viewer, key, successor=given.successor or None).key)


@router.post("/items/{key}/restore", response=schemas.ItemOut, by_alias=True, url_name="item_restore")
def restore_item(request: HttpRequest, key: str) -> HttpResponse:
    """Bring a retired item back into use."""
    viewer = needs(request, "catalogue.edit")
    return _item(request, lambda: actions.restore_item(viewer, key).key)


@router.post("/items/{key}/rules", response={201: schemas.RuleOut}, url_name="item_rules")
def add_rule(request: HttpRequest, key: str, given: schemas.RuleIn) -> HttpResponse:
    """Give an item one more filing rule, after those it has."""
    viewer = needs(request, "catalogue.edit")
    known = catalogue.item(key).key
    return _rule(request, lambda: actions.add_rule(viewer, known, RuleText(**given.dict())))


@rules_router.post("/rules/{rule_id}/correct", response={201: schemas.RuleOut}, url_name="rule_correct")
def correct_rule(request: HttpRequest, rule_id: schemas.Id, given: schemas.RuleIn) -> HttpResponse:
    """Put a corrected rule in the place of one; cases filed under the old one keep it."""
    viewer = needs(request, "catalogue.edit")
    return _rule(request, lambda: actions.correct_rule(viewer, rule_id, RuleText(**given.dict())))


@rules_router.post("/rules/{rule_id}/end", response=schemas.RuleList, url_name="rule_end")
def end_rule(request: HttpRequest, rule_id: schemas.Id) -> HttpResponse:
    """Take a rule out of force; what its item has left."""
    viewer = needs(request, "catalogue.edit")
    key = catalogue.rule(rule_id).item_key

    def act() -> Kept:
        actions.retire_rule(viewer, rule_id)
        return Kept(200, orjson.dumps({"items": [shapes.rule(one) for one in catalogue.rules_for(key)]}))

    return carried_out_once(request, request.body, act)


def _item(request: HttpRequest, act: Callable[[], str], status: int = 200) -> HttpResponse:
    def once() -> Kept:
        found = catalogue.item(act())
        headers = {"ETag": f'"{found.version}"'}
        if status == 201:
            headers["Location"] = f"{shapes.PREFIX}/items/{found.key}"
        return Kept(status, orjson.dumps(shapes.item(found)), headers)

    return carried_out_once(request, request.body + str(version_of(request)).encode(), once)


def _rule(request: HttpRequest, act: Callable[[], FilingRule]) -> HttpResponse:
    def once() -> Kept:
        body: dict[str, Any] = shapes.rule(catalogue.rule(act().pk))
        return Kept(201, orjson.dumps(body))

    return carried_out_once(request, request.body, once)
