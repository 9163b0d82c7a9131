"""The canonical form of an entry and of a batch, and the macs and digests over them. Pure: the key is given.

The form must survive a round trip through PostgreSQL's jsonb, which reorders keys and rewrites numbers. So
keys
are sorted, and floats become strings when an entry is recorded: what is kept is what was sealed. Text is kept
code point for code point (no Unicode normalisation), except for what PostgreSQL cannot store: NUL becomes ␀
and a lone surrogate becomes "?".
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

import orjson
from django.utils.functional import Promise

ActorKind = Literal["person", "system", "anonymous"]

_ENTRY = b"linli.journal.entry.1\n"
_BATCH = b"linli.journal.batch.1\n"
_LARGEST = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

GENESIS = b"\0" * 32
"""The previous digest of the first batch."""
TAG_SIZE = 8
"""Bytes of each mac that a batch keeps in the open, to name an entry that was put in another's place."""
NO_MAC = b"\0" * 32
"""Stands in a batch's digest for an entry that was gone before it could be sealed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and for which post, by the names of that moment."""

    account_id: int | None
    name: str
    post_id: int | None = None
    post_name: str = ""
    kind: ActorKind = "person"


def clean(text: str | Promise) -> str:
    """Text that PostgreSQL stores and gives back unchanged. Lazy texts are spoken in the present language."""
    words = str(text)
    if words.isascii():
        return words.replace("\0", "␀")
    try:
        words.encode()
    except UnicodeEncodeError:
        words = words.encode("utf-8", "replace").decode()
    return words.replace("\0", "␀")


def plain(value: Any) -> Any:
    """`value` in the few types that survive jsonb: dict, list, str, int (64 bits), bool, None.

    Floats, decimals and larger integers become strings, moments ISO strings in UTC. Raises TypeError for
    what has no evident form (a model instance: name the fields that matter).
    """
    if value is None or value is True or value is False:
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str | Promise):
        return clean(value)
    if isinstance(value, int):
        return int(value) if -_LARGEST <= value <= _LARGEST else str(value)
    if isinstance(value, Mapping):
        return {clean(str(plain(key))): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=lambda item: orjson.dumps(item, option=_SORTED))
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, Decimal | UUID | timedelta):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    raise TypeError(f"the journal cannot keep a {type(value).__name__}; give the fields that matter")


_SORTED = orjson.OPT_SORT_KEYS


def micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC, exactly (a float of seconds would not be)."""
    return (moment - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Row:
    """The content of an entry: every column but `id` and `mac`, in `plain` types."""

    uid: UUID
    at: datetime
    actor_kind: str
    actor_id: int | None
    actor_name: str
    post_id: int | None
    post_name: str
    action: str
    object_type: str
    object_id: str
    before: Any
    after: Any
    words: str
    note: str
    evidence: Any
    place_ids: list[int]
    request_key: str | None


COLUMNS = Row.__slots__
"""The columns that a mac binds, in the order of the canonical form."""


def entry_mac(key: bytes, content: Iterable[Any]) -> bytes:
    """HMAC-SHA256 over the canonical content: the values of COLUMNS, in order.

    Raises TypeError or ValueError for values that `plain` would not have let through.
    """
    uid, at, *rest = content
    body = orjson.dumps([str(uid), micros(at), *rest], option=_SORTED)
    return hmac.digest(key, _ENTRY + body, "sha256")


def batch_digest(
    number: int, sealed_at: datetime, total: int, previous: bytes, members: Iterable[tuple[int, bytes]]
) -> bytes:
    """SHA-256 that binds a batch's place in the chain and every (id, mac) in it."""
    digest = sha256(_BATCH)
    digest.update(b"%d %d %d\n" % (number, micros(sealed_at), total))
    digest.update(previous)
    for entry_id, mac in members:
        digest.update(b"%d " % entry_id)
        digest.update(mac)
    return digest.digest()


def batch_mac(key: bytes, digest: bytes) -> bytes:
    """The signature of a batch; a chain computed without the key is told apart from ours."""
    return hmac.digest(key, _BATCH + digest, "sha256")
