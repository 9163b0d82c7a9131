"""The worker's inner loop: every beat at its time, every delivery as soon as it is due, and a sign of life.

A few threads share the beats, so that a slow one holds up nobody; two threads deliver events and sleep on
PostgreSQL's LISTEN in between. The worker survives what its work throws and a database that goes away: it
waits, longer each time, says so once, and says once that it is back. `stop` ends it within three seconds;
work that has not ended by then is cut off by the end of the process, which the database undoes.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from importlib import metadata
from queue import Empty, SimpleQueue
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from linli.kernel.beats import runs
from linli.kernel.beats.registry import Beat, all_beats
from linli.kernel.outbox import jobs as outbox

BEAT_THREADS = 4
DELIVERY_THREADS = 2
POLL = 2.0
LISTEN_SLICE = 0.5
SIGN_OF_LIFE = 5.0
GRACE = 2.5
_SHORTEST_WAIT, _LONGEST_WAIT = 0.5, 10.0

log = logging.getLogger(__name__)


def run(stop: threading.Event) -> None:
    """Work until `stop` is set. Call it in the main thread of a process in which Django is set up."""
    Worker(stop).run()


class Database:
    """Whether the database is there, as all threads of the worker see it. Speaks only when that changes."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._guard = threading.Lock()
        self._away = False

    def lost(self, error: BaseException) -> None:
        """The connection of this thread is gone: drop it, and say so if nobody has."""
        forget_connection()
        with self._guard:
            if not self._away:
                self._away = True
                log.warning("The database is away, the worker waits for it: %s", str(error).strip())

    def found(self) -> None:
        """Something has worked."""
        if self._away:
            with self._guard:
                if self._away:
                    self._away = False
                    log.info("The database is back.")

    def patiently(self, work: Callable[[], object]) -> None:
        """Call `work` again and again until `stop`; wait before the next call when it lost the database."""
        wait = _SHORTEST_WAIT
        while not self._stop.is_set():
            try:
                work()
            except Exception as error:
                if is_lost(error):
                    self.lost(error)
                else:
                    log.exception("The worker stumbled and goes on")
                    forget_connection()
                self._stop.wait(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
            else:
                self.found()
                wait = _SHORTEST_WAIT
        forget_connection()


class Worker:
    """One worker process: its threads and its row among the heartbeats."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.database = Database(stop)
        self._calls: SimpleQueue[Beat] = SimpleQueue()
        self._due: dict[str, float] = {}
        self._busy: set[str] = set()  # waiting for a thread or running in one
        self._next_sign = 0.0

    def run(self) -> None:
        """Start the threads, call the beats as they fall due, and end in good order."""
        work = [self._deliver] * DELIVERY_THREADS + [self._call_next] * BEAT_THREADS
        threads = [
            # Daemons: one that does not end in time must not hold up the end of the process.
            threading.Thread(target=self.database.patiently, args=(each,), name=f"worker-{n}", daemon=True)
            for n, each in enumerate(work)
        ]
        for thread in threads:
            thread.start()
        log.info("The worker %s works: %s beats.", self.name, len(all_beats()))
        self.database.patiently(self._turn)
        self._end(threads)

    def _turn(self) -> None:
        """Start what is due, then rest until the next thing is."""
        moment = time.monotonic()
        if moment >= self._next_sign:
            self._next_sign = moment + SIGN_OF_LIFE
            runs.sign_of_life(self.name, version())
        for beat in all_beats():
            if beat.name not in self._busy and moment >= self._due.get(beat.name, 0.0):
                self._due[beat.name] = moment + beat.every
                self._busy.add(beat.name)
                self._calls.put(beat)
        upcoming = [self._next_sign, *self._due.values()]
        self.stop.wait(min(max(min(upcoming) - time.monotonic(), 0.05), 1.0))

    def _call_next(self) -> None:
        """Wait for a beat that is due and run it; only a lost database gets out."""
        try:
            beat = self._calls.get(timeout=LISTEN_SLICE)
        except Empty:
            return
        try:
            if not self.stop.is_set():
                runs.run_once(beat)
        finally:
            self._busy.discard(beat.name)

    def _deliver(self) -> None:
        """Deliver until nothing is due, then sleep until somebody records an event, two seconds at most."""
        while outbox.deliver(stop=self.stop.is_set):
            if self.stop.is_set():
                return
        connection.ensure_connection()
        raw = connection.connection
        raw.execute(f"LISTEN {outbox.CHANNEL}")
        rested = time.monotonic() + POLL
        while not self.stop.is_set() and time.monotonic() < rested:
            if any(True for _notice in raw.notifies(timeout=LISTEN_SLICE, stop_after=1)):
                return

    def _end(self, threads: list[threading.Thread]) -> None:
        deadline = time.monotonic() + GRACE
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        try:
            runs.farewell(self.name)
        except DatabaseError:
            log.info("The worker could not take its leave of the database.")
        finally:
            forget_connection()
        if any(thread.is_alive() for thread in threads):
            log.warning("Cut off while at work: %s", ", ".join(sorted(self._busy)) or "a delivery")
        log.info("The worker %s has stopped.", self.name)


def version() -> str:
    """The installed version of Linli; "source" when it runs without being installed."""
    try:
        return metadata.version("linli")
    except metadata.PackageNotFoundError:
        return "source"


def is_lost(error: BaseException) -> bool:
    """Whether the error means that the connection is gone, and not that a statement was wrong."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    raw = connection.connection
    return raw is None or raw.closed or raw.broken


def forget_connection() -> None:
    """Drop this thread's connection, whatever state it is in; the next query opens a new one."""
    try:
        connection.close()
    except DatabaseError:
        connection.connection = None
