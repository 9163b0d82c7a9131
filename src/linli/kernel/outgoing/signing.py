"""The Standard Webhooks signature (standardwebhooks.com, version 1): HMAC-SHA256 over id, timestamp and body.

A secret is `whsec_` and 24 to 64 bytes in base64. While a secret is being replaced, a message carries one
signature for each secret that is still good; the receiver is content with any of them.
"""

from __future__ import annotations

import binascii
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class BadSignature(ValueError):
    """The message was not signed with the secret, or not lately; the text says which."""


def new_secret() -> str:
    """A fresh secret of 32 bytes, as its receiver wants it written."""
    return PREFIX + b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret, with or without its prefix. Raises ValueError."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a webhook secret is base64") from None
    if not 24 <= len(key) <= 64:
        raise ValueError("a webhook secret has 24 to 64 bytes")
    return key


def sign(secret: str | Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of one message. Several secrets (newest first) make several signatures.

    Raises ValueError for no secret, a secret that is none, an id with a full stop, a naive moment.
    """
    held = [secret] if isinstance(secret, str) else list(secret)
    if not held or not message_id or "." in message_id or at.tzinfo is None:
        raise ValueError("a message needs a secret, an id without full stops and an aware moment")
    stamp = str(int(at.timestamp()))
    return {
        ID: message_id,
        TIMESTAMP: stamp,
        SIGNATURE: " ".join(f"v1,{_signature(key_of(each), message_id, stamp, body)}" for each in held),
    }


def verify_signature(
    secret: str | Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime | None = None,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Check the headers of a message against the secrets that are good; returns its id. Raises BadSignature.

    Compares in constant time. A moment further from `now` than the tolerance, either way, is refused, so
    that a message overheard cannot be played again later; within it, the id tells a repetition.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, stamp, signatures = given[ID], given[TIMESTAMP], given[SIGNATURE]
    except KeyError as missing:
        raise BadSignature(f"the header {missing.args[0]} is missing") from None
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise BadSignature("the timestamp is not a number of seconds")
    if abs((now or datetime.now(UTC)).timestamp() - int(stamp)) > tolerance.total_seconds():
        raise BadSignature("the timestamp is too far from the present")
    held = [secret] if isinstance(secret, str) else list(secret)
    expected = [_signature(key_of(each), message_id, stamp, body) for each in held]
    found = [mark.removeprefix("v1,") for mark in signatures.split(" ") if mark.startswith("v1,")]
    fits = False
    for mark in found[:20]:
        for wanted in expected:
            fits |= hmac.compare_digest(mark.encode("utf-8", "replace"), wanted.encode())
    if not fits:
        raise BadSignature("no signature fits")
    return message_id


def _signature(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    signed = f"{message_id}.{stamp}.".encode("utf-8", "replace") + body
    return b64encode(hmac.digest(key, signed, "sha256")).decode()
