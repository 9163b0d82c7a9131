"""Reports as their reporters follow them: by tracking code, whoever holds it, and one's own."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from linli.doors.api import openapi, schemas, shapes
from linli.doors.api.door import KnownOrNot, carried_out_once, count_stranger, json, read_json, viewer_of
from linli.doors.api.views.steps import given_for, version_of
from linli.doors.common.photos import photo_url
from linli.doors.common.step_forms import CHOICE_WORDS
from linli.kernel.errors import Conflict, NotFound
from linli.kernel.flow import Field
from linli.kernel.once import Kept
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Photo
from linli.rooms.cases.queries.public import STAGES, Followed, PublicMoment, follow, my_reports

router = Router(tags=["reports"])
own_router = Router(tags=["reports"])
Step = Literal["rate", "reopen", "withdraw"]


@router.get(
    "/reports/{tracking_code}",
    response=schemas.FollowedOut,
    by_alias=True,
    url_name="report",
    auth=KnownOrNot(),
    openapi_extra={"x-open": True},
)
def report(request: HttpRequest, tracking_code: str) -> HttpResponse:
    """What its reporter sees of a report, and which steps are the reporter's now. The code opens it, nothing else."""
    found = _found(request, tracking_code)
    return json(_followed(found), headers={"ETag": _etag(found)})


@router.post(
    "/reports/{tracking_code}/{step}",
    response=schemas.FollowedOut,
    by_alias=True,
    url_name="report_step",
    auth=KnownOrNot(),
    openapi_extra={"x-open": True} | openapi.REPORT_BODY,
)
def answer(request: HttpRequest, tracking_code: str, step: Step) -> HttpResponse:
    """Rate what was done, ask once to reopen, or withdraw; and get the report as it is then."""
    count_stranger(request, "answer")
    viewer, found = viewer_of(request), _found(request, tracking_code)
    given = given_for(FLOW.by_step[step], read_json(request))
    version = version_of(request)

    def act() -> Kept:
        try:
            take(found.public.case.pk, step, given, viewer=viewer, version=version, report=found.report)
        except Conflict as error:
            error.changes = []  # who did what inside the house is not for whoever holds a code
            raise
        after = follow(found.report.tracking_code, viewer)
        return Kept(200, orjson.dumps(_followed(after), default=str), {"ETag": _etag(after)})

    # Strangers have no account that could own a key: the report does.
    owner = viewer.account_id or -found.report.pk
    return carried_out_once(request, request.body + b"\n" + str(version).encode(), act, owner)


@own_router.get("/me/reports", response=schemas.OwnReports, url_name="my_reports")
def mine(request: HttpRequest) -> HttpResponse:
    """What this account reported, newest first, 100 at most."""
    rows = [
        {
            "tracking_code": row["code"],
            "number": row["number"],
            "words": row["words"],
            "reported_at": row["at"],
            "state": {"code": row["state"], "label": str(row["state_label"])},
            "stage": row["stage"],
            "light": row["light"],
            "item": row["item"],
            "place": row["place"],
            "may_rate": row["rate"],
        }
        for row in my_reports(viewer_of(request))
    ]
    return json({"items": rows})


def _found(request: HttpRequest, code: str) -> Followed:
    """The report. Guessing counts: whoever asks for codes that do not exist is soon told to wait."""
    try:
        return follow(code[:40], viewer_of(request))
    except NotFound:
        count_stranger(request, "follow")
        raise NotFound(_("没有这个查询码。"), code="report.not_found") from None


def _etag(found: Followed) -> str:
    return f'"{found.public.case.version}"'


def _followed(found: Followed) -> dict[str, Any]:
    public, case, told = found.public, found.public.case, found.report
    return {
        "tracking_code": told.tracking_code,
        "number": case.number,
        "version": case.version,
        "reported_at": told.reported_at,
        "joined": told.joined,
        "state": {"code": case.state, "label": public.state_label},
        "stage": public.stage,
        "stages": list(STAGES),
        "light": public.light,
        "item": public.title,
        "place": public.place,
        "address": case.address,
        "unit": case.unit.name if case.unit else "",
        "due_at": case.due_at if case.is_open else None,
        "due_provisional": case.due_provisional,
        "report_count": case.report_count,
        "merged_into": case.merged_into.number if case.merged_into else None,
        "words": public.words,
        "answer": case.public_words if not case.is_open else "",
        "before": [_picture(photo) for photo in public.before],
        "after": [_picture(photo) for photo in public.after],
        "timeline": [_moment(one) for one in public.moments],
        "rating": found.rated,
        "steps": [_step(offer, told.tracking_code) for offer in found.offers],
    }


def _moment(one: PublicMoment) -> dict[str, Any]:
    return {
        "at": one.at,
        "code": one.code,
        "label": str(one.label),
        "words": one.words,
        "unit": one.unit,
        "photos": [_picture(photo) for photo in one.photos],
    }


def _picture(photo: Photo) -> dict[str, Any]:
    return {
        "uid": str(photo.uid),
        "phase": photo.phase,
        "width": photo.width,
        "height": photo.height,
        "url": photo_url(photo),
        "thumb_url": photo_url(photo, thumb=True),
    }


def _step(offer: Any, code: str) -> dict[str, Any]:
    fields = [_field(need) for need in offer.step.needs] if offer.allowed else []
    return shapes.step(offer, fields, "") | {"href": f"{shapes.PREFIX}/reports/{code}/{offer.step.code}"}


def _field(need: Field) -> dict[str, Any]:
    words = CHOICE_WORDS.get(need.name, {})
    found: dict[str, Any] = shapes.field(need, choices=[(code, words.get(code, code)) for code in need.choices])
    return found
