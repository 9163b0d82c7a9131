"""What other rooms count for: calls of whistles, stays on the ladder, rounds. Each is told as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from linli.rooms.insight.dimensions import Key
from linli.rooms.insight.models import Tally


class Told(NamedTuple):
    """One thing that counts: its id, for whom, and (measure, civil day as a number, how much)."""

    id: int
    keys: tuple[Key, ...]
    marks: tuple[tuple[str, int, int], ...]


Source = Callable[[Sequence[int] | None], Iterable[Told]]
SOURCES: dict[str, Source] = {}
"""Name → how its things are told: all of them, or those of these ids."""


def kept_as(row: Tally) -> Told:
    """A kept tally as it was told."""
    return Told(
        row.source_id,
        tuple((kind, id, other) for kind, id, other in row.keys),
        tuple((measure, day, number) for measure, day, number in row.marks),
    )
