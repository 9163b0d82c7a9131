"""What `demo` and `serve` share: prepare the home, start web and worker, wait, say it, stop it all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from linli.cli.main import Trouble
from linli.cli.session import database, say
from linli.cli.supervisor import Child, RotatingLog, Supervisor
from linli.house.home import Home
from linli.kernel.database import Lease
from linli.kernel.database.files import is_locked

READY_TIMEOUT = 60.0
LEAST_DISK_MB = 300


def refuse_used_port(host: str, port: int) -> None:
    """Trouble if somebody listens there already, or if we may not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Trouble(f"port {port} is in use. Choose another one with --port.") from None
            if error.errno == errno.EACCES:
                raise Trouble(f"port {port} is for root only. Choose one above 1023 with --port.") from None
            raise Trouble(f"cannot listen on {host}:{port}: {error.strerror or error}.") from None
        except OverflowError:
            raise Trouble(f"{port} is no port: choose one between 1024 and 65535.") from None


@contextlib.contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Two servers on one home would fight over its worker and its files."""
    handle = os.open(home.run / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(f"Linli is already running with the home {home.folder}.") from None
        yield
    finally:
        os.close(handle)


def environment(home: Home, process: str) -> dict[str, str]:
    return os.environ | {
        "LINLI_HOME": str(home.folder),
        "LINLI_PROCESS": process,
        "DJANGO_SETTINGS_MODULE": "linli.house.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def web_command(host: str, port: int) -> list[str]:
    processes = os.environ.get("LINLI_WEB_PROCESSES") or str(max(1, min(os.cpu_count() or 1, 8)))
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", processes, "--blocking-threads", os.environ.get("LINLI_WEB_THREADS", "4"),
        "--blocking-threads-idle-timeout", "600", "--respawn-failed-workers", "--no-ws", "--http", "1",
        "--backlog", "1024", "--workers-kill-timeout", "10", "--log-level", "warning", "--no-access-log",
        "linli.house.wsgi:application",
    ]  # fmt: skip


def run(home: Home, host: str, port: int, *, demo: tuple[str, int, int] | None = None) -> int:
    """Run the house until it is told to stop. `demo` is the town's size, its seed, and a city's number of cases."""
    if shutil.disk_usage(home.folder).free < LEAST_DISK_MB * 1024 * 1024:
        raise Trouble(f"the disk is full: {home.folder} needs at least {LEAST_DISK_MB} MB of room.")
    with Supervisor() as supervisor, database(home, linger=0.0) as lease:
        prepared = prepare(supervisor, home, demo)
        if prepared is None:
            return 130
        start_children(supervisor, home, host, port)
        if not wait_until_ready(supervisor, host, port):
            return 130
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
        shown = f"[{shown}]" if ":" in shown else shown
        announce(f"http://{shown}:{port}", prepared)
        keep(supervisor, home, lease)
        say("Stopping …")
        supervisor.stop_children()
    return 0


def prepare(supervisor: Supervisor, home: Home, demo: tuple[str, int, int] | None) -> dict[str, Any] | None:
    """Bring the home up to date in a process of its own, so that this one stays small."""
    words = [sys.executable, "-m", "linli.cli.prepare"]
    if demo:
        words += ["--demo", *map(str, demo)]
    code, output = supervisor.run_once(words, environment(home, "linli prepare"))
    if supervisor.stopping.is_set():
        return None
    if code:
        reason = output.decode(errors="replace").strip()
        raise Trouble(reason or "the home could not be prepared (see above).")
    answer = json.loads(output)
    assert isinstance(answer, dict)
    return answer


def counters(home: Home) -> dict[str, str]:
    """Where the web processes keep what /metrics tells; a new start counts from nothing."""
    place = home.run / "metrics"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    return {"PROMETHEUS_MULTIPROC_DIR": str(place)}


def start_children(supervisor: Supervisor, home: Home, host: str, port: int) -> None:
    worker_command = [sys.executable, "-m", "linli.cli", "worker"]
    # granian takes its time to stop, and would hold the port: the next start should find it free.
    for name, words, death, more in (
        ("web", web_command(host, port), signal.SIGKILL, counters(home)),
        ("worker", worker_command, signal.SIGTERM, {}),
    ):
        log = RotatingLog(home.log / f"{name}.log")
        supervisor.add(Child(name, words, environment(home, f"linli {name}") | more, log, death))


def is_ready(host: str, port: int) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(target, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        answer = connection.getresponse()
        if answer.status == 200:
            return True
        found = json.loads(answer.read())
        # The worker starts beside the web server; whoever waits for the pages need not wait for it.
        return {reason["code"] for reason in found["reasons"]} <= {"worker"}
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return False
    finally:
        connection.close()


def wait_until_ready(supervisor: Supervisor, host: str, port: int) -> bool:
    until = time.monotonic() + READY_TIMEOUT
    while not is_ready(host, port):
        if supervisor.stopping.wait(0.05):
            return False
        supervisor.look()
        web = supervisor.children[0]
        if len(web.deaths) >= 3 or time.monotonic() > until:
            raise Trouble(f"the web server does not start{last_error(web.log.path)} (see {web.log.path}).")
    return True


def last_error(log: Path) -> str:
    """`: SomeError: its words`, the last one in a log, or nothing."""
    lines = log.read_text(errors="replace").splitlines()[-100:]
    errors = [line.strip() for line in lines if re.match(r"\s*[\w.]*(Error|Exception)\b", line)]
    return f": {errors[-1]}" if errors else ""


def public_address() -> str:
    """Behind a web server with a certificate people come by its name, and only by it; "" without one."""
    own = {"127.0.0.1", "localhost", "[::1]", "*"}
    names = [name.strip() for name in os.environ.get("LINLI_HOSTS", "").split(",") if name.strip() not in own | {""}]
    return f"https://{names[0].lstrip('.')}" if os.environ.get("LINLI_HTTPS") == "1" and names else ""


def announce(address: str, prepared: dict[str, Any]) -> None:
    print(f"Linli is ready at {address}", flush=True)
    if prepared.get("accounts"):
        print("\n" + str(prepared["accounts"]).rstrip(), flush=True)
    if prepared.get("setup_token"):
        link = f"{public_address() or address}/setup/?token={prepared['setup_token']}"
        print(f"\nThis house is new. Set it up at {link}", flush=True)


def keep(supervisor: Supervisor, home: Home, lease: Lease | None) -> None:
    """Watch until told to stop. If even the database's keeper was killed, it is started again."""

    def watch_database() -> None:
        if lease is not None and not is_locked(lease.cluster.files.keeper_lock):
            RotatingLog(home.log / "worker.log").note("the database is gone; starting it again")
            with contextlib.suppress(Exception):
                lease.cluster.lease(linger=0.0).release(wait=False)

    supervisor.run(watch_database)
