"""Checks of what should be running: the worker and its regular work."""

from __future__ import annotations

from collections.abc import Iterator

from linli.house.checks.registry import Finding, Level, check
from linli.kernel.beats import queries

START = "Start it with `./linli serve` (web and worker) or `./linli worker`; its log is <home>/log/worker.log."


@check("worker", needs="tables")
def worker() -> Iterator[Finding]:
    if queries.worker_alive():
        return
    known = queries.workers()
    if known:
        yield Finding(f"The worker was last seen at {known[0].last_seen:%Y-%m-%d %H:%M} UTC.", START)
    else:
        yield Finding("No worker is running: messages, deadlines and seals wait.", START, Level.WARNING)


@check("regular work", needs="worker")
def regular_work() -> Iterator[Finding]:
    if not queries.worker_alive():
        return
    for beat in queries.beats():
        if beat.failures:
            yield Finding(
                f"The regular work “{beat.name}” failed {beat.failures} times in a row: {beat.last_error[:200]}",
                "See <home>/log/worker.log; it is tried again by itself.",
            )
        elif beat.late:
            yield Finding(
                f"The regular work “{beat.name}” is late.",
                "The worker may be overloaded; see <home>/log/worker.log.",
                Level.WARNING,
            )
