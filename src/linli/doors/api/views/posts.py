"""Posts and units: appointing, ending, standing in; making, changing and dissolving. The same rights as the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from linli.doors.api import schemas, shapes
from linli.doors.api.door import carried_out_once, json, needs, viewer_of
from linli.doors.api.views.places import people_router as router
from linli.kernel.errors import NotFound, Refused
from linli.kernel.once import Kept
from linli.rooms.people import actions, queries
from linli.rooms.people.models import Account, Post, Unit
from linli.rooms.people.rights import Viewer
from linli.rooms.places.models import Place


class PostQuery(Schema):
    place: schemas.Id | None = Field(None, description="in this place or below it")
    unit: schemas.Id | None = None
    kind: str = Field("", max_length=40)
    q: str = Field("", max_length=60, description="words of a name")
    past: bool = False
    limit: int = Field(100, ge=1, le=500)
    after: schemas.Id | None = Field(None, description="`next` of the page before")


@router.get("/post-kinds", response=schemas.KindList, url_name="post_kinds")
def kinds(request: HttpRequest) -> HttpResponse:
    """The kinds of post, what each is held for and which duties it carries."""
    rows = [
        {"code": one.code, "name": one.name, "held_for": str(one.held_for), "duties": list(one.duties)}
        for one in queries.kinds()
    ]
    return json({"items": rows})


@router.get("/posts/held", response=schemas.PostWholeList, url_name="posts_held")
def held(request: HttpRequest, asked: Query[PostQuery]) -> HttpResponse:
    """Posts with their holders, for those who appoint."""
    viewer = needs(request, "posts.edit")
    rows = queries.posts(
        viewer, place_id=asked.place, unit_id=asked.unit, kind=asked.kind, words=asked.q, past=asked.past
    ).order_by("id")
    if asked.after:
        rows = rows.filter(id__gt=asked.after)
    found = list(rows[: asked.limit + 1])
    more = len(found) > asked.limit
    found = found[: asked.limit]
    return json({"items": [_shown(one) for one in found], "next": str(found[-1].pk) if more else None})


@router.get("/posts/{post_id}", response=schemas.PostWhole, url_name="post")
def post(request: HttpRequest, post_id: schemas.Id) -> HttpResponse:
    """One post, past ones too: for those who appoint, and for who holds it or stands in."""
    return json(_one(viewer_of(request), post_id))


@router.post("/posts", response={201: schemas.PostWhole}, url_name="posts")
def appoint(request: HttpRequest, given: schemas.AppointIn) -> HttpResponse:
    """Give somebody a post."""
    viewer = needs(request, "posts.edit")

    def act() -> Post:
        return actions.appoint(
            viewer,
            kind=given.kind,
            holder_id=_staff(given.holder, "holder"),
            place_id=place_in_force(given.place),
            unit_id=_unit_in_force(given.unit, "unit"),
            matters=given.classes,
            valid_from=given.valid_from,
            valid_to=given.valid_to,
            phone=given.phone,
            phone_public=given.phone_public,
        )

    return _changed(request, viewer, act, 201)


@router.patch("/posts/{post_id}", response=schemas.PostWhole, url_name="post")
def change_post(request: HttpRequest, post_id: schemas.Id, given: schemas.PostChange) -> HttpResponse:
    """Change the telephone, whether residents may see it, and the classes of matter."""
    viewer = needs(request, "posts.edit")

    def act() -> Post:
        old = _known(viewer, post_id)
        return actions.edit_post(
            viewer,
            post_id,
            phone=old.phone if given.phone is None else given.phone,
            phone_public=old.phone_public if given.phone_public is None else given.phone_public,
            matters=old.matters if given.classes is None else given.classes,
        )

    return _changed(request, viewer, act)


@router.post("/posts/{post_id}/end", response=schemas.PostWhole, url_name="post_end")
def end_post(request: HttpRequest, post_id: schemas.Id, given: schemas.EndIn) -> HttpResponse:
    """From a day on the post is no longer held; what was done stays on record."""
    viewer = needs(request, "posts.edit")
    return _changed(request, viewer, lambda: actions.end_post(viewer, post_id, valid_to=given.valid_to))


@router.post("/posts/{post_id}/replace", response={201: schemas.PostWhole}, url_name="post_replace")
def replace(request: HttpRequest, post_id: schemas.Id, given: schemas.ReplaceIn) -> HttpResponse:
    """Somebody else takes the post over from a day on: the new post."""
    viewer = needs(request, "posts.edit")

    def act() -> Post:
        return actions.replace_holder(viewer, post_id, _staff(given.holder, "holder"), since=given.since)

    return _changed(request, viewer, act, 201)


@router.post("/posts/{post_id}/deputy", response=schemas.PostWhole, url_name="post_deputy")
def deputise(request: HttpRequest, post_id: schemas.Id, given: schemas.DeputyIn) -> HttpResponse:
    """Somebody stands in while the holder is away. The holder may ask a colleague; else it takes who appoints."""
    viewer = _holder_or_appointer(request, post_id)
    since, until = _moment(given.since, "since"), _moment(given.until, "until")

    def act() -> Post:
        return actions.deputise(viewer, post_id, _staff(given.deputy, "deputy"), since=since, until=until)

    return _changed(request, viewer, act)


@router.post("/posts/{post_id}/back", response=schemas.PostWhole, url_name="post_back")
def undeputise(request: HttpRequest, post_id: schemas.Id) -> HttpResponse:
    """The holder is back: nobody stands in from now on."""
    viewer = _holder_or_appointer(request, post_id)
    return _changed(request, viewer, lambda: actions.undeputise(viewer, post_id))


@router.post("/units", response={201: schemas.UnitOut}, url_name="units")
def create_unit(request: HttpRequest, given: schemas.UnitIn) -> HttpResponse:
    """Add a responsible unit."""
    viewer = needs(request, "units.edit")

    def act() -> Kept:
        fields = given.dict()
        fields["place_id"] = place_in_force(fields.pop("place"))
        fields["parent_id"] = _unit_in_force(fields.pop("parent"), "parent")
        made = actions.create_unit(viewer, **fields)
        body = orjson.dumps(shapes.unit(made))
        return Kept(201, body, {"Location": f"{shapes.PREFIX}/units/{made.pk}"})

    return carried_out_once(request, request.body, act)


@router.patch("/units/{unit_id}", response=schemas.UnitOut, url_name="unit")
def change_unit(request: HttpRequest, unit_id: schemas.Id, given: schemas.UnitChange) -> HttpResponse:
    """Change what is known of a unit; its code stays."""
    viewer = needs(request, "units.edit")
    old = queries.unit(unit_id)
    sent = given.dict(exclude_unset=True)
    place = place_in_force(sent.pop("place")) if "place" in sent else old.place_id
    parent = _unit_in_force(sent.pop("parent"), "parent") if "parent" in sent else old.parent_id
    kept = {name: getattr(old, name) for name in ("name_zh", "name_en", "kind", "credit_code", "phone")}
    fields = kept | {name: value for name, value in sent.items() if value is not None}
    return json(shapes.unit(actions.edit_unit(viewer, unit_id, place_id=place, parent_id=parent, **fields)))


@router.post("/units/{unit_id}/end", response=schemas.UnitOut, url_name="unit_end")
def end_unit(request: HttpRequest, unit_id: schemas.Id, given: schemas.EndUnitIn) -> HttpResponse:
    """Dissolve a unit: from a day on it no longer exists, the posts held for it end, nothing is deleted."""
    viewer = needs(request, "units.edit")

    def act() -> Kept:
        ended = actions.end_unit(viewer, unit_id, valid_to=given.valid_to, successor_id=given.successor)
        return Kept(200, orjson.dumps(shapes.unit(ended)))

    return carried_out_once(request, request.body, act)


def _changed(request: HttpRequest, viewer: Viewer, act: Callable[[], Post], status: int = 200) -> HttpResponse:
    def once() -> Kept:
        done = act().pk
        headers = {"Location": f"{shapes.PREFIX}/posts/{done}"} if status == 201 else {}
        return Kept(status, orjson.dumps(_one(viewer, done), default=str), headers)

    return carried_out_once(request, request.body, once)


def _one(viewer: Viewer, post_id: int) -> dict[str, Any]:
    return _shown(_known(viewer, post_id))


def _known(viewer: Viewer, post_id: int) -> Post:
    """A post that this viewer may know whole. Raises NotFound."""
    rows = queries.posts(viewer, past=True) if viewer.has("posts.edit") else queries.own_posts(viewer)
    found = rows.filter(pk=post_id).first()
    if found is None:
        raise NotFound(_("没有这个岗位"), "people.post_not_found")
    return found


def _holder_or_appointer(request: HttpRequest, post_id: int) -> Viewer:
    viewer = viewer_of(request)
    if viewer.has("posts.edit") or any(one.id == post_id and not one.deputised for one in viewer.posts):
        return viewer
    return needs(request, "posts.edit")


def _staff(username: str, field: str) -> int:
    found = Account.objects.filter(username__iexact=username, kind=Account.Kind.STAFF).first()
    if found is None:
        raise Refused(_("没有这个用户名的同事，请核对。"), "people.account_not_found", field)
    return found.pk


def place_in_force(place_id: int | None) -> int | None:
    """The id of a place that has no end. Raises Refused."""
    if place_id is not None and not Place.objects.filter(pk=place_id, valid_to=None).exists():
        raise Refused(_("没有这个地方，请重新选择。"), "case.place_unknown", "place")
    return place_id


def _unit_in_force(unit_id: int | None, field: str) -> int | None:
    if unit_id is not None and not Unit.objects.filter(pk=unit_id, valid_to=None).exists():
        raise Refused(_("没有这个单位，请重新选择。"), "case.unknown_choice", field)
    return unit_id


def _moment(at: dt.datetime | None, field: str) -> dt.datetime | None:
    if at is not None and (at.tzinfo is None or not 1950 < at.year < 3000):
        raise Refused(_("请写明时刻和时区，例如 2026-11-22T08:00:00+08:00。"), "request.fields", field)
    return at


def _shown(found: Post) -> dict[str, Any]:
    def named(thing: Any) -> dict[str, Any] | None:
        return {"id": thing.pk, "name": thing.name} if thing else None

    def person(account: Account | None) -> dict[str, str] | None:
        return {"username": account.username, "name": account.name} if account else None

    return {
        "id": found.pk,
        "kind": found.kind.code,
        "kind_name": found.kind.name,
        "holder": person(found.holder),
        "place": named(found.place),
        "unit": named(found.unit),
        "classes": list(found.matters),
        "valid_from": found.valid_from,
        "valid_to": found.valid_to,
        "deputy": person(found.deputy),
        "deputy_from": found.deputy_from,
        "deputy_to": found.deputy_to,
        "phone": found.phone,
        "phone_public": found.phone_public,
    }
