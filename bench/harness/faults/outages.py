"""The ground gives way and comes back: a full disk, a database that is away, receivers that are deaf."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
from bench.harness.drive import Browser
from bench.harness.faults.house import House, copy_of
from bench.harness.faults.killing import account
from bench.harness.faults.row import Held
from bench.harness.faults.stream import Told, streaming

DISK_MB = 900
FULL_S = 25.0
BACK_S = 180.0
DEAF_S = 15.0
READY_S = 5.0
"""Seconds that a report may take although a receiver does not answer."""


@contextlib.contextmanager
def started(folder: Path, name: str, **more: str) -> Iterator[House]:
    house = House(copy_of(folder, name), more=more)
    try:
        yield house.start()
    finally:
        house.stop()
    shutil.rmtree(house.home, ignore_errors=True)


class Visitor:
    """A resident who had opened the form before, reads pages, and sends the same form over and over."""

    def __init__(self, house: House, spot: list[float]) -> None:
        self.seen: Counter[int] = Counter()
        self.wrong: set[str] = set()
        self.browser = Browser(house.port)
        self.browser.read_form("/report/")
        self.mark = os.urandom(8).hex()
        self.fields = {"key": self.mark, "words": f"路灯不亮 {self.mark}", "lng": str(spot[0]), "lat": str(spot[1])}

    def meanwhile(self, seconds: float) -> None:
        """What the pages answer while something is broken."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for path in ("/problems/", "/report/"):
                self._look(path, *self.browser.get(path))
            status, page, headers = self.browser.post("/report/", self.fields)
            self._look("the form", status, page, headers)
            if status >= 500 and f'value="{self.mark}"' not in page:
                self.wrong.add(f"the form: {status} does not give back what was typed")
            time.sleep(0.5)

    def _look(self, path: str, status: int, page: str, headers: dict[str, str]) -> None:
        self.seen[status] += 1
        self.wrong.update(complaints(path, status, page, headers))

    def account(self, house: House) -> list[str]:
        """Send the form once more; it is stored once. What is wrong."""
        status, _page, _headers = self.browser.post("/report/", self.fields)
        stored = house.inside("count", self.mark)
        if (status, stored) != (302, 1):
            self.wrong.add(f"the form was answered {status} at last and stored {stored} times")
        return sorted(self.wrong)


def complaints(path: str, status: int, page: str, headers: dict[str, str]) -> list[str]:
    """What is wrong with an answer while the house cannot work."""
    if status < 500:
        return []
    if status not in (503, 507):
        return [f"{path} answered {status}"]
    found = [] if headers.get("retry-after") else [f"{path}: {status} without Retry-After"]
    if "您填的内容还在" not in page:
        found.append(f"{path}: {status} does not say what to do")
    return found


def disk(folder: Path) -> list[Held]:
    """No byte is free for a while: on a small file system of its own that is filled to the brim under load."""
    fault = "the disk is full for a while"
    mount = folder / "disk"
    mount.mkdir(parents=True, exist_ok=True)
    size = f"size={DISK_MB}m"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(mount)], check=False).returncode:
        print(f"left out, needs the right to mount: {fault}", flush=True)
        return []
    try:
        home = copy_of(folder, "disk-home")
        subprocess.run(["cp", "-a", str(home), str(mount / "home")], check=True)
        shutil.rmtree(home)
        (mount / "home.log").touch()
        house = House(mount / "home")
        try:
            house.start()
            samples, key = house.inside("samples"), house.key()
            before = {house.supervisor and house.supervisor.pid, _pid(house.web()), _pid(house.worker())}
            visitor = Visitor(house, samples["spots"][0])
            with streaming(house.port, key, samples, clients=2) as told:
                time.sleep(3)
                with full(mount):
                    visitor.meanwhile(FULL_S)
                back = house.wait_until(house.serves, BACK_S, "it serves after there was room again")
                time.sleep(3)
            after = {house.supervisor and house.supervisor.pid, _pid(house.web()), _pid(house.worker())}
            wrong = visitor.account(house)
            if before != after:
                wrong.append("web or worker did not live through it")
            words = f"pages meanwhile {dict(visitor.seen)}; back within {back:.1f} s by itself"
            return [account(house, told, fault, 1, words, wrong)]
        finally:
            house.stop()
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=False)


