"""Reading sheets of divisions and buildings (CSV, XLSX): usable rows, and what is wrong with which cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from linli.kernel.errors import LinliError, Refused
from linli.kernel.geo.points import read_point
from linli.kernel.geo.systems import System
from linli.kernel.text.packed import opens_to_a_bomb
from linli.rooms.places import rules

MAX_ROWS = 100_000
SHIPPED = Path(__file__).parent / "data"
Row = TypeVar("Row")


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with one cell. row: as the sheet counts, 1 is the heading."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class DivisionRow:
    """One division of a sheet; code has 12 digits."""

    number: int
    code: str
    name: str


@dataclass(frozen=True)
class BuildingRow:
    """One building of a sheet; (lng, lat) WGS-84 or None; `under` is a code or name of grid or community."""

    number: int
    name: str
    address: str
    lng: float | None
    lat: float | None
    under: str
    floors: int | None
    stairwells: int
    stairwell_labels: tuple[str, ...]
    dwellings: int
    managed_by: str


@dataclass
class Sheet(Generic[Row]):
    """What a file holds: usable rows, and what is wrong with the others."""

    rows: list[Row] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)


_HEADINGS = {
    "code": ("code", "代码", "编码", "区划代码", "统计用区划代码"),
    "name": ("name", "名称", "区划名称", "楼栋名称", "楼栋", "楼号"),
    "parent": ("parent", "上级", "上级代码", "streetcode", "areacode"),
    "address": ("address", "地址", "门牌", "门牌地址"),
    "lng": ("lng", "lon", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "under": ("grid", "community", "网格", "网格编码", "社区", "社区代码", "所属网格", "所属社区"),
    "floors": ("floors", "层数", "楼层数"),
    "stairwells": ("stairwells", "单元数", "单元"),
    "dwellings": ("dwellings", "户数", "房屋套数"),
    "managed_by": ("managed_by", "物业", "物业公司", "管理单位"),
}


def read_table(data: bytes, filename: str) -> tuple[list[str], list[list[Any]]]:
    """Heading and rows of an XLSX's first sheet or of a CSV (UTF-8, GB 18030); Refused if it is neither."""
    if not data.strip():
        raise Refused(_("文件是空的。请重新导出后再上传。"), "sheet.empty", field="file")
    if opens_to_a_bomb(data):
        raise Refused(_("这个文件展开后大得不正常，没有打开。请另存为 .xlsx 后再试。"), "sheet.bomb", field="file")
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        try:
            rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        except (CalamineError, IndexError, ValueError, OSError):
            raise Refused(
                _("“%(name)s”打不开，可能不是完整的 Excel 文件。请另存为 .xlsx 后再试。") % {"name": filename[:60]},
                "sheet.broken",
                field="file",
            ) from None
    else:
        rows = _read_csv(data, filename)
    if not rows:
        raise Refused(_("文件是空的。请重新导出后再上传。"), "sheet.empty", field="file")
    if len(rows) > MAX_ROWS:
        raise Refused(_("表格超过 %(max)d 行。请分批导入。") % {"max": MAX_ROWS}, "sheet.too_long", field="file")
    return [str(cell).strip() for cell in rows[0]], [list(row) for row in rows[1:]]


