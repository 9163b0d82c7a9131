"""Reading the CSV that FixMyStreet's dashboard exports: its columns in the words of our own lists.

The columns are named by their English titles, in any order; a cobrand adds more of its own, which are named as not
understood. Pure but for the file: nothing is looked up here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from linli.kernel.errors import Refused
from linli.rooms.cases.problem_list import MAX_BYTES, MAX_ROWS, RawRow
from linli.rooms.places.sheets import read_table

_NEEDED = ("Report ID", "Title", "Latitude", "Longitude")
_READ = (*_NEEDED, "Detail", "User Name", "Category", "Subcategory", "Created", "Confirmed", "Status", "Query", "Ward",
         "Report URL")  # fmt: skip
# Columns of the export that say nothing a case needs: later moments, another grid, where it was typed.
_PASSED_OVER = ("Acknowledged", "Action Scheduled", "Fixed", "Closed", "Easting", "Northing", "Device Type",
                "Site Used", "Reported As")  # fmt: skip
# What FixMyStreet still calls open; everything else has ended there.
OPEN = frozenset(
    {
        "confirmed", "open", "investigating", "in progress", "planned", "action scheduled", "internal referral",
        "for triage",
    }
)  # fmt: skip
_NUMBER = re.compile(r"\d{1,18}(?:\.0)?")


def read_fixmystreet(data: bytes, filename: str) -> tuple[list[RawRow], list[str]]:
    """The rows of an export and the titles that were not understood.

    Besides the columns of `problem_list.COLUMNS` a row has `external` (site and number there) and `ended` (its state
    there, when it needs nobody any more). Raises Refused when it is no such export.
    """
    if len(data) > MAX_BYTES:
        raise Refused(
            _("文件太大（%(size)d MB）。请选小于 10 MB 的表格，或分几次导入。") % {"size": len(data) >> 20},
            "list.too_large",
            "file",
        )
    heading, body = read_table(data, filename)
    titles = [str(title).strip().lstrip("\ufeff") for title in heading]
    at = {name: titles.index(name) for name in (*_READ, *_PASSED_OVER) if name in titles}
    missing = [name for name in _NEEDED if name not in at]
    if missing:
        raise Refused(
            _("不像 FixMyStreet 导出的表：缺少列 %(names)s。") % {"names": ", ".join(missing)},
            "list.not_fixmystreet",
            "file",
        )
    unknown = [title for title in titles if title and title not in at]
    rows = []
    seen: dict[str, int] = {}
    for number, line in enumerate(body, 2):
        cells = {name: _plain(line[place]) for name, place in at.items() if place < len(line)}
        if not any(cells.values()):
            continue
        rows.append(_row(number, cells, seen))
        if len(rows) > MAX_ROWS:
            raise Refused(_("表格超过 %(most)d 行。请分几次导入。") % {"most": MAX_ROWS}, "list.too_many_rows", "file")
    if not rows:
        raise Refused(_("表格里只有列名，没有内容。"), "list.empty", "file")
    return rows, unknown


def _row(number: int, cells: Mapping[str, str], seen: dict[str, int]) -> RawRow:
    def cell(name: str) -> str:
        return cells.get(name, "")

    name, state = cell("User Name"), cell("Status").lower()
    row = RawRow(
        number,
        {
            "words": "\n".join(dict.fromkeys(part for part in (cell("Title"), cell("Detail")) if part)),
            "item": " ".join(part for part in (cell("Category"), cell("Subcategory")) if part),
            "address": cell("Query"),
            "place": cell("Ward"),
            "lng": cell("Longitude"),
            "lat": cell("Latitude"),
            "name": "" if name.lower() in ("(anonymous)", "anonymous") else name,
            "at": (cell("Confirmed") or cell("Created")).replace("T", " "),
            "ended": "" if not state or state in OPEN else state,
        },
    )
    identity = cell("Report ID").removesuffix(".0")
    if not _NUMBER.fullmatch(identity):
        row.wrong("words", _("没有 Report ID，认不出是哪一件，重复导入会变成两件。"))
        return row
    external = f"{_site(cell('Report URL'))}{identity}"
    if external in seen:
        row.wrong("words", _("Report ID %(id)s 在第 %(row)d 行已有。") % {"id": identity, "row": seen[external]})
    seen.setdefault(external, number)
    row.cells["external"] = external
    return row


def _site(url: str) -> str:
    """The host that the report lives on: two sites may have the same numbers."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return f"{host[:50]}/" if host else ""


def _plain(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
