"""`worker`: only the background worker, for instance on a second machine with DATABASE_URL."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

from linli.cli.session import django_ready
from linli.house.home import Home


def run(home: Home, words: list[str]) -> int:
    os.environ.setdefault("LINLI_PROCESS", "linli worker")
    stop = threading.Event()
    for what in (signal.SIGTERM, signal.SIGINT):
        signal.signal(what, lambda *_: stop.set())
    with django_ready(home):
        from django.db import DatabaseError

        from linli.cli.prepare import refuse_other_keys
        from linli.kernel.beats import worker

        with contextlib.suppress(DatabaseError):  # it waits for a database that is away or not laid out yet
            refuse_other_keys(home)
        worker.run(stop)
    return 0
