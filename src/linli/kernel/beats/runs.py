"""Running one beat under its lock, and the notes about runs and workers."""

from __future__ import annotations

import logging
import os
import socket
import time
from datetime import timedelta

from django.db import connection

from linli.kernel.beats.registry import RECORDED_FROM, Beat

LOCKS = 7_315_200
"""The class of the beats' advisory locks."""
_FORGOTTEN = timedelta(days=1)
_NOTE_EVERY = 60.0

log = logging.getLogger(__name__)


def run_once(beat: Beat) -> bool:
    """Call the beat if no worker is at it and none was within its interval; True when it ran without an
    error.

    An exception of the beat is logged and noted; only a lost connection is raised.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, beat.lock])
        row = cursor.fetchone()
        if not row or not row[0]:
            return False
    try:
        return _is_due(beat) and _run(beat)
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, beat.lock])


def sign_of_life(worker: str, version: str) -> None:
    """Say that this worker lives, and forget those that have been silent for a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO beats_heartbeat (worker, host, pid, version, started, last_seen)"
            " VALUES (%s, %s, %s, %s, clock_timestamp(), clock_timestamp())"
            " ON CONFLICT (worker) DO UPDATE SET last_seen = clock_timestamp()",
            [worker, socket.gethostname(), os.getpid(), version],
        )
        cursor.execute(
            "DELETE FROM beats_heartbeat WHERE last_seen < clock_timestamp() - %(day)s::interval"
            " OR last_seen > clock_timestamp() + %(day)s::interval",
            {"day": str(_FORGOTTEN)},
        )


def farewell(worker: str) -> None:
    """This worker stops in good order: nobody shall miss it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM beats_heartbeat WHERE worker = %s", [worker])


def _is_due(beat: Beat) -> bool:
    """Whether no other worker has run a slow beat within its interval (a tenth of it is forgiven).

    A run that lies in the future was noted before the clock was set back: it holds up nothing.
    """
    if beat.every < RECORDED_FROM:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM beats_run WHERE name = %s AND started > clock_timestamp() - %s::interval"
            " AND started <= clock_timestamp()",
            [beat.name, str(timedelta(seconds=beat.every * 0.9))],
        )
        return cursor.fetchone() is None


def _run(beat: Beat) -> bool:
    started = time.monotonic()
    trouble = ""
    try:
        beat.work()
    except Exception as error:
        if connection.connection is None or connection.connection.closed:
            raise
        if connection.in_atomic_block and connection.needs_rollback:
            raise
        trouble = f"{type(error).__name__}: {error}"
        log.exception("The beat %s failed", beat.name)
    _note(beat, time.monotonic() - started, trouble)
    return not trouble


def _note(beat: Beat, took: float, trouble: str) -> None:
    """Keep what `check` needs. Of fast beats: every failure, the success after one, and one run a minute."""
    if beat.every < RECORDED_FROM and not trouble:
        last = _noted.get(beat.name, (-_NOTE_EVERY, False))
        if time.monotonic() - last[0] < _NOTE_EVERY and not last[1]:
            return
    _noted[beat.name] = (time.monotonic(), bool(trouble))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO beats_run AS r (name, started, took_ms, last_success, failures, last_error)"
            " VALUES (%(name)s, clock_timestamp() - %(took)s::interval, %(ms)s,"
            "  CASE WHEN %(trouble)s = '' THEN clock_timestamp() END, %(failed)s, %(trouble)s)"
            " ON CONFLICT (name) DO UPDATE SET started = EXCLUDED.started, took_ms = EXCLUDED.took_ms,"
            "  last_success = coalesce(EXCLUDED.last_success, r.last_success),"
            "  failures = CASE WHEN EXCLUDED.failures = 0 THEN 0 ELSE r.failures + 1 END,"
            "  last_error = EXCLUDED.last_error",
            {
                "name": beat.name,
                "took": str(timedelta(seconds=took)),
                "ms": min(int(took * 1000), 2**31 - 1),
                "failed": int(bool(trouble)),
                "trouble": trouble[:4000].replace("\0", "").encode("utf-8", "replace").decode(),
            },
        )


_noted: dict[str, tuple[float, bool]] = {}
