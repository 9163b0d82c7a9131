"""Brings a home up to date: tables, translations, static files, and for a demo the town.

Run as a process by `demo` and `serve` (`python -m linli.cli.prepare [--demo SIZE SEED]`): progress goes
to stderr; stdout is one JSON object, or with exit code 1 the sentence to show. Each step is skipped
when there is nothing to do, so that a second start is quick.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any, cast

from linli.cli.main import Trouble
from linli.cli.messages import compile_messages
from linli.cli.session import say
from linli.house.home import Home, HomeTrouble
from linli.kernel.database import DatabaseTrouble
from linli.kernel.database.address import BadAddress


def main(words: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.house.settings")
    home = Home.current()
    compile_messages()
    import django

    try:
        if words[:1] == ["--demo"]:
            (home.folder / "demo").touch(mode=0o600)
        refuse_unsuitable_server()
        django.setup()
        migrate()
        refuse_other_keys(home)
        collect_static(home)
        answer: dict[str, Any] = {}
        if words[:1] == ["--demo"]:
            build_town(home, words[1], *map(int, words[2:]))
            answer["accounts"] = accounts()
        elif not has_accounts():
            answer["setup_token"] = home.setup_token()
        print(json.dumps(answer))
    except (Trouble, HomeTrouble, DatabaseTrouble, BadAddress) as trouble:
        print(trouble)
        return 1
    except Exception as error:
        if not is_disk_full(error):
            raise
        print(f"The disk is full: there is no room in {home.folder}. Free some and start again.")
        return 1
    return 0


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk is to blame: ours, or the one of the database."""
    return getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in str(error)


def refuse_unsuitable_server() -> None:
    """A server of DATABASE_URL must be one that Linli can live on."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return
    from linli.kernel.database import Address, outside

    found = outside.complaints(Address.parse(url))
    if found:
        raise Trouble(" ".join(f"{wrong} {mend}" for wrong, mend in found))


def migrate() -> None:
    """Apply what is not applied."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say(f"Laying out the tables ({len(plan)} steps) …")
        call_command("migrate", verbosity=0, interactive=False)


def refuse_other_keys(home: Home) -> None:
    """A machine with keys of its own would write what the others cannot read."""
    from linli.house import shared

    found = shared.settle(home)
    if not found.keys:
        raise Trouble(
            f"the keys in {home.secrets} are not those of this house ({', '.join(found.missing + found.others)}). "
            "Copy the folder from the first machine or from where you keep it; `./linli keys list` compares."
        )


def static_digest() -> str:
    """Names, sizes and times of all static files, and the version of what processes them."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(b"1")
    for finder in get_finders():
        for name, storage in finder.list(None):
            found = os.stat(storage.path(name))
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static(home: Home) -> None:
    """Collect, name by content and compress the static files, if any of them changed."""
    from django.core.management import call_command

    stamp = home.static / ".stamp"
    digest = static_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("Collecting static files …")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest)


def has_accounts() -> bool:
    from django.contrib.auth import get_user_model

    return get_user_model()._default_manager.exists()


def accounts() -> str:
    """What `manage accounts` prints: the demo's accounts, one for every kind of person."""
    from django.core.management import call_command, get_commands

    if "accounts" not in get_commands():
        return ""
    text = io.StringIO()
    call_command("accounts", stdout=text)
    return text.getvalue()


# ── The town ───────────────────────────────────────────────────────────────────────────────────────


def build_town(home: Home, size: str, seed: int, cases: int = 0) -> None:
    """Build the demo town once. A town whose building was cut off is torn down and built anew."""
    from linli.house.models import Note

    note = Note.read("demo")
    if note and note.get("complete"):
        if (note["size"], note["seed"]) != (size, seed):
            say(
                f"This home holds the town of size {note['size']}, seed {note['seed']}; "
                "for another one use --fresh or another --home."
            )
        return
    if note is None and has_accounts():
        raise Trouble(f"{home.folder} is a real house, no demo. Choose another --home for the demo.")
    if note is not None:
        say("The last start was cut off while it built the town; starting over …")
        tear_down(home)
    Note.write("demo", {"size": size, "seed": seed, "complete": False})
    from linli.demo.build import Size, build

    began = time.monotonic()
    say(f"Building the demo town ({size}); this is done once …")
    build(cast(Size, size), seed, Progress(), home=str(home.folder), cases=cases)
    Note.write("demo", {"size": size, "seed": seed, "complete": True})
    say(f"The town is built ({time.monotonic() - began:.0f} s).")


def tear_down(home: Home) -> None:
    """Empty the database and the files of a half-built town."""
    empty_database()
    for entry in Path(home.files).iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    # How far the chain of the old journal had come says nothing about the new one.
    (home.folder / "journal.checkpoint").unlink(missing_ok=True)


def empty_database() -> None:
    """Drop everything that is in the schema, and lay out the tables anew."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(f"DROP SCHEMA {schema} CASCADE")
        cursor.execute(f"CREATE SCHEMA {schema}")
    connection.close()
    migrate()


class Progress:
    """Shows how far a long step is: `progress(words, done, total)`; on a terminal in one line."""

    def __init__(self) -> None:
        self._shown = ""
        self._last = 0.0

    def __call__(self, words: str, done: int = 0, total: int = 0) -> None:
        share = f" {done}/{total}" if total else ""
        line = f"  {words}{share}"
        now = time.monotonic()
        new_step = words != self._shown
        if not new_step and done < total and now - self._last < (0.1 if sys.stderr.isatty() else 5):
            return
        if sys.stderr.isatty():
            sys.stderr.write(("\n" if new_step and self._shown else "\r") + line + "\x1b[K")
            sys.stderr.flush()
        else:
            say(line)
        self._shown, self._last = words, now


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
