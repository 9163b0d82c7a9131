"""The private cluster: made on first use, shared by everybody who holds a lease, stopped after the last.

How it hangs together. The server is the child of a *keeper* (`keeper.py`), a small process of its
own session. Whoever needs the database takes a lease: a shared `flock` on one file, which the kernel
gives back however the process ends. The keeper waits for an exclusive lock on that file; when it gets
it, nobody is left and the keeper stops the server. If the keeper dies the server shuts down (its
parent-death signal), if the server dies the keeper starts it again.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from linli.kernel.database import binaries
from linli.kernel.database.address import Address
from linli.kernel.database.files import Files, is_locked, locked, write_secret

ROLE = "linli"
DATABASE = "linli"
START_TIMEOUT = 120.0  # recovery after a crash can take this long on a slow disk
QUICK_TIMEOUT = 30.0

Say = Callable[[str], None]


class DatabaseTrouble(RuntimeError):
    """The database cannot be used; the text says why and what to do."""


def _silent(_: str) -> None:
    return None


class Lease:
    """The right to use the running cluster; give it back with `release` or use it in `with`."""

    def __init__(self, cluster: Cluster, handle: int, *, started: bool) -> None:
        self.cluster = cluster
        self.started = started
        self._handle = handle

    def release(self, *, wait: bool = True) -> None:
        """Give the lease back; if it was the last one, wait until the cluster has stopped."""
        if self._handle < 0:
            return
        handle, self._handle = self._handle, -1
        alone = True
        try:
            # Whoever can turn his shared lock into an exclusive one is the only user.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            alone = False
        os.close(handle)
        if wait and alone and self.cluster.linger() == 0:
            self.cluster.wait_until_stopped()

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Cluster:
    """The private cluster in `folder` (usually `<home>/database`).

    durable=False trades safety for speed, for tests.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.files = Files(folder.absolute())
        self.durable = durable

    # ── reading ────────────────────────────────────────────────────────────────────────────────

    def exists(self) -> bool:
        """Whether the cluster has been made."""
        return (self.files.data / "PG_VERSION").is_file()

    def answers(self) -> bool:
        """Whether the server is up and takes connections; no process is started to find out."""
        state = self.files.read_state()
        if not state or not self._says_ready():
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(2)
            try:
                probe.connect(f"{state['socket']}/.s.PGSQL.{state['port']}")
            except (OSError, KeyError):
                return False
        return True

    def _says_ready(self) -> bool:
        try:
            lines = (self.files.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def address(self, name: str = DATABASE, *, tcp: bool = False) -> Address:
        """Where the running cluster is. Raises DatabaseTrouble if it has never been started."""
        state = self.files.read_state()
        if not state:
            raise DatabaseTrouble(
                "The private database of this home has not been started yet. "
                "Start it with `./linli serve` or `./linli demo`."
            )
        host = "127.0.0.1" if tcp else str(state["socket"])
        return Address(
            name=name, user=ROLE, password=self.files.get_password(), host=host, port=int(state["port"])
        )

    def linger(self) -> float:
        try:
            return float(self.files.linger.read_text())
        except (OSError, ValueError):
            return 0.0

    # ── using ──────────────────────────────────────────────────────────────────────────────────

    def lease(self, *, linger: float | None = None, say: Say = _silent) -> Lease:
        """Make, start or recover the cluster as needed and take part in using it.

        linger: seconds the cluster stays up after its last user; None leaves an already running
        cluster as it is and means 0 for one that is started now.
        Raises DatabaseTrouble with a sentence for the operator.
        """
        try:
            self.files.make()
            # Waits while a keeper is just stopping the server.
            handle = os.open(self.files.lease, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(handle, fcntl.LOCK_SH)
        except OSError as error:
            raise self._plain(error) from error
        started = False
        try:
            if not self.answers():
                with locked(self.files.start_lock):
                    if not self.answers():
                        started = self._start(linger or 0.0, say)
            if linger is not None and not started:
                write_secret(self.files.linger, str(linger))
        except OSError as error:
            os.close(handle)
            raise self._plain(error) from error
        except BaseException:
            os.close(handle)
            raise
        return Lease(self, handle, started=started)

    def stop(self) -> bool:
        """Ask the keeper to stop the server even if it is in use; True if something was running."""
        pid = self.files.read_state().get("keeper")
        if not pid or not is_locked(self.files.keeper_lock):
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), 15)
        self.wait_until_stopped()
        return True

    def wait_until_stopped(self, timeout: float = QUICK_TIMEOUT) -> bool:
        """Wait for the keeper to end; False if it is still there after `timeout` seconds."""
        until = time.monotonic() + timeout
        while is_locked(self.files.keeper_lock):
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    # ── making and starting ────────────────────────────────────────────────────────────────────

    def _start(self, linger: float, say: Say) -> bool:
        """Start a keeper and wait until the server answers. False if one was at work already."""
        try:
            programs = binaries.folder()
            version = binaries.major_version(programs)
            runner = binaries.runner()
        except binaries.NoBinaries as error:
            raise DatabaseTrouble(str(error)) from None
        if not self.exists():
            say("Making the private database …")
            self._initialise(programs, version, runner)
        self._check_version(version, programs)
        write_secret(self.files.linger, str(linger))
        began = time.monotonic()
        process: subprocess.Popen[bytes] | None = None
        own = not is_locked(self.files.keeper_lock)
        if own:
            process = self._spawn_keeper(programs)
        told = False
        while not self.answers():
            waited = time.monotonic() - began
            if process is not None and process.poll() is not None:
                raise DatabaseTrouble(self._why_not())
            if waited > START_TIMEOUT:
                raise DatabaseTrouble(self._why_not())
            if waited > 3 and not told:
                say("The database is starting; after a crash it first repairs itself …")
                told = True
            time.sleep(0.02)
        self._ensure_database()
        return own

    def _spawn_keeper(self, programs: Path) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "linli.kernel.database.keeper", str(self.files.folder), str(programs)]
        if not self.durable:
            words.append("--fast")
        source = str(Path(__file__).resolve().parents[3])
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        environment["PYTHONPATH"] = source
        self._rotate_log()
        with open(self.files.log, "ab") as log:
            os.chmod(self.files.log, 0o600)
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=environment,
                cwd="/",
            )

    def _rotate_log(self) -> None:
        with contextlib.suppress(OSError):
            if self.files.log.stat().st_size > 5_000_000:
                self.files.log.replace(self.files.log.with_suffix(".log.1"))

    def _initialise(self, programs: Path, version: int, runner: binaries.Runner) -> None:
        """Run initdb into a folder beside `data` and rename it, so that half a cluster never counts."""
        part = self.files.folder / "data.new"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        password_file = self.files.folder / "data.new.password"
        write_secret(password_file, self.files.get_password() + "\n")
        if runner.owner:
            os.chown(part, *runner.owner)
            os.chown(password_file, *runner.owner)
        # pg_trgm silently drops Chinese under lc_ctype=C, so the character type must be UTF-8.
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
            if version >= 17
            else ["--locale-provider=libc", "--locale=C.UTF-8", "--lc-collate=C"]
        )
        words = runner.command(
            programs / "initdb", "-D", part, "-U", ROLE, "--encoding=UTF8", *locale,
            "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        )  # fmt: skip
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C.UTF-8"}
        try:
            done = subprocess.run(
                words, capture_output=True, text=True, env=environment, cwd="/", check=False
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode:
            shutil.rmtree(part, ignore_errors=True)
            raise DatabaseTrouble(self._initdb_trouble(done.stderr or done.stdout))
        part.rename(self.files.data)

    def _initdb_trouble(self, output: str) -> str:
        if "No space left" in output:
            return f"The disk is full: no room for the database in {self.files.folder}."
        last = [line for line in output.splitlines() if line.strip()][-3:]
        return "The private database could not be made: " + " ".join(last)

    def _check_version(self, version: int, programs: Path) -> None:
        made_by = (self.files.data / "PG_VERSION").read_text().strip()
        if made_by != str(version):
            raise DatabaseTrouble(
                f"The database in {self.files.folder} was made by PostgreSQL {made_by}, but {programs} is "
                f"version {version}. Set LINLI_PG_BIN to the bin folder of PostgreSQL {made_by}."
            )

    def _ensure_database(self) -> None:
        marker = self.files.folder / "created"
        if marker.exists():
            return
        import psycopg

        with psycopg.connect(self.address("postgres").url(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")
        marker.touch(mode=0o600)

    def _why_not(self) -> str:
        """The last words of the server's log, as the reason why it does not start."""
        try:
            lines = self.files.log.read_text(errors="replace").splitlines()[-200:]
        except OSError:
            lines = []
        text = "\n".join(lines)
        if "No space left on device" in text:
            return f"The disk is full: the database in {self.files.folder} cannot start."
        reasons = [line for line in lines if "FATAL" in line or "PANIC" in line or "keeper:" in line]
        reason = (reasons or lines or ["no word from it"])[-1]
        return f"The private database does not start: {reason} (see {self.files.log})"

    def _plain(self, error: OSError) -> DatabaseTrouble:
        if error.errno == errno.ENOSPC:
            return DatabaseTrouble(f"The disk is full: no room for the database in {self.files.folder}.")
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            return DatabaseTrouble(
                f"{self.files.folder} is not writable for this user. Choose another folder with --home."
            )
        return DatabaseTrouble(f"The database folder {self.files.folder} cannot be used: {error}")
