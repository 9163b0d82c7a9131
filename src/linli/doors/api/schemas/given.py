"""What is taken in, and checked."""

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
