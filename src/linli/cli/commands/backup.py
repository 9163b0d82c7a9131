"""`backup [--to FILE|FOLDER] [--with-secrets]`: the whole house in one file, while it goes on working."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from linli.cli.main import Trouble
from linli.cli.session import database, say
from linli.house.backup import keys
from linli.house.home import Home

ENDING = ".linli.tar"
VARIABLE = "LINLI_BACKUP_PASSPHRASE"


def run(home: Home, words: list[str]) -> int:
    parser = argparse.ArgumentParser("./linli backup", description=__doc__)
    parser.add_argument("--to", default="", help="a file, or a folder for a file named after the moment")
    parser.add_argument("--with-secrets", action="store_true", help="the keys too, under a passphrase")
    parser.add_argument("--passphrase-file", help=f"read the passphrase from this file (or from {VARIABLE})")
    chosen = parser.parse_args(words)
    if not home.secrets.is_dir():
        raise Trouble(f"{home.folder} is no home of Linli yet: there is nothing to back up.")
    target = place(home, chosen.to)
    phrase = ""
    if chosen.with_secrets:
        say(
            "This backup will hold the keys of the house: whoever has the file and the passphrase reads every "
            "telephone number. Keep the passphrase apart from the file."
        )
        phrase = passphrase(chosen.passphrase_file, twice=True)
    from linli.house.backup.take import DiskFull, take

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.house.settings")
    with database(home):
        from linli.house.backup.last import remember
        from linli.house.database import address

        where = address(home)
        try:
            taken = take(home, where, target, passphrase=phrase, say=say)
        except (DiskFull, OSError) as error:
            reason = str(error) if isinstance(error, DiskFull) else f"{target}: {error.strerror or error}"
            raise Trouble(reason) from None
        remember(where, taken)
    print(
        f"{taken.path}  {taken.size / 1e6:.1f} MB, {taken.rows} rows in {taken.tables} tables, "
        f"{taken.files} files, {taken.seconds:.1f} s"
    )
    if not phrase:
        say(f"The keys are not in it: keep a copy of {home.secrets} in another place.")
    return 0


def place(home: Home, to: str) -> Path:
    """The file to write. Raises Trouble."""
    name = f"linli-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{ENDING}"
    try:
        if not to:
            folder = home.folder / "backups"
            folder.mkdir(mode=0o700, exist_ok=True)
            return folder / name
        target = Path(to).expanduser().absolute()
        if target.is_dir() or to.endswith("/"):
            target.mkdir(parents=True, exist_ok=True, mode=0o700)
            return target / name
    except OSError as error:
        raise Trouble(f"{error.filename or to}: {error.strerror}.") from None
    if not target.parent.is_dir():
        raise Trouble(f"there is no folder {target.parent}.")
    return target


def passphrase(file: str | None, *, twice: bool) -> str:
    """From a file, the environment or the terminal. Raises Trouble."""
    if file:
        try:
            phrase = Path(file).read_text().strip("\n")
        except OSError as error:
            raise Trouble(f"{file}: {error.strerror}.") from None
    elif VARIABLE in os.environ:
        phrase = os.environ[VARIABLE]
    elif sys.stdin.isatty():
        phrase = getpass.getpass("Passphrase: ")
        if twice and getpass.getpass("Again: ") != phrase:
            raise Trouble("the two were not the same.")
    else:
        raise Trouble(f"a passphrase is needed: --passphrase-file FILE, or {VARIABLE}.")
    if twice and len(phrase) < keys.SHORTEST_PASSPHRASE:
        raise Trouble(f"the passphrase needs {keys.SHORTEST_PASSPHRASE} characters or more.")
    return phrase
