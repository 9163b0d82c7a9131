"""Walking the chain and every entry, in one snapshot of the database, in memory that does not grow with them.

Found: an entry changed (its mac no longer fits its content, or its id its mac), deleted (the chain or the
queue
knows its id, the table does not), inserted (neither chain nor queue know it, or it was written without the
key),
a batch changed, missing or out of line, an id sealed twice, and an end that was cut off behind a checkpoint.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
from django.db import connection, transaction

from linli.kernel.journal.checkpoint import Checkpoint
from linli.kernel.journal.rules import COLUMNS, GENESIS, TAG_SIZE, batch_digest, batch_mac, entry_mac

FaultKind = Literal["changed", "deleted", "inserted", "unqueued", "sealed_twice", "batch", "cut"]
_COLUMNS = ", ".join(COLUMNS)
_JSON = [COLUMNS.index(name) for name in ("before", "after", "evidence")]
_ENTRIES_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written: an entry by its id, or a batch by its number."""

    kind: FaultKind
    entry_id: int | None
    batch: int | None
    words: str


@dataclass(frozen=True, slots=True)
class _Batch:
    number: int
    entries: list[int]
    count: int
    total: int
    digest: bytes
    previous: bytes
    tags: bytes
    sealed_at: datetime
    mac: bytes

    def fault(self, words: str) -> Fault:
        return Fault("batch", None, self.number, words)


