"""Posts and units as they are changed and answered to those who may change them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from linli.doors.api.schemas.cases import Named
from linli.doors.api.schemas.given import Day, Id, Moment, _Given

Login = Annotated[str, Field(min_length=1, max_length=64)]
Classes = Annotated[list[Annotated[str, Field(max_length=8)]], Field(max_length=60)]
UnitKind = Literal["department", "district", "street", "community", "enterprise", "institution"]


class KindOut(Schema):
    """A kind of post. held_for: what a post of this kind must name."""

    code: str
    name: str
    held_for: Literal["place", "unit"]
    duties: list[str]


class KindList(Schema):
    items: list[KindOut]


class PersonOut(Schema):
    username: str
    name: str


class PostWhole(Schema):
    """A post with its holder, for those who appoint."""

    id: int
    kind: str
    kind_name: str
    holder: PersonOut
    place: Named | None
    unit: Named | None
    classes: list[str]
    valid_from: dt.date
    valid_to: dt.date | None
    deputy: PersonOut | None
    deputy_from: dt.datetime | None
    deputy_to: dt.datetime | None
    phone: str
    phone_public: bool


class PostWholeList(Schema):
    items: list[PostWhole]
    next: str | None


class AppointIn(_Given):
    """holder: user name of a member of staff. A kind held for a place needs `place`, one held for a unit `unit`."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"kind": "grid_worker", "holder": "zhang.san", "place": 152}]},
    )
    kind: str = Field(max_length=40)
    holder: Login
    place: Id | None = None
    unit: Id | None = None
    classes: Classes = Field(default_factory=list, description="only these classes of matter, such as M06; empty: all")
    valid_from: Day | None = None
    valid_to: Day | None = None
    phone: str = Field("", max_length=40)
    phone_public: bool = False


class PostChange(_Given):
    """What is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"phone": "0731-27600000", "phone_public": True}]}
    )
    phone: str | None = Field(None, max_length=40)
    phone_public: bool | None = None
    classes: Classes | None = None


class EndIn(_Given):
    """valid_to: the first day that it is no longer; today if left out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"valid_to": "2026-12-31"}]})
    valid_to: Day | None = None


class ReplaceIn(_Given):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"holder": "li.si", "since": "2026-12-01"}]}
    )
    holder: Login
    since: Day | None = Field(None, description="first day of the new holder; today if left out")


class DeputyIn(_Given):
    """Who stands in, from – to: moments with their zone. Without `until` until it is taken back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"deputy": "li.si", "since": "2026-12-01T00:00:00+08:00", "until": "2026-12-08T00:00:00+08:00"}
            ]
        },
    )
    deputy: Login
    since: Moment | None = None
    until: Moment | None = None


class UnitIn(_Given):
    """A unit. Those of a district, street or community need their place: they answer as its fallback."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"code": "U9", "name_zh": "园林所", "kind": "department"}]},
    )
    code: str = Field(max_length=20)
    name_zh: str = Field(max_length=100)
    name_en: str = Field("", max_length=150)
    kind: UnitKind = "department"
    credit_code: str = Field("", max_length=30)
    place: Id | None = None
    parent: Id | None = None
    phone: str = Field("", max_length=40)
    valid_from: Day | None = None


class UnitChange(_Given):
    """What is left out stays; null for `place` or `parent`: none any more."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"phone": "0731-27600000"}]})
    name_zh: str | None = Field(None, max_length=100)
    name_en: str | None = Field(None, max_length=150)
    kind: UnitKind | None = None
    credit_code: str | None = Field(None, max_length=30)
    place: Id | None = None
    parent: Id | None = None
    phone: str | None = Field(None, max_length=40)


class EndUnitIn(EndIn):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"valid_to": "2026-12-31", "successor": 7}]}
    )
    successor: Id | None = Field(None, description="who does its work from then on")
