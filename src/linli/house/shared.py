"""What every machine on one database must have in common: the keys, and the folder with the pictures.

The database remembers marks of the keys of the house and the name of its folder of pictures. A machine with other
keys would write what no other can read: it does not start. A machine with a folder of its own would miss pictures:
`check` says so.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from linli.house.backup import keys
from linli.house.home import Home
from linli.house.models import Note

KEYS_NOTE = "keys"
FILES_NOTE = "files"
FILES_MARK = "linli-house"
"""A file in `files/` with the name of the folder; it is part of backups."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Names of keys that are missing here or other ones than the house has; whether the pictures are the house's."""

    missing: list[str]
    others: list[str]
    files: bool

    @property
    def keys(self) -> bool:
        return not self.missing and not self.others


def agreement(home: Home) -> Agreement:
    """Compare this home with what the database remembers; a database that remembers nothing agrees with all."""
    known = Note.read(KEYS_NOTE)
    missing, others = keys.differences(known or {}, home.secrets)
    folder = Note.read(FILES_NOTE)
    return Agreement(missing, others, folder is None or folder["name"] == _name(home))


def settle(home: Home) -> Agreement:
    """Compare, and let the database remember what it does not know yet: of a new house, or a new key."""
    found = agreement(home)
    if not found.keys:
        return found
    here = keys.fingerprints(home.secrets)
    if Note.read(KEYS_NOTE) != here:
        Note.write(KEYS_NOTE, here)
    if Note.read(FILES_NOTE) is None:
        path = home.files / FILES_MARK
        if not path.exists():
            path.write_text(secrets.token_hex(8) + "\n")
            path.chmod(0o600)
        Note.write(FILES_NOTE, {"name": _name(home)})
    return found


def forget_key(name: str) -> None:
    """The operator changes this key on purpose: the next start remembers the new one."""
    known = Note.read(KEYS_NOTE) or {}
    if known.pop(name, None) is not None:
        Note.write(KEYS_NOTE, known)


def _name(home: Home) -> str:
    try:
        return (home.files / FILES_MARK).read_text().strip()
    except OSError:
        return ""
