"""The catalogue, grids and buildings as they are changed; counts of cases."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from linli.doors.api.schemas.given import Day, Degrees, Id, System, _Given

Words = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=80)]
Urgency = Literal["routine", "soon", "urgent"]


class ItemIn(_Given):
    """A local item: numbered down from 999 in its class."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"class": "M06", "name_zh": "共享单车占道", "synonyms": ["单车乱停"]}]},
    )
    class_: str = Field(alias="class", max_length=3)
    name_zh: str = Field(max_length=100)
    name_en: str = Field("", max_length=160)
    synonyms: Words = Field(default_factory=list)
    urgency: Urgency = "routine"
    danger: bool = False


class ItemChange(_Given):
    """What is left out stays. The Chinese name of an item of the standard is a fact."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"synonyms": ["路灯不亮", "灯坏了"]}]})
    name_zh: str | None = Field(None, max_length=100)
    name_en: str | None = Field(None, max_length=160)
    synonyms: Words | None = None
    urgency: Urgency | None = None
    danger: bool | None = None


class RetireItemIn(_Given):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"successor": "M06012"}]})
    successor: str = Field("", max_length=12, description="key of the item that is chosen instead from now on")


class RuleIn(_Given):
    """A filing rule. limit: such as "4工作时", "2紧急工作时", "7工作日" or "15天"."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [{"condition": "灯不亮", "closing_condition": "修复，恢复照明", "limit": "4工作时"}]
        },
    )
    condition: str = Field(max_length=2000)
    closing_condition: str = Field(max_length=2000)
    limit: str = Field(max_length=60)
    condition_en: str = Field("", max_length=2000)
    closing_condition_en: str = Field("", max_length=2000)


class DraftProblem(Schema):
    """numbers: features of the file it is about; shape: where, GeoJSON (WGS-84)."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    what_next: str
    numbers: list[int]
    shape: dict[str, Any] | None
    mended: dict[str, Any] | None


class VersionOut(Schema):
    """One version of the grids."""

    id: int
    number: int
    state: Literal["draft", "published", "withdrawn"]
    version: int
    source: str
    filename: str
    note: str
    effective_from: dt.date | None
    created_at: dt.datetime
    created_by: str
    published_at: dt.datetime | None
    published_by: str


class VersionList(Schema):
    items: list[VersionOut]


class DraftCounts(Schema):
    new: int
    changed: int
    unchanged: int
    retiring: int


class DraftOut(VersionOut):
    """A draft with everything that is wrong with it and what it would do."""

    errors: int
    warnings: int
    counts: DraftCounts
    problems: list[DraftProblem]


class PublishIn(_Given):
    """effective_from: first day in force, today if left out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"effective_from": "2026-12-01", "accept_warnings": True}]},
    )
    effective_from: Day | None = None
    accept_warnings: bool = False


class BuildingIn(_Given):
    """A building: with a point, or in a grid or community (`parent`)."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"name": "3栋", "address": "滨江路 18 号", "lng": 113.144, "lat": 27.699}]},
    )
    name: str = Field(max_length=100)
    address: str = Field("", max_length=200)
    lng: Degrees | None = None
    lat: Degrees | None = None
    system: System = "wgs84"
    parent: Id | None = None
    floors: int | None = Field(None, ge=1, le=200)
    stairwells: int = Field(1, ge=0, le=99)
    stairwell_labels: list[Annotated[str, Field(max_length=20)]] = Field(default_factory=list, max_length=99)
    dwellings: int = Field(0, ge=0, le=100_000)
    managed_by: str = Field("", max_length=100)
    local_code: str = Field("", max_length=40)
    valid_from: Day | None = None


class Count(Schema):
    value: str
    label: str
    count: int
    chosen: bool


class Facets(Schema):
    """For each filter what it would leave, given the others; counted over 20,000 cases at most."""

    state: list[Count]
    light: list[Count]
    class_: list[Count] = Field(alias="class")
    channel: list[Count]
