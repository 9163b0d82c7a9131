"""Tables as files: CSV and GeoJSON streamed, XLSX written row by row; nothing in them is run as a formula."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import orjson
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from linli.kernel.clock.calendar import CIVIL

_DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def harmless(value: Any) -> Any:
    """A value for a CSV cell: text that a spreadsheet would run gets an apostrophe in front."""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, str) and (value.startswith(_BREAKS) or value.lstrip().startswith(_DANGEROUS)):
        return f"'{value}"
    return "" if value is None else value


class _Echo:
    def write(self, value: str) -> str:
        return value


def csv_lines(above: Sequence[str], titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file piece by piece; with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff".encode()
    for line in above:
        yield str(writer.writerow([harmless(line)])).encode()
    yield str(writer.writerow(titles)).encode()
    for row in rows:
        yield str(writer.writerow([harmless(value) for value in row])).encode()


def geojson_pieces(mark: str, keys: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A FeatureCollection piece by piece: points from `lng` and `lat`, the other columns as properties (RFC 7946).

    mark stands beside the features as `watermark`; civil times carry China's offset.
    """
    yield b'{"type":"FeatureCollection","watermark":' + orjson.dumps(mark) + b',"features":[\n'
    for position, row in enumerate(rows):
        properties = {key: _for_programs(value) for key, value in zip(keys, row, strict=True)}
        lng, lat = properties.pop("lng"), properties.pop("lat")
        point = {"type": "Point", "coordinates": [lng, lat]} if lng is not None else None
        feature = {"type": "Feature", "id": properties["number"], "geometry": point, "properties": properties}
        yield (b",\n" if position else b"") + orjson.dumps(feature)
    yield b"\n]}\n"


def _for_programs(value: Any) -> Any:
    return value.replace(tzinfo=CIVIL).isoformat() if isinstance(value, dt.datetime) else value


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
