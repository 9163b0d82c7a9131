"""`serve`: Linli for real work. An empty home gets a set-up link for its first administrator."""

from __future__ import annotations

import argparse

from linli.cli import running
from linli.house.home import Home


def run(home: Home, words: list[str]) -> int:
    parser = argparse.ArgumentParser("./linli serve", description="Run Linli: web server and worker.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for every address of this machine")
    chosen = parser.parse_args(words)
    running.refuse_used_port(chosen.host, chosen.port)
    home.make()
    with running.only_one(home):
        return running.run(home, chosen.host, chosen.port)
