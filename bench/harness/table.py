"""One row of figures, as every measurement gives it and `--json` writes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """What one work costs. cpu_ms: processor time of web and database for each request; None where memory is measured.

    size: cases, rules or grids in the house, or requests made before memory was read; queries: questions to the
    database; megabytes: resident memory; every `goal` is what the house was designed for, None where nothing is.
    """

    work: str
    size: int
    cpu_ms: float | None = None
    p95_ms: float | None = None
    queries: int | None = None
    goal_cpu_ms: float | None = None
    clients: int = 1
    megabytes: float | None = None
    goal_megabytes: float | None = None

    @property
    def missed(self) -> bool:
        """Whether a goal was set and not reached."""
        slow = self.goal_cpu_ms is not None and self.cpu_ms is not None and self.cpu_ms > self.goal_cpu_ms
        fat = self.goal_megabytes is not None and (self.megabytes or 0) > self.goal_megabytes
        return slow or fat


def write(rows: list[Row], path: str) -> None:
    """All rows as one JSON list."""
    found = [{name: getattr(row, name) for name in row.__dataclass_fields__} for row in rows]
    Path(path).write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def say_missed(rows: list[Row]) -> None:
    """A line for each goal that was missed, or that none was."""
    missed = [row for row in rows if row.missed]
    print(f"\n{len(rows)} rows, {len(missed)} goals missed." if rows else "\nNothing was measured.")
    for row in missed:
        have = f"{row.cpu_ms} ms" if row.megabytes is None else f"{row.megabytes} MB"
        goal = row.goal_cpu_ms if row.megabytes is None else row.goal_megabytes
        print(f"  {row.work}, {row.size:,}, {row.clients} clients: {have}, goal {goal:g}")
