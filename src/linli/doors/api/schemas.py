"""What is taken in (checked) and what is answered (described for the OpenAPI document and checked by its tests)."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
# Not ±90 for a latitude: who has the two the wrong way round is told so in words.
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
System = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
StateCode = Literal[
    "reported", "checking", "accepted", "registered", "dispatched", "handling", "suspended", "confirming", "verifying",
    "closing", "closed", "assisted", "refused", "withdrawn", "merged",
]  # fmt: skip
ChannelCode = Literal["portal", "field", "hotline", "walk_in", "meeting", "sheet", "api"]
PlaceKind = Literal["district", "street", "community", "grid", "special", "micro", "building"]
Light = Literal["on_track", "near", "overdue", "suspended", "done"]


def _written(form: str, value: Any) -> Any:
    """Only the written form: pydantic would also take seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(form, value):
        raise ValueError("YYYY-MM-DD" if form == _DAY else "YYYY-MM-DDThh:mm:ssZ")
    return value


_DAY, _MOMENT = r"\d{4}-\d{2}-\d{2}", r"\d{4}-\d{2}-\d{2}[Tt ].+"
Day = Annotated[
    dt.date, BeforeValidator(partial(_written, _DAY)), Field(ge=dt.date(1950, 1, 1), le=dt.date(2999, 12, 31))
]
Moment = Annotated[dt.datetime, BeforeValidator(partial(_written, _MOMENT))]


class _Given(Schema):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, strict=False)


class Reporter(_Given):
    """Whom to tell. Kept encrypted; seen only masked, or by a recorded reveal."""

    name: str = Field("", max_length=64)
    phone: str = Field("", max_length=40, examples=["13800000000"])
    wants_callback: bool = False


class ReportIn(_Given):
    """A problem. Either a point (lng, lat) or a place; words or photos."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"words": "路灯不亮", "lng": 113.144, "lat": 27.699, "item": "M01001", "photos": []}]
        },
    )
    words: str = Field("", max_length=4000)
    lng: Degrees | None = None
    lat: Degrees | None = None
    system: System = "wgs84"
    accuracy_m: Metres | None = Field(None, description="radius the position may be off by")
    place: Id | None = Field(None, description="instead of a point: id of the place it lies in")
    address: str = Field("", max_length=200)
    item: str = Field("", max_length=12, description="key of the catalogue's item, if known")
    photos: list[UUID] = Field(default_factory=list, max_length=9, description="uids answered by POST /photos")
    reporter: Reporter | None = None
    urgent: bool = False
    legacy: bool = False
    is_public: bool = True
    channel: Literal["api", "portal", "field", "hotline", "walk_in", "meeting"] | None = Field(
        None, description="how it came; hotline, walk_in and meeting need the duty to record for others"
    )
    occasion: str = Field("", max_length=100)


class JoinIn(_Given):
    """One more voice for a case."""

    words: str = Field("", max_length=4000)
    photos: list[UUID] = Field(default_factory=list, max_length=9)
    reporter: Reporter | None = None


class FieldError(Schema):
    field: str
    kind: str
    detail: str


class Problem(Schema):
    """RFC 9457. code: LL-<status><n>, listed under /api/v1/problems."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(pattern="^LL-[0-9]{4,6}$")
    reason: str
    field: str | None = None
    what_next: str | None = None
    errors: list[FieldError] | None = None
    changes: list[dict[str, Any]] | None = None


class ProblemCode(Schema):
    code: str
    status: int
    reason: str
    words: str


class Codes(Schema):
    items: list[ProblemCode]


class Named(Schema):
    id: int
    name: str


class PlaceName(Schema):
    id: int
    kind: str
    code: str
    name: str


class ItemName(Schema):
    key: str
    name: str
    class_: str = Field(alias="class")


class StateOut(Schema):
    code: StateCode
    label: str


class CaseRow(Schema):
    """A case in a list."""

    number: str
    version: int
    state: StateOut
    light: Light
    channel: ChannelCode
    description: str
    address: str
    urgent: bool
    legacy: bool
    is_public: bool
    is_open: bool
    located: str
    lng: float | None
    lat: float | None
    place: PlaceName
    item: ItemName | None
    unit: Named | None
    reported_at: dt.datetime
    state_since: dt.datetime
    current_due_at: dt.datetime | None
    due_at: dt.datetime | None
    step_due_at: dt.datetime | None
    due_provisional: bool
    ended_at: dt.datetime | None
    report_count: int
    photo_count: int
    returned: int
    reworked: int
    reopened: int
    solved: str
    level: int | None


class LimitOut(Schema):
    amount: int
    unit: str


class CaseOut(CaseRow):
    """A case, whole."""

    accuracy_m: float | None
    public_words: str
    path: list[PlaceName]
    proposed_unit: Named | None
    handler: str
    limit: LimitOut | None
    filing_rule_id: int | None
    parent: str | None
    merged_into: str | None
    candidates: list[dict[str, Any]]
    accepted_at: dt.datetime | None
    registered_at: dt.datetime | None
    dispatched_at: dt.datetime | None
    confirmed_at: dt.datetime | None
    verified_at: dt.datetime | None
    closed_at: dt.datetime | None
    suspended_until: Any
    extended: int


