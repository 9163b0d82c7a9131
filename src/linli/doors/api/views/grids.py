"""Grids: a file read into a draft with everything that is wrong with it, published at a day, given up; buildings."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from linli.doors.api import openapi, schemas, shapes
from linli.doors.api.door import carried_out_once, json, needs
from linli.doors.api.views.posts import place_in_force
from linli.doors.api.views.steps import version_of
from linli.kernel.errors import NotFound, Refused
from linli.kernel.geo import read_point, read_system
from linli.kernel.once import Kept
from linli.rooms.places import actions, drafts, queries
from linli.rooms.places.models import GridSet

router = Router(tags=["grids"])


class ImportQuery(Schema):
    system: Literal["wgs84", "cgcs2000", "gcj02", "bd09", "unknown"] = "wgs84"
    swap: bool = Field(False, description="exchange longitude and latitude first")
    trust_system: bool = Field(False, description="the system is right, whatever the check makes of it")
    note: str = Field("", max_length=500)


@router.get("/grids/versions", response=schemas.VersionList, url_name="grid_versions")
def versions(request: HttpRequest) -> HttpResponse:
    """Drafts and versions of the grids, newest first."""
    needs(request, "places.edit_grids")
    return json({"items": [_version(one) for one in queries.grid_sets()]})


@router.post(
    "/grids/drafts",
    response={201: schemas.DraftOut},
    url_name="grid_drafts",
    openapi_extra=openapi.upload_body(
        "file", "GeoJSON, 60 MB at most. Properties: name, code, kind, community, parent."
    ),
)
def import_file(request: HttpRequest, asked: Query[ImportQuery]) -> HttpResponse:
    """Read a GeoJSON file of grids into a draft and check it. Nothing is in force before it is published."""
    viewer = needs(request, "places.edit_grids")
    file = request.FILES.get("file")
    if file is None:
        raise Refused(_("请选择文件。"), "request.fields", "file")
    data, name = file.read(), file.name or ""

    def act() -> Kept:
        found = actions.preview_import(
            viewer,
            data,
            system=None if asked.system == "unknown" else read_system(asked.system),
            filename=name,
            swap=asked.swap,
            trust_system=asked.trust_system,
            note=asked.note,
        )
        return _kept(found, 201)

    stands_for = hashlib.sha256(data).digest() + request.META.get("QUERY_STRING", "").encode()
    return carried_out_once(request, stands_for, act)


@router.get("/grids/drafts/{draft_id}", response=schemas.DraftOut, url_name="grid_draft")
def draft(request: HttpRequest, draft_id: schemas.Id) -> HttpResponse:
    """A draft as it stands: problems listed, errors first. Its ETag goes into If-Match of publishing."""
    needs(request, "places.edit_grids")
    found = drafts.preview(draft_id)
    return json(_draft(found), headers={"ETag": f'"{found.draft.version}"'})


@router.delete("/grids/drafts/{draft_id}", response={204: None}, url_name="grid_draft")
def discard(request: HttpRequest, draft_id: schemas.Id) -> HttpResponse:
    """Give a draft up; it stays in the list as withdrawn."""
    actions.discard_draft(needs(request, "places.edit_grids"), draft_id)
    return HttpResponse(status=204)


@router.post("/grids/drafts/{draft_id}/publish", response=schemas.VersionOut, url_name="grid_publish")
def publish(request: HttpRequest, draft_id: schemas.Id, given: schemas.PublishIn) -> HttpResponse:
    """Put a draft in force from a day on, whole or not at all. With If-Match only if it is still what you saw."""
    viewer = needs(request, "places.publish_grids")
    version = version_of(request)

    def act() -> Kept:
        done = actions.publish_import(
            viewer,
            draft_id,
            effective_from=given.effective_from,
            accept_warnings=given.accept_warnings,
            version=version,
        )
        return Kept(200, orjson.dumps(_version(done), default=str))

    return carried_out_once(request, request.body + str(version).encode(), act)


@router.post("/grids/versions/{version_id}/withdraw", response=schemas.VersionOut, url_name="grid_withdraw")
def withdraw(request: HttpRequest, version_id: schemas.Id) -> HttpResponse:
    """Take back a published version before its day."""
    viewer = needs(request, "places.publish_grids")

    def act() -> Kept:
        return Kept(200, orjson.dumps(_version(actions.withdraw_set(viewer, version_id)), default=str))

    return carried_out_once(request, request.body, act)


@router.post("/buildings", response={201: schemas.PlaceOut}, url_name="buildings")
def create_building(request: HttpRequest, given: schemas.BuildingIn) -> HttpResponse:
    """Add a building; without `parent` it goes under the grid (or community) around its point."""
    viewer = needs(request, "places.edit_buildings")
    fields = given.dict()
    system, parent = read_system(fields.pop("system")), fields.pop("parent")
    if given.lng is not None or given.lat is not None:
        fields["lng"], fields["lat"] = read_point(given.lng, given.lat, system)

    def act() -> Kept:
        made = actions.create_building(viewer, parent_id=place_in_force(parent), **fields)
        body = orjson.dumps(shapes.place(made))
        return Kept(201, body, {"Location": f"{shapes.PREFIX}/places/{made.pk}"})

    return carried_out_once(request, request.body, act)


@router.post("/buildings/{place_id}/end", response=schemas.PlaceOut, url_name="building_end")
def end_building(request: HttpRequest, place_id: schemas.Id, given: schemas.EndIn) -> HttpResponse:
    """A building was pulled down: it ends on a day."""
    viewer = needs(request, "places.edit_buildings")
    if queries.get(place_id).kind != "building":
        raise NotFound(_("这不是楼栋。"), "places.not_a_building")

    def act() -> Kept:
        return Kept(200, orjson.dumps(shapes.place(actions.retire_building(viewer, place_id, on=given.valid_to))))

    return carried_out_once(request, request.body, act)


def _kept(found: drafts.Preview, status: int) -> Kept:
    headers = {"ETag": f'"{found.draft.version}"', "Location": f"{shapes.PREFIX}/grids/drafts/{found.draft.pk}"}
    return Kept(status, orjson.dumps(_draft(found), default=str), headers)


def _draft(found: drafts.Preview) -> dict[str, Any]:
    return _version(found.draft) | {
        "errors": found.errors,
        "warnings": found.warnings,
        "counts": found.counts,
        "problems": [problem.shown() for problem in found.problems],
    }


def _version(one: GridSet) -> dict[str, Any]:
    return {
        "id": one.pk,
        "number": one.number,
        "state": str(one.state),
        "version": one.version,
        "source": str(one.source),
        "filename": one.filename,
        "note": one.note,
        "effective_from": one.effective_from,
        "created_at": one.created_at,
        "created_by": one.created_by,
        "published_at": one.published_at,
        "published_by": one.published_by,
    }
