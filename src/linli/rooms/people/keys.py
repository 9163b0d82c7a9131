"""Keys for machines: what a key looks like, what its scopes allow, and who a machine is that shows one.

A key acts through a service account of its own, so that journal, rights and foreign keys hold as for people. Its
viewer carries one synthetic post: the duties of the scopes, held for the key's place (or unit). The count of the
present minute lives in the database, so the limit holds over every web process; finding the key and counting are
one statement, and one row for each key, never more.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import NotAllowed, TooMany
from linli.rooms.people.rights import HeldPost, Viewer

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_SHAPE = re.compile(r"linli_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")

SCOPES = {
    "report": _("上报问题、上传照片"),
    "read": _("查看事件、责任清单"),
    "steps": _("办理事件的各个环节"),
    "manage": _("导出、导入、合并、督办、管理订阅"),
    "configure": _("维护事项目录、责任单位、网格和楼栋"),
    "appoint": _("任免岗位"),
}
_DUTIES: dict[str, frozenset[str]] = {
    "report": frozenset({"case.report"}),
    "read": frozenset({"case.view", "matrix.view"}),
    "steps": frozenset(
        {
            "case.view",
            "case.check",
            "case.accept",
            "case.register",
            "case.dispatch",
            "case.receive",
            "case.handle",
            "case.confirm",
            "case.verify",
            "case.close",
            "case.merge",
            "case.approve",
            "case.publish",
            "case.note",
            "case.mark",
        }
    ),
    "manage": frozenset(
        {"case.view", "case.export", "case.import", "case.merge", "case.publish", "case.supervise", "command.view"}
    ),
    "configure": frozenset(
        {"catalogue.edit", "units.edit", "places.edit_grids", "places.publish_grids", "places.edit_buildings"}
    ),
    "appoint": frozenset({"posts.edit"}),
}
WHOLE_HOUSE = frozenset({"configure", "appoint"})
"""What administrators do reaches the whole house: such a key is for no smaller place, and for no unit."""


def duties_of(scopes: Iterable[str]) -> frozenset[str]:
    """The capabilities of some scopes. Who may both report and read may also record what somebody else told."""
    chosen = set(scopes)
    found = frozenset[str]().union(*(_DUTIES[scope] for scope in chosen))
    return found | {"case.intake"} if {"report", "read"} <= chosen else found


def new_prefix() -> str:
    return "".join(secrets.choice(_ALPHABET) for _position in range(8))


def new_secret(prefix: str) -> str:
    """A whole key: recognizable by scanners of source code, 256 random bits."""
    return f"linli_{prefix}_{secrets.token_urlsafe(32)}"


def hashed(secret: str) -> bytes:
    """What is kept of a key. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Admission:
    """A machine that was let in. limit, left: requests of this minute; resets_in: seconds until the next one."""

    viewer: Viewer
    key_id: int
    limit: int
    left: int
    resets_in: int


_FIND = """
WITH k AS (
  SELECT k.id, k.name, k.scopes, k.place_id, k.unit_id, k.account_id, k.per_minute, k.last_used_on,
         k.revoked_at IS NOT NULL AS revoked, coalesce(k.expires_at <= %(at)s, false) AS expired,
         k.secret_hash <> %(hash)s AS outlived
  FROM people_accesskey k
  WHERE k.prefix = %(prefix)s AND (k.secret_hash = %(hash)s OR k.old_hash = %(hash)s AND k.old_until > %(at)s)
), present AS (SELECT extract(epoch FROM clock_timestamp())::bigint AS second),
counted AS (
  INSERT INTO people_keyuse AS u (key_id, minute, used)
  SELECT k.id, present.second / 60, 1 FROM k, present WHERE NOT k.revoked AND NOT k.expired
  ON CONFLICT (key_id) DO UPDATE
    SET used = CASE WHEN u.minute = excluded.minute THEN u.used + 1 ELSE 1 END, minute = excluded.minute
  RETURNING used
)
SELECT k.*, (SELECT used FROM counted), 60 - present.second %% 60, p.name_zh, n.name_zh
FROM k JOIN places_place p ON p.id = k.place_id LEFT JOIN people_unit n ON n.id = k.unit_id, present
"""


def admit(secret: str) -> Admission:
    """Let a machine in by its key and count the request; one statement.

    Raises NotAllowed (key.missing, key.unknown, key.expired, key.revoked) or TooMany (key.too_many).
    """
    if not secret.strip():
        raise NotAllowed(_("请求没有带密钥。"), "key.missing")
    shape = _SHAPE.fullmatch(secret.strip())
    if shape is None:
        raise NotAllowed(_("没有这个密钥。"), "key.unknown")
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"prefix": shape[1], "hash": hashed(shape[0]), "at": now})
        row = cursor.fetchone()
    if row is None:
        raise NotAllowed(_("没有这个密钥。"), "key.unknown")
    (key_id, name, scopes, place_id, unit_id, account_id, limit, last_used, revoked, expired, _outlived, used,
     resets_in, place_name, unit_name) = row  # fmt: skip
    if revoked:
        raise NotAllowed(_("这个密钥已被撤销。"), "key.revoked")
    if expired:
        raise NotAllowed(_("这个密钥已过期，请换新的。"), "key.expired")
    if used > limit:
        raise TooMany(
            _("这个密钥每分钟最多 %(limit)d 次请求，已经用完。") % {"limit": limit},
            "key.too_many",
            what_next=_("请稍后再试，或请管理员调高上限。"),
            retry_after=resets_in,
        )
    today = now.astimezone(CIVIL).date()
    if last_used != today:
        _seen_today(key_id, today)
    for_unit = unit_id is not None
    post = HeldPost(
        id=0,
        kind="machine",
        name_zh="系统接口",
        name_en="machine interface",
        door="desk",
        duties=duties_of(scopes),
        held_for="unit" if for_unit else "place",
        place_id=place_id,
        unit_id=unit_id,
        matters=frozenset(),
        for_name=unit_name if for_unit else place_name,
        deputised=False,
        two_factor=False,
    )
    viewer = Viewer(
        account_id=account_id,
        name=name,
        kind="service",
        posts=(post,),
        own_units=frozenset({unit_id} if for_unit else ()),
        key_id=key_id,
        scopes=frozenset(scopes),
    )
    return Admission(viewer, key_id, limit, max(0, limit - used), resets_in)


def viewer_of_key(secret: str) -> Viewer:
    """The viewer a key stands for; see `admit`."""
    return admit(secret).viewer


def _seen_today(key_id: int, today: dt.date) -> None:
    """The day of the last use, written once a day: enough to find keys that nobody uses any more."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_accesskey SET last_used_on = %s WHERE id = %s", [today, key_id])
