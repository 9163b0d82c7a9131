"""Reading a list of problems from a sheet (HL-2): rows as text by column, and what is wrong with which cell.

Pure but for the file: nothing is looked up here. Titles are recognised loosely, in any order; the row among the first
that names most columns is the heading, so a title line above the table does no harm.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from linli.kernel.errors import Refused
from linli.kernel.identifiers.cells import digits, lost_digits
from linli.rooms.places.sheets import read_table

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 5_000
MAX_UNPACKED = 200 * 1024 * 1024
_HEADING_WITHIN = 8

# column → (title in the template, words that a title may contain, the likelier first)
COLUMNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "words": ("问题", (
        "问题描述", "问题内容", "诉求内容", "具体问题", "反映内容", "情况描述", "事件描述", "内容", "诉求", "描述",
        "问题", "意见", "建议", "description", "problem",
    )),
    "item": ("事项", (
        "事项编码", "问题类别", "问题类型", "事项", "类别", "类型", "分类", "大类", "小类", "category", "item",
    )),
    "address": ("地址", ("详细地址", "具体地点", "具体位置", "地址", "地点", "位置", "address", "location")),
    "place": ("社区或网格", (
        "所属网格", "网格编码", "网格", "所属社区", "社区", "小区", "村", "街道", "乡镇", "镇", "grid", "community",
    )),
    "lng": ("经度", ("经度", "lng", "lon", "longitude", "x坐标")),
    "lat": ("纬度", ("纬度", "lat", "latitude", "y坐标")),
    "name": ("上报人", ("上报人", "反映人", "诉求人", "联系人", "姓名", "name", "reporter")),
    "phone": ("电话", ("联系电话", "联系方式", "电话", "手机", "phone", "tel")),
    "at": ("时间", ("反映时间", "上报时间", "登记时间", "收集时间", "时间", "日期", "date", "time")),
    "legacy": ("是否历史遗留", ("历史遗留", "遗留", "legacy")),
    "urgent": ("是否紧急", ("紧急", "urgent")),
}  # fmt: skip
_YES = {"是", "有", "对", "√", "✓", "1", "y", "yes", "true", "紧急", "历史遗留", "遗留"}
_NO = {"", "否", "无", "不是", "×", "0", "n", "no", "false", "-", "—", "一般"}
_BROKEN_FORMULA = re.compile(r"#(REF|N/A|NAME|VALUE|DIV/0|NUM|NULL|SPILL)[!?]?", re.I)


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell and what to do. row: as the sheet counts; column: its title in the template."""

    row: int
    column: str
    text: str


@dataclass(slots=True)
class RawRow:
    """One row as it was read: text by column, with what is wrong with it."""

    number: int
    cells: dict[str, str]
    problems: list[CellProblem] = field(default_factory=list)

    def wrong(self, column: str, text: str) -> None:
        self.problems.append(CellProblem(self.number, title_of(column), text))


def title_of(column: str) -> str:
    return COLUMNS[column][0]


def read_list(data: bytes, filename: str) -> tuple[list[RawRow], list[str]]:
    """The rows of a list that hold anything, and the titles that were not understood.

    Raises Refused when it is no sheet, too large, empty, or has no column for the words.
    """
    if len(data) > MAX_BYTES:
        raise Refused(
            _("文件太大（%(size)d MB）。请选小于 10 MB 的表格，或分几次导入。") % {"size": len(data) >> 20},
            "list.too_large",
            "file",
        )
    _not_a_bomb(data)
    heading, body = read_table(data, filename)
    table = [heading, *body]
    tried = [(positions(row), n) for n, row in enumerate(table[:_HEADING_WITHIN])]
    candidates = [(len(found), -n) for found, n in tried if "words" in found]
    if not candidates:
        raise Refused(_("没有找到“问题”这一列。第一行应是列名，请对照模板检查。"), "list.no_words_column", "file")
    at = -max(candidates)[1]
    found = positions(table[at])
    unknown = [str(t).strip() for n, t in enumerate(table[at]) if str(t).strip() and n not in found.values()]
    formulas = _formulas(data)
    rows = []
    for number, line in enumerate(table[at + 1 :], at + 2):
        if not any(_plain(cell) for cell in line):
            continue
        rows.append(_row(number, line, found, formulas))
        if len(rows) > MAX_ROWS:
            raise Refused(_("表格超过 %(most)d 行。请分几次导入。") % {"most": MAX_ROWS}, "list.too_many_rows", "file")
    if not rows:
        raise Refused(_("表格里只有列名，没有内容。"), "list.empty", "file")
    return rows, unknown


