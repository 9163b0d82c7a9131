"""What is known of the chain outside of the database: how far it has come.

A chain whose end was cut off is as sound as one that never had it. So the worker keeps the latest link in a
small signed file in the home folder, `keeping` brings one out of the house every day, and `journal checkpoint`
writes the same line for a place that nobody here can reach (paper, another authority). `verify` asks them all.

The signature is Ed25519, so that whoever keeps the line can check it with the public key that stands in it
and cannot make another. The private key is drawn from the journal's key: who restores the one has both.
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

_FORM = b"linli.journal.checkpoint.2\n"
_SEED = b"linli.journal.checkpoint.ed25519"


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
    """One line of JSON with the public key and a signature over the rest (`_signed` says over which bytes)."""
    private = _private_key()
    seals = {"key": public_key(), "signature": b64encode(private.sign(_signed(checkpoint))).decode()}
    return orjson.dumps({**asdict(checkpoint), **seals}).decode()


def parse(line: str) -> Checkpoint:
    """The checkpoint of a signed line. Raises BadCheckpoint; its words tell a stranger's from a changed one."""
    try:
        fields = orjson.loads(line)
        if "mac" in fields:
            return _of_first_form(fields)
        key, signature = fields.pop("key"), b64decode(fields.pop("signature"), validate=True)
        found = Checkpoint(**fields)
        whole = all(type(fields[name]) is kind for name, kind in _KINDS.items())
    except BadCheckpoint:
        raise
    except (ValueError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        raise BadCheckpoint("this is not a checkpoint")
    if key != public_key():
        raise BadCheckpoint("this checkpoint is of another house, or its key was changed")
    try:
        _public(key).verify(signature, _signed(found))
    except InvalidSignature:
        raise BadCheckpoint("the signature of the checkpoint is wrong: it was changed") from None
    return found


def public_key() -> str:
    """The key with which others check this house's checkpoints: base64 of 32 bytes."""
    return b64encode(_private_key().public_key().public_bytes_raw()).decode()


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


def _of_first_form(fields: dict[str, object]) -> Checkpoint:
    """A checkpoint of a house that has not sealed anything since signatures took the place of an HMAC."""
    mac = str(fields.pop("mac"))
    body = b"linli.journal.checkpoint.1\n" + orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    key: bytes = settings.LINLI_JOURNAL_KEY
    if not hmac.compare_digest(mac.encode(), hmac.digest(key, body, "sha256").hex().encode()):
        raise BadCheckpoint("the signature of the checkpoint is wrong: it was changed, or is of another house")
    return Checkpoint(**fields)  # type: ignore[arg-type]


_KINDS = {"number": int, "digest": str, "total": int, "sealed_at": str}


def _signed(checkpoint: Checkpoint) -> bytes:
    """What is signed: the form's name, a line feed, the four fields as compact JSON with sorted keys."""
    return _FORM + orjson.dumps(asdict(checkpoint), option=orjson.OPT_SORT_KEYS)


def _private_key() -> Ed25519PrivateKey:
    key: bytes = settings.LINLI_JOURNAL_KEY
    return Ed25519PrivateKey.from_private_bytes(hmac.digest(key, _SEED, "sha256"))


def _public(key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(b64decode(key))
