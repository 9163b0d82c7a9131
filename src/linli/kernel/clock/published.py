"""The officially published years that ship with Linli, and calendars read from lists of days.

`published_years.json` holds facts: which days are off and which are worked instead, from the yearly notices.
Lists that operators import have one day a row: date, kind, name. CSV, XLSX and JSON are read; the JSON may
also be the widespread form {"days": [{"name", "date", "isOffDay"}]}.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext as _

from linli.kernel.clock.calendar import DayKind
from linli.kernel.errors import Refused
from linli.kernel.text.packed import opens_to_a_bomb

MOST_BYTES = 2_000_000
MOST_ROWS = 4_000
#: Fewer days off than this in a year that is said to be complete is a list cut short.
FEWEST_HOLIDAYS = 7
YEARS = range(1990, 2400)


@dataclass(frozen=True, slots=True)
class Day:
    """One day that differs from the week."""

    day: date
    kind: DayKind
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row of a list cannot be taken; `row` counts from 1 as in the sheet."""

    row: int
    field: str
    message: str


@dataclass(slots=True)
class DayList:
    """What a list says, and what is wrong with it. Import it only when `problems` is empty."""

    days: list[Day] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def years(self) -> list[int]:
        return sorted({day.day.year for day in self.days})


@cache
def _published() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(
        files("linli.kernel.clock").joinpath("data/published_years.json").read_text("utf-8")
    )
    return data


def published_years() -> tuple[int, ...]:
    """The years that ship with Linli."""
    return tuple(sorted(int(year) for year in _published()["years"]))


def published(year: int) -> tuple[str, list[Day]]:
    """Source and days of one shipped year; KeyError for any other."""
    names = _published()["names"]
    entry = _published()["years"][str(year)]
    days = []
    kinds: tuple[tuple[DayKind, str, str], ...] = (("off", "{}", "{}"), ("work", "{}调休", "{} make-up day"))
    for kind, words_zh, words_en in kinds:
        for name, when in entry[kind].items():
            for month_day in when:
                day = date.fromisoformat(f"{year}-{month_day}")
                days.append(Day(day, kind, words_zh.format(name), words_en.format(names[name])))
    return entry["source"], sorted(days, key=lambda each: each.day)


_KINDS: dict[str, DayKind] = {
    **dict.fromkeys(
        ("off", "holiday", "rest", "休", "休息", "放假", "假日", "节假日", "节日", "法定节假日", "true", "1"),
        "off",
    ),
    **dict.fromkeys(
        (
            "work",
            "workday",
            "make-up",
            "makeup",
            "班",
            "上班",
            "补班",
            "调休",
            "调休上班",
            "工作日",
            "false",
            "0",
        ),
        "work",
    ),
}
_COLUMNS = {
    "date": ("date", "day", "日期", "时间"),
    "kind": ("kind", "type", "isoffday", "类型", "类别", "种类", "安排"),
    "name": ("name", "name_zh", "名称", "节日", "节日名称", "说明"),
    "name_en": ("name_en", "english", "英文名称", "英文"),
}


def read_days(data: bytes, filename: str) -> DayList:
    """Read a list of days; problems are collected by row, a file that is none raises `Refused`."""
    how = _("请使用三列的表：日期、类型（放假或上班）、名称。")
    if not data.strip():
        raise Refused(_("文件是空的。"), "calendar_empty", "file", what_next=how)
    if len(data) > MOST_BYTES:
        raise Refused(_("文件太大，日历表不会超过 2 MB。"), "calendar_too_big", "file", what_next=how)
    try:
        if data[:4] == b"PK\x03\x04":
            rows = _xlsx(data)
        elif data.lstrip()[:1] in (b"[", b"{") or filename.lower().endswith(".json"):
            rows = _json(data)
        else:
            rows = [list(row) for row in csv.reader(io.StringIO(_decoded(data)))]
    except Refused:
        raise
    except Exception as error:  # the readers of three formats raise a dozen kinds of errors
        raise Refused(
            _("读不懂这个文件，它不是可用的 CSV、XLSX 或 JSON。"),
            "calendar_unreadable",
            "file",
            what_next=how,
        ) from error
    if len(rows) > MOST_ROWS:
        raise Refused(_("行数太多，请按年份分开导入。"), "calendar_too_big", "file", what_next=how)
    return _read_rows(rows)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _xlsx(data: bytes) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    if opens_to_a_bomb(data):
        raise ValueError("unpacks to more than any calendar holds")
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def _json(data: bytes) -> list[list[Any]]:
    content = json.loads(_decoded(data))
    if isinstance(content, dict):
        content = content["days"]
    rows: list[list[Any]] = [["date", "kind", "name", "name_en"]]
    for each in content:
        if isinstance(each, dict):
            lower = {str(key).lower(): value for key, value in each.items()}
            kind = lower.get("kind", lower.get("type", lower.get("isoffday", "")))
            rows.append(
                [
                    lower.get("date", lower.get("day", "")),
                    kind,
                    lower.get("name", lower.get("name_zh", "")),
                    lower.get("name_en", ""),
                ]
            )
        else:
            rows.append(list(each))
    return rows


def _plain(cell: object) -> str:
    return unicodedata.normalize("NFKC", "" if cell is None else str(cell)).strip()


def _read_rows(rows: Sequence[Sequence[Any]]) -> DayList:
    columns = {"date": 0, "kind": 1, "name": 2, "name_en": 3}
    result = DayList()
    seen: dict[date, tuple[int, DayKind]] = {}
    for number, row in enumerate(rows, start=1):
        if not any(_plain(cell) for cell in row):
            continue
        header = _header(row) if not result.days and not result.problems else None
        if header:
            columns = header
            continue

        def cell(name: str, row: Sequence[Any] = row, columns: dict[str, int] = columns) -> Any:
            at = columns.get(name, -1)
            return row[at] if 0 <= at < len(row) else ""

        day = _day(cell("date"))
        kind = _KINDS.get(_plain(cell("kind")).lower())
        if day is None:
            message = _("看不懂日期“%(text)s”，请写成 2027-01-01。") % {"text": _plain(cell("date"))[:30]}
            result.problems.append(RowProblem(number, "date", message))
        elif day.year not in YEARS:
            result.problems.append(RowProblem(number, "date", _("年份 %(year)s 不在可用范围内。") % {"year": day.year}))
        elif kind is None:
            message = _("看不懂类型“%(text)s”，请写“放假”或“上班”。") % {"text": _plain(cell("kind"))[:30]}
            result.problems.append(RowProblem(number, "kind", message))
        elif day in seen:
            first, first_kind = seen[day]
            if first_kind != kind:
                message = _("这一天在第 %(row)s 行已有相反的安排。") % {"row": first}
                result.problems.append(RowProblem(number, "date", message))
        else:
            seen[day] = (number, kind)
            result.days.append(Day(day, kind, _plain(cell("name"))[:60], _plain(cell("name_en"))[:60]))
    if not result.days and not result.problems:
        result.problems.append(RowProblem(1, "date", _("表里没有任何日期。")))
    return result


def _header(row: Iterable[object]) -> dict[str, int] | None:
    words = [_plain(cell).lower() for cell in row]
    found = {name: at for name, known in _COLUMNS.items() for at, word in enumerate(words) if word in known}
    return found if "date" in found and "kind" in found else None


_DATE = re.compile(
    r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d\d)(\d\d))"
    r"(?:[ T]00:00(?::00)?)?(?:\.0)?"
)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    parts = _DATE.fullmatch(_plain(value))
    try:
        return date(*(int(part) for part in parts.groups() if part)) if parts else None
    except ValueError:
        return None
