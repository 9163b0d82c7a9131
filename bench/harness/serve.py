"""A house to measure: built once in a home of its own, filled to a size, served as `./linli demo` serves it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

SEED = 20261122


@dataclass(frozen=True)
class Served:
    """A running house: where it listens, who can sign in, and which processes are its own."""

    home: Path
    port: int
    accounts: dict[str, tuple[str, str]]
    web: psutil.Process
    worker: psutil.Process
    database: psutil.Process


# All visitors of a measurement come from one address: they are counted as always, and never too many.
_CROWD = "; ".join(
    f"{what}=9999999/10m,9999999/10m" for what in ("report", "answer", "follow", "sign_in", "upload", "suggest")
)


def environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "LINLI_HOME": str(home),
        "LINLI_PROCESS": "linli bench",
        "LINLI_LIMITS": _CROWD,
        "DJANGO_SETTINGS_MODULE": "linli.house.settings",
        "PYTHONUTF8": "1",
    }


def linli(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "linli.cli", words[0], "--home", str(home), *words[1:]]


@contextlib.contextmanager
def served(home: Path, size: int, town: str) -> Iterator[Served]:
    """The house of this size, running. The first time it is built, which takes minutes."""
    with _started(home, town, size) as process:
        yield _look_at(home, process)


@contextlib.contextmanager
def _started(home: Path, town: str, size: int) -> Iterator[subprocess.Popen[str]]:
    port = _free_port()
    words = linli(home, "demo", "--port", str(port), "--size", town, "--cases", str(size), "--seed", str(SEED))
    process = subprocess.Popen(words, env=environment(home), stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        _wait_for_ready(process, process.stdout)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()


def _wait_for_ready(process: subprocess.Popen[str], output: IO[str]) -> None:
    for line in output:
        if "Linli is ready" in line:
            return
    raise SystemExit(f"the house to measure did not start (exit code {process.wait()})")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _look_at(home: Path, process: subprocess.Popen[str]) -> Served:
    command = psutil.Process(process.pid)
    children = {" ".join(child.cmdline()): child for child in command.children()}
    web = next(child for words, child in children.items() if "granian" in words)
    worker = next(child for words, child in children.items() if words.endswith("linli.cli worker"))
    port = int(web.cmdline()[web.cmdline().index("--port") + 1])
    listed = subprocess.run(
        linli(home, "manage", "accounts", "--json"), env=environment(home), stdout=subprocess.PIPE, check=True
    )
    accounts = {row["role"]: (row["username"], row["password"]) for row in json.loads(listed.stdout)}
    return Served(home, port, accounts, web, worker, _postmaster(home))


def _postmaster(home: Path) -> psutil.Process:
    pid = next((home / "database").rglob("postmaster.pid"))
    return psutil.Process(int(pid.read_text().split()[0]))


@dataclass(frozen=True)
class Spent:
    """CPU seconds since the start of the processes: `asked` = web server and database, `behind` = the worker
    and its share of the database."""

    asked: float
    behind: float

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.asked - other.asked, self.behind - other.behind)


def spent(house: Served, worker_backends: set[int]) -> Spent:
    """What the processes of this house have used so far, ended ones included."""
    asked = behind = 0.0
    for process in (house.web, house.database, house.worker):
        ours = process.cpu_times()
        own = ours.user + ours.system + ours.children_user + ours.children_system
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                used = times.user + times.system + times.children_user + times.children_system
                if child.pid in worker_backends:
                    behind += used
                else:
                    own += used
        if process is house.worker:
            behind += own
        else:
            asked += own
    return Spent(asked, behind)
