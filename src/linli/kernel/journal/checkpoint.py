"""What is known of the chain outside of the database: how far it has come.

A chain whose end was cut off is as sound as one that never had it. So the worker keeps the latest link in a
small
signed file in the home folder, and `journal checkpoint` prints the same line for a place that nobody here can
reach (paper, another authority). `verify` asks both.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import orjson
from django.conf import settings

_FORM = b"linli.journal.checkpoint.1\n"


class BadCheckpoint(ValueError):
    """The file is not a checkpoint that this journal has signed."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain's end at one moment: the latest batch, its digest (hex), the entries sealed up to it."""

    number: int
    digest: str
    total: int
    sealed_at: str

    @classmethod
    def of(cls, number: int, digest: bytes, total: int, sealed_at: datetime) -> Checkpoint:
        return cls(number, digest.hex(), total, sealed_at.isoformat())


def sign(checkpoint: Checkpoint) -> str:
    """One line of JSON with a signature."""
    fields = asdict(checkpoint)
    return orjson.dumps({**fields, "mac": _mac(fields)}).decode()


def parse(line: str) -> Checkpoint:
    """The checkpoint of a signed line. Raises BadCheckpoint."""
    try:
        fields = orjson.loads(line)
        mac = fields.pop("mac")
        found = Checkpoint(**fields)
        genuine = hmac.compare_digest(mac, _mac(asdict(found)))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadCheckpoint("this is not a checkpoint") from None
    if not genuine:
        raise BadCheckpoint("the signature of the checkpoint is wrong")
    return found


def path() -> Path | None:
    """The file in the home folder, or None without a home."""
    home = getattr(settings, "LINLI_HOME", None)
    return Path(home) / "journal.checkpoint" if home else None


def load() -> Checkpoint | None:
    """What the file in the home folder says; None when there is none yet. Raises BadCheckpoint."""
    file = path()
    try:
        return parse(file.read_text()) if file else None
    except FileNotFoundError:
        return None


def advance(checkpoint: Checkpoint) -> None:
    """Write the file, unless it knows more already. A spoilt file is left for `verify` to report."""
    file = path()
    if file is None or not file.parent.is_dir():
        return
    try:
        known = load()
    except BadCheckpoint:
        return
    if known is None or known.number < checkpoint.number:
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        draft.write_text(sign(checkpoint) + "\n")
        draft.replace(file)


def _mac(fields: dict[str, object]) -> str:
    body = _FORM + orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    key: bytes = settings.LINLI_JOURNAL_KEY
    return hmac.digest(key, body, "sha256").hex()
