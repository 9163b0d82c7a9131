"""Rows of totals between arrays and PostgreSQL's binary COPY: hundreds of thousands a second."""

from __future__ import annotations

from typing import Any

import numpy as np

from linli.rooms.insight.dimensions import FIRST_DAY
from linli.rooms.insight.marks import day_number
from linli.rooms.insight.measures import MEASURES
from linli.rooms.insight.sums import Totals

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
FIRST = day_number(FIRST_DAY)
_COLUMNS = f"kind, id, other, day, {', '.join(MEASURES)}"
WRITE = f"COPY insight_rollup ({_COLUMNS}) FROM STDIN (FORMAT binary)"
_READ = f"COPY (SELECT {_COLUMNS} FROM insight_rollup WHERE kind = {{kind}}{{ids}}) TO STDOUT (FORMAT binary)"
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(("l_kind", ">i4"), ("kind", ">i2"), ("l_id", ">i4"), ("id", ">i8"), ("l_other", ">i4"), ("other", ">i8")),
        *(("l_day", ">i4"), ("day", ">i4")),
        *(item for name in MEASURES for item in ((f"l_{name}", ">i4"), (name, ">i4"))),
    ]
)


def write(copy: Any, some: Totals) -> int:
    """Write the rows of days on which something changed, and the row of noughts before each; returns how many."""
    ids, days = np.nonzero(some.changed)
    number = len(some.ids)
    rows = np.zeros(number + len(ids), _ROW)
    rows["fields"] = 4 + len(MEASURES)
    for name, size in (("kind", 2), ("id", 8), ("other", 8), ("day", 4), *((measure, 4) for measure in MEASURES)):
        rows[f"l_{name}"] = size
    keys = np.array(some.ids, np.int64).reshape(-1, 2)
    rows["kind"] = some.kind
    rows["id"] = np.concatenate([keys[:, 0], keys[ids, 0]])
    rows["other"] = np.concatenate([keys[:, 1], keys[ids, 1]])
    rows["day"] = np.concatenate([np.full(number, FIRST), some.days[days]])
    sums = some.sums[ids, days]
    for place, measure in enumerate(MEASURES):
        rows[measure][number:] = sums[:, place]
    copy.write(rows.tobytes())
    return len(rows)


def begin(copy: Any) -> None:
    """Open a stream of rows."""
    copy.write(_HEADER)


def end(copy: Any) -> None:
    """Close it."""
    copy.write(_TRAILER)


def read(cursor: Any, kind: int, ids: list[int]) -> Any:
    """The live rows of some ids of one kind, as an array with a field for each column."""
    chosen = f" AND id = ANY('{{{','.join(map(str, ids))}}}'::bigint[])" if ids else " AND false"
    with cursor.copy(_READ.format(kind=kind, ids=chosen)) as copy:
        data = b"".join(bytes(block) for block in copy)
    return np.frombuffer(data, _ROW, (len(data) - len(_HEADER) - len(_TRAILER)) // _ROW.itemsize, len(_HEADER))
