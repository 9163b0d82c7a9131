"""A server somebody else runs (DATABASE_URL): is it one that Linli can live on?"""

from __future__ import annotations

import psycopg

from linli.kernel.database.address import Address
from linli.kernel.database.binaries import OLDEST

EXTENSIONS = ("btree_gist",)


def connect(where: Address, *, timeout: int = 10) -> psycopg.Connection[tuple[object, ...]]:
    """A plain autocommit connection. Raises psycopg.OperationalError."""
    return psycopg.connect(where.url(), autocommit=True, connect_timeout=timeout)


def server_version(where: Address) -> str:
    with connect(where) as connection:
        number = connection.info.server_version
    return f"{number // 10000}.{number % 10000}"


def complaints(where: Address) -> list[tuple[str, str]]:
    """What is wrong with this server, as pairs (what is wrong, how to mend it); empty when all is well."""
    try:
        connection = connect(where)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        return [
            (
                f"The database server does not take the connection: {reason}",
                "Check DATABASE_URL: host, port, database name, user and password, and that the server runs.",
            )
        ]
    with connection:
        return _inspect(connection, where)


def _inspect(connection: psycopg.Connection[tuple[object, ...]], where: Address) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    version = connection.info.server_version // 10000
    if version < OLDEST:
        found.append(
            (f"The database server is PostgreSQL {version}.", f"Linli needs PostgreSQL {OLDEST} or later.")
        )
    encoding, provider, ctype = connection.execute(
        "SELECT pg_encoding_to_char(encoding), datlocprovider::text, datctype FROM pg_database "
        "WHERE datname = current_database()"
    ).fetchone() or ("", "", "")
    create = (
        f"CREATE DATABASE {where.name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    )
    if encoding != "UTF8":
        found.append((f"The database's encoding is {encoding}.", f"It must be UTF8: {create}"))
    if provider == "c" and str(ctype) in {"C", "POSIX"}:
        found.append(
            (
                f"The database's character type (lc_ctype) is {ctype}: Chinese words cannot be searched.",
                f"Make the database with a UTF-8 character type: {create}",
            )
        )
    for extension in EXTENSIONS:
        installed, available = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = %(name)s), "
            "EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = %(name)s)",
            {"name": extension},
        ).fetchone() or (False, False)
        if installed:
            continue
        if not available:
            found.append(
                (
                    f"The server lacks the extension {extension}.",
                    "Install PostgreSQL's contrib modules there (on Debian they are part of `postgresql`).",
                )
            )
        elif not _may_create_extensions(connection):
            found.append(
                (
                    f"The extension {extension} is not enabled and this role may not enable it.",
                    f"As an administrator of the server: CREATE EXTENSION {extension}; in {where.name}",
                )
            )
    return found


def _may_create_extensions(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    row = connection.execute("SELECT has_database_privilege(current_database(), 'CREATE')").fetchone()
    return bool(row and row[0])  # the extension is "trusted": CREATE on the database is enough
