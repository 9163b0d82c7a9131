"""All totals at once, from a million facts in seconds: columns as arrays, the same `marks`, a sum for each key.

What the live way adds up case by case, this counts beside it from nothing, for building, comparing and mending.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from linli.rooms.insight.dimensions import CLASS, ITEM, PLACE, POST, STREET_CLASS, STREET_UNIT, UNIT, Key
from linli.rooms.insight.marks import MOMENTS, NUMBERS, marks
from linli.rooms.insight.measures import MEASURES, PLACE_OF

_DEPTH = 7  # places in a lineage at most: district … micro-grid, building
_MISSING = np.int32(-(2**31))
_IDS_AT_ONCE = 150
_WHOSE = ("unit_id", "post_id", "item_id", "class_id")
KINDS = (PLACE, UNIT, POST, ITEM, CLASS, STREET_UNIT, STREET_CLASS)
_SPECIAL = {
    "solved": "CASE WHEN solved = 'yes' THEN 2 WHEN solved = '' THEN 0 ELSE 1 END",
    "level": "coalesce(level, 0)",
    "out": "(out <> '')::int",
    "received_late": "received_late::int",
}
_SELECT = ", ".join(
    [
        *(f"coalesce(lineage[{n}], 0)::bigint" for n in range(1, _DEPTH + 1)),
        *(f"coalesce({name}, 0)::bigint" for name in _WHOSE),
        *(f"coalesce({name}, '-infinity')" for name in MOMENTS),
        *(f"({_SPECIAL.get(name, name)})::int" for name in NUMBERS),
    ]
)
READ = f"COPY (SELECT {_SELECT} FROM insight_casefact {{where}}) TO STDOUT (FORMAT binary)"
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(item for n in range(_DEPTH) for item in ((f"l_place{n}", ">i4"), (f"place{n}", ">i8"))),
        *(item for name in _WHOSE for item in ((f"l_{name}", ">i4"), (name, ">i8"))),
        *(item for name in MOMENTS for item in ((f"l_{name}", ">i4"), (name, ">i8"))),
        *(item for name in NUMBERS for item in ((f"l_{name}", ">i4"), (name, ">i4"))),
    ]
)
_HEAD, _TAIL, _AT_ONCE = 19, 2, 200_000


@dataclass
class Facts:
    """Facts as columns: the ids they are counted for, and for each measure the day (or missing) of each fact."""

    places: list[Any] = field(default_factory=list)
    whose: dict[str, Any] = field(default_factory=dict)
    days: dict[str, Any] = field(default_factory=dict)

    def keys(self, kind: int) -> list[tuple[Any, Any]]:
        """(ids, others) columns of the facts for one kind of key; 0 where a fact has none."""
        if kind == PLACE:
            return [(column, None) for column in self.places]
        name = {UNIT: "unit_id", STREET_UNIT: "unit_id", POST: "post_id", ITEM: "item_id"}.get(kind, "class_id")
        street = self.places[1] if kind in (STREET_UNIT, STREET_CLASS) else None
        ids = self.whose[name]
        return [(ids if street is None else ids * (street > 0), street)]


def read_facts(cursor: Any, where: str = "") -> Facts:
    """Read the facts of the table into columns; the row format has no gaps, so it is read as it comes."""
    parts: list[Facts] = []
    rest = b""
    with cursor.copy(READ.format(where=where)) as copy:
        first = True
        blocks: list[bytes] = []
        size = 0
        for block in copy:
            blocks.append(bytes(block))
            size += len(block)
            if size > _AT_ONCE * _ROW.itemsize:
                rest = _take(parts, rest + b"".join(blocks), first)
                first, blocks, size = False, [], 0
        rest = _take(parts, rest + b"".join(blocks), first)
    assert len(rest) == _TAIL
    return _joined(parts)


def _take(parts: list[Facts], data: bytes, first: bool) -> bytes:
    start = _HEAD if first else 0
    number = (len(data) - start) // _ROW.itemsize
    if number:
        parts.append(_columns(np.frombuffer(data, _ROW, number, start)))
    return data[start + number * _ROW.itemsize :]


def _columns(rows: Any) -> Facts:
    numbers = SimpleNamespace(**{name: rows[name].astype(np.int64) for name in (*MOMENTS, *NUMBERS)})
    return Facts(
        [rows[f"place{n}"].astype(np.int64) for n in range(_DEPTH)],
        {name: rows[name].astype(np.int64) for name in _WHOSE},
        {measure: np.where(counts, day, _MISSING).astype(np.int32) for measure, day, counts in marks(numbers)},
    )


def _joined(parts: list[Facts]) -> Facts:
    if not parts:
        nothing = np.zeros(0, np.int64)
        return Facts([nothing] * _DEPTH, dict.fromkeys(_WHOSE, nothing), {})
    return Facts(
        [np.concatenate([part.places[n] for part in parts]) for n in range(_DEPTH)],
        {name: np.concatenate([part.whose[name] for part in parts]) for name in _WHOSE},
        {name: np.concatenate([part.days[name] for part in parts]) for name in parts[0].days},
    )


@dataclass
class Totals:
    """Running totals of some ids of one kind: `sums[i, d]` are the measures of `ids[i]` up to and with `days[d]`.

    changed[i, d]: whether anything happened on that day.
    """

    kind: int
    ids: list[tuple[int, int]]
    days: Any
    sums: Any
    changed: Any

    def only(self, chosen: list[int]) -> Totals:
        """The same of some of the ids."""
        return Totals(self.kind, [self.ids[n] for n in chosen], self.days, self.sums[chosen], self.changed[chosen])


Extra = dict[Key, list[tuple[str, int, int]]]
"""What is counted beside cases: key → (measure, day, how much)."""


def totals(facts: Facts, extra: Extra, only: set[int] | None = None, known: Any = ()) -> Iterator[Totals]:
    """The totals of everything, a few ids at a time. only: these places, nothing else. known: further keys."""
    days = _all_days(facts, extra)
    for kind in KINDS if only is None else (PLACE,):
        columns = facts.keys(kind)
        pairs = {(key[1], key[2]) for key in (*extra, *known) if key[0] == kind}
        for ids, others in columns:
            pairs |= _pairs(ids, others)
        wanted = sorted(pair for pair in pairs if only is None or pair[0] in only)
        index = {pair: place for place, pair in enumerate(wanted)}
        placed = [_placed(ids, others, index) for ids, others in columns]
        for start in range(0, len(wanted), _IDS_AT_ONCE):
            some = wanted[start : start + _IDS_AT_ONCE]
            dense = np.zeros((len(some), len(days), len(MEASURES)), np.int32)
            for order, sorted_places in placed:
                low, high = np.searchsorted(sorted_places, [start, start + len(some)])
                _count(dense, facts, days, order[low:high], sorted_places[low:high] - start)
            for number, pair in enumerate(some):
                for measure, day, many in extra.get((kind, *pair), ()):
                    dense[number, np.searchsorted(days, day), PLACE_OF[measure]] += many
            changed = dense.any(axis=2)
            yield Totals(kind, some, days, dense.cumsum(axis=1, dtype=np.int32), changed)


def _count(dense: Any, facts: Facts, days: Any, chosen: Any, places: Any) -> None:
    size = dense.shape[0] * dense.shape[1]
    for measure, column in facts.days.items():
        day = column[chosen]
        counts = day != _MISSING
        if counts.any():
            flat = places[counts] * len(days) + np.searchsorted(days, day[counts])
            dense[:, :, PLACE_OF[measure]] += (
                np.bincount(flat, minlength=size).reshape(dense.shape[:2]).astype(np.int32)
            )


def _all_days(facts: Facts, extra: Extra) -> Any:
    found = [np.unique(column) for column in facts.days.values()]
    found.append(np.array([day for many in extra.values() for _measure, day, _n in many], np.int32))
    days = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int32)
    return days[days != _MISSING]


def _pairs(ids: Any, others: Any) -> set[tuple[int, int]]:
    if others is None:
        return {(int(id), 0) for id in np.unique(ids) if id}
    both = np.unique(np.stack([ids, others * (ids > 0)], axis=1), axis=0)
    return {(int(id), int(other)) for id, other in both if id}


def _placed(ids: Any, others: Any, index: dict[tuple[int, int], int]) -> tuple[Any, Any]:
    """The facts in the order of their keys' places in `index`, and those places; facts without a key are left out."""
    if others is None:
        values, inverse = np.unique(ids, return_inverse=True)
        lookup = np.array([index.get((int(value), 0), -1) for value in values], np.int64)
    else:
        values, inverse = np.unique(np.stack([ids, others * (ids > 0)], axis=1), axis=0, return_inverse=True)
        lookup = np.array([index.get((int(id), int(other)), -1) for id, other in values], np.int64)
    places = lookup[inverse.ravel()] if len(lookup) else np.zeros(0, np.int64)
    order = np.argsort(places, kind="stable")
    order = order[np.searchsorted(places[order], 0) :]
    return order, places[order]
