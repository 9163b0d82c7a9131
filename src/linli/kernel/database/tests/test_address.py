"""Addresses of databases."""

from __future__ import annotations

import pytest

from linli.kernel.database import Address
from linli.kernel.database.address import BadAddress


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://linli:s%40f%2Fe@db.example:5433/linli",
        "postgresql://linli@:5432/linli?host=%2Frun%2Fpostgresql",
        "postgresql://u:p@[::1]:5432/%E9%82%BB%E9%87%8C?sslmode=require",
    ],
)
def test_it_reads_what_it_writes(url: str) -> None:
    address = Address.parse(url)
    assert Address.parse(address.url()) == address


def test_it_takes_name_and_host_from_the_options_too() -> None:
    address = Address.parse("postgres:///?host=/run/x&port=6000&dbname=d&user=u")
    assert (address.host, address.port, address.name, address.user) == ("/run/x", 6000, "d", "u")


def test_psycopg_understands_it() -> None:
    from psycopg.conninfo import conninfo_to_dict

    address = Address("linli", "who", "p w/€", "/tmp/a b/run", 5999)
    found = conninfo_to_dict(address.url())
    assert found["host"] == "/tmp/a b/run"
    assert found["password"] == "p w/€"
    assert found["dbname"] == "linli"


def test_it_shows_no_password() -> None:
    address = Address.parse("postgresql://u:secret@h/d")
    assert "secret" not in str(address)
    assert "secret" not in repr(address)


@pytest.mark.parametrize("url", ["mysql://h/d", "linli.db", "postgresql://h:many/d", "postgresql://u:secret@h"])
def test_it_refuses_other_addresses(url: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        Address.parse(url)
    assert "secret" not in str(refusal.value)
