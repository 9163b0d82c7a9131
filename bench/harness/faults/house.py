"""A house to break: a copy of a small town, started as a user starts it, its processes known by their ids."""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from bench.harness.serve import _free_port, environment, linli

START_S = 240.0
SEED = 20261122


@dataclass
class House:
    """One home and the supervisor that runs it. Processes are found below it, never by name on the machine."""

    home: Path
    port: int = field(default_factory=_free_port)
    more: dict[str, str] = field(default_factory=dict)
    town: tuple[str, ...] = ("demo", "--size", "small", "--seed", str(SEED))
    supervisor: subprocess.Popen[bytes] | None = None

    # ── starting and stopping ──────────────────────────────────────────────────────────────────

    def spawn(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `./linli …` on this home without waiting; what it says goes to `<home>.log`."""
        with open(f"{self.home}.log", "ab") as log:
            return subprocess.Popen(
                linli(self.home, *words), env=environment(self.home) | self.more, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def start(self, seconds: float = START_S) -> House:
        self.supervisor = self.spawn(*self.town, "--port", str(self.port))
        self.wait_until(self.serves, seconds, "the house serves")
        return self

    def stop(self) -> None:
        if self.supervisor is not None and self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.supervisor.wait(40)
        self.kill_all()

    def kill_all(self) -> None:
        """SIGKILL to the supervisor, the keeper and everything below them, as if the machine had lost its power."""
        doomed = [*self._below(self._supervisor()), *self._below(self.keeper())]
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(doomed, 20)
        if self.supervisor is not None:
            self.supervisor.wait(20)
        self.supervisor = None

    def serves(self) -> bool:
        """Whether a visitor gets the first page."""
        if self.supervisor is not None and self.supervisor.poll() is not None:
            raise SystemExit(f"the house ended with {self.supervisor.returncode}: see {self.home}.log")
        return self.asked("/problems/") == 200

    def asked(self, path: str) -> int:
        """The status of a page; 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def wait_until(self, true: Callable[[], bool], seconds: float, what: str) -> float:
        """Seconds until something is so. Raises SystemExit when it does not come about."""
        began = time.monotonic()
        while not true():
            if time.monotonic() - began > seconds:
                raise SystemExit(f"after {seconds:.0f} s it is still not so: {what} (see {self.home}.log)")
            time.sleep(0.1)
        return time.monotonic() - began

    # ── processes ──────────────────────────────────────────────────────────────────────────────

    def _supervisor(self) -> psutil.Process | None:
        return _process(self.supervisor.pid if self.supervisor else None)

    @staticmethod
    def _below(process: psutil.Process | None) -> list[psutil.Process]:
        if process is None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            return [process, *process.children(recursive=True)]
        return []

    def _child(self, word: str) -> psutil.Process | None:
        supervisor = self._supervisor()
        for child in supervisor.children() if supervisor else []:
            with contextlib.suppress(psutil.NoSuchProcess):
                if word in child.cmdline():
                    return child
        return None

    def web(self) -> psutil.Process | None:
        """The web server's main process."""
        return self._child("granian")

    def web_worker(self) -> psutil.Process | None:
        """One of the processes that answer."""
        web = self.web()
        found = (
            [child for child in web.children() if "resource_tracker" not in " ".join(child.cmdline())] if web else []
        )
        return found[-1] if found else None

    def worker(self) -> psutil.Process | None:
        return self._child("worker")

    def database(self) -> psutil.Process | None:
        """The postmaster of the private cluster."""
        try:
            return _process(int((self.home / "database/data/postmaster.pid").read_text().split()[0]))
        except (OSError, ValueError, IndexError):
            return None

    def keeper(self) -> psutil.Process | None:
        """The keeper of the private cluster: the process that its state file names."""
        try:
            found = _process(int(json.loads((self.home / "database/cluster.json").read_text())["keeper"]))
            return found if found and "linli.kernel.database.keeper" in found.cmdline() else None
        except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
            return None

    def kill(self, what: str) -> bool:
        """SIGKILL to one of: web, web_worker, worker, database, keeper. False when it is just not there."""
        process: psutil.Process | None = getattr(self, what)()
        if process is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
            return True
        return False

    # ── inside ─────────────────────────────────────────────────────────────────────────────────

    def inside(self, what: str, given: Any = None) -> Any:
        """Run a part of `bench.harness.faults.stored` in this house, in a process of its own; its JSON answer."""
        done = subprocess.run(
            [sys.executable, "-m", "bench.harness.faults.stored", what], env=environment(self.home) | self.more,
            input=json.dumps(given).encode(), stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    def inside_with_database(self, what: str, given: Any = None) -> Any:
        """The same while the house is stopped: its database is started for it."""
        from linli.cli.session import database
        from linli.house.home import Home

        with database(Home(self.home)):
            return self.inside(what, given)

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`./linli …` to its end."""
        return subprocess.run(
            linli(self.home, *words),
            env=environment(self.home) | self.more,
            capture_output=True,
            text=True,
            check=False,
        )

    def key(self) -> str:
        """A key for machines that may report and take steps."""
        done = self.manage(
            "manage", "apikey", "create", "--name", "faults", "--scope", "report,read,steps", "--limit", "100000"
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout.strip()


def _process(pid: int | None) -> psutil.Process | None:
    try:
        found = psutil.Process(pid) if pid else None
        return found if found is not None and found.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def template(folder: Path) -> Path:
    """The home of a small town, built once and stopped; copies of it are broken."""
    made, draft = folder / "template", folder / "template.new"
    if not made.is_dir():
        shutil.rmtree(draft, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        House(draft).start().stop()
        draft.rename(made)
    return made


@contextlib.contextmanager
def broken(folder: Path, name: str, **more: str) -> Iterator[House]:
    """A running copy of the template; stopped and removed afterwards, kept when something went wrong."""
    home = copy_of(folder, name)
    house = House(home, more=dict(more))
    try:
        yield house.start()
    finally:
        house.stop()
    shutil.rmtree(home, ignore_errors=True)


def copy_of(folder: Path, name: str) -> Path:
    home = folder / name
    shutil.rmtree(home, ignore_errors=True)
    Path(f"{home}.log").unlink(missing_ok=True)
    subprocess.run(["cp", "-a", str(template(folder)), str(home)], check=True)
    for left in ("run/server.lock", "created"):
        (home / left).unlink(missing_ok=True)
    return home