def _pid(process: psutil.Process | None) -> int | None:
    return process.pid if process else None


@contextlib.contextmanager
def full(mount: Path) -> Iterator[None]:
    """Take every byte, also those that become free meanwhile."""
    stop = threading.Event()
    ballast = mount / "ballast"

    def take() -> None:
        with open(ballast, "wb", buffering=0) as file:
            size = 1 << 20
            while not stop.is_set():
                try:
                    file.write(b"\0" * size)
                except OSError:
                    size = max(512, size // 2)
                    stop.wait(0.05 if size > 512 else 0.2)

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        ballast.unlink()


def away(folder: Path, seconds: float) -> list[Held]:
    """The database is gone and nobody starts it: its keeper is stopped (SIGSTOP) and the server killed."""
    with started(folder, "away") as house:
        samples, key = house.inside("samples"), house.key()
        visitor = Visitor(house, samples["spots"][0])
        with streaming(house.port, key, samples) as told:
            time.sleep(3)
            keeper = house.keeper()
            assert keeper is not None
            keeper.send_signal(signal.SIGSTOP)
            house.kill("database")
            try:
                visitor.meanwhile(seconds)
            finally:
                keeper.send_signal(signal.SIGCONT)
            back = house.wait_until(house.serves, BACK_S, "it serves after the database came back")
            time.sleep(3)
        wrong = visitor.account(house)
        fault = f"the database away for {seconds:.0f} s"
        words = f"pages meanwhile {dict(visitor.seen)}; back within {back:.1f} s by itself"
        return [account(house, told, fault, 1, words, wrong)]


class Deaf(BaseHTTPRequestHandler):
    """Takes a request and says nothing until it is allowed to."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.hears.wait(120)
        self.server.heard.append(self.headers.get("webhook-id", "") or str(len(body)))
        with contextlib.suppress(OSError):
            self.send_response(204)
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return None


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Deaf)
        self.hears, self.heard = threading.Event(), list[str]()
        threading.Thread(target=self.serve_forever, daemon=True).start()


def deaf(folder: Path) -> list[Held]:
    """A webhook that hangs, one that refuses, a mail server that refuses: reports go on, everything arrives later."""
    fault = "a webhook that hangs, one that is dead, a dead mail server"
    receiver = Receiver()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        dead_port = closed.getsockname()[1]
        with started(folder, "deaf", LINLI_OUTGOING_ALLOW="127.0.0.0/8") as house:
            samples, key = house.inside("samples"), house.key()
            for port in (receiver.server_port, dead_port):
                url = f"http://127.0.0.1:{port}/hook"
                made = house.manage("manage", "webhook", "create", "--url", url, "--events", "case.reported")
                if made.returncode:
                    raise SystemExit(made.stderr)
            house.inside("dead_mail", dead_port)
            with streaming(house.port, key, samples, clients=2) as told:
                time.sleep(DEAF_S)
            return [_heard(house, told, fault, receiver)]


def _heard(house: House, told: Told, fault: str, receiver: Receiver) -> Held:
    wrong = []
    if told.longest > READY_S:
        wrong.append(f"a report waited {told.longest:.1f} s for a receiver")
    try:
        house.wait_until(lambda: house.inside("drained")["waiting"] == 0, BACK_S, "the outbox has drained")
    except SystemExit as reason:
        wrong.append(str(reason))
    receiver.hears.set()
    house.inside("due_again")  # the waits between two tries are minutes and hours: this test has no time for them
    try:
        house.wait_until(lambda: house.inside("owed")["hanging"] == 0, BACK_S, "the webhook that hung has everything")
    except SystemExit as reason:
        wrong.append(str(reason))
    owed = house.inside("owed")
    if len(set(receiver.heard)) < len(told.reports):
        wrong.append(f"{len(set(receiver.heard))} of {len(told.reports)} messages arrived")
    if owed["lost"]:
        wrong.append(f"{owed['lost']} messages given up")
    words = f"{len(set(receiver.heard))} arrived when it heard again, the dead one is owed {owed['dead']}"
    return account(house, told, fault, 1, words, wrong)
