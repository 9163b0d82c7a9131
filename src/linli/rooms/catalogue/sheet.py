"""Reading the filing rules of a city from the sheet it publishes (.xlsx, .xls, .ods).

The form: a title row; a header row (see COLUMNS); then one row for each rule, where a blank cell means "as
above". Codes are typed as "03", 3 or 3.0. One sheet for things (部件), one for matters (事件 or 事项).
Nothing is written here, and nothing is dropped in silence: what cannot be read is named by sheet, row and
cell, with the reason and a proposal.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from linli.kernel.clock import Convention, TimeLimit
from linli.kernel.errors import LinliError, Refused

MOST_ROWS = 20_000
MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024

COLUMNS = {
    "class_code": ("大类代码", "大类编码"),
    "class_name": ("大类名称", "大类"),
    "item_code": ("小类代码", "小类编码"),
    "item_name": ("小类名称", "小类"),
    "unit": ("处置单位", "责任单位", "处置责任单位"),
    "authority": ("主管部门", "主管单位"),
    "condition": ("立案条件", "立案标准"),
    "closing": ("结案条件", "结案标准"),
    "limit": ("处置时限", "时限", "处理时限"),
}
NEEDED = ("item_name", "condition", "closing", "limit")
INHERITED = ("class_code", "class_name", "item_code", "item_name", "unit", "authority")

CONVENTIONS = {
    "working": Convention(hours="working_hours", days="working_days"),
    "calendar": Convention(hours="urgent_hours", days="calendar_days"),
}
"""How a bare 小时/天 is read: as working time (what cities mean when they say nothing) or round the clock."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a cell that somebody should see. `cell` is like "I49"; kind: "refusal" or "note"."""

    kind: str
    sheet: str
    row: int
    cell: str
    value: str
    reason: str
    proposal: str


@dataclass(frozen=True, slots=True)
class SheetRule:
    """A rule as read, with what it inherited from above. `entry` numbers the sheet's items."""

    sheet: str
    row: int
    entry: int
    condition: str
    closing: str
    amount: int
    unit: str
    limit_text: str
    unit_hint: str
    authority_hint: str
    note: str


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """An item as the sheet lists it. kind: "component" or "matter"."""

    number: int
    sheet: str
    row: int
    kind: str
    class_code: str
    class_name: str
    item_code: str
    name: str


@dataclass(slots=True)
class Reading:
    """All that was found in a file."""

    title: str = ""
    entries: list[SheetEntry] = field(default_factory=list)
    rules: list[SheetRule] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    sheets: dict[str, int] = field(default_factory=dict)

    @property
    def refusals(self) -> list[Remark]:
        return [remark for remark in self.remarks if remark.kind == "refusal"]

    def as_json(self) -> dict[str, Any]:
        """Plain values for storing a draft."""
        return {
            "title": self.title,
            "sheets": self.sheets,
            "entries": [asdict(entry) for entry in self.entries],
            "rules": [asdict(rule) for rule in self.rules],
            "remarks": [asdict(remark) for remark in self.remarks],
        }


def read(data: bytes, *, convention: str = "working") -> Reading:
    """Read a whole workbook. Raises Refused when it is no workbook or no sheet has the header row."""
    reading = Reading()
    for name, rows in _sheets(data):
        header = _header(rows)
        if header is None:
            continue
        at, places = header
        if not reading.title and at:
            reading.title = next((text for cell in rows[0] if (text := clean(cell))), "")
        before = len(reading.rules)
        _read_sheet(reading, name, rows, at, places, CONVENTIONS[convention])
        reading.sheets[name] = len(reading.rules) - before
    if not reading.sheets:
        raise Refused(
            _("表里没有找到立案规则的表头。"),
            "catalogue.sheet_header",
            "file",
            what_next=_("表头要有“小类名称、立案条件、结案条件、处置时限”这几列。"),
        )
    if not reading.rules and not reading.remarks:
        raise Refused(_("表头下面没有规则。"), "catalogue.sheet_empty", "file")
    return reading


