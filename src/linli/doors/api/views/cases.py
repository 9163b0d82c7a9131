"""Cases: list, one, report, join, what belongs to one."""

from __future__ import annotations

import uuid
from typing import Any, Literal
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from linli.doors.api import schemas, shapes
from linli.doors.api.door import carried_out_once, count_stranger, json, needs, viewer_of
from linli.kernel.geo import read_point, read_system
from linli.kernel.once import Kept
from linli.rooms.cases.actions.intake import Intake, join_case, report_problem
from linli.rooms.cases.actions.intake import Receipt as Taken
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.near import likely_duplicates
from linli.rooms.cases.queries.page import moments, voices
from linli.rooms.cases.queries.photos import photos_of_case
from linli.rooms.cases.queries.rows import MOST, case_id_of, case_row, list_rows, readable_cursor
from linli.rooms.cases.queries.worklist import LIGHTS, Filters
from linli.rooms.people.rights import Viewer

router = Router(tags=["cases"])


class CaseFilters(Schema):
    """The filters of the desk's list."""

    view: Literal["todo", "open", "all", "ended"] = "all"
    state: list[schemas.StateCode] = Field(default_factory=list, max_length=20)
    light: list[Literal["overdue", "near", "on_track", "suspended"]] = Field(
        default_factory=list, max_length=len(LIGHTS)
    )
    class_: list[str] = Field(default_factory=list, alias="class", max_length=40, description="M06, C01, …")
    channel: list[schemas.ChannelCode] = Field(default_factory=list, max_length=10)
    item: str = Field("", max_length=12)
    unit: schemas.Id | None = None
    place: schemas.Id | None = Field(None, description="in this place or below it")
    q: str = Field("", max_length=100, description="words, a number, or a telephone number")
    legacy: bool = False
    urgent: bool = False
    returned: bool = False
    reopened: bool = False
    main: bool = Field(False, description="without the sub-cases of assisting units")
    since: schemas.Day | None = None
    until: schemas.Day | None = None
    closed: schemas.Day | None = None


class CaseQuery(CaseFilters):
    """The filters, the order and the page."""

    sort: Literal["due", "new", "old"] = "new"
    limit: int = Field(50, ge=1, le=MOST)
    after: str = Field("", max_length=120, description="cursor: `next` of the page before")


def filters_of(asked: CaseFilters) -> Filters:
    """The filters of a list, a count or an export."""
    return Filters(
        view=asked.view, states=list(asked.state), lights=list(asked.light),
        classes=[word for word in asked.class_ if len(word) == 3 and word.isalnum()], channels=list(asked.channel),
        item=asked.item, unit=asked.unit, place=asked.place, q=asked.q.strip(), legacy=asked.legacy,
        urgent=asked.urgent, returned=asked.returned, reopened=asked.reopened, main=asked.main, since=asked.since,
        until=asked.until, closed=asked.closed,
    )  # fmt: skip


@router.get("/cases", response=schemas.CaseList, by_alias=True, url_name="cases")
def list_cases(request: HttpRequest, asked: Query[CaseQuery]) -> HttpResponse:
    """The cases you may see, page by page. Pages neither repeat nor leave out a case while others come in."""
    viewer = needs(request, "case.view")
    filters = filters_of(asked)
    filters.sort = asked.sort
    if asked.after:
        filters.after = readable_cursor(shapes.cursor_in(asked.after), filters)
    rows, after = list_rows(viewer, filters, asked.limit)
    following = shapes.cursor_out(after)
    headers = {}
    if following:
        query = [(name, value) for name, value in request.GET.lists() if name != "after"]
        link = urlencode([*query, ("after", following)], doseq=True)
        headers["Link"] = f'<{request.path}?{link}>; rel="next"'
    return json({"items": shapes.cases(rows), "next": following}, headers=headers)


@router.get("/cases/near", response=schemas.NearList, url_name="near")
def near(
    request: HttpRequest,
    lng: schemas.Degrees,
    lat: schemas.Degrees,
    system: schemas.System = "wgs84",
    words: str = Query("", max_length=500),
    item: str = Query("", max_length=12),
) -> HttpResponse:
    """Open cases within 50 m that may be the same problem: join one instead of reporting again."""
    x, y = read_point(lng, lat, read_system(system))
    found = likely_duplicates(x, y, words, item, viewer_of(request))
    rows = [
        {
            "number": one.number,
            "state": one.state_label,
            "item": one.item,
            "words": one.words,
            "metres": one.metres,
            "reported_at": one.reported_at,
            "report_count": one.report_count,
            "same_item": one.same_item,
        }
        for one in found
    ]
    return json({"items": rows})


