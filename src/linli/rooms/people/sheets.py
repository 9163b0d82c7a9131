"""Reading sheets of units, posts and matrix rules: rows as text by column, with nothing looked up yet.

The first row holds the titles, in Chinese or English; unknown columns are ignored, the order is free. Blank
cells of a matrix inherit nothing: each row says all. Files are CSV (UTF-8 or GB 18030) or XLSX.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from linli.kernel.errors import Refused
from linli.rooms.places.sheets import read_table

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000

# kind of sheet → column → titles it is known by (the first Chinese one is named in refusals).
TITLES: dict[str, dict[str, tuple[str, ...]]] = {
    "units": {
        "code": ("编号", "单位编号", "代码", "code"),
        "name_zh": ("名称", "单位名称", "单位", "name", "name_zh"),
        "name_en": ("英文名称", "name_en"),
        "kind": ("类别", "单位类别", "kind"),
        "credit_code": ("统一社会信用代码", "信用代码", "credit_code"),
        "place": ("地方编码", "区划编码", "地方", "place"),
        "parent": ("上级单位编号", "上级单位", "parent"),
        "phone": ("值班电话", "电话", "phone"),
    },
    "posts": {
        "kind": ("岗位", "岗位类别", "职务", "post", "kind"),
        "name": ("姓名", "name"),
        "username": ("用户名", "账号", "username"),
        "place": ("地方编码", "网格编码", "地方", "place"),
        "unit": ("单位编号", "单位", "unit"),
        "valid_from": ("起", "任职起", "开始日期", "from"),
        "valid_to": ("止", "任职止", "结束日期", "to"),
        "phone": ("电话", "岗位电话", "手机", "phone"),
    },
    "matrix": {
        "matter": ("事项编码", "事项", "大类", "matter"),
        "place": ("地方编码", "网格编码", "地方", "place"),
        "unit": ("单位编号", "责任单位", "单位", "unit"),
        "post_kind": ("岗位", "责任岗位", "post"),
        "valid_from": ("起", "开始日期", "from"),
        "valid_to": ("止", "结束日期", "to"),
        "weekdays": ("星期", "weekdays"),
        "from_time": ("开始时刻", "时刻起", "from_time"),
        "to_time": ("结束时刻", "时刻止", "to_time"),
        "note": ("备注", "说明", "note"),
    },
}
NEEDED = {"units": ("code", "name_zh"), "posts": ("kind", "name", "username"), "matrix": ("place", "unit")}


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row with something in it; `number` as the sheet counts, 1 is the heading."""

    number: int
    cells: Mapping[str, Any]

    def text(self, column: str) -> str:
        return as_text(self.cells.get(column))


def read(kind: str, data: bytes, filename: str) -> list[RawRow]:
    """The rows of a sheet. Raises Refused when it is no sheet, too large, or a needed column is missing."""
    if len(data) > MAX_BYTES:
        message = _("文件太大（%(size)d MB）。请选小于 10 MB 的表格，或分批导入。") % {"size": len(data) >> 20}
        raise Refused(message, "people.sheet_size", "file")
    heading, body = read_table(data, filename)
    if len(body) > MAX_ROWS:
        message = _("表格有 %(rows)d 行，一次最多 %(most)d 行，请分批导入。") % {
            "rows": len(body),
            "most": MAX_ROWS,
        }
        raise Refused(message, "people.sheet_rows", "file")
    positions: dict[str, int] = {}
    for position, title in enumerate(heading):
        plain = re.sub(r"[\s*＊]", "", title).lower()
        for column, titles in TITLES[kind].items():
            if plain in titles:
                positions.setdefault(column, position)
    missing = [TITLES[kind][column][0] for column in NEEDED[kind] if column not in positions]
    if missing:
        message = _("缺少列：%(columns)s。第一行应是列名。") % {"columns": _("、").join(missing)}
        raise Refused(message, "people.sheet_columns", "file")
    rows = []
    for number, row in enumerate(body, 2):
        cells = {column: row[at] if at < len(row) else None for column, at in positions.items()}
        if any(as_text(cell) for cell in cells.values()):
            rows.append(RawRow(number, cells))
    if not rows:
        raise Refused(_("表格里没有内容。"), "people.sheet_empty", "file")
    return rows


def as_text(cell: Any) -> str:
    """A cell as text. Codes typed as numbers keep their digits while a number can hold them."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def as_date(cell: Any, field: str) -> dt.date | None:
    """A day: a date cell, 2026-01-31, 2026/1/31, 2026.1.31, 2026年1月31日 or 20260131."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = as_text(cell)
    if not text or text in {"至今", "长期"}:
        return None
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?|(\d{4})(\d{2})(\d{2})", text)
    try:
        if found is None:
            raise ValueError(text)
        year, month, day = (int(part) for part in found.groups() if part is not None)
        return dt.date(year, month, day)
    except ValueError:
        message = _("“%(text)s”不是日期，请写成 2026-01-31") % {"text": text[:20]}
        raise Refused(message, "people.sheet_date", field) from None


def as_time(cell: Any, field: str) -> dt.time | None:
    """A time of day: a time cell, or 08:30."""
    if isinstance(cell, dt.datetime):
        return cell.time()
    if isinstance(cell, dt.time):
        return cell
    text = as_text(cell).replace("：", ":")
    if not text:
        return None
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?", text)
    if found is None:
        message = _("“%(text)s”不是时刻，请写成 08:30") % {"text": text[:20]}
        raise Refused(message, "people.sheet_time", field)
    return dt.time(int(found[1]), int(found[2]))


def as_weekdays(cell: Any, field: str) -> list[int]:
    """Weekdays: "1,2,3", "1-5", "周一至周五", "六日"; empty: every day."""
    text = as_text(cell).replace("星期", "").replace("周", "").replace("天", "日")
    if not text:
        return []
    for position, name in enumerate("一二三四五六日", 1):
        text = text.replace(name, str(position))
    text = re.sub(r"[至到~—–]", "-", text)
    found: set[int] = set()
    for part in re.split(r"[,，、;；\s]+", text):
        span = re.fullmatch(r"([1-7])-([1-7])", part)
        if span and int(span[1]) <= int(span[2]):
            found.update(range(int(span[1]), int(span[2]) + 1))
        elif re.fullmatch(r"[1-7]+", part):
            found.update(int(digit) for digit in part)
        elif part:
            message = _("“%(text)s”不是星期，请写成 1-5 或 周六、周日") % {"text": as_text(cell)[:20]}
            raise Refused(message, "people.sheet_weekdays", field)
    return sorted(found)
