"""`demo`: Linli with a fictional town, one account for every kind of person."""

from __future__ import annotations

import argparse
import os
import shutil
import sys

from linli.cli import running
from linli.cli.main import Trouble
from linli.cli.session import say
from linli.house.database import cluster
from linli.house.home import Home

SEED = 20261122
CITY_CASES = 1_000_000


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("./linli demo", description="Show Linli with a fictional town.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1", help=argparse.SUPPRESS)
    parser.add_argument("--size", choices=("small", "district", "city"), default="district")
    parser.add_argument("--cases", type=int, default=CITY_CASES, help="how many cases a city gets in bulk")
    parser.add_argument("--seed", type=int, default=SEED, help="another number makes another town")
    parser.add_argument("--fresh", action="store_true", help="throw this home's data away and start over")
    parser.add_argument("--yes", action="store_true", help="do not ask before --fresh")
    return parser.parse_args(words)


def run(home: Home, words: list[str]) -> int:
    chosen = parse(words)
    running.refuse_used_port(chosen.host, chosen.port)
    home.make()
    with running.only_one(home):
        if chosen.fresh:
            wipe(home, asked=chosen.yes)
        return running.run(home, chosen.host, chosen.port, demo=(chosen.size, chosen.seed, chosen.cases))


def wipe(home: Home, *, asked: bool) -> None:
    """Throw away what is in this home, keys included, after asking."""
    if os.environ.get("DATABASE_URL"):
        raise Trouble("--fresh works on a home's own database only; empty the one of DATABASE_URL yourself.")
    if not (home.folder / "demo").exists() and cluster(home).exists():
        raise Trouble(f"{home.folder} is no demo: --fresh does not touch it.")
    if not asked:
        if not sys.stdin.isatty():
            raise Trouble("--fresh throws data away: confirm with --yes.")
        answer = input(f"Throw away the town and everything else in {home.folder}? [y/N] ")
        if answer.strip().lower() not in {"y", "yes", "是"}:
            raise Trouble("nothing was changed.")
    say("Starting over …")
    cluster(home).stop()
    for name in ("database", "files", "secrets", "log"):
        shutil.rmtree(home.folder / name, ignore_errors=True)
    for name in ("demo", "clock", "journal.checkpoint"):
        (home.folder / name).unlink(missing_ok=True)
    home.make()