class CaseList(Schema):
    """A page. next: the cursor for `after`; null on the last page."""

    items: list[CaseRow]
    next: str | None


class Receipt(Schema):
    """What the reporter gets."""

    number: str
    tracking_code: str
    joined: bool
    repeated: bool
    located: str
    place_id: int | None
    step_due_at: dt.datetime | None


class Choice(Schema):
    value: Any
    label: str


class StepField(Schema):
    name: str
    kind: Literal["text", "choice", "photo", "unit", "place", "item", "rule", "bool"]
    required: bool
    label: str
    choices: list[Choice]
    source: str = Field(description="address that lists what may be given, if there is one")
    default: Any


class StepOut(Schema):
    code: str
    label: str
    allowed: bool
    why_not: str
    refused_by: str
    leads_to: str | None
    confirm: str
    href: str
    fields: list[StepField]


class Steps(Schema):
    number: str
    version: int
    state: StateOut
    steps: list[StepOut]


class MomentOut(Schema):
    at: dt.datetime
    code: str
    label: str
    by: str
    post: str
    words: str
    note: str
    late: bool
    version: int | None
    photos: list[UUID]


class Timeline(Schema):
    items: list[MomentOut]


class PhotoOut(Schema):
    uid: UUID
    phase: str
    width: int
    height: int
    taken_at: dt.datetime | None
    uploaded_at: dt.datetime
    lng: float | None
    lat: float | None
    url: str
    thumb_url: str


class Photos(Schema):
    items: list[PhotoOut]


class VoiceOut(Schema):
    words: str
    at: dt.datetime
    channel: str
    name: str
    phone: str
    wants_callback: bool
    joined: bool
    occasion: str
    solved: str
    level: int | None
    rating_words: str


class Voices(Schema):
    items: list[VoiceOut]


class Near(Schema):
    number: str
    state: str
    item: str
    words: str
    metres: int
    reported_at: dt.datetime
    report_count: int
    same_item: bool


class NearList(Schema):
    items: list[Near]


class PlaceOut(Schema):
    id: int
    kind: PlaceKind
    code: str
    local_code: str
    name: str
    parent_id: int | None
    lineage: list[int]
    lng: float | None
    lat: float | None


class PlaceWhole(PlaceOut):
    path: list[PlaceName]
    extent: list[float] | None


class PlaceList(Schema):
    items: list[PlaceOut]
    next: str | None


class CandidateOut(Schema):
    place_id: int
    name: str
    distance_m: float


class Located(Schema):
    kind: Literal["inside", "near_border", "no_grid", "outside"]
    place_id: int | None
    grid_id: int | None
    division_id: int | None
    path: list[PlaceName]
    candidates: list[CandidateOut]
    distance_m: float | None
    swapped: bool


class PostOut(Schema):
    post_id: int
    kind: str
    kind_name: str
    name: str
    place: Named
    phone: str
    standing_in: bool


class PostList(Schema):
    items: list[PostOut]


class UnitOut(Schema):
    id: int
    code: str
    name: str
    kind: str
    place_id: int | None
    parent_id: int | None
    phone: str
    valid_to: dt.date | None


class UnitList(Schema):
    items: list[UnitOut]
    next: str | None


class AnswerOut(Schema):
    unit: Named | None
    via: Literal["item", "class", "any", "fallback", "none"]
    post_id: int | None
    holder: str
    rule_id: int | None
    place_id: int | None
    reasons: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]


class ClassOut(Schema):
    key: str
    kind: str
    name: str
    icon: str


class ClassList(Schema):
    items: list[ClassOut]


class ClassName(Schema):
    key: str
    name: str


class ItemOut(Schema):
    key: str
    kind: Literal["matter", "component"]
    code: str
    name: str
    class_: ClassName = Field(alias="class")
    synonyms: list[str]
    danger: bool
    active: bool
    standard: str
    concerns: str | None
    successor: str | None


class ItemList(Schema):
    items: list[ItemOut]


class RuleOut(Schema):
    id: int
    item: str
    condition: str
    closing_condition: str
    limit: LimitOut


class RuleList(Schema):
    items: list[RuleOut]


class Suggested(Schema):
    item: ItemOut
    score: float
    because: list[str]


class SuggestedList(Schema):
    items: list[Suggested]


class Me(Schema):
    name: str
    kind: Literal["service", "staff", "resident"]
    scopes: list[str]
    posts: list[dict[str, Any]]
    limit_per_minute: int | None


class Feature(Schema):
    type: Literal["Feature"]
    id: int
    properties: dict[str, Any]
    geometry: dict[str, Any] | None


class FeatureCollection(Schema):
    type: Literal["FeatureCollection"]
    features: list[Feature]
