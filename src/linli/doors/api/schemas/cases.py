"""Problems and cases as they are answered: described for the OpenAPI document, checked by its tests."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from linli.doors.api.schemas.given import ChannelCode, Light, StateCode


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
