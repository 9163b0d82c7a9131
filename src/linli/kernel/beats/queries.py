"""How the workers and the regular work are, for `check` and the operator's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from linli.kernel.beats.models import Heartbeat, Run
from linli.kernel.beats.registry import RECORDED_FROM, all_beats

SILENT = timedelta(seconds=20)
"""A worker signs every five seconds; after this long it is taken for gone."""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker by its last sign of life."""

    worker: str
    host: str
    version: str
    started: datetime
    last_seen: datetime
    alive: bool


@dataclass(frozen=True, slots=True)
class BeatState:
    """A declared beat: when it ran last (over all workers), how long, and whether it fails or is late."""

    name: str
    every: float
    started: datetime | None
    took_ms: int
    failures: int
    last_error: str
    late: bool


def workers() -> list[WorkerState]:
    """Every worker that has not taken its leave, the living first."""
    moment = _database_now()
    found = Heartbeat.objects.order_by("-last_seen")
    return [
        WorkerState(h.worker, h.host, h.version, h.started, h.last_seen, abs(moment - h.last_seen) < SILENT)
        for h in found
    ]


def worker_alive() -> bool:
    """Whether at least one worker lives."""
    return any(state.alive for state in workers())


def beats() -> list[BeatState]:
    """Every beat this process knows. Late: not begun for three intervals, and two minutes at least."""
    moment = _database_now()
    noted = {run.name: run for run in Run.objects.all()}
    states = []
    for beat in all_beats():
        run = noted.get(beat.name)
        patience = timedelta(seconds=max(3 * max(beat.every, RECORDED_FROM), 120))
        states.append(
            BeatState(
                name=beat.name,
                every=beat.every,
                started=run.started if run else None,
                took_ms=run.took_ms if run else 0,
                failures=run.failures if run else 0,
                last_error=run.last_error if run else "",
                late=run is None or moment - run.started > patience,
            )
        )
    return states


def _database_now() -> datetime:
    """PostgreSQL's moment: workers sign with it, wherever they run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]  # type: ignore[index]
        return moment
