"""Loading very many entries (an import, a benchmark's city): genuine like any other, but written with COPY.

No events: what is loaded has happened before anybody listened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection

from linli.kernel.journal.actions import Draft, column_values, content_of
from linli.kernel.journal.rules import COLUMNS, entry_mac

_AT_ONCE = 20_000
_COPY_ENTRIES = f"COPY journal_entry (id, {', '.join(COLUMNS)}, mac) FROM STDIN"


def load(drafts: Iterable[Draft]) -> int:
    """Write the drafts in their order, twenty thousand at a time; returns how many. Memory stays flat.

    Call it in a transaction. Raises ValueError for a draft with events, RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("journal entries belong into the transaction of what they record")
    loaded, rest = 0, iter(drafts)
    while some := list(islice(rest, _AT_ONCE)):
        _copy(some)
        loaded += len(some)
    return loaded


def _copy(drafts: list[Draft]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('journal_entry', 'id')) FROM generate_series(1, %s)",
            [len(drafts)],
        )
        ids = [row[0] for row in cursor.fetchall()]
        with cursor.copy(_COPY_ENTRIES) as copy:
            for row in _rows(ids, drafts):
                copy.write_row(row)
        with cursor.copy("COPY journal_unsealed (entry_id) FROM STDIN") as copy:
            for entry_id in ids:
                copy.write_row((entry_id,))


def _rows(ids: list[int], drafts: list[Draft]) -> Iterator[list[Any]]:
    key: bytes = settings.LINLI_JOURNAL_KEY
    for entry_id, draft in zip(ids, drafts, strict=True):
        if draft.events:
            raise ValueError("bulk loading has no events; use record_many")
        content = content_of(draft)
        yield [entry_id, *column_values(content), entry_mac(key, content)]
