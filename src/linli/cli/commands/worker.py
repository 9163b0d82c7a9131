"""`worker`: only the background worker, for instance on a second machine with DATABASE_URL."""

from __future__ import annotations

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
        from linli.kernel.beats import worker

        worker.run(stop)
    return 0
