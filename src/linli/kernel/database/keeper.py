"""The keeper: parent of the private server. `python -m linli.kernel.database.keeper FOLDER BIN [--fast]`

It starts the server, starts it again if it dies, and stops it when nobody holds a lease any more.
Only the standard library: it stays in memory for as long as the server runs.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from linli.kernel.database import binaries, tuning
from linli.kernel.database.files import Files, free_port, port_is_free

STOP_TIMEOUT = 20.0
RESTARTS = 5  # in a row, each within a minute of the last: then it is not going to work


def _log(words: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())} UTC keeper: {words}\n")
    sys.stderr.flush()


class Keeper:
    def __init__(self, files: Files, programs: Path, *, durable: bool) -> None:
        self.files = files
        self.programs = programs
        self.durable = durable
        self.server: subprocess.Popen[bytes] | None = None
        self.asked_to_stop = False
        self.unused = False

    # ── the server ─────────────────────────────────────────────────────────────────────────────

    def start_server(self) -> None:
        self.clear_stale_pid()
        runner = binaries.runner()
        old = self.files.read_state()
        port = int(old.get("port", 0))
        if not port or not port_is_free(port):
            port = free_port()
        sockets = self.files.socket_folder()
        if runner.owner:
            self.give_away(self.files.data, runner.owner)
            os.chown(sockets, *runner.owner)
        chosen = tuning.settings(tuning.memory_mb(), durable=self.durable) | {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(sockets),
        }
        words = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
        # The address is known before the server is: readers ask postmaster.pid whether it is ready.
        self.files.write_state({"port": port, "socket": str(sockets), "keeper": os.getpid()})
        self.server = subprocess.Popen(
            runner.command(self.programs / "postgres", "-D", self.files.data, *words),
            stdin=subprocess.DEVNULL,
            cwd="/",
        )

    def clear_stale_pid(self) -> None:
        """After a crash `postmaster.pid` may name a process that is now somebody else's."""
        path = self.files.data / "postmaster.pid"
        try:
            pid = int(path.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        try:
            same = os.path.samefile(f"/proc/{pid}/cwd", self.files.data)
        except OSError:
            same = False
        if same:
            # A server without its keeper is just shutting down: give it time.
            until = time.monotonic() + STOP_TIMEOUT
            while time.monotonic() < until and path.exists() and os.path.exists(f"/proc/{pid}"):
                time.sleep(0.05)
        else:
            path.unlink(missing_ok=True)

    def give_away(self, folder: Path, owner: tuple[int, int]) -> None:
        if folder.stat().st_uid == owner[0]:
            return
        for base, _, names in os.walk(folder):
            os.chown(base, *owner)
            for name in names:
                os.chown(os.path.join(base, name), *owner, follow_symlinks=False)

    def stop_server(self) -> None:
        if self.server is None or self.server.poll() is not None:
            return
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, no choice
            self.server.send_signal(how)
            try:
                self.server.wait(STOP_TIMEOUT)
                return
            except subprocess.TimeoutExpired:
                continue

    # ── waiting ────────────────────────────────────────────────────────────────────────────────

    def wait_for_last_user(self, bell: int) -> None:
        """Thread: ring when nobody holds a lease, and nobody came back within the lingering time."""
        while True:
            handle = os.open(self.files.lease, os.O_RDWR | os.O_CLOEXEC)
            fcntl.flock(handle, fcntl.LOCK_EX)
            until = time.monotonic() + self.linger()
            while time.monotonic() < until:
                os.close(handle)
                time.sleep(0.2)
                handle = os.open(self.files.lease, os.O_RDWR | os.O_CLOEXEC)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    break
            else:
                # Keep the lock: whoever wants the database now waits until it has stopped.
                self.unused = True
                os.write(bell, b"u")
                return
            os.close(handle)

    def linger(self) -> float:
        try:
            return float(self.files.linger.read_text())
        except (OSError, ValueError):
            return 0.0

    def run(self) -> int:
        hear, ring = os.pipe()
        os.set_blocking(ring, False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._on_term)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
        self.start_server()
        threading.Thread(target=self.wait_for_last_user, args=(ring,), daemon=True).start()
        crashes: list[float] = []
        while not (self.asked_to_stop or self.unused):
            select.select([hear], [], [], 60)
            while select.select([hear], [], [], 0)[0]:
                os.read(hear, 100)
            if not self.files.data.is_dir():
                _log("the database folder is gone")
                break
            if self.server is not None and self.server.poll() is not None and not self.asked_to_stop:
                now = time.monotonic()
                crashes = [moment for moment in crashes if now - moment < 60] + [now]
                if len(crashes) > RESTARTS:
                    _log("the server keeps dying; giving up")
                    return 1
                _log(f"the server ended with {self.server.returncode}; starting it again")
                time.sleep(0.2 * len(crashes))
                self.start_server()
        self.stop_server()
        return 0

    def _on_term(self, *_: object) -> None:
        self.asked_to_stop = True


def main(words: list[str]) -> int:
    files = Files(Path(words[0]))
    lock = os.open(files.keeper_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0  # another keeper is at work
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    try:
        return Keeper(files, Path(words[1]), durable="--fast" not in words).run()
    except Exception as error:  # the log is the only place where anybody can read it
        _log(f"{type(error).__name__}: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
