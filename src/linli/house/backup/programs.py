"""pg_dump, pg_restore and psql: which ones to take, and running them without showing the password."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import IO

import psycopg

from linli.kernel.database import Address, DatabaseTrouble, binaries
from linli.kernel.database.outside import connect

NEEDED = ("pg_dump", "pg_restore", "psql")


def server_major(where: Address) -> int:
    """The server's major version. Raises DatabaseTrouble."""
    try:
        with connect(where) as connection:
            return connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise DatabaseTrouble(f"the database cannot be reached: {reason}") from None


def folder(least: int) -> Path:
    """The folder of PostgreSQL's client programs: those nearest to `least`, never older. Raises DatabaseTrouble.

    pg_dump refuses servers newer than itself, and pg_restore reads what an older or the same pg_dump wrote.
    """
    found = sorted((version, place) for place in _folders() if (version := _version(place)) >= least)
    if not found:
        raise DatabaseTrouble(
            f"no pg_dump of PostgreSQL {least} or newer on this machine. "
            f"On Debian: apt-get install postgresql-client-{least}; or set LINLI_PG_BIN to its folder."
        )
    return found[0][1]


def _folders() -> Iterator[Path]:
    with contextlib.suppress(binaries.NoBinaries):
        yield binaries.folder()
    on_path = shutil.which("pg_dump")
    if on_path and not Path(on_path).is_symlink():  # Debian's is a wrapper that chooses by clusters
        yield Path(on_path).parent
    yield from Path("/usr/lib/postgresql").glob("*/bin")


@cache
def _version(place: Path) -> int:
    if not all((place / name).is_file() for name in NEEDED):
        return 0
    try:
        words = [str(place / "pg_dump"), "--version"]
        answer = subprocess.run(words, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"(\d+)", answer.partition(")")[2])
    return int(found.group(1)) if found else 0


def environment(where: Address) -> dict[str, str]:
    """The password goes by the environment: a command line can be read by everybody on the machine."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return kept | {"PGPASSWORD": where.password, "PGCONNECT_TIMEOUT": "15", "LC_ALL": "C.UTF-8"}


def url(where: Address) -> str:
    return replace(where, password="").url()


class Program:
    """One running program; `finish` waits for it and turns its complaint into DatabaseTrouble."""

    def __init__(
        self, words: list[str], env: dict[str, str], *, stdin: int | IO[bytes] | None = None, stdout: int | None = None
    ) -> None:
        self.name = Path(words[0]).name
        self.process = subprocess.Popen(
            words, stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env=env, cwd="/"
        )
        self._complaint = b""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._complaint = (self._complaint + line)[-8000:]

    def finish(self) -> None:
        code = self.process.wait()
        self._listener.join(5)
        if code:
            lines = self._complaint.decode(errors="replace").strip().splitlines()
            # A complaint may repeat the row it is about: names and telephone numbers.
            shown = [line for line in lines if not re.match(r"\s*(DETAIL|CONTEXT|HINT|.*COPY )", line)]
            if any("No space left" in line for line in lines):
                raise DatabaseTrouble("the disk of the database is full.")
            raise DatabaseTrouble(f"{self.name} failed: {(shown or ['it gave no reason'])[0]}")

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def folder_version(place: Path) -> int:
    """The major version of the programs in a folder; 0 when they are not whole."""
    return _version(place)
