"""Who I am, photos, and what the numbers of problems mean."""

from __future__ import annotations

import hashlib

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from linli.doors.api import openapi, schemas, shapes
from linli.doors.api.codes import BY_NUMBER, CODES, Code
from linli.doors.api.door import carried_out_once, count_stranger, json, needs, viewer_of
from linli.kernel.errors import NotFound, Refused
from linli.kernel.once import Kept
from linli.rooms.cases.actions.photos import keep_photo

router = Router(tags=["about"])
open_router = Router(tags=["about"])


@router.get("/me", response=schemas.Me, url_name="me")
def me(request: HttpRequest) -> HttpResponse:
    """Whose key or session this is, with its duties and what they reach."""
    viewer = viewer_of(request)
    admission = getattr(request, "admission", None)
    posts = [
        {
            "kind": post.kind,
            "name": post.name,
            "for": post.for_name,
            "place_id": post.place_id,
            "unit_id": post.unit_id,
            "duties": sorted(post.duties),
            "classes": sorted(post.matters),
        }
        for post in viewer.posts
    ]
    return json(
        {
            "name": viewer.name,
            "kind": viewer.kind,
            "scopes": sorted(viewer.scopes),
            "posts": posts,
            "limit_per_minute": admission.limit if admission else None,
        }
    )


@router.post("/photos", response={201: schemas.PhotoOut}, url_name="photos", openapi_extra=openapi.PHOTO_BODY)
def upload(request: HttpRequest) -> HttpResponse:
    """Upload one picture (JPEG, PNG, WebP or HEIC, up to 20 MB) in the field `photo`, for a report or a step.

    It is checked, turned upright, stripped and encoded anew. Unused it is dropped after two days.
    """
    viewer = viewer_of(request)
    if viewer.kind == "service":
        needs(request, "case.report", "case.handle", "case.check")
    count_stranger(request, "upload")
    unknown = [name for name in (*request.POST, *request.FILES) if name != "photo"]
    if unknown:
        raise Refused(_("没有这个字段；可以有：%(known)s") % {"known": "photo"}, "request.fields", unknown[0][:80])
    file = request.FILES.get("photo")
    if file is None:
        raise Refused(_("没有收到照片，请重新选择。"), "photo.none", "photo")
    data, name = file.read(), file.name or ""

    def act() -> Kept:
        return Kept(201, orjson.dumps(shapes.photo(keep_photo(data, name, viewer=viewer))))

    return carried_out_once(request, hashlib.sha256(data).digest(), act)


@open_router.get("/problems", response=schemas.Codes, url_name="problems", openapi_extra={"x-open": True}, auth=None)
def problems(request: HttpRequest) -> HttpResponse:
    """All numbers of problems and what they mean."""
    return json({"items": [_code(one) for one in CODES]})


@open_router.get(
    "/problems/{code}",
    response=schemas.ProblemCode,
    url_name="problem",
    openapi_extra={"x-open": True},
    auth=None,
)
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """What one number means."""
    found = BY_NUMBER.get(code)
    if found is None:
        raise NotFound(_("没有这个编号。"))
    return json(_code(found))


def _code(one: Code) -> dict[str, object]:
    return {"code": one.number, "status": one.status, "reason": one.reason, "words": one.words}
