"""What the operations page knows of the installation. The house tells how to run its checks (`checks_come_from`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from django.db import connection

Source = Callable[[], Iterable[tuple[str, str, str, str]]]
_source: Source | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check. level: "error" or "warning"."""

    check: str
    level: str
    wrong: str
    mend: str


def checks_come_from(source: Source) -> None:
    """Say where findings come from: rows (check, level, what is wrong, how to mend it)."""
    global _source
    _source = source


def findings() -> list[Finding]:
    """Run the checks of `./linli check` now."""
    return [Finding(*row) for row in _source()] if _source else []


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """Server version, size in bytes, the largest tables with their sizes."""

    server: str
    size: int
    tables: list[tuple[str, int]]


def database_facts() -> DatabaseFacts:
    """Three small questions to the server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        server, size = cursor.fetchone()
        cursor.execute(
            "SELECT relname, pg_total_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relkind = 'r' AND nspname = current_schema() ORDER BY 2 DESC LIMIT 8"
        )
        tables = [(str(name), int(bytes_)) for name, bytes_ in cursor.fetchall()]
    return DatabaseFacts(str(server), int(size), tables)


def release() -> str:
    """The version of Linli."""
    try:
        return version("linli")
    except PackageNotFoundError:
        from linli.kernel.web.release import static_release

        return static_release()
