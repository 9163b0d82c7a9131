"""`bench [arguments]`: runs the measurements of the folder `bench/`, with the database running."""

from __future__ import annotations

import subprocess
import sys

from linli.cli.main import Trouble
from linli.cli.running import environment
from linli.cli.session import database
from linli.house.home import SOURCE, Home


def run(home: Home, words: list[str]) -> int:
    if not (SOURCE / "bench" / "__main__.py").is_file():
        raise Trouble("there is no folder `bench` here: measure from a checkout of the source.")
    with database(home):
        done = subprocess.run(
            [sys.executable, "-m", "bench", *words],
            cwd=SOURCE,
            env=environment(home, "linli bench"),
            check=False,
        )
    return done.returncode