@dataclass(slots=True)
class Walk:
    """The state of one verification; `faults()` does it, the counts are true when it has ended."""

    key: bytes
    checkpoints: Sequence[Checkpoint] = ()
    entries: int = 0
    batches: int = 0
    unsealed: int = 0
    tip: Checkpoint | None = None

    def faults(self) -> Iterator[Fault]:
        """Every fault, as it is found. Reads one snapshot, so writing and sealing may go on meanwhile."""
        with transaction.atomic(), connection.cursor() as cursor:
            if not connection.savepoint_ids:  # within a caller's transaction, his snapshot has to do
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield from self._chain(cursor)
            yield from self._queue(cursor)
            yield from self._strangers(cursor)
            yield from self._doubles(cursor)

    def _chain(self, cursor: Any) -> Iterator[Fault]:
        expected, previous, total = 1, GENESIS, 0
        wanted = {point.number: point for point in self.checkpoints}
        for group in self._batch_groups(cursor):
            rows = dict(self._entries(cursor, [entry_id for batch in group for entry_id in batch.entries]))
            for batch in group:
                if batch.number < expected:
                    yield batch.fault("is out of line")
                elif batch.number > expected:
                    words = "is missing" if batch.number == expected + 1 else f"to {batch.number - 1} are missing"
                    yield Fault("batch", None, expected, words)
                elif batch.previous != previous:
                    yield batch.fault("does not follow the batch before it")
                elif batch.total != total + batch.count:
                    yield batch.fault("does not continue the count of the batch before it")
                yield from self._batch(batch, rows)
                point = wanted.pop(batch.number, None)
                if point and (point.digest != batch.digest.hex() or point.total != batch.total):
                    yield batch.fault("is not the batch that the checkpoint saw")
                expected, previous, total = batch.number + 1, batch.digest, batch.total
                self.batches += 1
                self.tip = Checkpoint.of(batch.number, batch.digest, batch.total, batch.sealed_at)
        for point in wanted.values():
            yield self._cut(point)

    def _batch(self, batch: _Batch, rows: dict[int, Any]) -> Iterator[Fault]:
        """The batch itself, and every entry it names."""
        if not hmac.compare_digest(batch.mac, batch_mac(self.key, batch.digest)):
            yield batch.fault("was not signed with the journal's key")
        if not batch.count == len(batch.entries) == len(batch.tags) / TAG_SIZE:
            yield batch.fault("counts other entries than it names")
        members = [(entry_id, rows[entry_id][-1] if entry_id in rows else None) for entry_id in batch.entries]
        explained = False
        for place, (entry_id, mac) in enumerate(members):
            tag = batch.tags[place * TAG_SIZE : (place + 1) * TAG_SIZE]
            if mac is None:
                yield Fault("deleted", entry_id, batch.number, "is sealed, but gone")
            elif mac[:TAG_SIZE] != tag:
                yield Fault("changed", entry_id, batch.number, "is another one than was sealed under this id")
            elif not self._genuine(rows[entry_id]):
                yield Fault("changed", entry_id, batch.number, "differs from what was recorded")
            else:
                continue
            explained = True
        self.entries += len(members)
        if not explained:
            pairs = [(entry_id, mac) for entry_id, mac in members if mac is not None]
            real = batch_digest(batch.number, batch.sealed_at, batch.total, batch.previous, pairs)
            if real != batch.digest:
                yield batch.fault("is not as it was sealed")

    def _cut(self, point: Checkpoint) -> Fault:
        here = self.tip.number if self.tip else 0
        lost = point.total - (self.tip.total if self.tip else 0)
        words = f"the chain ends with batch {here}; it had come to {point.number}, {lost} more sealed entries"
        return Fault("cut", None, point.number, words)

    def _queue(self, cursor: Any) -> Iterator[Fault]:
        last = -(2**63)
        while True:
            cursor.execute(
                "SELECT entry_id FROM journal_unsealed WHERE entry_id > %s ORDER BY entry_id LIMIT %s",
                [last, _ENTRIES_AT_ONCE],
            )
            ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                return
            rows = dict(self._entries(cursor, ids))
            for entry_id in ids:
                if entry_id not in rows:
                    yield Fault("deleted", entry_id, None, "waits to be sealed, but is gone")
                elif not self._genuine(rows[entry_id]):
                    yield Fault("inserted", entry_id, None, "was changed or written past the journal, not yet sealed")
            self.unsealed += len(ids)
            last = ids[-1]

    def _strangers(self, cursor: Any) -> Iterator[Fault]:
        last = -(2**63)
        while True:
            cursor.execute(
                "SELECT e.id FROM journal_entry e"
                " LEFT JOIN (SELECT unnest(entries) AS id FROM journal_batch) s USING (id)"
                " LEFT JOIN journal_unsealed q ON q.entry_id = e.id"
                " WHERE s.id IS NULL AND q.entry_id IS NULL AND e.id > %s ORDER BY e.id LIMIT %s",
                [last, _ENTRIES_AT_ONCE],
            )
            ids = [row[0] for row in cursor.fetchall()]
            for entry_id, row in sorted(self._entries(cursor, ids)):
                if self._genuine(row):
                    words = "is genuine, but its batch or its place in the queue was removed"
                    yield Fault("unqueued", entry_id, None, words)
                else:
                    yield Fault("inserted", entry_id, None, "was written past the journal")
            if len(ids) < _ENTRIES_AT_ONCE:
                return
            last = ids[-1]

    def _doubles(self, cursor: Any) -> Iterator[Fault]:
        cursor.execute(
            "SELECT id, max(number) FROM (SELECT number, unnest(entries) AS id FROM journal_batch) s"
            " GROUP BY id HAVING count(*) > 1 ORDER BY id"
        )
        for entry_id, number in cursor.fetchall():
            yield Fault("sealed_twice", entry_id, number, "is in more than one batch")
        cursor.execute("SELECT min(id), max(id) FROM journal_entry GROUP BY uid HAVING count(*) > 1 ORDER BY 2")
        for original, entry_id in cursor.fetchall():
            yield Fault("inserted", entry_id, None, f"is a copy of {original}")

    def _batch_groups(self, cursor: Any) -> Iterator[list[_Batch]]:
        """Batches in their order, in groups that name about ten thousand entries."""
        last = -(2**63)
        group: list[_Batch] = []
        while True:
            cursor.execute(
                "SELECT number, entries, count, total, digest, previous, tags, sealed_at, mac"
                " FROM journal_batch WHERE number > %s ORDER BY number LIMIT 100",
                [last],
            )
            found = [_Batch(*row) for row in cursor.fetchall()]
            for batch in found:
                group.append(batch)
                if sum(len(each.entries) for each in group) >= _ENTRIES_AT_ONCE:
                    yield group
                    group = []
            if len(found) < 100:
                break
            last = found[-1].number
        if group:
            yield group

    def _entries(self, cursor: Any, ids: list[int]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        if ids:
            cursor.execute(
                f"SELECT id, {_COLUMNS}, mac FROM journal_entry WHERE id = ANY(%s::bigint[])",
                [ids],
            )
            for entry_id, *content, mac in cursor.fetchall():
                yield entry_id, (*content, bytes(mac))

    def _genuine(self, row: tuple[Any, ...]) -> bool:
        content = list(row[:-1])
        try:
            for place in _JSON:
                if content[place] is not None:
                    content[place] = orjson.loads(content[place])
            return hmac.compare_digest(row[-1], entry_mac(self.key, content))
        except (TypeError, ValueError):  # values that `record` never lets through
            return False
