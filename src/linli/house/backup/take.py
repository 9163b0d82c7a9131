"""Taking a backup while the house goes on working.

All tables are read in one snapshot (`pg_export_snapshot`), so that the file is the house at one moment. Pictures
are bound by hard links before that moment and looked through again after it: one that a row of the snapshot names
is in the backup even if the house has removed it meanwhile.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import platform
import shutil
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from linli.house.backup import keys, programs
from linli.house.backup.archive import Writer
from linli.house.home import SOURCE, Home
from linli.kernel.database import Address, DatabaseTrouble
from linli.kernel.database.outside import connect

MARKS = ("journal.checkpoint", "demo")
"""Files beside the folders of a home that belong to its data."""
FOLDERS = ("files", "maps")
_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""

Say = Callable[[str], None]


class DiskFull(RuntimeError):
    """No room for the backup; nothing was left behind."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup."""

    path: Path
    size: int
    rows: int
    tables: int
    files: int
    seconds: float


def take(home: Home, where: Address, target: Path, *, passphrase: str = "", say: Say = lambda _: None) -> Taken:
    """Write a backup of the house to the file `target` (mode 0600, atomically).

    passphrase: with one the keys go in too, encrypted. The database must be running.
    Raises DatabaseTrouble, DiskFull, OSError; whatever happens, there is no half file.
    """
    began = time.monotonic()
    least = _size(home)
    free = shutil.disk_usage(target.parent).free
    if free < least:
        raise DiskFull(_full(target, f"{least // 1_000_000} MB are needed for the pictures and maps alone"))
    try:
        with _bound(home) as bound, Writer(target) as archive:
            manifest = _manifest(home)
            for mark in MARKS:  # before the snapshot: a checkpoint must not know more than the journal
                path = home.folder / mark
                if path.is_file():
                    archive.add(f"home/{mark}", io.BytesIO(path.read_bytes()))
            say("Reading the database …")
            manifest["database"] = _dump(where, archive)
            say("Reading pictures and maps …")
            _add_files(home, bound, archive)
            if passphrase:
                archive.add("secrets.json", io.BytesIO(json.dumps(keys.lock(home.secrets, passphrase)).encode()))
            archive.finish(manifest)
            tables = manifest["database"]["rows"]
            files = sum(name.startswith(FOLDERS) for name in archive.members)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(_full(target)) from None
        raise
    size = target.stat().st_size
    return Taken(target, size, sum(tables.values()), len(tables), files, time.monotonic() - began)


def _full(target: Path, more: str = "") -> str:
    return (
        f"the disk is full: there is no room for the backup in {target.parent}"
        + (f" ({more})" if more else "")
        + ". Nothing was left there; free some room or choose another place with --to."
    )


def _manifest(home: Home) -> dict[str, Any]:
    return {
        "what": "Linli backup",
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "linli": _version(),
        "python": platform.python_version(),
        "keys": keys.fingerprints(home.secrets),
    }


def _version() -> str:
    """As it stands in the source this runs from."""
    with open(SOURCE / "pyproject.toml", "rb") as file:
        return str(tomllib.load(file)["project"]["version"])


# ── The database ───────────────────────────────────────────────────────────────────────────────────


def rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table of ours has, as this connection's snapshot sees them."""
    counts = {}
    for schema, table in connection.execute(_TABLES).fetchall():
        name = psycopg.sql.Identifier(schema, table)
        counted = connection.execute(psycopg.sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
        counts[table if schema == "public" else f"{schema}.{table}"] = int(counted[0]) if counted else 0
    return counts


def _dump(where: Address, archive: Writer) -> dict[str, Any]:
    """Append `database.dump`; returns what the manifest says of it."""
    try:
        connection = connect(where)
    except psycopg.OperationalError as error:
        raise DatabaseTrouble(f"the database cannot be reached: {str(error).strip().splitlines()[0]}") from None
    with connection:
        number = connection.info.server_version
        place = programs.folder(number // 10000)
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        words = [
            str(place / "pg_dump"), "--format=custom", "--compress=gzip:1" if _takes_methods(place) else "--compress=1",
            "--no-owner", "--no-privileges", f"--snapshot={row[0]}", f"--dbname={programs.url(where)}",
        ]  # fmt: skip
        program = programs.Program(words, programs.environment(where), stdout=subprocess.PIPE)
        try:
            assert program.process.stdout is not None
            archive.add("database.dump", program.process.stdout, modified=time.time())
            program.finish()
        finally:
            program.kill()
        migrations = connection.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2").fetchall()
        return {
            "server": f"{number // 10000}.{number % 10000}",
            "pg_dump": programs.folder_version(place),
            "migrations": [f"{app}.{name}" for app, name in migrations],
            "rows": rows(connection),
        }


def _takes_methods(place: Path) -> bool:
    return programs.folder_version(place) >= 16


# ── Files ──────────────────────────────────────────────────────────────────────────────────────────


def _walk(folder: Path) -> Iterator[Path]:
    """Every finished file below a folder (those being written begin with a dot)."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file():
                yield path


def _size(home: Home) -> int:
    total = 0
    for folder in FOLDERS:
        for path in _walk(home.folder / folder):
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size
    return total


@contextlib.contextmanager
def _bound(home: Home) -> Iterator[Path]:
    """A folder with a hard link to each picture there is now; gone afterwards. Without links where none can be."""
    for left in home.run.glob("backup-*"):  # of a backup that was killed
        if not Path("/proc", left.name.rpartition("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = home.run / f"backup-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        for path in _walk(home.files):
            link = folder / path.relative_to(home.files)
            link.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, link)
            except FileNotFoundError:
                continue
            except OSError:  # another file system, or one without links
                break
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _add_files(home: Home, bound: Path, archive: Writer) -> None:
    for root, prefix in ((bound, "files"), (home.files, "files"), (home.folder / "maps", "maps")):
        for path in _walk(root):
            name = f"{prefix}/{path.relative_to(root).as_posix()}"
            if name in archive.members:
                continue
            with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
                archive.add(name, file, modified=os.fstat(file.fileno()).st_mtime)
