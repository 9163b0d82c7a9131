"""What somebody with the database's password might do to the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_OPEN = "SET LOCAL session_replication_role = replica"  # no trigger refuses


def _do(*statements: str) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OPEN)
        for statement in statements:
            cursor.execute(statement)


def _one(question: str) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
        return row[0] if row else None


def seal(_given: Any) -> int:
    """Bind what waits; the chain's last number."""
    from linli.kernel.journal import jobs

    jobs.seal()
    return int(_one("SELECT max(number) FROM journal_batch"))


def middle(_given: Any) -> int:
    """An entry from the middle of the journal."""
    return int(_one("SELECT id FROM journal_entry ORDER BY id OFFSET (SELECT count(*) / 2 FROM journal_entry) LIMIT 1"))


def change(entry: Any) -> None:
    _do(f"UPDATE journal_entry SET words = words || '。' WHERE id = {int(entry)}")


def delete(entry: Any) -> None:
    _do(f"DELETE FROM journal_entry WHERE id = {int(entry)}")


def insert(_given: Any) -> int:
    """A copy of an entry slipped in under a new id, as if it had been written."""
    names = (
        "(SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = 'journal_entry'::regclass"
    )
    listed = _one(
        f"SELECT {names} AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'uid', 'request_key'))"
    )
    new = int(_one("SELECT max(id) + 1000 FROM journal_entry"))
    _do(
        f"INSERT INTO journal_entry (id, uid, {listed}) OVERRIDING SYSTEM VALUE"
        f" SELECT {new}, gen_random_uuid(), {listed} FROM journal_entry ORDER BY id DESC LIMIT 1"
    )
    return new


def cut(_given: Any) -> int:
    """Take off the last batch with its entries, cleanly; its number."""
    number = int(_one("SELECT max(number) FROM journal_batch"))
    _do(
        f"DELETE FROM journal_entry WHERE id IN (SELECT unnest(entries) FROM journal_batch WHERE number = {number})",
        f"DELETE FROM journal_batch WHERE number = {number}",
        "DELETE FROM journal_unsealed",
    )
    return number


PARTS: dict[str, Callable[[Any], Any]] = {
    "seal": seal, "middle": middle, "change": change, "delete": delete, "insert": insert, "cut": cut,
}  # fmt: skip
