"""Uploaded files between a preview and its confirmation: kept in the home folder for a day, for their owner only."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Conflict

KEPT_SECONDS = 24 * 3600
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that was looked at and is not taken in yet."""

    key: str
    name: str
    data: bytes


def keep(owner: str, name: str, data: bytes) -> str:
    """Keep a file; returns the key to ask for it. What is older than a day goes."""
    folder = _folder()
    _clear(folder)
    key = secrets.token_hex(16)
    path = folder / f"{key}.json"
    head = json.dumps({"owner": owner, "name": name[:200]}).encode() + b"\n"
    path.touch(mode=0o600)
    path.write_bytes(head + data)
    return key


def fetch(owner: str, key: str) -> Waiting:
    """The file of that key. Raises Conflict when it is gone or somebody else's: it has to be chosen again."""
    gone = Conflict(_("这份文件已过期或已处理。"), "upload.gone", "file", what_next=_("请重新选择文件上传。"))
    if not _KEY.fullmatch(key):
        raise gone
    try:
        head, data = (_folder() / f"{key}.json").read_bytes().split(b"\n", 1)
    except OSError:
        raise gone from None
    facts = json.loads(head)
    if facts["owner"] != owner:
        raise gone
    return Waiting(key, facts["name"], data)


def drop(key: str) -> None:
    """Forget a file."""
    if _KEY.fullmatch(key):
        (_folder() / f"{key}.json").unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(settings.LINLI_HOME) / "waiting"
    folder.mkdir(mode=0o700, exist_ok=True, parents=True)
    return folder


def _clear(folder: Path) -> None:
    for path in folder.glob("*.json"):
        try:
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()
        except OSError:
            continue
