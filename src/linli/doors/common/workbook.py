"""XLSX written row by row; nothing in it is run as a formula.

Views import this when somebody takes a sheet: what writes it weighs 12 MB in every process that has it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def xlsx(
    title: str,
    above: Sequence[str],
    titles: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    author: str = "",
    widths: Sequence[int] = (),
) -> IO[bytes]:
    """A sheet in a temporary file, rewound. `above` stands over the titles, in the page's foot and the properties."""
    book = Workbook(write_only=True)
    sheet: WriteOnlyWorksheet = book.create_sheet(title[:31])
    mark = " ".join(above)
    book.properties.creator = author or "Linli"
    book.properties.title = title
    book.properties.description = mark
    sheet.oddHeader.right.text = title.replace("&", "&&")
    sheet.oddFooter.left.text = mark.replace("&", "&&")[:200]
    sheet.oddFooter.right.text = "&P / &N"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.freeze_panes = f"A{len(above) + 2}"
    for position, width in enumerate(widths):
        sheet.column_dimensions[_letter(position)].width = width
    for line in above:
        sheet.append([_cell(sheet, line, Font(color="666666", size=9))])
    bold, ground = Font(bold=True), PatternFill("solid", fgColor="E8EFE6")
    heading = [_cell(sheet, text, bold) for text in titles]
    for cell in heading:
        cell.fill = ground
        cell.alignment = Alignment(vertical="center")
    sheet.append(heading)
    for row in rows:
        sheet.append([_cell(sheet, value) if isinstance(value, str) else value for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer that sends it closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: WriteOnlyWorksheet, text: str, font: Font | None = None) -> WriteOnlyCell:
    """Text stays text: never read as a formula, whatever it begins with."""
    cell = WriteOnlyCell(sheet, _CONTROLS.sub("", text)[:32_000])
    cell.data_type = "s"
    if font:
        cell.font = font
    return cell


def _letter(position: int) -> str:
    first, second = divmod(position, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)
