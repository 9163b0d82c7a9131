"""Keeps the web server and the worker running: starts them, starts them again, stops them.

Nothing survives the supervisor: its children get a signal when it dies, however it dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from linli.house.processes import die_with_parent

LOG_BYTES = 10_000_000
LOG_FILES = 5
STOP_TIMEOUT = 12.0
CALM = 10.0  # a child that ran this long did start: killed, it starts again at the shortest back-off
LONGEST_BACK_OFF = 30.0


def start_process(
    words: list[str],
    environment: Mapping[str, str],
    *,
    stdout: int | IO[bytes] | None,
    stderr: int | None,
    death: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child of its own session (Ctrl-C is for us alone) that gets the signal `death` if we die."""
    parent = os.getpid()
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(parent, death),
    )


class RotatingLog:
    """A log file that is cut into at most LOG_FILES pieces; safe to use from several threads."""

    def __init__(self, path: Path, size: int = LOG_BYTES) -> None:
        self.path = path
        self.size = size
        self._lock = threading.Lock()
        self._file = self._open()

    def _open(self) -> IO[bytes]:
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(handle, "ab", buffering=0)

    def write(self, line: bytes) -> None:
        with self._lock, contextlib.suppress(OSError):  # a full disk must not stop the house
            if self._file.tell() > self.size:
                self._rotate()
            self._file.write(line)

    def _rotate(self) -> None:
        self._file.close()
        for number in range(LOG_FILES - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
        self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        self._file = self._open()

    def note(self, words: str) -> None:
        """A line of the supervisor's own, in the form of the others."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if os.environ.get("LINLI_LOG") == "json":
            fields = {"time": moment, "level": "warning", "logger": "linli.supervisor", "message": words}
            self.write(json.dumps(fields).encode() + b"\n")
            return
        self.write(f'{moment} level=warning logger=linli.supervisor message="{words}"\n'.encode())


@dataclass
class Child:
    """A process that should always run."""

    name: str
    words: list[str]
    environment: Mapping[str, str]
    log: RotatingLog
    death: int = signal.SIGTERM  # what it gets if the supervisor is killed
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    back_off: float = 0.5
    again_at: float = 0.0
    deaths: list[int] = field(default_factory=list)

    def start(self) -> None:
        self.process = start_process(
            self.words,
            self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            death=self.death,
        )
        self.started = time.monotonic()
        self.again_at = 0.0
        threading.Thread(target=self._copy, args=(self.process,), daemon=True).start()

    def _copy(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.log.write(line)

    def look(self) -> None:
        """Start again what died, sooner or later: the oftener it dies, the later."""
        if self.process is None:
            if time.monotonic() >= self.again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        if time.monotonic() - self.started > CALM:
            self.back_off = 0.5
        self.signal_group(signal.SIGKILL)  # what it started itself must not hold the port
        self.deaths.append(code)
        self.log.note(f"{self.name} ended with {code}; starting again in {self.back_off:.1f} s")
        self.process = None
        self.again_at = time.monotonic() + self.back_off
        self.back_off = min(self.back_off * 2, LONGEST_BACK_OFF)

    def signal_group(self, what: int) -> None:
        """Signal the process and everything it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, what)


class Supervisor:
    """Runs children until it is told to stop by SIGINT, SIGTERM, SIGHUP or `stop`."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.stopping = threading.Event()
        self._before: dict[int, object] = {}

    def __enter__(self) -> Supervisor:
        for what in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[what] = signal.signal(what, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_children()
        for what, before in self._before.items():
            signal.signal(what, before)  # type: ignore[arg-type]

    def _on_signal(self, what: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def add(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def look(self) -> None:
        for child in self.children:
            child.look()

    def run(self, also: Callable[[], None] = lambda: None, every: float = 0.5) -> None:
        """Watch the children until told to stop; `also` is called on each round."""
        while not self.stopping.wait(every):
            self.look()
            also()

    def run_once(self, words: list[str], environment: Mapping[str, str]) -> tuple[int, bytes]:
        """Run one process to its end; its stdout is returned, its stderr is ours. Stops when told to."""
        process = start_process(words, environment, stdout=subprocess.PIPE, stderr=None)
        output: list[bytes] = []
        assert process.stdout is not None
        reader = threading.Thread(target=lambda: output.append(process.stdout.read()), daemon=True)  # type: ignore[union-attr]
        reader.start()
        while process.poll() is None:
            if self.stopping.wait(0.02):
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_TIMEOUT)
                process.kill()
                break
        process.wait()
        reader.join(1)
        process.stdout.close()
        return process.returncode, b"".join(output)

    def stop_children(self) -> None:
        """SIGTERM to all, then SIGKILL to what is left."""
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + STOP_TIMEOUT
        for child in self.children:
            if child.process is None:
                continue
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, until - time.monotonic()))
            child.signal_group(signal.SIGKILL)
            child.process.wait()
        self.children.clear()
