"""What is counted, and on which day: every case becomes a handful of marks, each one measure on one civil day.

Sums of marks add up over cases and over days, so that a period is the difference of two running totals (`POPULATIONS`).
The due set of a period [a, b), for example: what fell due before b, less what was done with before a, where "done" is
marked on the later one of deadline and handling. What is carried over from before needs no counting of its own. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

MEASURES: tuple[str, ...] = (
    "reported",
    "valid",
    "registered",
    "dispatched",
    "accurate",
    "responded",
    "due",
    "done",
    "in_time",
    "ext_due",
    "ext_done",
    "out_due",
    "out_done",
    "close_due",
    "close_done",
    "closed_in_time",
    "rework_due",
    "rework_done",
    "closed",
    "answered",
    "solved",
    "levelled",
    "satisfied",
    "bad",
    "bad_called",
    "right_due",
    "righted",
    "reopened",
    "climbed",
    "receipt_due",
    "receipt_in_time",
    "whistled",
    "whistle_answered",
    "whistle_came",
    "whistle_scored",
    "score_came",
    "score_prompt",
    "score_solved",
    "walk_planned",
    "walk_done",
)
PLACE_OF: dict[str, int] = {name: place for place, name in enumerate(MEASURES)}


class Term(NamedTuple):
    """The running total of a measure at the start ("a") or the end ("b") of the period, added or taken away."""

    sign: int
    measure: str
    at: str


def _within(measure: str) -> tuple[Term, ...]:
    return Term(1, measure, "b"), Term(-1, measure, "a")


def _standing(due: str, done: str) -> tuple[Term, ...]:
    """What fell due before the end and was not done with before the start: carried over and new."""
    return Term(1, due, "b"), Term(-1, done, "a")


POPULATIONS: dict[str, tuple[Term, ...]] = {
    "reported": _within("reported"),
    "valid": _within("valid"),
    "registered": _within("registered"),
    "dispatched": _within("dispatched"),
    "accurate": _within("accurate"),
    "responded": _within("responded"),
    "due": _standing("due", "done"),
    "carried": (Term(1, "due", "a"), Term(-1, "done", "a")),
    "handled": _within("done"),
    "in_time": _within("in_time"),
    "overdue": (Term(1, "due", "b"), Term(-1, "done", "b")),
    "extended": _standing("ext_due", "ext_done"),
    "left_out": _standing("out_due", "out_done"),
    "to_close": _standing("close_due", "close_done"),
    "closed_in_time": _within("closed_in_time"),
    "reworked": _standing("rework_due", "rework_done"),
    "closed": _within("closed"),
    "answered": _within("answered"),
    "solved": _within("solved"),
    "levelled": _within("levelled"),
    "satisfied": _within("satisfied"),
    "bad": _within("bad"),
    "bad_called": _within("bad_called"),
    "right_due": _within("right_due"),
    "righted": _within("righted"),
    "reopened": _within("reopened"),
    "climbed": _within("climbed"),
    "receipt_due": _within("receipt_due"),
    "receipt_in_time": _within("receipt_in_time"),
    "whistled": _within("whistled"),
    "whistle_answered": _within("whistle_answered"),
    "whistle_came": _within("whistle_came"),
    "whistle_scored": _within("whistle_scored"),
    "score_came": _within("score_came"),
    "score_prompt": _within("score_prompt"),
    "score_solved": _within("score_solved"),
    "walk_planned": _within("walk_planned"),
    "walk_done": _within("walk_done"),
}
"""What is counted in a period: name → how it follows from the running totals."""

POPULATION_NAMES: tuple[str, ...] = tuple(POPULATIONS)
_INDEX = {name: place for place, name in enumerate(POPULATION_NAMES)}


def place_of(population: str) -> int:
    """Where a population stands in `Counts.values`."""
    return _INDEX[population]


class Counts:
    """How many of each population a place, unit, post or item has in a period. Counts add up."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[int, ...]) -> None:
        self.values = values

    @classmethod
    def of(cls, **numbers: int) -> Counts:
        """Counts with these numbers, nothing else counted (tests, formulas tried by hand)."""
        values = [0] * len(POPULATION_NAMES)
        for name, number in numbers.items():
            values[_INDEX[name]] = number
        return cls(tuple(values))

    def __getitem__(self, population: str) -> int:
        return self.values[_INDEX[population]]

    def __add__(self, other: Counts) -> Counts:
        return Counts(tuple(mine + yours for mine, yours in zip(self.values, other.values, strict=True)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Counts) and self.values == other.values

    def __hash__(self) -> int:
        return hash(self.values)

    def __bool__(self) -> bool:
        return any(self.values)

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={self[name]}" for name in POPULATION_NAMES if self[name])
        return f"Counts({told})"


NOTHING = Counts((0,) * len(POPULATION_NAMES))
