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

SEAL_KEYS = "seal_keys.json"
NAMES = ("secret_key", SEAL_KEYS, "journal_key")
SHORTEST_PASSPHRASE = 12
_CONTEXT = b"linli.backup.secrets.1"
_COST = {"n": 2**15, "r": 8, "p": 1}


class WrongPassphrase(ValueError):
    """The passphrase does not open these keys."""


def fingerprints(secrets: Path) -> dict[str, str]:
    """The mark of each key that is there, `seal_keys.json:1` for each version of the keys of encrypted columns.

    A mark is short and does not give the key away; it tells whether two homes, or a home and a backup, agree.
    """
    found = {}
    for name in NAMES:
        path = secrets / name
        if not path.is_file():
            continue
        if name == SEAL_KEYS:
            for version, key in sorted(json.loads(path.read_text())["keys"].items()):
                found[f"{name}:{version}"] = _mark(f"{name}:{version}", key)
        else:
            found[name] = _mark(name, path.read_text())
    return found


def differences(wanted: dict[str, str], secrets: Path) -> tuple[list[str], list[str]]:
    """Names of keys that are missing here, and of those that are other ones. More keys than wanted are welcome."""
    here = fingerprints(secrets)
    missing = [name for name in wanted if name not in here]
    return missing, [name for name in wanted if name in here and here[name] != wanted[name]]


def add_seal_key(secrets: Path) -> int:
    """Put a new version beside the keys of encrypted columns; returns its number. What is new is sealed with it."""
    path = secrets / SEAL_KEYS
    kept = json.loads(path.read_text())
    version = max(map(int, kept["keys"])) + 1
    if version > 255:  # a blob has one byte for it
        raise ValueError("there are 255 versions already")
    kept["keys"][str(version)] = _text(os.urandom(32))
    part = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(kept, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return version


def _mark(name: str, text: str) -> str:
    return hmac.digest(text.encode(), b"linli.fingerprint." + name.encode(), "sha256")[:6].hex()


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
