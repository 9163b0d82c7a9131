"""Databases for test runs.

All runs in one tree share a cluster (`.linli-test/`, not durable, stays up ten minutes) or the server
of DATABASE_URL. One template database holds the migrated tables, named after a hash of all migration
files; each run copies it, so a run begins in well under two seconds and no two runs meet.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Iterator

import psycopg
from psycopg import sql

from linli.house.database import cluster
from linli.house.home import SOURCE, Home
from linli.kernel.database import Address, Lease
from linli.kernel.database.outside import connect

LINGER = 600.0
KEPT_TEMPLATES = 3
IN_USE = 3600.0  # seconds: a template or test database younger than this may belong to a run
TEMPLATE_LOCK = 7_315_002  # advisory lock: one run at a time builds a template


def migrations_digest() -> str:
    """Hash of whatever shapes a migrated database: migrations, the data they load, the pinned packages."""
    digest = hashlib.sha256()
    package = SOURCE / "src" / "linli"
    paths = [*package.glob("**/migrations/**/*"), *package.glob("**/data/**/*")]
    for path in sorted({path for path in paths if path.is_file() and path.suffix != ".pyc"}):
        digest.update(str(path.relative_to(package)).encode())
        digest.update(path.read_bytes())
    digest.update((SOURCE / "requirements" / "base.lock").read_bytes())
    return digest.hexdigest()[:16]


class Server:
    """The server that holds templates and test databases, for the length of a test run."""

    def __init__(self) -> None:
        self.lease: Lease | None = None
        url = os.environ.get("DATABASE_URL")
        if url:
            self.address = Address.parse(url)
        else:
            private = cluster(Home.current().make())
            linger = float(os.environ.get("LINLI_TEST_LINGER", LINGER))
            self.lease = private.lease(linger=linger)
            self.address = private.address("postgres")

    def close(self) -> None:
        if self.lease:
            self.lease.release(wait=False)

    def template(self, *, anew: bool = False) -> str:
        """Name of the migrated template; built if it is missing or `anew`."""
        name = f"linli_template_{migrations_digest()}"
        with connect(self.address) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if exists and not anew:
                return name
            building = f"{name}_new"
            _drop(connection, building)
            _create(connection, building)
            migrate(self.address.with_name(building))
            _drop(connection, name)
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(building), sql.Identifier(name)))
            _write_age(connection, name)
            self._tidy(connection)
        return name

    def _tidy(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """Drop templates of the past and databases of runs that were killed; keep what may be in use."""
        rows = connection.execute(
            "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '0')::float AS made, "
            "starts_with(datname, 'linli_template_') FROM pg_database "
            "WHERE starts_with(datname, 'linli_template_') OR starts_with(datname, 'linli_test_') "
            "ORDER BY made DESC"
        ).fetchall()
        templates = [name for name, _, is_template in rows if is_template]
        for name, made, _ in rows:
            if float(str(made)) < time.time() - IN_USE and name not in templates[:KEPT_TEMPLATES]:
                with contextlib.suppress(psycopg.Error):
                    _drop(connection, str(name))

    def copy(self, template: str, name: str) -> None:
        """Make database `name` a fresh copy of the template, also if it exists and is in use."""
        with connect(self.address) as connection:
            _drop(connection, name)
            _create(connection, name, template)
            _write_age(connection, name)

    def drop(self, name: str) -> None:
        with connect(self.address) as connection:
            _drop(connection, name)


def _create(
    connection: psycopg.Connection[tuple[object, ...]], name: str, template: str = "template0"
) -> None:
    form = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
    if template == "template0":
        form += " ENCODING 'UTF8'"
    connection.execute(sql.SQL(form).format(sql.Identifier(name), sql.Identifier(template)))


def _write_age(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Note in the database's comment when it was made: `_tidy` reads it."""
    comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
    connection.execute(comment.format(sql.Identifier(name), sql.Literal(str(time.time()))))


def _drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def point_django_at(where: Address) -> None:
    """Let Django's default connection, in every thread, use this database from now on."""
    from django.db import connections

    connections["default"].close()
    entry = {
        "NAME": where.name,
        "USER": where.user,
        "PASSWORD": where.password,
        "HOST": where.host,
        "PORT": where.port,
    }
    connections.settings["default"].update(entry)
    connections["default"].settings_dict.update(entry)


def migrate(where: Address) -> None:
    """Run all migrations in the given database."""
    from django.core.management import call_command
    from django.db import connections

    point_django_at(where)
    call_command("migrate", verbosity=0, interactive=False)
    connections["default"].close()


@contextlib.contextmanager
def run_database(worker: str = "", *, anew: bool = False) -> Iterator[tuple[Server, str, str]]:
    """A database of this run's own, with Django pointed at it. Yields (server, template, name)."""
    server = Server()
    try:
        template = server.template(anew=anew)
        name = f"linli_test_{os.getpid()}_{worker}{secrets.token_hex(3)}"
        server.copy(template, name)
        point_django_at(server.address.with_name(name))
        yield server, template, name
        from django.db import connections

        connections.close_all()
        with contextlib.suppress(psycopg.Error):
            server.drop(name)
    finally:
        server.close()
