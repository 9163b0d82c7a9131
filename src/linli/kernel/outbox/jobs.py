"""Delivering: each owed delivery is claimed, then handled and marked as done in one transaction.

Claiming commits first (state `running`, one more try), so that an event which kills its worker counts as a
try and
is not taken up for ever. The row stays locked while it is handled; a claim that has run out is taken back
only
when nobody holds that lock, and a worker that comes back late finds the number of tries changed and lets go.
"""

from __future__ import annotations

import errno
import logging
import random
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import orjson
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from linli.kernel.beats import beat
from linli.kernel.outbox.registry import StoredEvent, Subscriber, all_subscribers, subscriber_named

CHANNEL = "linli_outbox"
LEASE = timedelta(minutes=1)
"""How long a claim holds for what is claimed and not begun; what is being handled is held by its lock, however long."""
RENEW = LEASE.total_seconds() / 3
OUTAGE_WAIT = timedelta(seconds=15)
FIRST_WAIT, LONGEST_WAIT = 2.0, 3600.0
RETENTION = timedelta(days=400)
_AT_ONCE = 20
_DELETED_AT_ONCE = 5000

log = logging.getLogger(__name__)

_CLAIM = """
WITH free AS (
    SELECT d.id FROM outbox_delivery d
    WHERE d.state = 'pending' AND d.next_try_at <= clock_timestamp() AND d.subscriber = ANY(%s::text[])
      AND NOT EXISTS (
          SELECT FROM outbox_delivery p
          WHERE p.subscriber = d.subscriber AND p.lane = d.lane AND p.id < d.id
            AND p.state IN ('pending', 'running'))
    ORDER BY d.next_try_at, d.id LIMIT %s FOR UPDATE OF d SKIP LOCKED
), claimed AS (
    UPDATE outbox_delivery d
    SET state = 'running', tries = d.tries + 1, locked_until = clock_timestamp() + %s::interval
    FROM free WHERE d.id = free.id
    RETURNING d.id, d.event_id, d.subscriber, d.tries
)
SELECT c.id, c.subscriber, c.tries, e.id, e.at, e.kind, e.object_type, e.object_id, e.data, e.entry_id
FROM claimed c JOIN outbox_event e ON e.id = c.event_id ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker has taken on."""

    id: int
    subscriber: Subscriber
    event: StoredEvent


def deliver(limit: int = _AT_ONCE, stop: Callable[[], bool] = lambda: False) -> int:
    """Claim up to `limit` deliveries that are due and handle them; returns how many were taken on.

    An exception of a subscriber is noted in its delivery and never leaves this function; only a lost database
    does. `stop()` is asked between two deliveries: what is claimed and not begun goes back to wait.
    """
    claims = claim(limit)
    renewed = time.monotonic()
    for place, each in enumerate(claims):
        if stop():
            _put_back(claims[place:])
            return place
        if time.monotonic() - renewed > RENEW:
            _renew(claims[place:])
            renewed = time.monotonic()
        handle(each)
    return len(claims)


def drain(limit: int = 1_000_000) -> int:
    """Deliver until nothing is due (set-up, the demo's generator, tests); returns how many were taken on."""
    done = 0
    while done < limit and (count := deliver(min(_AT_ONCE, limit - done))):
        done += count
    return done


def claim(limit: int) -> list[Claim]:
    """Take on up to `limit` due deliveries, the first of each lane, of subscribers this process knows."""
    names = [subscriber.name for subscriber in all_subscribers()]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [names, limit, str(LEASE)])
        rows = cursor.fetchall()
    claims = []
    for delivery_id, name, tries, event_id, at, kind, object_type, object_id, data, entry_id in rows:
        event = StoredEvent(event_id, at, kind, object_type, object_id, _data(data), entry_id, tries)
        subscriber = subscriber_named(name)
        assert subscriber is not None
        claims.append(Claim(delivery_id, subscriber, event))
    return claims


def handle(taken: Claim) -> bool:
    """Call the subscriber and mark the delivery as done, both or neither. True when it is done.

    Raises the database's error when the failure cannot be noted either; the claim then runs out by itself.
    """
    try:
        with transaction.atomic():
            if not _still_ours(taken):
                return False
            taken.subscriber.handle(taken.event)
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE outbox_delivery SET state = 'done', done_at = clock_timestamp(), last_error = '',"
                    " locked_until = NULL WHERE id = %s",
                    [taken.id],
                )
    except Exception as error:
        _note_failure(taken, error)
        return False
    return True


