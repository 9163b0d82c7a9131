"""Sending: a delivery is claimed in one short transaction, sent outside of any, and its outcome noted in another.

A claim counts as a try and holds for `LEASE`, far longer than a request may take. A sender that dies leaves
its claims to run out; they are taken up again with the same id and the same bytes. A sender that comes back
after that finds the number of tries changed and notes nothing.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from linli.kernel import journal, outgoing, seal
from linli.kernel.authority import SystemAuthority
from linli.rooms.webhooks.models import Delivery, Endpoint
from linli.rooms.webhooks.rules import AT_ONCE, AT_ONCE_FAILING, FAILING_FOR, LONGEST_WAIT, TRIES, wait_after

TIMEOUT = 10.0
LEASE = timedelta(minutes=2)
GONE = 410
_LOCK = 7_315_301  # advisory: one claimer at a time counts what is on its way to each endpoint

log = logging.getLogger(__name__)

_CLAIM = f"""
WITH due AS (
    SELECT d.id FROM webhooks_endpoint e
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM webhooks_delivery s WHERE s.endpoint_id = e.id AND s.state = 'sending'
    ) busy
    CROSS JOIN LATERAL (
        SELECT p.id, p.next_try_at FROM webhooks_delivery p
        WHERE p.endpoint_id = e.id AND p.state = 'pending' AND p.next_try_at <= clock_timestamp()
        ORDER BY p.next_try_at, p.id LIMIT greatest(
            CASE WHEN e.failing_since IS NULL THEN {AT_ONCE} ELSE {AT_ONCE_FAILING} END - busy.n, 0)
    ) d
    WHERE e.state = 'active'
    ORDER BY busy.n, d.next_try_at, d.id LIMIT %s
), free AS (
    SELECT id FROM webhooks_delivery WHERE id IN (SELECT id FROM due) AND state = 'pending' FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE webhooks_delivery d SET state = 'sending', tries = d.tries + 1, tried_at = clock_timestamp(),
        locked_until = clock_timestamp() + %s::interval
    FROM free WHERE d.id = free.id RETURNING d.id, d.uid, d.endpoint_id, d.tries, d.body, d.tried_at
)
SELECT c.*, e.url, e.secret, e.old_secret, e.old_secret_until
FROM claimed c JOIN webhooks_endpoint e ON e.id = c.endpoint_id ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this sender has taken on."""

    id: int
    uid: UUID
    endpoint_id: int
    tries: int
    body: bytes
    at: datetime
    url: str
    secrets: tuple[str, ...]
    last: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try. `status` is None when no answer came."""

    status: int | None
    words: str = ""
    trouble: str = ""
    took_ms: int | None = None
    retry_after: str = ""

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def claim(limit: int = 1) -> list[Claim]:
    """Take on up to `limit` messages that are due, of endpoints with room, the least busy ones first."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_CLAIM, [limit, str(LEASE)])
        rows = cursor.fetchall()
    claims = []
    for key, uid, endpoint_id, tries, body, at, url, secret, old, old_until in rows:
        held = open_secrets(endpoint_id, secret, old if old_until and old_until > at else None)
        claims.append(Claim(key, uid, endpoint_id, tries, bytes(body), at, url, held))
    return claims


def due() -> int:
    """How many messages could be claimed now, up to a handful: whether it is worth starting a sender."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM webhooks_endpoint e JOIN webhooks_delivery d ON d.endpoint_id = e.id"
            " WHERE e.state = 'active' AND d.state = 'pending' AND d.next_try_at <= clock_timestamp() LIMIT 16) n"
        )
        row = cursor.fetchone()
        return int(row[0]) if row else 0


