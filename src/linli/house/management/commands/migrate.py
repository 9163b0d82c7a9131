"""`migrate` while the house is running: it waits for its turn instead of making everybody else wait.

A change of a table needs its lock for a moment. Whoever waits for that lock holds up all who come after, so it
waits for a second only, lets the others pass, and tries again. One process at a time migrates.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import DatabaseError, OperationalError, connections

from linli.kernel.upgrades import LOCK_NOT_AVAILABLE, LOCK_WAIT

TURN = 7_315_004  # advisory lock: whose turn it is to migrate
PATIENCE_S = 600.0
PAUSE_S = 0.5


class Command(Migrate):
    """Django's command, patient with those who use the tables meanwhile."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if options.get("plan") or options.get("check_unapplied"):
            super().handle(*args, **options)
            return
        until = time.monotonic() + PATIENCE_S
        while not self._done(connection, args, options, until):
            time.sleep(PAUSE_S)

    def _done(self, connection: Any, args: tuple[Any, ...], options: dict[str, Any], until: float) -> bool:
        """One try: False when a table was in use for too long. What was applied stays; the next try goes on there."""
        with turn(connection, until):
            _wait_at_most(connection, LOCK_WAIT)
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE or time.monotonic() > until:
                    raise
                start_afresh(connection)
                return False
            _wait_at_most(connection, "0")
        return True


def _wait_at_most(connection: Any, span: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [span])


def start_afresh(connection: Any) -> None:
    """A new connection: what fails at the end of a migration leaves Django in the middle of its transaction."""
    if connection.connection is not None:
        connection.connection.close()
    connection.connect()


@contextmanager
def turn(connection: Any, until: float) -> Iterator[None]:
    """Wait until no other process migrates. Asks again and again: an index built meanwhile waits for whoever waits."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [TURN])
            if cursor.fetchone()[0]:
                break
        if time.monotonic() > until:
            raise CommandError("another process has been migrating this database for ten minutes")
        time.sleep(PAUSE_S)
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # it ends with its connection in any case
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TURN])
