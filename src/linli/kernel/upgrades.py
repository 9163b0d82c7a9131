"""Changing big tables while people report: which operations of a migration hold nobody up, and one that Django lacks.

A release is put in place by migrating while the old one still serves. So a migration of a table that grows with the
cases must neither rewrite it nor look at all of its rows under a lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres import operations as live
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.operations.base import Operation

LOCK_WAIT = "1s"
"""How long a migration stands in the queue for a table before it lets the others pass."""
LOCK_NOT_AVAILABLE = "55P03"
GROWS = {
    "cases": frozenset({"case", "report"}),
    "journal": frozenset({"entry", "batch"}),
    "outbox": frozenset({"outboxevent", "delivery"}),
}
"""The models, by app, whose tables grow with every case."""
_HARMLESS = (
    live.AddIndexConcurrently,
    live.RemoveIndexConcurrently,
    live.AddConstraintNotValid,
    live.ValidateConstraint,
    ops.RemoveIndex,
    ops.RemoveConstraint,
    ops.AlterModelOptions,
    ops.AlterModelManagers,
    ops.CreateModel,
)


class AddIndexLive(AddIndexConcurrently):
    """Build an index while the table is written to; what a try that was cut off has left is removed first.

    Needs `atomic = False` in the migration.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s))", [self.index.name]
            )
            found = cursor.fetchone()
            if found is not None and found[0]:
                return
            # It waits for those who began before it, without keeping anybody from anything meanwhile.
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")
            try:
                if found is not None:
                    cursor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(self.index.name)}")
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_WAIT])


def holds_up(migration: Migration) -> Iterator[str]:
    """What in a migration would make those who report wait, in words; nothing when it may run under load.

    A migration says with `quick = "why"` that its own SQL or code is over in a moment on a table of any size.
    """
    for operation in migration.operations:
        yield from _holds_up(migration, operation)


def _holds_up(migration: Migration, operation: Operation) -> Iterator[str]:
    if isinstance(operation, ops.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _holds_up(migration, inner)
        return
    if isinstance(operation, ops.RunSQL | ops.RunPython):
        if _speaks_of_big(migration, operation) and not getattr(migration, "quick", ""):
            yield f"{operation.describe()}: say with `quick` why it is over in a moment"
        return
    grows = GROWS.get(migration.app_label, frozenset())
    model = str(getattr(operation, "model_name", None) or getattr(operation, "name", "")).lower()
    if model not in grows or isinstance(operation, _HARMLESS):
        return
    if isinstance(operation, ops.AddField) and _is_light(operation.field):
        return
    yield f"{operation.describe()}: it locks or rewrites a table that grows with the cases"


def _is_light(field: Any) -> bool:
    """Whether PostgreSQL adds this column without looking at a row: empty or with a constant, no index, no key."""
    plain = not (field.unique or field.db_index or field.remote_field)
    return plain and (field.null or field.has_db_default())


def _speaks_of_big(migration: Migration, operation: Operation) -> bool:
    if isinstance(operation, ops.RunPython):
        return migration.app_label in GROWS
    words = str(getattr(operation, "sql", ""))
    tables = ("cases_case", "cases_report", "journal_entry", "journal_batch", "outbox_event", "outbox_delivery")
    return any(table in words for table in tables)
