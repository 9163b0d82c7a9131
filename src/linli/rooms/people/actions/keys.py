"""Keys for machines: made, given a new secret, revoked. The secret is answered once and kept nowhere in clear."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.outbox import Event
from linli.rooms.people.actions.parts import action, filled
from linli.rooms.people.keys import SCOPES, WHOLE_HOUSE, hashed, new_prefix, new_secret
from linli.rooms.people.models import AccessKey, Account, Unit
from linli.rooms.places.models import Place

EXPIRES_DAYS = 365
PER_MINUTE = 600
GRACE_HOURS = 24


def create_key(
    by: Authority,
    *,
    name: str,
    scopes: Sequence[str],
    place_id: int | None = None,
    unit_id: int | None = None,
    expires_days: int | None = EXPIRES_DAYS,
    per_minute: int = PER_MINUTE,
) -> tuple[AccessKey, str]:
    """A key and its secret, which is shown once.

    place_id: what it reaches (None: the whole district); unit_id: it acts for this unit and sees only its cases;
    expires_days: 1–3650, None for a key without an end; per_minute: requests allowed, 1–100,000. A key that configures
    or appoints does nothing else, for the whole district: administrators do not act on cases, nor for one another.
    """
    by.require("keys.edit")
    plain = filled(name, 64, "name")
    chosen = [scope for scope in SCOPES if scope in scopes]
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not chosen:
        message = _("权限范围只有：%(known)s") % {"known": ", ".join(SCOPES)}
        raise Refused(message, "key.scopes", "scopes")
    if expires_days is not None and not 1 <= expires_days <= 3650:
        raise Refused(_("有效期请填 1 到 3650 天。"), "key.expires", "expires")
    if not 1 <= per_minute <= 100_000:
        raise Refused(_("每分钟次数请填 1 到 100000。"), "key.limit", "per_minute")
    now = clock.now()
    prefix = new_prefix()
    secret = new_secret(prefix)
    with action():
        place = _place(place_id)
        unit = _unit(unit_id)
        if WHOLE_HOUSE & set(chosen) and len(chosen) > 1:
            raise Refused(_("配置、任免各用单独的密钥，不能和别的权限合在一起。"), "key.apart", "scopes")
        if WHOLE_HOUSE & set(chosen) and (unit is not None or place.parent_id is not None):
            raise Refused(_("配置和任免的密钥只能管全区，不能限定地方或单位。"), "key.whole", "place")
        account = Account(
            username=f"key.{prefix}", name=plain, kind=Account.Kind.SERVICE, is_active=False, date_joined=now
        )
        account.set_unusable_password()
        account.save(force_insert=True)
        key = AccessKey.objects.create(
            name=plain,
            prefix=prefix,
            secret_hash=hashed(secret),
            scopes=chosen,
            place=place,
            unit=unit,
            account=account,
            per_minute=per_minute,
            created_at=now,
            created_by=by.actor.name[:80],
            expires_at=now + dt.timedelta(days=expires_days) if expires_days is not None else None,
        )
        facts = {
            "name": plain,
            "prefix": prefix,
            "scopes": chosen,
            "place": place.pk,
            "unit": unit.pk if unit else None,
            "per_minute": per_minute,
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        }
        _record("key.created", by, key, None, facts)
    return key, secret


def rotate_key(by: Authority, key_id: int, *, grace_hours: int = GRACE_HOURS) -> tuple[AccessKey, str]:
    """A new secret for a key; the present one stays good for grace_hours (0–720; 0: it ends at once)."""
    by.require("keys.edit")
    if not 0 <= grace_hours <= 720:
        raise Refused(_("旧密钥最多再用 720 小时。"), "key.grace", "grace_hours")
    with action():
        key = _locked(key_id)
        secret = new_secret(key.prefix)
        key.old_hash = bytes(key.secret_hash) if grace_hours else None
        key.old_until = clock.now() + dt.timedelta(hours=grace_hours) if grace_hours else None
        key.secret_hash = hashed(secret)
        key.save(update_fields=["old_hash", "old_until", "secret_hash"])
        _record("key.rotated", by, key, None, {"grace_hours": grace_hours})
    return key, secret


def revoke_key(by: Authority, key_id: int) -> AccessKey:
    """The key is good for nothing from now on; the row stays, because the journal names it."""
    by.require("keys.edit")
    with action():
        key = _locked(key_id)
        key.revoked_at = clock.now()
        key.old_hash = key.old_until = None
        key.save(update_fields=["revoked_at", "old_hash", "old_until"])
        _record("key.revoked", by, key, None, {"revoked_at": key.revoked_at.isoformat()})
    return key


def _locked(key_id: int) -> AccessKey:
    key = AccessKey.objects.select_for_update(of=("self",)).filter(pk=key_id).first()
    if key is None:
        raise NotFound(_("没有这个密钥。"), "key.not_found")
    if key.revoked_at is not None:
        raise Conflict(_("这个密钥已被撤销。"), "key.revoked", what_next=_("请建一个新的。"))
    return key


def _place(place_id: int | None) -> Place:
    rows = Place.objects.filter(valid_to=None)
    found = rows.filter(parent=None).order_by("id") if place_id is None else rows.filter(pk=place_id)
    place = found.first()
    if place is None and place_id is None:
        raise Refused(_("还没有区划，请先建好区划再发密钥。"), "key.no_district", "place")
    if place is None:
        raise Refused(_("没有这个地方，请重新选择。"), "key.place", "place")
    return place


def _unit(unit_id: int | None) -> Unit | None:
    if unit_id is None:
        return None
    unit = Unit.objects.filter(pk=unit_id, valid_to=None).first()
    if unit is None:
        raise Refused(_("没有这个单位，请重新选择。"), "key.unit", "unit")
    return unit


def _record(verb: str, by: Authority, key: AccessKey, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    journal.record(
        action=verb,
        actor=by.actor,
        object_type="access_key",
        object_id=key.pk,
        before=before,
        after=after,
        place_ids=list(key.place.lineage),
        events=[Event(verb, "access_key", key.pk, {"name": key.name, "prefix": key.prefix})],
    )
