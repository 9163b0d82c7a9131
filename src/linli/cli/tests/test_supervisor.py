"""Children are started again when they die, and never outlive the supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from linli.cli import supervisor
from linli.cli.supervisor import Child, RotatingLog, Supervisor

SLEEPER = [sys.executable, "-c", "import os, time; print('up', os.getpid(), flush=True); time.sleep(60)"]


def wait_for(condition: Callable[[], object], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def child(tmp_path: Path, words: list[str]) -> Child:
    return Child("sleeper", words, os.environ, RotatingLog(tmp_path / "sleeper.log"))


def test_a_killed_child_is_started_again_and_noted(tmp_path: Path) -> None:
    with Supervisor() as boss:
        sleeper = child(tmp_path, SLEEPER)
        boss.add(sleeper)
        assert sleeper.process
        first = sleeper.process.pid
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: (boss.look(), sleeper.process and sleeper.process.pid != first)[1])
    assert "sleeper ended with -9" in (tmp_path / "sleeper.log").read_text()


def test_one_that_keeps_dying_waits_longer_each_time(tmp_path: Path) -> None:
    with Supervisor() as boss:
        failing = child(tmp_path, [sys.executable, "-c", "raise SystemExit(3)"])
        boss.add(failing)
        wait_for(lambda: (boss.look(), len(failing.deaths) >= 2)[1])
        assert failing.deaths[:2] == [3, 3]
        assert failing.back_off == 2.0


def test_stopping_ends_children_and_grandchildren(tmp_path: Path) -> None:
    nested = [
        sys.executable,
        "-c",
        "import subprocess, sys, time\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(inner.pid, flush=True); time.sleep(60)",
    ]
    log = tmp_path / "sleeper.log"
    with Supervisor() as boss:
        boss.add(child(tmp_path, nested))
        wait_for(lambda: log.read_text().strip())
        inner = int(log.read_text().split()[0])
        assert alive(inner)
    wait_for(lambda: not alive(inner))


def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\n"
        "from linli.cli.supervisor import *\n"
        f"words = {SLEEPER!r}\n"
        "with Supervisor() as boss:\n"
        "    boss.add(Child('sleeper', words, os.environ, RotatingLog(Path(sys.argv[1]))))\n"
        "    boss.run()\n"
    )
    log = tmp_path / "sleeper.log"
    boss = subprocess.Popen([sys.executable, "-c", script, str(log)])
    wait_for(lambda: log.exists() and "up" in log.read_text())
    sleeper = int(log.read_text().split()[1])
    boss.kill()
    boss.wait()
    wait_for(lambda: not alive(sleeper))


def test_sigterm_stops_it(tmp_path: Path) -> None:
    with Supervisor() as boss:
        boss.add(child(tmp_path, SLEEPER))
        os.kill(os.getpid(), signal.SIGTERM)
        boss.run()
    assert boss.children == []


def test_logs_are_cut_and_old_ones_dropped(tmp_path: Path, monkeypatch: object) -> None:
    log = RotatingLog(tmp_path / "web.log", size=100)
    for number in range(200):
        log.write(f"line {number:03}\n".encode())
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["web.log", *(f"web.log.{n}" for n in range(1, supervisor.LOG_FILES + 1))]
    assert "line 199" in (tmp_path / "web.log").read_text()
    assert (tmp_path / "web.log").stat().st_mode & 0o077 == 0
