"""Places, people and the catalogue as they are answered."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from linli.doors.api.schemas.cases import LimitOut, Named, PlaceName
from linli.doors.api.schemas.given import PlaceKind


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
    name_zh: str
    name_en: str
    version: int
    urgency: str
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
