"""`journal verify [--json] [--checkpoint FILE]`, `journal checkpoint [--out FILE]`, `journal seal`."""

from __future__ import annotations

from linli.cli.commands import manage
from linli.house.home import Home


def run(home: Home, words: list[str]) -> int:
    return manage.run(home, ["journal", *words])
