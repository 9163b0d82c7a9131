"""`restore FILE`: bring a house back from a backup into an empty home, and prove that it is whole."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from linli.cli import running
from linli.cli.commands.backup import VARIABLE, passphrase
from linli.cli.main import Trouble
from linli.cli.session import database, say
from linli.house.backup import bring_back as back
from linli.house.backup import keys
from linli.house.backup.archive import BadArchive, Reader
from linli.house.backup.bring_back import Refusal
from linli.house.home import Home
from linli.kernel.database import Address, DatabaseTrouble


def run(home: Home, words: list[str]) -> int:
    parser = argparse.ArgumentParser("./linli restore", description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--database-url", help="into this database instead of the home's own")
    parser.add_argument("--fresh", action="store_true", help="throw away what is in the home first (not the keys)")
    parser.add_argument("--yes", action="store_true", help="do not ask before --fresh")
    parser.add_argument("--passphrase-file", help=f"passphrase of the keys in the backup (or {VARIABLE})")
    chosen = parser.parse_args(words)
    if chosen.database_url:
        os.environ["DATABASE_URL"] = chosen.database_url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.house.settings")
    try:
        with Reader(Path(chosen.file)) as archive:
            return restore(archive, home.make(), chosen)
    except OSError as error:
        raise Trouble(f"{error.filename or chosen.file}: {error.strerror or error}.") from None
    except (BadArchive, Refusal) as error:
        raise Trouble(str(error)) from None


def restore(archive: Reader, home: Home, chosen: argparse.Namespace) -> int:
    found = back.summary(archive)
    say(
        f"Backup of {found['taken']} by Linli {found['linli']}: {found['rows']} rows in {found['tables']} tables, "
        f"{found['files']} files. Comparing it with its manifest …"
    )
    archive.verify()
    back.check(archive, migrations_here())
    with running.only_one(home):
        make_room(home, fresh=chosen.fresh, asked=chosen.yes)
        put_keys(archive, home, chosen.passphrase_file)
        try:  # settings are read from here on, not before: they make the keys that are missing
            with database(home):
                return bring_back(archive, home)
        except (BadArchive, Refusal, DatabaseTrouble, OSError):
            undo(home)
            raise


def bring_back(archive: Reader, home: Home) -> int:
    """Tables, files, what a newer Linli changes in them, and the proof."""
    from linli.house.database import address

    where = address(home)
    if back.tables_in(where):
        raise Trouble("the database is not empty; restore into an empty one, or say --fresh.")
    try:
        rows = back.bring_back(archive, home, where, say=say)
    except Exception:
        with contextlib.suppress(Exception):
            back.clear_tables(where)
        raise
    for table, count in rows.items():
        if count:
            print(f"{count:>10}  {table}")
    print(f"{sum(rows.values()):>10}  rows in {len(rows)} tables, {back.summary(archive)['files']} files", flush=True)
    import django

    django.setup()
    from linli.cli.prepare import migrate
    from linli.kernel.journal import verify

    migrate()
    code = verify.main()
    if code:
        say("The tables are back, but the journal is not what it was: see above.")
    return code


def migrations_here() -> list[tuple[str, str]]:
    """(app, name) of all migrations this Linli knows, asked in a home that is thrown away: no key is made here."""
    code = (
        "import django, json; django.setup()\n"
        "from django.db.migrations.loader import MigrationLoader\n"
        "print(json.dumps(sorted(MigrationLoader(None).disk_migrations)))"
    )
    with tempfile.TemporaryDirectory(prefix="linli-") as folder:
        environment = running.environment(Home(Path(folder)), "linli restore")
        environment.pop("DATABASE_URL", None)
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return [(app, name) for app, name in json.loads(done.stdout)]


def make_room(home: Home, *, fresh: bool, asked: bool) -> None:
    """Refuse a home that is not empty, or empty it after asking. Raises Trouble."""
    outside = os.environ.get("DATABASE_URL")
    in_the_way = back.what_is_in(home, database_is_ours=not outside)
    if outside and back.tables_in(Address.parse(outside)):
        in_the_way.append("the tables of DATABASE_URL")
    if not in_the_way:
        return
    if not fresh:
        raise Trouble(
            f"{home.folder} is not empty ({', '.join(in_the_way)}). Restore into a new home with --home DIR, "
            "or say --fresh to throw away what is there."
        )
    if not asked:
        if not sys.stdin.isatty():
            raise Trouble("--fresh throws data away: confirm with --yes.")
        answer = input(f"Throw away {', '.join(in_the_way)} of {home.folder}? [y/N] ")
        if answer.strip().lower() not in {"y", "yes", "是"}:
            raise Trouble("nothing was changed.")
    undo(home)
    if outside:
        back.clear_tables(Address.parse(outside))


def undo(home: Home) -> None:
    """Leave the home empty; its keys stay."""
    if not os.environ.get("DATABASE_URL"):
        from linli.house.database import cluster

        cluster(home).stop()
        back.clear(home)
        return
    kept = home.folder / "database"
    back.clear(home)
    kept.mkdir(exist_ok=True, mode=0o700)


def put_keys(archive: Reader, home: Home, file: str | None) -> None:
    """The keys of the backup, unless the home has them."""
    missing, _ = keys.differences(archive.manifest["keys"], home.secrets)
    phrase = ""
    if missing and "secrets.json" in archive.members:
        phrase = passphrase(file, twice=False)
    back.put_keys(archive, home, phrase)
