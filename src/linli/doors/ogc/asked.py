"""What the query string of a request asks for. Everything that cannot be read is refused with 400."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
LIMIT, LIMIT_AT_MOST = 100, 1_000  # anybody may ask: ten thousand cases are seconds of work
Box = tuple[float, float, float, float]  # west, south, east, north
_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})?", re.A)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.A)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.A)
_CURSOR = re.compile(r"(\d{1,17})(?:\.(\d{1,18}))?", re.A)
_LAST_DAY = dt.date(9999, 12, 30)


class Unreadable(LinliError):
    """A parameter that the interface does not have, or whose value cannot be read (400)."""

    status = 400
    default_code = "InvalidParameterValue"


@dataclass(frozen=True, slots=True)
class Span:
    """The asked time: from `since` until just before `before` (None: open); `days` the same in civil days."""

    since: dt.datetime | None
    before: dt.datetime | None

    @property
    def days(self) -> tuple[dt.date | None, dt.date | None]:
        """The first and the last civil day that it touches."""
        last = self.before - dt.timedelta(microseconds=1) if self.before else None
        return (
            self.since.astimezone(CIVIL).date() if self.since else None,
            last.astimezone(CIVIL).date() if last else None,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for items. boxes: the asked box, in two parts where it crosses the 180th meridian."""

    limit: int = LIMIT
    boxes: list[Box] = field(default_factory=list)
    span: Span | None = None
    cursor: tuple[int, int] | None = None


def only(query: QueryDict, known: Collection[str]) -> None:
    """Refuse parameters that this address does not know, and those given twice (Requirements 8, 9 of the core)."""
    for name, values in query.lists():
        if name not in known:
            raise Unreadable(
                _("没有“%(name)s”这个参数。可用的参数：%(known)s。")
                % {"name": name[:60], "known": ", ".join(sorted(known))},
                "UnknownParameter",
                name[:60],
            )
        if len(values) > 1:
            raise Unreadable(_("参数“%(name)s”只能给一次。") % {"name": name}, field=name)
    if query.get("f", "json") not in ("json", "geojson"):
        raise Unreadable(_("这个接口只提供 JSON：f=json。"), field="f")


def read(query: QueryDict) -> Asked:
    """The parameters of a request for items. Raises Unreadable."""
    only(query, ("f", "limit", "bbox", "bbox-crs", "crs", "datetime", "cursor"))
    for name in ("bbox-crs", "crs"):
        if query.get(name, CRS84) != CRS84:
            raise Unreadable(_("坐标只用 %(crs)s（经度在前）。") % {"crs": CRS84}, field=name)
    return Asked(_limit(query), _boxes(query), _span(query), _cursor(query))


def _limit(query: QueryDict) -> int:
    text = query.get("limit", str(LIMIT))
    if not re.fullmatch(r"\d{1,18}", text, re.A) or int(text) < 1:
        raise Unreadable(
            _("limit 是 1 到 %(most)d 的整数；更大的按 %(most)d 算。") % {"most": LIMIT_AT_MOST}, field="limit"
        )
    return min(int(text), LIMIT_AT_MOST)


def _boxes(query: QueryDict) -> list[Box]:
    text = query.get("bbox")
    if text is None:
        return []
    wrong = Unreadable(
        _("bbox=西,南,东,北：四个数（或带高程的六个数），经度 -180 到 180，纬度 -90 到 90，南不大于北。"), field="bbox"
    )
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (4, 6) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise wrong
    numbers = [float(part) for part in parts]
    if not all(math.isfinite(number) for number in numbers):
        raise wrong
    if len(numbers) == 6:  # heights lie between: west, south, low, east, north, high
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise wrong
    if west > east:
        return [(west, south, 180.0, north), (-180.0, south, east, north)]
    return [(west, south, east, north)]


def _span(query: QueryDict) -> Span | None:
    text = query.get("datetime")
    if text is None:
        return None
    ends = text.strip().split("/")
    if len(ends) == 1:
        return Span(*_moment(ends[0]))
    if len(ends) != 2:
        raise _unreadable_time()
    since = None if ends[0] in ("", "..") else _moment(ends[0])[0]
    before = None if ends[1] in ("", "..") else _moment(ends[1])[1]
    if since and before and since >= before:
        raise Unreadable(_("datetime 的起点晚于终点。"), field="datetime")
    return Span(since, before)


def _moment(text: str) -> tuple[dt.datetime, dt.datetime]:
    """An instant or a day as the span it covers: one second, or one civil day in China."""
    try:
        if _MOMENT.fullmatch(text):
            given = dt.datetime.fromisoformat(_in_microseconds(text.upper()))
            start = given.astimezone(dt.UTC).replace(microsecond=0)
            end = start + dt.timedelta(seconds=1)
            start.astimezone(CIVIL)
            end.astimezone(CIVIL)
            return start, end
        if _DAY.fullmatch(text) and (day := dt.date.fromisoformat(text)) <= _LAST_DAY:
            start = dt.datetime.combine(day, dt.time(), CIVIL).astimezone(dt.UTC)
            return start, start + dt.timedelta(days=1)
    except (ValueError, OverflowError):
        pass
    raise _unreadable_time()


def _in_microseconds(text: str) -> str:
    """At most six digits after the second: more than that nobody measures, and Python does not read."""
    return re.sub(r"(\.\d{1,6})\d*", lambda found: found.group(1).ljust(7, "0"), text)


def _unreadable_time() -> Unreadable:
    return Unreadable(
        _(
            "datetime 是一个时刻（2026-11-22T08:00:00Z）、一天（2026-11-22）或一段时间"
            "（2026-11-01/2026-11-22，一端可写 ..）。"
        ),
        field="datetime",
    )


def _cursor(query: QueryDict) -> tuple[int, int] | None:
    text = query.get("cursor")
    if text is None:
        return None
    found = _CURSOR.fullmatch(text)
    if not found:
        raise Unreadable(_("cursor 只能照“下一页”链接里的原样使用。"), field="cursor")
    return int(found.group(1)), int(found.group(2) or 0)
