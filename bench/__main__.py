"""Measures Linli: `./linli bench [NAME …] [--json FILE] [what the measurement itself takes]`.

Without a name everything is measured that has a goal; `--faults` breaks a running house on purpose instead.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from bench.harness.faults.row import say_broken
from bench.harness.table import Row, say_missed, write

ALL = ("locate", "responsibility", "hot", "memory")


def main(words: list[str]) -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    parser = argparse.ArgumentParser("./linli bench", description="Measure Linli, or break it on purpose.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(names)}")
    parser.add_argument("--json", default="", help="write all rows to this file")
    parser.add_argument(
        "--home", default=os.environ.get("LINLI_HOME") or ".linli", help="houses are built in HOME/bench"
    )
    parser.add_argument("--faults", action="store_true", help="kill, fill and cut what a house stands on, and count")
    chosen, rest = parser.parse_known_args(words)
    wanted = ["faults"] if chosen.faults else chosen.names or list(ALL)
    rest = [*chosen.names, *rest] if chosen.faults else rest
    unknown = [name for name in wanted if name not in names]
    if unknown or (rest and len(wanted) != 1):
        why = f"there is no measurement {unknown[0]}" if unknown else f"{rest[0]} belongs to one measurement: name it"
        parser.error(f"{why}; there are: {', '.join(names)}")
    folder = Path(chosen.home).absolute() / "bench"
    rows: list[Row] = []
    for name in wanted:
        rows += import_module(f"bench.{name}").measure(rest, folder)
        if chosen.json:
            write(rows, chosen.json)  # after each: what was measured stays, whatever happens to the next
    if chosen.faults:
        return say_broken(rows)
    say_missed(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
