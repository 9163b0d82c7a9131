"""Reports as their reporters follow them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict

from linli.doors.api.schemas.cases import StateOut, StepOut
from linli.doors.api.schemas.given import Light


class PictureOut(Schema):
    uid: UUID
    phase: str
    width: int
    height: int
    url: str
    thumb_url: str


class PublicMomentOut(Schema):
    at: dt.datetime
    code: str
    label: str
    words: str
    unit: str
    photos: list[PictureOut]


class RatingOut(Schema):
    solved: str
    level: int | None
    words: str


class FollowedOut(Schema):
    """A report as the follow page shows it: no names, no telephones, nothing of the inner remarks.

    stage: position in `stages`; -1 where the case ended otherwise. words: what the reporter said.
    answer: what was done, once the case has ended.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"tracking_code": "Z1BNKTD3RW6R", "number": "20261122-001409", "stage": 2, "light": "on_track"}
            ]
        }
    )
    tracking_code: str
    number: str
    version: int
    reported_at: dt.datetime
    joined: bool
    state: StateOut
    stage: int
    stages: list[str]
    light: Light
    item: str
    place: str
    address: str
    unit: str
    due_at: dt.datetime | None
    due_provisional: bool
    report_count: int
    merged_into: str | None
    words: str
    answer: str
    before: list[PictureOut]
    after: list[PictureOut]
    timeline: list[PublicMomentOut]
    rating: RatingOut | None
    steps: list[StepOut]


class OwnReport(Schema):
    tracking_code: str
    number: str
    words: str
    reported_at: dt.datetime
    state: StateOut
    stage: int
    light: Light
    item: str
    place: str
    may_rate: bool


class OwnReports(Schema):
    items: list[OwnReport]
