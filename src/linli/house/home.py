"""The home folder: everything one installation of Linli owns that is not code.

    <home>/
      database/   the private PostgreSQL cluster (not used with DATABASE_URL)
      secrets/    keys, each made at its first use, readable by the owner only
      files/      photos and documents, outside of what the web server serves as static
      static/     collected static files with their manifest
      log/        web.log, worker.log
      run/        heartbeats and lock files

Standard library only: the command line imports this before anything heavy.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import secrets
from collections.abc import Callable
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
FOLDERS = ("database", "secrets", "files", "static", "log", "run")


class HomeTrouble(RuntimeError):
    """The home folder cannot be used; the text says why and what to do."""


class Home:
    """One home folder. Nothing is made until `make` or a secret is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()

    @classmethod
    def current(cls) -> Home:
        """LINLI_HOME, or `.linli` beside the source."""
        chosen = os.environ.get("LINLI_HOME")
        return cls(Path(chosen) if chosen else SOURCE / ".linli")

    def __getattr__(self, name: str) -> Path:
        if name in FOLDERS:
            return self.folder / name
        raise AttributeError(name)

    def make(self) -> Home:
        """Make the folders, closed to others. Raises HomeTrouble."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in FOLDERS:
                (self.folder / name).mkdir(exist_ok=True, mode=0o700)
            if not os.access(self.folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "not writable")
        except OSError as error:
            raise HomeTrouble(self._plain(error)) from None
        return self

    def _plain(self, error: OSError) -> str:
        if error.errno == errno.ENOSPC:
            return f"The disk is full: no room for the home folder {self.folder}."
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            return (
                f"The home folder {self.folder} is not writable for this user. "
                "Choose another one with --home DIR, or change its owner."
            )
        if error.errno in {errno.ENOTDIR, errno.EEXIST}:
            return f"The home folder {self.folder} cannot be made: there is a file in its way."
        return f"The home folder {self.folder} cannot be used: {error.strerror or error}."

    # ── secrets ────────────────────────────────────────────────────────────────────────────────

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(50)) -> str:
        """The secret kept in `secrets/<name>`, made at the first use (mode 0600, race-free)."""
        path = self.secrets / name
        try:
            return path.read_text()
        except FileNotFoundError:
            self.make()
            part = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(part, path)  # unlike rename it never replaces what another process made
            except FileExistsError:
                pass
            finally:
                part.unlink()
            return path.read_text()
        except PermissionError as error:
            raise HomeTrouble(self._plain(error)) from None

    def secret_key(self) -> str:
        """Django's SECRET_KEY."""
        return self.secret("secret_key")

    def seal_keys_file(self) -> Path:
        """JSON `{"keys": {"1": base64 of 32 bytes}}`; made at the first use; the highest version encrypts."""
        def make() -> str:
            return json.dumps({"keys": {"1": base64.b64encode(secrets.token_bytes(32)).decode()}})

        self.secret("seal_keys.json", make)
        return self.secrets / "seal_keys.json"

    def journal_key_file(self) -> Path:
        """The key of the journal's seals: base64 of 32 bytes."""
        self.secret("journal_key", lambda: base64.b64encode(secrets.token_bytes(32)).decode())
        return self.secrets / "journal_key"

    def journal_key(self) -> bytes:
        """The key of the journal's macs, 32 bytes."""
        return base64.b64decode(self.journal_key_file().read_text())

    def seal_keys(self) -> dict[int, bytes]:
        """The keys of encrypted columns by version; the highest one encrypts, all of them decrypt."""
        kept = json.loads(self.seal_keys_file().read_text())
        return {int(version): base64.b64decode(key) for version, key in kept["keys"].items()}

    def setup_token(self) -> str:
        """One-time token of the set-up link, as long as the house has no administrator."""
        return self.secret("setup_token", lambda: secrets.token_urlsafe(24))

    def forget_setup_token(self) -> None:
        """After the first administrator was made."""
        (self.secrets / "setup_token").unlink(missing_ok=True)


@cache
def current_home() -> Home:
    return Home.current()
