"""Carry a request out once, or give the answer it had."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.errors import Conflict, Refused

KEPT_FOR = dt.timedelta(hours=24)

# A row that has outlived its day is taken over as if it were not there.
_CLAIM = """
INSERT INTO once_keptanswer AS k (owner, key, request_hash, status, headers, body, at)
VALUES (%(owner)s, %(key)s, %(hash)s, 0, '{}', '', %(at)s)
ON CONFLICT (owner, key) DO UPDATE SET request_hash = excluded.request_hash, at = excluded.at
  WHERE k.at < %(stale)s
RETURNING id
"""
_FIND = "SELECT request_hash, status, headers, body FROM once_keptanswer WHERE owner = %s AND key = %s"
_KEEP = "UPDATE once_keptanswer SET status = %s, headers = %s, body = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it can be given again. replayed: it was given before."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    replayed: bool = False


def once(owner: int, key: str, request_hash: bytes, act: Callable[[], Kept]) -> Kept:
    """The answer of `act`, or the one it gave to the same key within 24 hours. Errors of `act` leave the key unused.

    owner: whose keys they are; key: 1–255 characters; request_hash: of all that makes the request.
    Raises Refused (once.other_request) when the key belongs to another request.
    """
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Refused(_("Idempotency-Key 须为 1 到 255 个可见字符。"), "once.key")
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"owner": owner, "key": key, "hash": request_hash, "at": now, "stale": now - KEPT_FOR})
        claimed = cursor.fetchone()
        if claimed is not None:
            answer = act()
            cursor.execute(_KEEP, [answer.status, json.dumps(answer.headers), answer.body, claimed[0]])
            return answer
        cursor.execute(_FIND, [owner, key])
        found = cursor.fetchone()
    if found is None:  # swept away between the two statements
        raise Conflict(_("这个请求正在处理，请稍后再试。"), "once.again")
    if bytes(found[0]) != request_hash:
        raise Refused(
            _("这个 Idempotency-Key 已经用在另一个请求上。"),
            "once.other_request",
            what_next=_("每个新请求都用一个新的 Idempotency-Key。"),
        )
    headers = found[2] if isinstance(found[2], dict) else json.loads(found[2])
    return Kept(found[1], bytes(found[3]), headers, replayed=True)
