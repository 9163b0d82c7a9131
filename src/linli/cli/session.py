"""Django with a database under it, for the length of one command."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from linli.house.home import Home
from linli.kernel.database import Lease


def say(words: str) -> None:
    """Progress goes to stderr; stdout is for answers."""
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


@contextlib.contextmanager
def database(home: Home, *, linger: float | None = None) -> Iterator[Lease | None]:
    """The database of this home, running: the private cluster is started, shared, and stopped after
    its last user. Yields None with DATABASE_URL, where nothing is to be started."""
    home.make()
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    from linli.house.database import cluster

    with cluster(home).lease(linger=linger, say=say) as lease:
        yield lease


@contextlib.contextmanager
def django_ready(home: Home) -> Iterator[None]:
    """The database running and Django set up."""
    with database(home):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.house.settings")
        import django

        django.setup()
        yield