def reclaim() -> int:
    """Put back the claims that have run out, because their sender is gone; returns how many.

    A moment further ahead than any wait can be was written before the clock was set back: it counts as over.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE webhooks_delivery SET next_try_at = clock_timestamp()"
            " WHERE state = 'pending' AND next_try_at > clock_timestamp() + 2 * %s::interval",
            [str(LONGEST_WAIT)],
        )
        cursor.execute(
            "UPDATE webhooks_delivery SET locked_until = NULL, trouble = 'sender_gone',"
            " state = CASE WHEN tries >= %s OR event_id IS NULL THEN 'dead' ELSE 'pending' END,"
            " next_try_at = clock_timestamp()"
            " WHERE state = 'sending'"
            " AND (locked_until < clock_timestamp() OR locked_until > clock_timestamp() + 2 * %s::interval)",
            [TRIES, str(LEASE)],
        )
        return int(cursor.rowcount)


def send_due(limit: int = 1_000_000) -> int:
    """Send until nothing is due; returns how many were tried."""
    sent = 0
    while sent < limit and (claims := claim()):
        for each in claims:
            send(each)
        sent += len(claims)
    return sent


def send(taken: Claim) -> Outcome:
    """Send one claimed message and note what came of it. Not to be called in a transaction."""
    outcome = _try(taken)
    _note(taken, outcome)
    return outcome


def open_secrets(endpoint_id: int, secret: bytes | memoryview, old: bytes | memoryview | None) -> tuple[str, ...]:
    """The secrets that are good, newest first."""
    held = [seal.decrypt(secret, secret_context(endpoint_id))]
    if old is not None:
        held.append(seal.decrypt(old, secret_context(endpoint_id, old=True)))
    return tuple(held)


def secret_context(endpoint_id: int, old: bool = False) -> str:
    """The place in the database that a sealed secret is bound to."""
    return f"webhooks_endpoint:{'old_secret' if old else 'secret'}:{endpoint_id}"


def _try(taken: Claim) -> Outcome:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Linli-Webhooks/1",
        **outgoing.sign(taken.secrets, f"msg_{taken.uid.hex}", taken.at, taken.body),
    }
    try:
        answer = outgoing.post(taken.url, taken.body, headers, timeout=TIMEOUT)
    except outgoing.Unreachable as error:
        return Outcome(None, trouble=error.reason, words=error.detail[:200])
    return Outcome(answer.status, answer.words, "", answer.took_ms, answer.retry_after)


def _note(taken: Claim, outcome: Outcome) -> None:
    gone = outcome.status == GONE
    wait = None
    if not (outcome.good or gone or taken.last):
        wait = wait_after(taken.tries, random.random(), outcome.retry_after)
    state = "done" if outcome.good else "dead" if wait is None else "pending"
    with transaction.atomic():
        # The endpoint first, as an administrator's actions do: nobody waits for the other the wrong way round.
        endpoint = Endpoint.objects.select_for_update(of=("self",)).filter(pk=taken.endpoint_id).first()
        if endpoint is None:  # deleted meanwhile, with its messages
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE webhooks_delivery SET state = %s, status = %s, words = %s, trouble = %s, took_ms = %s,"
                " locked_until = NULL, ended_at = CASE WHEN %s THEN NULL ELSE clock_timestamp() END,"
                " next_try_at = clock_timestamp() + %s::interval"
                " WHERE id = %s AND state = 'sending' AND tries = %s RETURNING clock_timestamp()",
                [
                    *(state, outcome.status, outcome.words, outcome.trouble, outcome.took_ms),
                    *(state == "pending", str(wait or timedelta()), taken.id, taken.tries),
                ],
            )
            row = cursor.fetchone()
        if row is not None:
            _judge(endpoint, outcome, row[0])


def _judge(endpoint: Endpoint, outcome: Outcome, now: datetime) -> None:
    """What a try says about its endpoint: it lives, it fails, it is gone, it has failed for too long."""
    if outcome.good:
        endpoint.failing_since, endpoint.last_success_at = None, now
        endpoint.save(update_fields=["failing_since", "last_success_at"])
        return
    endpoint.failing_since = endpoint.failing_since or now
    before = endpoint.state
    if before == Endpoint.State.ACTIVE:
        if outcome.status == GONE:
            endpoint.state = Endpoint.State.GONE
        elif now - endpoint.failing_since >= FAILING_FOR:
            endpoint.state = Endpoint.State.FAILING
    endpoint.save(update_fields=["failing_since", "state"])
    if endpoint.state != before:
        log.warning("The webhook %s is paused: %s", endpoint.pk, endpoint.state)
        journal.record(
            action="webhook.paused",
            actor=SystemAuthority().actor,
            object_type="webhook",
            object_id=endpoint.pk,
            before={"state": before},
            after={"state": endpoint.state, "failing_since": endpoint.failing_since},
        )


def claim_of_test(delivery: Delivery, endpoint: Endpoint) -> Claim:
    """The claim of a test message, which is made claimed and tried once."""
    now = delivery.created_at
    old = endpoint.old_secret if endpoint.old_secret_until and endpoint.old_secret_until > now else None
    return Claim(
        *(delivery.pk, delivery.uid, endpoint.pk, delivery.tries, bytes(delivery.body), now, endpoint.url),
        open_secrets(endpoint.pk, endpoint.secret, old),
        last=True,
    )
