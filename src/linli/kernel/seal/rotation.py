"""Sealed columns under a new key, while the house runs.

A room says which of its columns are sealed (`sealed_column`, in a module that `apps.ready()` imports). Each step
takes a few hundred rows that another key sealed, opens them and seals them anew in one transaction; what was done
before a crash is not done again, because the blob itself says which key it needs. The oldest key stays in the key file
for good: blind indexes are made with it. Secrets of second factors and contacts in uploaded lists stay under the key
they were made with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.journal import Actor
from linli.kernel.seal.rules import decrypt, encrypt

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """named_by: the columns whose values `context` gets to say what a row's blob is bound to."""

    table: str
    key: str
    column: str
    named_by: tuple[str, ...]
    context: Callable[..., str]

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"


_columns: dict[str, SealedColumn] = {}


def sealed_column(
    table: str, column: str, context: Callable[..., str], *, named_by: Sequence[str], key: str = "id"
) -> None:
    """Declare a sealed column of bytes."""
    found = SealedColumn(table, key, column, tuple(named_by), context)
    _columns[found.name] = found


def sealed_columns() -> list[SealedColumn]:
    """Every declared column, by name."""
    return [_columns[name] for name in sorted(_columns)]


def waiting(column: SealedColumn) -> int:
    """How many rows are sealed under another key than the newest."""
    query = sql.SQL("SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND get_byte({column}, 0) <> %s")
    with connection.cursor() as cursor:
        cursor.execute(_named(query, column), [max(settings.LINLI_SEAL_KEYS)])
        return int(cursor.fetchone()[0])


def renew(column: SealedColumn, at_once: int = AT_ONCE) -> int:
    """Seal all rows of a column anew; returns how many. Rows that somebody holds are waited for. Raises CannotOpen."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            done = _step(cursor, column, at_once)
        total += done
        if not done:
            return total


def renew_all(by: Authority | None = None) -> dict[str, int]:
    """Every column; on record with its counts."""
    counts = {column.name: renew(column) for column in sealed_columns()}
    actor = by.actor if by else Actor(account_id=None, name="", kind="system")
    with transaction.atomic():
        journal.record(
            action="seal.renewed",
            actor=actor,
            object_type="seal",
            object_id=str(max(settings.LINLI_SEAL_KEYS)),
            after={name: count for name, count in counts.items() if count},
        )
    return counts


def _step(cursor: object, column: SealedColumn, at_once: int) -> int:
    newest = max(settings.LINLI_SEAL_KEYS)
    find = sql.SQL(
        "SELECT {key}, {column}, {names} FROM {table} WHERE {column} IS NOT NULL AND get_byte({column}, 0) <> %s"
        " ORDER BY {key} LIMIT %s FOR UPDATE"
    )
    cursor.execute(_named(find, column), [newest, at_once])  # type: ignore[attr-defined]
    rows = cursor.fetchall()  # type: ignore[attr-defined]
    write = _named(sql.SQL("UPDATE {table} SET {column} = %s WHERE {key} = %s"), column)
    for key, blob, *names in rows:
        context = column.context(*names)
        cursor.execute(write, [encrypt(decrypt(bytes(blob), context), context), key])  # type: ignore[attr-defined]
    return len(rows)


def _named(query: sql.SQL, column: SealedColumn) -> sql.Composed:
    return query.format(
        table=sql.Identifier(column.table),
        key=sql.Identifier(column.key),
        column=sql.Identifier(column.column),
        names=sql.SQL(", ").join(sql.Identifier(name) for name in column.named_by),
    )
