"""A scorecard as arithmetic: from figures to points, ranking, what changes against another formula, sensitivity. Pure.

A line gives its whole weight at the rate `full` and nothing at `zero`, in between in proportion; `full` below `zero`
turns the direction. A line whose base is too small does not count, and its weight is shared by the others: nobody wins
or loses by one case. Only units, places and posts are scored, never residents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from linli.rooms.insight.measures import Counts
from linli.rooms.insight.rules import INDICATORS, figure

RANKED_FROM = 0.5
"""The share of the weights that must count for a subject to be ranked."""


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of a formula: weight in points, the rates for all and for no points (0 to 1)."""

    code: str
    weight: float
    full: float
    zero: float

    def points(self, rate: float) -> float:
        if self.full == self.zero:
            return self.weight if rate >= self.full else 0.0
        return self.weight * min(1.0, max(0.0, (rate - self.zero) / (self.full - self.zero)))


@dataclass(frozen=True, slots=True)
class Formula:
    """The lines and the smallest base that counts."""

    lines: tuple[Line, ...]
    min_base: int = 5

    @classmethod
    def of(cls, lines: Sequence[Mapping[str, Any]], min_base: int) -> Formula:
        return cls(
            tuple(
                Line(line["code"], float(line["weight"]), float(line["full"]), float(line["zero"]))
                for line in lines
                if line["code"] in INDICATORS
            ),
            min_base,
        )


@dataclass(slots=True)
class Scored:
    """A subject with its points out of 100 (None: too little to go by), its rank, and how each line came about."""

    id: int
    score: float | None
    rank: int | None = None
    left_out: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def score(formula: Formula, counts: Mapping[int, Counts]) -> list[Scored]:
    """Everybody with points and rank, the best first; who has too little to go by comes last without a rank."""
    found = [_score(formula, id, each) for id, each in counts.items()]
    ranked = sorted((row for row in found if row.score is not None), key=lambda row: (-(row.score or 0), row.id))
    for place, row in enumerate(ranked):
        same = place and ranked[place - 1].score == row.score
        row.rank = ranked[place - 1].rank if same else place + 1
    return ranked + sorted((row for row in found if row.score is None), key=lambda row: row.id)


def _score(formula: Formula, id: int, counts: Counts) -> Scored:
    row = Scored(id, None, left_out=counts["left_out"])
    reached = counted = whole = 0.0
    for line in formula.lines:
        shown = figure(line.code, counts)
        counts_here = shown.rate is not None and shown.base >= formula.min_base
        points = line.points(shown.rate) if counts_here and shown.rate is not None else None
        whole += line.weight
        if points is not None:
            reached, counted = reached + points, counted + line.weight
        row.lines.append(
            {
                "code": line.code,
                "numerator": shown.numerator,
                "base": shown.base,
                "rate": None if shown.rate is None else round(shown.rate, 4),
                "points": None if points is None else round(points, 2),
                "weight": line.weight,
            }
        )
    if counted and counted >= whole * RANKED_FROM:
        row.score = round(100 * reached / counted, 1)
    return row


def moves(before: Sequence[Scored], after: Sequence[Scored]) -> dict[int, int]:
    """How many ranks each subject climbs (more than 0) or falls with the other formula."""
    was = {row.id: row.rank for row in before if row.rank is not None}
    return {row.id: was[row.id] - row.rank for row in after if row.rank is not None and row.id in was}


@dataclass(frozen=True, slots=True)
class Sway:
    """What a line's weight decides: how many change rank, and how much at most, when it counts a fifth more."""

    code: str
    changed: int
    most: int


def sensitivity(formula: Formula, counts: Mapping[int, Counts], share: float = 0.2) -> list[Sway]:
    """For each line, what happens to the ranking when its weight is a fifth larger or smaller."""
    base = score(formula, counts)
    found = []
    for number, line in enumerate(formula.lines):
        changed: set[int] = set()
        most = 0
        for factor in (1 - share, 1 + share):
            lines = list(formula.lines)
            lines[number] = Line(line.code, line.weight * factor, line.full, line.zero)
            for id, by in moves(base, score(Formula(tuple(lines), formula.min_base), counts)).items():
                if by:
                    changed.add(id)
                    most = max(most, abs(by))
        found.append(Sway(line.code, len(changed), most))
    return found


def check(lines: Sequence[Mapping[str, Any]]) -> str:
    """What is wrong with the lines of a formula as a code, "" when nothing is."""
    if not lines:
        return "no_lines"
    codes = [line.get("code") for line in lines]
    if len(set(codes)) != len(codes) or any(code not in INDICATORS for code in codes):
        return "unknown_line"
    for line in lines:
        try:
            weight, full, zero = (float(line[name]) for name in ("weight", "full", "zero"))
        except (KeyError, TypeError, ValueError):
            return "not_a_number"
        if not 0 < weight <= 100 or not 0 <= full <= 1 or not 0 <= zero <= 1 or full == zero:
            return "out_of_range"
        better = INDICATORS[line["code"]].better
        if (better == "up" and full < zero) or (better == "down" and full > zero):
            return "wrong_way"
    return "" if abs(sum(float(line["weight"]) for line in lines) - 100) < 0.01 else "not_hundred"
