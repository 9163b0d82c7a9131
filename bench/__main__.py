"""Runs one measurement of this folder: `./linli bench locate`. Without a name it lists what there is."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def main(words: list[str]) -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    if not words or words[0] not in names:
        print("Say what to measure: " + ", ".join(names))
        return 2
    return int(import_module(f"bench.{words[0]}").main(words[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