def _read_csv(data: bytes, filename: str) -> list[list[Any]]:
    if b"\x00" in data[:2000]:
        raise Refused(
            _("“%(name)s”不是表格。请上传 .csv 或 .xlsx 文件。") % {"name": filename[:60]},
            "sheet.not_a_sheet",
            field="file",
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            return list(csv.reader(io.StringIO(text)))
        except (UnicodeDecodeError, csv.Error):
            continue
    raise Refused(
        _("“%(name)s”不是表格。请上传 .csv 或 .xlsx 文件。") % {"name": filename[:60]},
        "sheet.not_a_sheet",
        field="file",
    )


def _columns(heading: Sequence[str], needed: Sequence[str]) -> dict[str, int]:
    """Position of each known column; Refused when a needed one is missing."""
    found: dict[str, int] = {}
    for position, title in enumerate(heading):
        plain = title.lower().replace(" ", "")
        for column, titles in _HEADINGS.items():
            if plain in titles and column not in found:
                found[column] = position
    missing = [_HEADINGS[column][1] for column in needed if column not in found]
    if missing:
        raise Refused(
            _("表头缺少列：%(columns)s。第一行应是列名。") % {"columns": "、".join(missing)},
            "sheet.columns_missing",
            field="file",
        )
    return found


def _text(cell: Any) -> str:
    """A cell as text; whole numbers that the sheet program kept as floats lose their ".0"."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def read_divisions(data: bytes, filename: str, district_code: str = "") -> Sheet[DivisionRow]:
    """Divisions from a sheet with `code` and `name`.

    district_code: keep only this county and what is below it (a sheet may hold a whole country).
    """
    heading, rows = read_table(data, filename)
    columns = _columns(heading, ("code", "name"))
    sheet: Sheet[DivisionRow] = Sheet()
    seen: dict[str, int] = {}
    prefix = district_code[:6]
    for number, row in enumerate(rows, 2):
        cells = {column: _text(row[at]) if at < len(row) else "" for column, at in columns.items()}
        if not any(cells.values()):
            continue
        if prefix and not cells["code"].startswith(prefix):
            continue
        try:
            code = rules.full_code(cells["code"])
        except Refused as refused:
            sheet.problems.append(CellProblem(number, "code", str(refused.message)))
            continue
        if code in seen:
            words = str(_("代码 %(code)s 与第 %(row)d 行重复") % {"code": code, "row": seen[code]})
            sheet.problems.append(CellProblem(number, "code", words))
            continue
        if not cells["name"] or len(cells["name"]) > 100:
            sheet.problems.append(CellProblem(number, "name", str(_("没有名称，或名称超过 100 个字"))))
            continue
        seen[code] = number
        sheet.rows.append(DivisionRow(number, code, cells["name"]))
    if not sheet.rows and not sheet.problems:
        raise Refused(_("表里没有可导入的区划。"), "sheet.nothing", field="file")
    return sheet


def shipped_codes() -> list[tuple[str, str]]:
    """(code, name) of the districts whose divisions ship with Linli."""
    found = []
    for path in sorted(SHIPPED.glob("divisions_*.json")):
        body = json.loads(path.read_text("utf-8"))
        found.append((body["code"], body["name"]))
    return found


def shipped_divisions(code: str) -> list[DivisionRow]:
    """The divisions of a district that ship with Linli, itself included; NotFound-like Refused otherwise."""
    path = SHIPPED / f"divisions_{code[:6]}.json"
    if not code[:6].isdigit() or not path.exists():
        raise Refused(_("没有随附区县 %(code)s 的区划代码，请导入表格。") % {"code": code[:12]}, "places.not_shipped")
    body = json.loads(path.read_text("utf-8"))
    pairs = [(body["code"], body["name"]), *body["divisions"]]
    return [DivisionRow(n, rules.full_code(c), name) for n, (c, name) in enumerate(pairs, 1)]


def read_buildings(data: bytes, filename: str, system: System = "wgs84") -> Sheet[BuildingRow]:
    """Buildings from a sheet: name; place by lng and lat (in `system`) or by grid or community."""
    heading, rows = read_table(data, filename)
    columns = _columns(heading, ("name",))
    if "under" not in columns and not {"lng", "lat"} <= set(columns):
        raise Refused(_("表里要有经度和纬度，或者写明所属网格、社区。"), "sheet.no_position", field="file")
    sheet: Sheet[BuildingRow] = Sheet()
    for number, row in enumerate(rows, 2):
        cells = {column: _text(row[at]) if at < len(row) else "" for column, at in columns.items()}
        if any(cells.values()):
            _building_row(sheet, number, cells, system)
    return sheet


def _building_row(sheet: Sheet[BuildingRow], number: int, cells: dict[str, str], system: System) -> None:
    wrong: list[CellProblem] = []

    def take(column: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(cells.get(column, ""))
        except LinliError as error:
            wrong.append(CellProblem(number, column, str(error.message)))
            return None

    name = take("name", lambda text: _needed(text))
    floors = take("floors", lambda text: _count(text, 1, 200) if text else None)
    dwellings = take("dwellings", lambda text: _count(text, 0, 5000) if text else 0)
    labels: tuple[str, ...] = ()
    stairs = cells.get("stairwells", "")
    if stairs and not stairs.isdigit():
        labels = tuple(part.strip() for part in stairs.replace("，", ",").replace("、", ",").split(",") if part)
        stairwells: int | None = len(labels)
    else:
        stairwells = take("stairwells", lambda text: _count(text, 0, 99) if text else 1)
    lng = lat = None
    if cells.get("lng") or cells.get("lat"):
        point = take("lng", lambda text: read_point(text, cells.get("lat", ""), system))
        lng, lat = point or (None, None)
    elif not cells.get("under"):
        wrong.append(CellProblem(number, "lng", str(_("没有经纬度，也没有写所属网格或社区"))))
    if wrong:
        sheet.problems.extend(wrong)
        return
    sheet.rows.append(
        BuildingRow(
            number,
            name,
            cells.get("address", "")[:200],
            lng,
            lat,
            cells.get("under", ""),
            floors,
            stairwells if stairwells is not None else 1,
            labels,
            dwellings,
            cells.get("managed_by", "")[:100],
        )
    )


def _needed(text: str) -> str:
    if not text or len(text) > 100:
        raise Refused(_("没有名称，或名称超过 100 个字"), "sheet.name")
    return text


def _count(text: str, least: int, most: int) -> int:
    if not text.isdigit() or not least <= int(text) <= most:
        raise Refused(
            _("“%(text)s”应是 %(least)d 到 %(most)d 之间的整数") % {"text": text[:20], "least": least, "most": most},
            "sheet.number",
        )
    return int(text)
