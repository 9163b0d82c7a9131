"""What an administrator does about endpoints and their messages. Secrets are answered once and kept sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal, outgoing, seal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.rooms.places.models import Place
from linli.rooms.webhooks import payload, sending
from linli.rooms.webhooks.models import Delivery, Endpoint
from linli.rooms.webhooks.rules import KINDS, LONGEST_OVERLAP, OVERLAP, TEST

CAPABILITY = "webhooks.edit"
LANGUAGES = ("zh-hans", "en")
ENDPOINTS_AT_MOST = 50
_FACTS = ("url", "description", "kinds", "place_id", "language", "state")


def create_endpoint(
    by: Authority,
    *,
    url: str,
    description: str = "",
    kinds: Iterable[str] = (),
    place_id: int | None = None,
    language: str = "zh-hans",
) -> tuple[Endpoint, str]:
    """An endpoint and its secret, which is shown once.

    kinds: of rules.KINDS, none means all. place_id: only what happens there or below (None: everywhere).
    Raises NotAllowed, and Refused for an address that the house may not or cannot go to.
    """
    by.require(CAPABILITY)
    given = _given(url, description, kinds, place_id, language)
    secret = outgoing.new_secret()
    with transaction.atomic():
        if Endpoint.objects.count() >= ENDPOINTS_AT_MOST:
            raise Refused(_("最多 50 个推送地址，请先删掉不用的。"), code="webhook.too_many")
        made = Endpoint(**given, secret=b"", created_at=clock.now(), created_by_id=by.actor.account_id)
        made.save(force_insert=True)
        made.secret = seal.encrypt(secret, sending.secret_context(made.pk))
        made.save(update_fields=["secret"])
        _record("webhook.created", by, made, None, _facts(made))
    return made, secret


def change_endpoint(
    by: Authority,
    endpoint_id: int,
    *,
    url: str,
    description: str = "",
    kinds: Iterable[str] = (),
    place_id: int | None = None,
    language: str = "zh-hans",
) -> Endpoint:
    """Give an endpoint another address or other wishes. Messages that wait go to the new address."""
    by.require(CAPABILITY)
    given = _given(url, description, kinds, place_id, language)
    with transaction.atomic():
        found = _locked(endpoint_id)
        before = _facts(found)
        for name, value in given.items():
            setattr(found, name, value)
        found.save(update_fields=[*given])
        _record("webhook.changed", by, found, before, _facts(found))
    return found


def pause_endpoint(by: Authority, endpoint_id: int) -> Endpoint:
    """Send nothing for now; what happens meanwhile waits (ninety days at most)."""
    by.require(CAPABILITY)
    return _set_state(by, endpoint_id, Endpoint.State.PAUSED, "webhook.paused")


def resume_endpoint(by: Authority, endpoint_id: int) -> Endpoint:
    """Send again, and what has waited first of all."""
    by.require(CAPABILITY)
    return _set_state(by, endpoint_id, Endpoint.State.ACTIVE, "webhook.resumed")


def rotate_secret(by: Authority, endpoint_id: int, *, overlap: dt.timedelta = OVERLAP) -> tuple[Endpoint, str]:
    """A new secret; until the overlap has passed (a week at most) messages are signed with both."""
    by.require(CAPABILITY)
    if not dt.timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Refused(_("旧密钥最多再用 7 天。"), code="webhook.overlap", field="overlap")
    secret = outgoing.new_secret()
    with transaction.atomic():
        found = _locked(endpoint_id)
        found.old_secret, found.old_secret_until = None, None
        if overlap:
            (present,) = sending.open_secrets(found.pk, found.secret, None)
            found.old_secret = seal.encrypt(present, sending.secret_context(found.pk, old=True))
            found.old_secret_until = clock.now() + overlap
        found.secret = seal.encrypt(secret, sending.secret_context(found.pk))
        found.save(update_fields=["secret", "old_secret", "old_secret_until"])
        _record("webhook.rotated", by, found, None, {"old_secret_until": found.old_secret_until})
    return found, secret


def delete_endpoint(by: Authority, endpoint_id: int) -> None:
    """Forget an endpoint and its messages; the journal keeps that there was one."""
    by.require(CAPABILITY)
    with transaction.atomic():
        found = _locked(endpoint_id)
        _record("webhook.deleted", by, found, _facts(found), None)
        found.delete()


def send_test(by: Authority, endpoint_id: int) -> Delivery:
    """Send a test message now, once, also to a paused endpoint; returns it with the answer. Takes ten
    seconds at most."""
    by.require(CAPABILITY)
    with transaction.atomic():
        found = _locked(endpoint_id)
        now = clock.now()
        made = Delivery.objects.create(
            endpoint=found,
            kind=TEST,
            body=payload.of_test(now),
            state=Delivery.State.SENDING,
            tries=1,
            created_at=now,
            tried_at=now,
            next_try_at=now,
            locked_until=now + sending.LEASE,
        )
        _record("webhook.tested", by, found, None, {"delivery": made.pk})
    sending.send(sending.claim_of_test(made, found))
    made.refresh_from_db()
    return made


def replay(by: Authority, endpoint_id: int, delivery_ids: Iterable[int]) -> int:
    """Send ended messages again, with the same id and the same bytes and all their tries; returns how many.

    Raises Conflict when none of them has ended, or they are no longer kept.
    """
    by.require(CAPABILITY)
    return _replay(by, endpoint_id, "id = ANY(%s::bigint[])", [list(delivery_ids)])


def replay_since(by: Authority, endpoint_id: int, since: dt.datetime, *, all_states: bool = False) -> int:
    """Send again what was written since a moment and failed; with `all_states` also what had arrived."""
    by.require(CAPABILITY)
    states = ["dead", "done"] if all_states else ["dead"]
    return _replay(by, endpoint_id, "created_at >= %s AND state = ANY(%s::text[])", [since, states])


def _replay(by: Authority, endpoint_id: int, condition: str, values: list[Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        found = _locked(endpoint_id)
        cursor.execute(
            "UPDATE webhooks_delivery SET state = 'pending', tries = 0, replays = replays + 1, ended_at = NULL,"
            " next_try_at = clock_timestamp() WHERE endpoint_id = %s AND event_id IS NOT NULL"
            f" AND state IN ('done', 'dead') AND {condition}",
            [found.pk, *values],
        )
        count = int(cursor.rowcount)
        if not count:
            raise Conflict(_("没有可以重发的消息，请刷新页面。"), code="webhook.nothing_to_replay")
        _record("webhook.replayed", by, found, None, {"messages": count})
    return count


def _set_state(by: Authority, endpoint_id: int, state: str, verb: str) -> Endpoint:
    with transaction.atomic():
        found = _locked(endpoint_id)
        if found.state == state:
            raise Conflict(_("已经是这个状态，请刷新页面。"), code="webhook.same_state")
        before = found.state
        found.state, found.failing_since = state, None
        found.save(update_fields=["state", "failing_since"])
        _record(verb, by, found, {"state": before}, {"state": state})
    return found


def _given(url: str, description: str, kinds: Iterable[str], place_id: int | None, language: str) -> dict[str, Any]:
    """The fields of an endpoint, checked. Asks the resolver, so it stays outside of transactions."""
    url = url.strip()
    if len(url) > 500:
        raise Refused(_("地址最长 500 个字符。"), code="webhook.url", field="url")
    try:
        outgoing.check(url, timeout=3.0)
    except outgoing.Unreachable as error:
        unknown = error.reason in {"name", "timeout"}  # may come to be known; every try checks again
        if not (unknown and url.startswith("https://")):
            raise Refused(error.message, code=error.code, field="url") from None
    asked = set(kinds)
    if asked - set(KINDS):
        raise Refused(_("没有这种事件。"), code="webhook.kind", field="kinds")
    if language not in LANGUAGES:
        raise Refused(_("语言只有中文和英文。"), code="webhook.language", field="language")
    if place_id is not None and not Place.objects.filter(pk=place_id, valid_to=None).exists():
        raise Refused(_("没有这个地方，请重新选择。"), code="webhook.place", field="place")
    return {
        "url": url,
        "description": clean_text(description, 200),
        "kinds": [kind for kind in KINDS if kind in asked],
        "place_id": place_id,
        "language": language,
    }


def _locked(endpoint_id: int) -> Endpoint:
    found = Endpoint.objects.select_for_update(of=("self",)).filter(pk=endpoint_id).first()
    if found is None:
        raise NotFound(_("没有这个推送地址。"), code="webhook.not_found")
    return found


def _facts(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in _FACTS}


def _record(
    verb: str, by: Authority, endpoint: Endpoint, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    journal.record(
        action=verb, actor=by.actor, object_type="webhook", object_id=endpoint.pk, before=before, after=after
    )
