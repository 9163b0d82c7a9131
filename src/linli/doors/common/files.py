"""Tables as files: CSV and GeoJSON streamed; nothing in them is run as a formula. Sheets: `workbook`."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from linli.kernel.clock.calendar import CIVIL

_DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")


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
