"""Bringing a house back from a backup, into an empty home.

Everything is read and compared with the manifest before anything is written. What goes wrong afterwards leaves
the home as empty as it was: the tables come in one transaction, files and a new private cluster are removed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from linli.house.backup import keys, programs
from linli.house.backup.archive import BadArchive, Reader
from linli.house.backup.take import FOLDERS, MARKS, rows
from linli.house.home import Home
from linli.kernel.database import Address, DatabaseTrouble
from linli.kernel.database.outside import connect

Say = Callable[[str], None]
_SETTINGS_LINES = 40
"""An SQL script of pg_restore begins with settings; this many lines are looked through."""
_UNKNOWN_BEFORE = {b"SET transaction_timeout = 0;\n": 17}
"""Settings that a newer pg_restore writes, and the first version of the server that knows them."""


class Refusal(RuntimeError):
    """The backup is not brought back, and the home is as it was; the text says why and what to do."""


def check(archive: Reader, known: Iterable[tuple[str, str]]) -> None:
    """Refuse a backup of a newer Linli. known: (app, name) of this one's migrations. Raises Refusal."""
    here = {f"{app}.{name}" for app, name in known}
    newer = [name for name in archive.manifest["database"]["migrations"] if name not in here]
    if newer:
        raise Refusal(
            f"this backup was made by a newer Linli ({archive.manifest['linli']}): its tables know changes that "
            f"this one does not (first: {newer[0]}). Install that version or a newer one, then restore."
        )


def what_is_in(home: Home, *, database_is_ours: bool) -> list[str]:
    """What would be in the way, in words; empty for an empty home. Keys are welcome."""
    found = []
    if database_is_ours and (home.folder / "database" / "data").exists():
        found.append("a database")
    for name in FOLDERS:
        folder = home.folder / name
        if folder.is_dir() and any(folder.iterdir()):
            found.append(name)
    return found + [mark for mark in MARKS if (home.folder / mark).exists()]


def tables_in(where: Address) -> int:
    """How many tables a database has already."""
    with connect(where) as connection:
        return len(rows(connection))


def put_keys(archive: Reader, home: Home, passphrase: str) -> None:
    """Write the keys of the backup, or see that those in the home are the right ones. Raises Refusal."""
    wanted = archive.manifest["keys"]
    missing, _ = keys.differences(wanted, home.secrets)
    if missing and "secrets.json" in archive.members and passphrase:
        with archive.open("secrets.json") as file:
            try:
                texts = keys.unlock(json.load(file), passphrase)
            except keys.WrongPassphrase as error:
                raise Refusal(str(error)) from None
        for name, text in texts.items():
            if not (home.secrets / name).exists():
                home.secret(name, partial(str, text))
    elif missing:
        how = "give the passphrase of those in the backup" if "secrets.json" in archive.members else "see the manual"
        raise Refusal(
            f"the keys of this house are not in {home.secrets} ({', '.join(missing)}). Copy the secrets you kept "
            f"there, or {how}."
        )
    missing, others = keys.differences(wanted, home.secrets)
    if missing or others:
        raise Refusal(
            f"{home.secrets} holds another key than this house had ({', '.join(missing + others)}): contact data "
            "could not be read and the journal not be verified. Put the right one there."
        )


