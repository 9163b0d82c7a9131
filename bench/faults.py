"""Breaks a house on purpose and counts what it lost: `./linli bench --faults [ROW …] [--times 10] [--size 100000]`.

Each row starts a copy of a small town (built once), breaks something in it while clients report and take steps,
and compares what they were told with what is stored. The exit code is 1 when a row did not hold.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.harness.faults import killing, outages, records, together, upgrade
from bench.harness.faults.row import Held
from bench.harness.table import Row

RELEASE = "v0.1.0"


@dataclass(frozen=True)
class Chosen:
    """times: how often each process is killed. size: cases in the house that is upgraded. minute: seconds away.

    release: which one is upgraded.
    """

    folder: Path
    times: int
    size: int
    minute: float
    release: str


ROWS: dict[str, Callable[[Chosen], list[Held]]] = {
    "kill": lambda c: killing.killed(c.folder, c.times),
    "power": lambda c: killing.power(c.folder, max(1, c.times // 3)),
    "together": lambda c: together.together(c.folder),
    "disk": lambda c: outages.disk(c.folder),
    "away": lambda c: outages.away(c.folder, c.minute),
    "deaf": lambda c: outages.deaf(c.folder),
    "journal": lambda c: records.journal(c.folder),
    "upgrade": lambda c: upgrade.upgrade(c.folder, c.size, c.release),
    "building": lambda c: records.building(c.folder),
}


def measure(words: list[str], folder: Path) -> list[Row]:
    """Every row, or those that are named."""
    parser = argparse.ArgumentParser("./linli bench --faults", description="Break a house on purpose, and count.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--times", type=int, default=10, help="how often each process is killed")
    parser.add_argument("--size", type=int, default=100_000, help="cases in the house that is upgraded")
    parser.add_argument("--from", dest="release", default=RELEASE, help="the release that is upgraded: a tag or commit")
    parser.add_argument("--minute", type=float, default=60.0, help="seconds that the database is away")
    given = parser.parse_args(words)
    if unknown := [name for name in given.rows if name not in ROWS]:
        parser.error(f"there is no row {unknown[0]}; there are: {', '.join(ROWS)}")
    chosen = Chosen(folder / "faults", given.times, given.size, given.minute, given.release)
    found: list[Row] = []
    for name in given.rows or ROWS:
        print(f"── {name}", flush=True)
        found += ROWS[name](chosen)
    return found
