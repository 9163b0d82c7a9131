"""`database url [--tcp]`, `database status`, `database stop`."""

from __future__ import annotations

import os

from linli.cli.main import Trouble
from linli.cli.session import say
from linli.house.database import address, cluster
from linli.house.home import Home
from linli.kernel.database import outside

LINGER = 15 * 60.0  # after `database url` started it, the cluster waits this long for somebody to come


def run(home: Home, words: list[str]) -> int:
    what = words[0] if words else ""
    if what == "url":
        return _url(home, tcp="--tcp" in words)
    if what == "status":
        return _status(home)
    if what == "stop":
        stopped = not os.environ.get("DATABASE_URL") and cluster(home).stop()
        print("stopped" if stopped else "was not running")
        return 0
    raise Trouble("use `database url`, `database status` or `database stop`.")


def _url(home: Home, *, tcp: bool) -> int:
    """Print the address that psql and psycopg understand; the cluster is started if it has to be."""
    if os.environ.get("DATABASE_URL"):
        print(address(home).url())
        return 0
    home.make()
    private = cluster(home)
    running = private.answers()
    lease = private.lease(linger=None if running else LINGER, say=say)
    if not running:
        say(f"The database was started and stops after {LINGER / 60:.0f} minutes without use.")
    print(private.address(tcp=tcp).url())
    lease.release(wait=False)
    return 0


def _status(home: Home) -> int:
    if os.environ.get("DATABASE_URL"):
        where = address(home)
        print(f"outside server {where}: PostgreSQL {outside.server_version(where)}")
        return 0
    private = cluster(home)
    state = private.files.read_state()
    if private.answers():
        print(f"private cluster, running on port {state['port']} ({home.database})")
        return 0
    print(f"private cluster, {'stopped' if private.exists() else 'not made yet'} ({home.database})")
    return 3
