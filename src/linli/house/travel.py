"""Travelling through time in a demo home: everything that falls due on the way happens, in order.

The clock of all processes of the home runs ahead of the real one by what the file `clock` in the home folder says; they
read it several times a second. `travel` moves it from one moment to the next at which regular work finds something to
do (`Beat.falls_due`), does that work there, delivers what came of it, and goes on. Each stop is committed before the
next: killed in the middle, the home stands at the last stop and the journey can be taken up again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection

from linli.kernel import clock
from linli.kernel.beats.registry import Beat, all_beats
from linli.kernel.beats.runs import LOCKS
from linli.kernel.journal.jobs import seal
from linli.kernel.outbox.jobs import drain
from linli.kernel.outbox.models import Delivery

LOOKED_AT_EVERY = 0.25
"""Seconds after which a process looks at the file again."""
PATIENCE_WITH_WORK = 100
"""A sweep works through what is due in batches; so many that move nothing on mean that it is stuck."""
_PATIENCE = 30.0


class ClockFile:
    """How far the clock of a home runs ahead: one number of seconds in a file, written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = timedelta()
        self._looked = -LOOKED_AT_EVERY

    def ahead(self) -> timedelta:
        """By how much; nothing where nobody has travelled."""
        moment = time.monotonic()
        if moment - self._looked >= LOOKED_AT_EVERY:
            self._looked = moment
            try:
                self._known = timedelta(seconds=float(self.path.read_text("ascii")))
            except (OSError, ValueError):
                self._known = timedelta()
        return self._known

    def show(self, moment: datetime) -> None:
        """From now on the clock shows `moment` and goes on from there."""
        ahead = (moment - datetime.now(UTC)).total_seconds()
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        beside.write_text(f"{ahead:.3f}\n", "ascii")
        beside.replace(self.path)
        self._looked = -LOOKED_AT_EVERY


@dataclass(frozen=True, slots=True)
class Stop:
    """A moment of the journey: what regular work was called there, how often, and how many deliveries followed."""

    at: datetime
    work: tuple[tuple[str, int], ...]
    deliveries: int


@dataclass(slots=True)
class Journey:
    """What happened on the way. `stuck`: work that said it had something to do and did not get on with it."""

    since: datetime
    until: datetime
    stops: list[Stop] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)


class NoWayBack(ValueError):
    """Time goes forward only: what has happened stays in the journal."""


def travel(to: datetime, file: ClockFile, say: Callable[[Stop], None] = lambda stop: None) -> Journey:
    """Take the home to `to` (aware). The workers of the home leave timed work alone meanwhile.

    Raises NoWayBack when `to` lies before the home's present, and whatever the work raises: the journey ends there.
    """
    present = clock.now()
    if to <= present:
        raise NoWayBack(to)
    journey = Journey(present, to)
    timed = [beat for beat in all_beats() if beat.falls_due is not None]
    with _alone_with(timed):
        while True:
            with clock.at(present):
                found = _next(timed, journey.stuck)
            moment = max(found, present) if found is not None else to
            if moment >= to and found is not None and found > to:
                moment = to
            present = min(moment, to)
            file.show(present)
            with clock.at(present):
                stop = Stop(present, tuple(_work(timed, journey)), _deliver())
            if stop.work or stop.deliveries:
                journey.stops.append(stop)
                say(stop)
            elif present >= to:
                break
        with clock.at(to):
            seal()
    file.show(to)
    return journey


def _next(timed: list[Beat], stuck: list[str]) -> datetime | None:
    """The next moment at which any work finds something."""
    moments = [beat.falls_due() for beat in timed if beat.falls_due is not None and beat.name not in stuck]
    return min((moment for moment in moments if moment is not None), default=None)


def _work(timed: list[Beat], journey: Journey) -> Iterator[tuple[str, int]]:
    """Call everything that is due at the present moment, each until it has nothing left; (name, how often)."""
    present = clock.now()
    for beat in timed:
        if beat.name in journey.stuck:
            continue
        calls = in_vain = 0
        due = _due(beat)
        while due is not None and due <= present and in_vain < PATIENCE_WITH_WORK:
            beat.work()
            calls += 1
            before, due = due, _due(beat)
            in_vain = in_vain + 1 if due == before else 0
        if calls:
            yield beat.name, calls
        if due is not None and due <= present:
            journey.stuck.append(beat.name)


def _due(beat: Beat) -> datetime | None:
    return beat.falls_due() if beat.falls_due is not None else None


def _deliver() -> int:
    """Deliver what the work has brought about; waits for what a worker of the home has taken on meanwhile."""
    count, since = drain(), time.monotonic()
    while Delivery.objects.filter(state="running").exists() and time.monotonic() - since < _PATIENCE:
        time.sleep(0.05)
        count += drain()
    return count


@contextmanager
def _alone_with(timed: list[Beat]) -> Iterator[None]:
    """Hold the locks of this work, so that no worker calls it at a moment of its own."""
    with ExitStack() as held, connection.cursor() as cursor:
        for beat in timed:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCKS, beat.lock])
            held.callback(_let_go, beat.lock)
        yield


def _let_go(lock: int) -> None:
    if connection.connection is not None and not connection.connection.closed:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, lock])
