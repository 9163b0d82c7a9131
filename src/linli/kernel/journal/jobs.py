"""Sealing: what has been recorded is bound into the chain, within two seconds, away from the writers."""

from __future__ import annotations

from django.conf import settings
from django.db import connection, transaction

from linli.kernel.beats import beat
from linli.kernel.journal import checkpoint
from linli.kernel.journal.models import Batch
from linli.kernel.journal.rules import GENESIS, NO_MAC, TAG_SIZE, batch_digest, batch_mac

BATCH_SIZE = 5000
_LOCK = 7_315_101  # advisory: one sealer at a time knows where the chain ends


@beat("journal.seal", every=1)
def seal() -> int:
    """Bind everything that waits into the chain; returns how many entries. Safe to call from anywhere."""
    sealed = 0
    while count := _seal_batch():
        sealed += count
    return sealed


def _seal_batch() -> int:
    """One batch in one transaction; 0 when nothing waits or another process is sealing.

    The moment is PostgreSQL's: a seal says when it was really made, whatever time the demo tells its
    stories in.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM journal_unsealed)")
        if not cursor.fetchone()[0]:
            return 0
        with transaction.atomic():
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return 0
            cursor.execute(
                "DELETE FROM journal_unsealed WHERE entry_id IN"
                " (SELECT entry_id FROM journal_unsealed ORDER BY entry_id LIMIT %s) RETURNING entry_id",
                [BATCH_SIZE],
            )
            ids = sorted(row[0] for row in cursor.fetchall())
            if not ids:
                return 0
            cursor.execute("SELECT id, mac FROM journal_entry WHERE id = ANY(%s::bigint[])", [ids])
            macs = {entry_id: bytes(mac) for entry_id, mac in cursor.fetchall()}
            cursor.execute(
                "SELECT clock_timestamp(), number, digest, total FROM (SELECT 1) AS now"
                " LEFT JOIN (SELECT number, digest, total FROM journal_batch ORDER BY number DESC LIMIT 1)"
                " AS tip ON true"
            )
            sealed_at, tip, previous, total = cursor.fetchone()
            number, total = (tip or 0) + 1, (total or 0) + len(ids)
            previous = bytes(previous) if previous is not None else GENESIS
            members = [(entry_id, macs.get(entry_id, NO_MAC)) for entry_id in ids]
            digest = batch_digest(number, sealed_at, total, previous, members)
            Batch.objects.create(
                number=number,
                entries=ids,
                count=len(ids),
                total=total,
                digest=digest,
                previous=previous,
                tags=b"".join(mac[:TAG_SIZE] for _id, mac in members),
                sealed_at=sealed_at,
                mac=batch_mac(settings.LINLI_JOURNAL_KEY, digest),
            )
            tip_now = checkpoint.Checkpoint.of(number, digest, total, sealed_at)
            transaction.on_commit(lambda: checkpoint.advance(tip_now), robust=True)
    return len(ids)
