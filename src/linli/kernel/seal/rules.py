"""Encrypting one value of one column of one row.

A blob is one byte of key version, twelve bytes of nonce, and the ciphertext with its tag. The context
(`table:column:row`) is authenticated with it: a blob copied into another row or column does not open.
Keys come from `settings.LINLI_SEAL_KEYS` (version → 32 bytes); the highest version encrypts, all of them
decrypt.
"""

from __future__ import annotations

import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12
_INDEX = 16


class CannotOpen(ValueError):
    """The blob is not ours: changed, of another row, or encrypted with a key that is gone."""


def encrypt(text: str, context: str) -> bytes:
    """`text` sealed for `context` ("table:column:row") under the current key. Never twice the same blob."""
    keys: dict[int, bytes] = settings.LINLI_SEAL_KEYS
    version = max(keys)
    nonce = os.urandom(_NONCE)
    sealed = _cipher(keys[version]).encrypt(nonce, text.encode(), _bound(version, context))
    return bytes([version]) + nonce + sealed


def decrypt(blob: bytes | memoryview, context: str) -> str:
    """What was sealed for `context`. Raises CannotOpen."""
    raw = bytes(blob)
    version = key_version(raw)
    key = settings.LINLI_SEAL_KEYS.get(version)
    if key is None:
        raise CannotOpen(f"key version {version} is not in the key file")
    nonce, sealed = raw[1 : 1 + _NONCE], raw[1 + _NONCE :]
    try:
        return _cipher(key).decrypt(nonce, sealed, _bound(version, context)).decode()
    except (InvalidTag, ValueError):
        raise CannotOpen(f"the value sealed for {context} was changed or belongs elsewhere") from None


def key_version(blob: bytes | memoryview) -> int:
    """Which key a blob needs. Raises CannotOpen for an empty one."""
    if not blob:
        raise CannotOpen("there is nothing to open")
    return bytes(blob[:1])[0]


def blind_index(text: str, purpose: str) -> bytes:
    """Sixteen bytes that are equal for equal texts of one purpose, and say nothing else about them.

    Normalise the text first (a phone to its digits). The index uses the oldest key, so that it stays the same
    when a new key version is added; purposes have keys of their own, so that two columns cannot be joined.
    """
    keys: dict[int, bytes] = settings.LINLI_SEAL_KEYS
    own = hmac.digest(keys[min(keys)], b"linli.seal.index.1\n" + purpose.encode(), "sha256")
    return hmac.digest(own, text.encode(), "sha256")[:_INDEX]


def _bound(version: int, context: str) -> bytes:
    return b"linli.seal.1\n%d\n" % version + context.encode()


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    if len(key) != 32:
        raise ValueError("a seal key has 32 bytes")
    return AESGCM(key)
