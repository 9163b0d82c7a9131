"""What a fault was answered with: one row of the table that `./linli bench --faults` prints."""

from __future__ import annotations

from dataclasses import dataclass

from bench.harness.table import Row


@dataclass(frozen=True, slots=True)
class Held(Row):
    """A fault, what was counted after it, and whether the house held. `work` is the fault, `size` how often it came."""

    counted: str = ""
    held: bool = True


def judged(fault: str, times: int, counted: str, wrong: list[str]) -> Held:
    """A row; it did not hold when anything is `wrong`, and then says what."""
    row = Held(fault, times, counted="; ".join([counted, *wrong[:6]]), held=not wrong)
    print(line(row), flush=True)
    return row


def line(row: Held) -> str:
    return f"{'ok    ' if row.held else 'FAILED'} {row.work} ×{row.size}: {row.counted}"


def say_broken(rows: list[Row]) -> int:
    """The whole table; the exit code is 1 when something did not hold."""
    found = [row for row in rows if isinstance(row, Held)]
    broken = sum(not row.held for row in found)
    print(f"\n{len(found)} faults, {broken} not held.")
    for row in found:
        print("  " + line(row))
    return 1 if broken or not found else 0