@beat("outbox.reclaim", every=15)
def reclaim() -> int:
    """Take back claims that have run out, because their worker is gone; returns how many.

    A moment further ahead than any wait can be is one of a clock that was set back since: it counts as over.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_delivery SET next_try_at = clock_timestamp() WHERE state = 'pending'"
            " AND next_try_at > clock_timestamp() + %s::interval",
            [str(timedelta(seconds=LONGEST_WAIT) + LEASE)],
        )
        cursor.execute(
            "UPDATE outbox_delivery SET state = 'pending', locked_until = NULL, last_error = %s,"
            " next_try_at = clock_timestamp() WHERE id IN"
            " (SELECT id FROM outbox_delivery WHERE state = 'running' AND (locked_until < clock_timestamp()"
            "  OR locked_until > clock_timestamp() + 2 * %s::interval)"
            "  FOR UPDATE SKIP LOCKED) RETURNING id, subscriber, tries",
            ["The worker vanished while it was handling this event.", str(LEASE)],
        )
        rows = cursor.fetchall()
        spent = [id_ for id_, name, tries in rows if (s := subscriber_named(name)) and tries >= s.tries]
        if spent:
            cursor.execute(
                "UPDATE outbox_delivery SET state = 'dead' WHERE state = 'pending' AND id = ANY(%s)",
                [spent],
            )
    return len(rows)


@beat("outbox.clean", every=3600)
def clean() -> int:
    """Remove events (and their deliveries) older than the retention that nobody is owed any more.

    `settings.LINLI_OUTBOX_RETENTION` (timedelta), 400 days if not set. Dead deliveries keep their event: an
    operator has not decided about it yet. The journal keeps what happened in any case.
    """
    retention = getattr(settings, "LINLI_OUTBOX_RETENTION", RETENTION)
    removed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM outbox_event WHERE id IN (SELECT e.id FROM outbox_event e"
                " WHERE e.at < now() - %s::interval AND NOT EXISTS (SELECT FROM outbox_delivery d"
                "  WHERE d.event_id = e.id AND (d.state <> 'done' OR d.done_at > now() - %s::interval))"
                " LIMIT %s) RETURNING id",
                [str(retention), str(retention), _DELETED_AT_ONCE],
            )
            ids = [row[0] for row in cursor.fetchall()]
            cursor.execute("DELETE FROM outbox_delivery WHERE event_id = ANY(%s::bigint[])", [ids])
        removed += len(ids)
        if len(ids) < _DELETED_AT_ONCE:
            return removed


def wait_before(next_try: int) -> float:
    """Seconds to wait before try `next_try` (2, 3, …): doubling up to an hour, shortened at random."""
    longest = min(FIRST_WAIT * 2 ** (next_try - 2), LONGEST_WAIT)
    return longest * random.uniform(0.5, 1.0)


def _still_ours(taken: Claim) -> bool:
    """Lock the row and see that nobody has taken it over.

    Waits for the lock: another claimer may hold it for the moment that it takes to see that the row is not free.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM outbox_delivery WHERE id = %s AND state = 'running' AND tries = %s FOR UPDATE",
            [taken.id, taken.event.tries],
        )
        return cursor.fetchone() is not None


def _note_failure(taken: Claim, error: Exception) -> None:
    tries = taken.event.tries
    if _is_outage(error):
        _wait_for_the_house(taken, error)
        return
    dead = tries >= taken.subscriber.tries
    log.warning(
        "%s could not take event %s (%s), try %s of %s%s: %s",
        *(taken.subscriber.name, taken.event.id, taken.event.kind, tries, taken.subscriber.tries),
        *(", given up" if dead else "", f"{type(error).__name__}: {error}"),
    )
    wait = timedelta(seconds=0 if dead else wait_before(tries + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_delivery SET state = %s, last_error = %s, locked_until = NULL,"
            " next_try_at = clock_timestamp() + %s::interval WHERE id = %s AND state = 'running' AND tries = %s",
            ["dead" if dead else "pending", _in_short(error), str(wait), taken.id, tries],
        )


def _is_outage(error: Exception) -> bool:
    """Whether the house could not work just then, whatever the event: no room, no connection left, a standby.

    A connection that was lost counts as a try: an event may be what kills it.
    """
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, DatabaseError) and state in ("53100", "53300", "53400", "58030", "25006")


def _wait_for_the_house(taken: Claim, error: Exception) -> None:
    """An outage costs no try: however long it lasts, nothing is given up for it."""
    log.warning("%s waits with event %s: %s", taken.subscriber.name, taken.event.id, error)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_delivery SET state = 'pending', tries = tries - 1, last_error = %s, locked_until = NULL,"
            " next_try_at = clock_timestamp() + %s::interval WHERE id = %s AND state = 'running' AND tries = %s",
            [_in_short(error), str(OUTAGE_WAIT), taken.id, taken.event.tries],
        )


def _renew(claims: list[Claim]) -> None:
    """The ones before took long: those that are still to be handled stay ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_delivery SET locked_until = clock_timestamp() + %s::interval"
            " WHERE id = ANY(%s::bigint[]) AND state = 'running' AND locked_until IS NOT NULL",
            [str(LEASE), [each.id for each in claims]],
        )


def _put_back(claims: list[Claim]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_delivery SET state = 'pending', tries = tries - 1, locked_until = NULL"
            " WHERE id = ANY(%s::bigint[]) AND state = 'running'",
            [[each.id for each in claims]],
        )


def _data(stored: object) -> dict[str, object]:
    loaded = orjson.loads(stored) if isinstance(stored, str) else stored
    assert isinstance(loaded, dict)
    return loaded


def _in_short(error: Exception) -> str:
    """What an operator needs: the error, and the last lines of where it came from."""
    lines = traceback.format_exception(error)
    text = "".join(lines[-4:]).replace("\0", "")
    return text[-4000:].encode("utf-8", "replace").decode()
