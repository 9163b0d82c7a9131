"""Writing entries: one round trip for entry, place in the seal queue, events and their deliveries."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.functional import Promise

from linli.kernel import clock
from linli.kernel.errors import Conflict
from linli.kernel.journal.rules import Actor, clean, entry_mac, plain
from linli.kernel.outbox.registry import Event, subscribers_of

T = TypeVar("T")

_CALL = (
    "SELECT linli_journal_record(%s::uuid, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s,"
    " %s::jsonb, %s::bigint[], %s, %s,"
    " %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])"
)
_AT_ONCE = 200


class Repeated(Conflict):
    """The request key has its entry already: the same client asked for the same thing again, at the same
    time.

    The transaction is lost; `once` finds what the first request did.
    """

    default_code = "journal.repeated"

    def __init__(self, request_key: str) -> None:
        super().__init__(f"request key {request_key!r} has been used")
        self.request_key = request_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What `record` is told, as a value, for recording many at once. The fields are those of `record`.

    `at`: the moment of an action that is told later (imports, the demo's bulk); now, if not given.
    """

    action: str
    actor: Actor
    object_type: str
    object_id: int | str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    words: str | Promise = ""
    note: str = ""
    evidence: Sequence[Any] = ()
    place_ids: Sequence[int] = ()
    request_key: str | None = None
    events: Sequence[Event] = ()
    at: datetime | None = None


def record(
    *,
    action: str,
    actor: Actor,
    object_type: str,
    object_id: int | str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    words: str | Promise = "",
    note: str = "",
    evidence: Sequence[Any] = (),
    place_ids: Sequence[int] = (),
    request_key: str | None = None,
    events: Sequence[Event] = (),
) -> int:
    """Write one entry and the events it causes, in the transaction of the action; returns the entry's id.

    action: for example "case.dispatched". object_type, object_id: what was acted on.
    before, after: the fields that changed, in values that `rules.plain` accepts (floats become strings).
    words: what the public may read; note: for the staff only. evidence: files and facts that prove it.
    place_ids: the place and all its ancestors, so that the audit can be scoped.
    request_key: the idempotency key of the request. Raises `Repeated` when it has an entry already.
    Raises RuntimeError outside a transaction: an action and its record stand or fall together.
    """
    draft = Draft(
        action=action,
        actor=actor,
        object_type=object_type,
        object_id=object_id,
        before=before,
        after=after,
        words=words,
        note=note,
        evidence=evidence,
        place_ids=place_ids,
        request_key=request_key,
        events=events,
    )
    return record_many((draft,))[0]


def record_many(drafts: Sequence[Draft]) -> list[int]:
    """`record` for many drafts, two hundred to a round trip. Returns the ids in the order of the drafts."""
    if not connection.in_atomic_block:
        raise RuntimeError("journal.record() belongs into the transaction of the action that it records")
    ids: list[int] = []
    key: bytes = settings.LINLI_JOURNAL_KEY
    for start in range(0, len(drafts), _AT_ONCE):
        some = drafts[start : start + _AT_ONCE]
        values: list[Any] = []
        for draft in some:
            content = content_of(draft)
            values += column_values(content)
            values.append(entry_mac(key, content))
            values += _event_values(draft.events)
        try:
            with connection.cursor() as cursor:
                cursor.execute(" UNION ALL ".join([_CALL] * len(some)), values)
                ids += [row[0] for row in cursor.fetchall()]
        except IntegrityError as error:
            used = _used_key(error, some)
            if used is None:
                raise
            raise Repeated(used) from error
    return ids


def once(request_key: str | None, fresh: Callable[[], T], again: Callable[[int, str], T]) -> T:
    """Do something once for a request key, however often and however simultaneously it is asked for.

    `fresh()` does it, in a transaction of its own, and records an entry with the key. When the key has its
    entry
    already, `again(entry_id, object_id)` fetches what the first request made. Without a key: just `fresh()`.
    """
    from linli.kernel.journal.queries import by_request_key  # models load later than this module

    if request_key is not None and (entry := by_request_key(request_key)):
        return again(entry.id, entry.object_id)
    try:
        with transaction.atomic():
            return fresh()
    except Repeated as repeated:
        entry = by_request_key(repeated.request_key)
        if repeated.request_key != request_key or entry is None:
            raise
    return again(entry.id, entry.object_id)


def content_of(draft: Draft) -> list[Any]:
    """The values of rules.COLUMNS for a new entry, with its uid drawn and its moment read."""
    actor = draft.actor
    return [
        _new_uid(),
        draft.at or clock.now(),
        actor.kind,
        actor.account_id,
        clean(actor.name),
        actor.post_id,
        clean(actor.post_name),
        draft.action,
        draft.object_type,
        clean(str(draft.object_id)),
        plain(draft.before),
        plain(draft.after),
        clean(draft.words),
        clean(draft.note),
        plain(list(draft.evidence)),
        list(draft.place_ids),
        None if draft.request_key is None else clean(draft.request_key),
    ]


def column_values(content: Sequence[Any]) -> list[Any]:
    """The same values as PostgreSQL takes them: jsonb columns as JSON text."""
    values = list(content)
    for place in (10, 11, 14):  # before, after, evidence
        if values[place] is not None:
            values[place] = orjson.dumps(values[place]).decode()
    return values


def _event_values(events: Sequence[Event]) -> list[list[Any]]:
    kinds = dict.fromkeys(event.kind for event in events)
    owed = [(kind, name) for kind in kinds for name in subscribers_of(kind)]
    return [
        [event.kind for event in events],
        [event.object_type for event in events],
        [event.object_id for event in events],
        [orjson.dumps(plain(event.data)).decode() for event in events],
        [kind for kind, _name in owed],
        [name for _kind, name in owed],
    ]


def _new_uid() -> UUID:
    """A UUID of version 7: unique, and growing with time so that its index is filled from the right."""
    head = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10))
    number = (head << 80) | (0x7 << 76) | ((tail >> 68 & 0xFFF) << 64) | (0x2 << 62) | (tail & (1 << 62) - 1)
    return UUID(int=number)


def _used_key(error: IntegrityError, drafts: Sequence[Draft]) -> str | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    if getattr(diagnosis, "constraint_name", None) != "journal_entry_request_key":
        return None
    detail = getattr(diagnosis, "message_detail", None) or ""
    keys = [draft.request_key for draft in drafts if draft.request_key is not None]
    return next((key for key in keys if f"({clean(key)})" in detail), keys[0] if keys else None)