@router.post("/cases", response={201: schemas.Receipt}, url_name="cases")
def report(request: HttpRequest, given: schemas.ReportIn) -> HttpResponse:
    """Report a problem: located, matched to its owner, with its first deadline, in one commit."""
    viewer = needs(request, "case.report") if viewer_of(request).kind == "service" else viewer_of(request)
    count_stranger(request, "report")
    intake = _intake(given, viewer)
    intake.lng, intake.lat, intake.system = given.lng, given.lat, given.system
    intake.accuracy_m, intake.place_id, intake.address = given.accuracy_m, given.place, given.address
    intake.item_key, intake.urgent, intake.legacy = given.item, given.urgent, given.legacy
    intake.is_public, intake.occasion = given.is_public, given.occasion
    return carried_out_once(request, request.body, lambda: _taken(report_problem(intake, viewer=viewer)))


@router.get("/cases/{number}", response=schemas.CaseOut, by_alias=True, url_name="case")
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One case. Its ETag goes into If-Match of a step."""
    row = case_row(number, needs(request, "case.view"))
    body = orjson.dumps(shapes.case(row), default=str)
    tag = shapes.etag(row["version"], body)
    if tag in [word.strip().removeprefix("W/") for word in request.headers.get("If-None-Match", "").split(",")]:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(body, content_type="application/json")
    answer["ETag"] = tag
    return answer


@router.post("/cases/{number}/join", response={201: schemas.Receipt}, url_name="join")
def join(request: HttpRequest, number: str, given: schemas.JoinIn) -> HttpResponse:
    """Add a voice to an open case instead of reporting the same again."""
    viewer = needs(request, "case.report") if viewer_of(request).kind == "service" else viewer_of(request)
    count_stranger(request, "report")
    case_id, intake = case_id_of(number), _intake(given, viewer)
    return carried_out_once(request, request.body, lambda: _taken(join_case(case_id, intake, viewer=viewer)))


@router.get("/cases/{number}/timeline", response=schemas.Timeline, url_name="timeline")
def timeline(request: HttpRequest, number: str) -> HttpResponse:
    """The story of a case, oldest first, from the journal."""
    case = _known(number, needs(request, "case.view"))
    return json({"items": [shapes.moment(one) for one in moments(case, photos_of_case(case.pk))]})


@router.get("/cases/{number}/photos", response=schemas.Photos, url_name="case_photos")
def photos(request: HttpRequest, number: str) -> HttpResponse:
    """The pictures of a case; their addresses are good for a day."""
    case = _known(number, needs(request, "case.view"))
    return json({"items": [shapes.photo(one) for one in photos_of_case(case.pk)]})


@router.get("/cases/{number}/reports", response=schemas.Voices, url_name="case_reports")
def reports(request: HttpRequest, number: str) -> HttpResponse:
    """What people said; names and telephones masked."""
    case = _known(number, needs(request, "case.view"))
    return json({"items": [shapes.voice(one) for one in voices(case)]})


def _known(number: str, viewer: Viewer) -> Case:
    """As much of a case as its story needs: enough that nothing else is asked for."""
    row = case_row(number, viewer)
    return Case(id=row["id"], number=row["number"], closed_at=row["closed_at"], reopened=row["reopened"])


def _intake(given: Any, viewer: Viewer) -> Intake:
    chosen = getattr(given, "channel", None)
    usual = {"service": "api", "resident": "portal"}.get(viewer.kind, "field" if viewer.has("case.report") else "api")
    reporter = given.reporter or schemas.Reporter(name="", phone="")
    return Intake(
        key=f"api:{uuid.uuid4().hex}",
        channel=chosen or usual,
        words=given.words,
        photos=[str(uid) for uid in given.photos],
        name=reporter.name,
        phone=reporter.phone,
        wants_callback=reporter.wants_callback,
    )


def _taken(receipt: Taken) -> Kept:
    body = {
        "number": receipt.number,
        "tracking_code": receipt.tracking_code,
        "joined": receipt.joined,
        "repeated": receipt.repeated,
        "located": receipt.located,
        "place_id": receipt.place_id,
        "step_due_at": receipt.step_due_at,
    }
    return Kept(201, orjson.dumps(body), {"Location": f"{shapes.PREFIX}/cases/{receipt.number}"})