def _read_sheet(
    reading: Reading,
    sheet: str,
    rows: Sequence[Sequence[Any]],
    at: int,
    places: dict[str, int],
    convention: Convention,
) -> None:
    kind = "component" if "部件" in sheet else "matter" if re.search("事件|事项", sheet) else ""
    if not kind:
        kind = "component" if "部件" in "".join(clean(c) for row in rows[:at] for c in row) else "matter"
    above: dict[str, str] = {}
    entry: SheetEntry | None = None
    for number, cells in enumerate(rows[at + 1 :], at + 2):
        row = {name: clean(cells[place]) if place < len(cells) else "" for name, place in places.items()}
        if not any(row.values()):
            continue
        if row == {name: clean(rows[at][place]) for name, place in places.items()}:
            continue  # the header again, on a new page

        def remark(kind: str, column: str, reason: str, proposal: str, value: str = "", row_no: int = number) -> None:
            reading.remarks.append(
                Remark(kind, sheet, row_no, f"{_letters(places[column])}{row_no}", value, reason, proposal)
            )

        if row.get("class_code") or row.get("class_name"):
            above = {}  # a new class: nothing of the old one reaches into it
        if row.get("item_code") or row.get("item_name"):
            # A new item: its units may stay those above, its name and number may not.
            above.pop("item_name", None)
            above.pop("item_code", None)
            entry = None
        for name in INHERITED:
            row[name] = row.get(name) or above.get(name, "")
            above[name] = row[name]
        if not row["item_name"]:
            remark(
                "refusal",
                "item_name",
                _("没有小类名称，上面也没有可以沿用的。"),
                _("请补上小类名称后重新导入。"),
            )
            continue
        if entry is None:
            entry = SheetEntry(
                len(reading.entries),
                sheet,
                number,
                kind,
                code(row["class_code"]),
                row["class_name"],
                code(row["item_code"]),
                row["item_name"],
            )
            reading.entries.append(entry)
        if not row["condition"]:
            remark("refusal", "condition", _("没有立案条件。"), _("请写明什么情况下立案。"))
            continue
        try:
            limit = TimeLimit.parse(row["limit"], convention)
        except LinliError as error:
            proposal = str(error.what_next or _("请改成“2工作日”这样的写法。"))
            remark("refusal", "limit", str(error), proposal, row["limit"])
            continue
        note = limit_note(row["limit"], limit)
        if note:
            remark(
                "note",
                "limit",
                note,
                _("如果不是这个意思，请改表后重新导入，或导入后修改规则。"),
                row["limit"],
            )
        if not row["closing"]:
            remark("note", "closing", _("没有结案条件，按“问题已解决”导入。"), _("请在导入后补上。"))
        reading.rules.append(
            SheetRule(
                sheet,
                number,
                entry.number,
                row["condition"],
                row["closing"] or "问题已解决",
                limit.amount,
                limit.unit,
                row["limit"],
                row["unit"],
                row["authority"],
                note,
            )
        )


_PLAIN_LIMIT = re.compile(r"\d+(?:紧急工作时|工作时|工作日|自然日|小时|天)")


def limit_note(text: str, limit: TimeLimit) -> str:
    """What had to be decided to read a limit; "" when its unit is a standard one or a bare 小时/天."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if _PLAIN_LIMIT.fullmatch(plain):
        return ""
    shown = {"text": plain, "limit": str(limit)}
    if re.search("紧急工作[日天]", plain):
        return _("“%(text)s”不是标准单位，按每天 24 小时读作%(limit)s。") % shown
    return _("“%(text)s”读作%(limit)s。") % shown


def clean(cell: Any) -> str:
    """A cell as one line of text: 3.0 → "3", line breaks and doubled blanks gone."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = "".join(c for c in str(cell) if unicodedata.category(c) not in {"Cf", "Co"})
    text = re.sub(r"[\r\n]+", "", text)
    return re.sub(r"[ \t\u3000\xa0]+", " ", text).strip()


def code(text: str) -> str:
    """A class or item code with its leading zero: "1" → "01"; what is no number stays as it is.

    >>> code("3"), code("03"), code("097"), code("A")
    ('03', '03', '097', 'A')
    """
    return text.zfill(2) if text.isdigit() else text


def _letters(place: int) -> str:
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def _header(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]] | None:
    """Where the header row is (among the first ten) and which column is where."""
    for at, row in enumerate(rows[:10]):
        texts = [re.sub(r"\s", "", clean(cell)) for cell in row]
        places = {
            name: texts.index(spelling)
            for name, spellings in COLUMNS.items()
            for spelling in spellings
            if spelling in texts
        }
        if all(name in places for name in NEEDED):
            return at, places
    return None


def _sheets(data: bytes) -> Iterator[tuple[str, list[list[Any]]]]:
    if not data:
        raise Refused(_("文件是空的。"), "catalogue.sheet_file", "file")
    if len(data) > MOST_BYTES:
        raise Refused(
            _("文件太大（%(size)d MB），最大 20 MB。") % {"size": len(data) // 1024 // 1024},
            "catalogue.sheet_size",
            "file",
            what_next=_("请只留下立案规则的工作表。"),
        )
    no_workbook = Refused(
        _("这不是能读的表格文件。"),
        "catalogue.sheet_file",
        "file",
        what_next=_("请用 Excel 或 WPS 另存为 .xlsx 后再选一次。"),
    )
    _check_unpacked(data, no_workbook)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            page = book.get_sheet_by_name(name)
            if page.total_height > MOST_ROWS:
                raise Refused(
                    _("工作表“%(sheet)s”有 %(rows)d 行，最多 %(most)d 行。")
                    % {"sheet": name, "rows": page.total_height, "most": MOST_ROWS},
                    "catalogue.sheet_rows",
                    "file",
                )
            yield name, page.to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise no_workbook from error


def _check_unpacked(data: bytes, refusal: Refused) -> None:
    """A workbook is a zip: one that unpacks to hundreds of megabytes is no rule sheet."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise refusal
    except zipfile.BadZipFile as error:
        raise refusal from error
