"""Which database Django talks to."""

from __future__ import annotations

import os
from typing import Any

from linli.house.home import Home
from linli.kernel.database import Address, Cluster, DatabaseTrouble


def cluster(home: Home) -> Cluster:
    """The private cluster of this home (LINLI_DATABASE_FAST=1: unsafe and quick, for tests)."""
    return Cluster(home.database, durable=os.environ.get("LINLI_DATABASE_FAST") != "1")


def address(home: Home) -> Address:
    """DATABASE_URL, or the private cluster. Raises BadAddress, DatabaseTrouble."""
    url = os.environ.get("DATABASE_URL")
    return Address.parse(url) if url else cluster(home).address()


# A server that has vanished without a word is noticed within seconds, not after TCP's quarter of an hour.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def connection_settings(home: Home) -> dict[str, Any]:
    """Django's entry for DATABASES. A cluster that was never started gives an entry that cannot connect."""
    try:
        where = address(home)
    except DatabaseTrouble:
        where = Address(name="linli", user="linli", host=str(home.database / "run"))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": where.name,
        "USER": where.user,
        "PASSWORD": where.password,
        "HOST": where.host,
        "PORT": where.port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": PATIENCE | dict(where.options) | {"application_name": os.environ.get("LINLI_PROCESS", "linli")},
    }