def bring_back(archive: Reader, home: Home, where: Address, *, say: Say = lambda _: None) -> dict[str, int]:
    """Fill an empty database and an empty home from a verified archive; returns the rows of each table.

    Raises DatabaseTrouble, BadArchive, Refusal (disk full); then nothing has been left behind.
    """
    say("Bringing back the tables …")
    _load(archive, where)
    say("Bringing back pictures and maps …")
    try:
        for folder in FOLDERS:
            for name in archive.below(folder):
                _extract(archive, name, home.folder / name)
        for name in archive.below("home"):
            if name.removeprefix("home/") in MARKS:
                _extract(archive, name, home.folder / name.removeprefix("home/"))
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Refusal(f"the disk is full: there is no room in {home.folder}. Nothing was kept there.") from None
        raise
    with connect(where) as connection:
        connection.execute("ANALYZE")
        found = rows(connection)
    expected: dict[str, int] = archive.manifest["database"]["rows"]
    if found != expected:
        table = min(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        raise BadArchive(f"the table {table} came back with {found.get(table)} rows instead of {expected.get(table)}.")
    return found


def clear(home: Home) -> None:
    """Remove what a home holds besides its keys."""
    for name in (*FOLDERS, "database"):
        shutil.rmtree(home.folder / name, ignore_errors=True)
    for mark in MARKS:
        (home.folder / mark).unlink(missing_ok=True)
    home.make()


def clear_tables(where: Address) -> None:
    """Drop everything in a database's own schema."""
    with connect(where) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _extract(archive: Reader, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file, archive.open(name) as source:
        shutil.copyfileobj(source, file, 1024 * 1024)
    moment = archive.modified(name)
    os.utime(target, (moment, moment))


# ── The tables ─────────────────────────────────────────────────────────────────────────────────────


def _load(archive: Reader, where: Address) -> None:
    """pg_restore writes SQL, psql runs it in one transaction: so a newer dump goes into an older server, too."""
    server = programs.server_major(where)
    place = programs.folder(max(server, int(archive.manifest["database"]["pg_dump"])))
    env = programs.environment(where)
    with _contents(archive, place, env) as wanted:
        words = ["--no-owner", "--no-privileges", "--no-comments", f"--use-list={wanted}", "--file=-"]
        reader = programs.Program(
            [str(place / "pg_restore"), *words], env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        quiet = [
            "--no-psqlrc",
            "--quiet",
            "--output=/dev/null",
            "--set=ON_ERROR_STOP=1",
            "--single-transaction",
            "--file=-",
        ]
        once = [*quiet, "--single-transaction", "--file=-", f"--dbname={programs.url(where)}"]
        loader = programs.Program([str(place / "psql"), *once], env, stdin=subprocess.PIPE)
        feeder = threading.Thread(target=_feed, args=(archive, reader), daemon=True)
        try:
            feeder.start()
            whole = _pass_on(reader, loader, server)
            if not whole:
                loader.finish()
            feeder.join()
            reader.finish()
            assert loader.process.stdin is not None
            loader.process.stdin.close()
            loader.finish()
        except BaseException:
            # psql must not commit half of it: it is killed before its input ends.
            loader.kill()
            reader.kill()
            raise


def _pass_on(reader: programs.Program, loader: programs.Program, server: int) -> bool:
    """Copy SQL from one to the other; False when the loader has stopped listening."""
    source, target = reader.process.stdout, loader.process.stdin
    assert source is not None and target is not None
    try:
        for _ in range(_SETTINGS_LINES):
            line = source.readline()
            if server >= _UNKNOWN_BEFORE.get(line, 0):
                target.write(line)
        shutil.copyfileobj(source, target, 1024 * 1024)
        target.flush()
    except BrokenPipeError:
        return False
    return True


def _feed(archive: Reader, program: programs.Program) -> None:
    assert program.process.stdin is not None
    with contextlib.suppress(BrokenPipeError), program.process.stdin as pipe, archive.open("database.dump") as dump:
        shutil.copyfileobj(dump, pipe, 1024 * 1024)


@contextlib.contextmanager
def _contents(archive: Reader, place: Path, env: dict[str, str]) -> Iterator[Path]:
    """A file that lists what to restore: everything but the schema `public` itself, which is there already."""
    program = programs.Program(
        [str(place / "pg_restore"), "--list"], env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    feeder = threading.Thread(target=_feed, args=(archive, program), daemon=True)
    feeder.start()
    assert program.process.stdout is not None
    listed = program.process.stdout.read().decode()
    program.process.stdout.close()
    try:
        program.finish()
    except DatabaseTrouble as error:
        raise BadArchive(f"the database in this backup cannot be read: {error}") from None
    finally:
        feeder.join()
    kept = [line for line in listed.splitlines() if " SCHEMA - public" not in line]
    with tempfile.NamedTemporaryFile("w", prefix="linli-restore-", suffix=".list") as file:
        file.write("\n".join(kept) + "\n")
        file.flush()
        yield Path(file.name)


def summary(archive: Reader) -> dict[str, Any]:
    """What a person wants to know of a backup before it is brought back."""
    manifest = archive.manifest
    return {
        "taken": manifest["taken"],
        "linli": manifest["linli"],
        "server": manifest["database"]["server"],
        "tables": len(manifest["database"]["rows"]),
        "rows": sum(manifest["database"]["rows"].values()),
        "files": sum(1 for folder in FOLDERS for _ in archive.below(folder)),
        "keys": "secrets.json" in archive.members,
    }
