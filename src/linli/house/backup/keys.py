"""The keys of a house in a backup: fingerprints always, the keys themselves only under a passphrase."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NAMES = ("secret_key", "seal_keys.json", "journal_key")
SHORTEST_PASSPHRASE = 12
_CONTEXT = b"linli.backup.secrets.1"
_COST = {"n": 2**15, "r": 8, "p": 1}


class WrongPassphrase(ValueError):
    """The passphrase does not open these keys."""


def fingerprint(secrets: Path, name: str) -> str:
    """A short mark of a key, from which the key cannot be had: it tells whether two homes hold the same."""
    return hmac.digest((secrets / name).read_bytes(), b"linli.fingerprint." + name.encode(), "sha256")[:6].hex()


def fingerprints(secrets: Path) -> dict[str, str]:
    """The marks of the keys that are there."""
    return {name: fingerprint(secrets, name) for name in NAMES if (secrets / name).is_file()}


def lock(secrets: Path, passphrase: str) -> dict[str, Any]:
    """Every file in `secrets`, encrypted (scrypt, AES-256-GCM), as a JSON object."""
    salt, nonce = os.urandom(16), os.urandom(12)
    texts = {path.name: path.read_text() for path in sorted(secrets.iterdir()) if _is_key(path)}
    box = AESGCM(_key(passphrase, salt, **_COST)).encrypt(nonce, json.dumps(texts).encode(), _CONTEXT)
    return {"kdf": "scrypt", **_COST, "salt": _text(salt), "nonce": _text(nonce), "box": _text(box)}


def unlock(locked: dict[str, Any], passphrase: str) -> dict[str, str]:
    """The texts by their names. Raises WrongPassphrase."""
    cost = {name: min(int(locked[name]), 2**20) for name in _COST}
    key = _key(passphrase, base64.b64decode(locked["salt"]), **cost)
    try:
        opened = AESGCM(key).decrypt(base64.b64decode(locked["nonce"]), base64.b64decode(locked["box"]), _CONTEXT)
    except InvalidTag:
        raise WrongPassphrase("the passphrase does not open the keys in this backup.") from None
    found: dict[str, str] = json.loads(opened)
    return {name: text for name, text in found.items() if "/" not in name and not name.startswith(".")}


def _is_key(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and path.name != "setup_token"


def _key(passphrase: str, salt: bytes, *, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