def positions(titles: Sequence[Any]) -> dict[str, int]:
    """Where each column stands. A title that is exactly a known word wins over one that contains it."""
    plain = [re.sub(r"[\s*＊:：()（）/、]", "", unicodedata.normalize("NFKC", str(t))).lower() for t in titles]
    found: dict[str, int] = {}
    for exactly in (True, False):
        for column, (_title, words) in COLUMNS.items():
            if column in found:
                continue
            for word in words:
                place = next(
                    (
                        n
                        for n, title in enumerate(plain)
                        if n not in found.values() and title and (title == word if exactly else _holds(title, word))
                    ),
                    None,
                )
                if place is not None:
                    found[column] = place
                    break
    return found


def _holds(title: str, word: str) -> bool:
    # A long sentence that happens to contain the word is no title; neither is an English word inside another.
    return len(title) <= 14 and not word.isascii() and word in title


def _not_a_bomb(data: bytes) -> None:
    if data[:2] != b"PK":
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:
        return  # read_table says what is wrong with it
    if size > MAX_UNPACKED:
        raise Refused(_("这个文件展开后大得不正常，没有打开。请另存为 .xlsx 后再试。"), "list.bomb", "file")


def _formulas(data: bytes) -> frozenset[tuple[int, int]]:
    """Cells of an XLSX that hold a formula, as (row, column) from 1: what stands in them was never typed."""
    if data[:2] != b"PK":
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            sheets = [name for name in packed.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
            if not any(re.search(rb"<f[ >/]", packed.read(name)) for name in sheets):
                return frozenset()
        from openpyxl import load_workbook  # 12 MB in every process, for whoever brings a list

        sheet = load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
        return frozenset(
            (cell.row, cell.column)
            for row in sheet.iter_rows(max_row=MAX_ROWS + _HEADING_WITHIN + 1)
            for cell in row
            if getattr(cell, "data_type", "") == "f"
        )
    except Exception:  # a workbook that openpyxl does not like has been read by calamine already
        return frozenset()


def _row(number: int, line: Sequence[Any], found: Mapping[str, int], formulas: frozenset[tuple[int, int]]) -> RawRow:
    row = RawRow(number, {})
    for column, place in found.items():
        cell = line[place] if place < len(line) else ""
        text = _plain(cell)
        row.cells[column] = text
        if (number, place + 1) in formulas or text.startswith("="):
            row.wrong(column, _("这一格是公式。请把公式换成结果（复制后“粘贴为数值”）。"))
        elif _BROKEN_FORMULA.fullmatch(text):
            row.wrong(column, _("这一格是出错的公式“%(text)s”。请改成文字。") % {"text": text})
        elif column == "phone" and text and lost_digits(cell):
            row.wrong(column, _("号码太长，表格只记得前 15 位。请把这一列设成文本后重新填。"))
        elif column in ("legacy", "urgent") and text.lower() not in _YES | _NO:
            row.wrong(column, _("“%(text)s”看不懂，请写“是”或留空。") % {"text": text[:20]})
    return row


def says_yes(text: str) -> bool:
    return text.lower() in _YES


def _plain(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    if isinstance(cell, dt.date | dt.time):
        return str(cell)
    if isinstance(cell, bool):
        return "是" if cell else ""
    if isinstance(cell, float):
        return digits(cell) if cell.is_integer() else repr(cell)
    return str(cell).strip()
