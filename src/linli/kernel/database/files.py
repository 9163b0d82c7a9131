"""The files of a private cluster inside its folder, and the small habits of reading and writing them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import socket
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOCKET_PATH_LIMIT = 100  # the kernel allows 107 bytes; ".s.PGSQL.65535.lock" must fit as well


@dataclass(frozen=True, slots=True)
class Files:
    """`<home>/database/`: where each thing of the cluster is."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def password(self) -> Path:
        return self.folder / "password"

    @property
    def state(self) -> Path:
        """JSON: port, socket folder, process ids. Written by the keeper, read by everybody."""
        return self.folder / "cluster.json"

    @property
    def lease(self) -> Path:
        """Everybody who uses the cluster holds a shared lock on this file; the keeper waits for it."""
        return self.folder / "lease"

    @property
    def keeper_lock(self) -> Path:
        """Held exclusively by the keeper as long as the cluster may run."""
        return self.folder / "keeper.lock"

    @property
    def start_lock(self) -> Path:
        """Held by whoever is just starting the cluster."""
        return self.folder / "start.lock"

    @property
    def linger(self) -> Path:
        """Seconds the cluster stays up after its last user left."""
        return self.folder / "linger"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    def make(self) -> None:
        """Make the folder, closed to others."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(self.folder, 0o700)

    def socket_folder(self) -> Path:
        """A folder for the Unix socket: ours if its path is short enough, else one under /tmp."""
        inside = self.folder / "run"
        if len(os.fsencode(inside / ".s.PGSQL.65535")) <= SOCKET_PATH_LIMIT:
            inside.mkdir(exist_ok=True, mode=0o700)
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        base = tempfile.gettempdir()
        outside = Path(base if len(base) < 60 else "/tmp", f"linli-{os.geteuid()}-{digest}")
        outside.mkdir(exist_ok=True, mode=0o700)
        found = outside.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), self._data_owner()}:
            raise PermissionError(f"{outside} belongs to somebody else; remove it or set TMPDIR.")
        os.chmod(outside, 0o700)
        return outside

    def _data_owner(self) -> int:
        try:
            return self.data.stat().st_uid
        except OSError:
            return os.geteuid()

    def read_state(self) -> dict[str, Any]:
        try:
            state = json.loads(self.state.read_text())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def write_state(self, state: dict[str, Any]) -> None:
        write_secret(self.state, json.dumps(state))

    def get_password(self) -> str:
        """The password of the cluster's only role, made at the first use."""
        try:
            return self.password.read_text().strip()
        except FileNotFoundError:
            made = secrets.token_urlsafe(24)
            write_secret(self.password, made)
            return made


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read; readers see the old or the new text, never half."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold `path` exclusively; waits. The lock vanishes with the process, however it ends."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_locked(path: Path) -> bool:
    """Whether somebody holds `path` exclusively right now."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def free_port() -> int:
    """A TCP port on the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
