"""Checks of what should be running: the worker, its regular work, and what it sends to other systems."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from linli.house.checks.registry import Finding, Level, check
from linli.kernel.authority import SystemAuthority
from linli.kernel.beats import queries
from linli.kernel.outgoing.addresses import Allowed
from linli.rooms.messages import queries as notices
from linli.rooms.webhooks import queries as webhooks

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


@check("allowed targets")
def allowed_targets() -> Iterator[Finding]:
    for word in settings.LINLI_OUTGOING_ALLOW:
        try:
            Allowed.of([word])
        except ValueError:
            yield Finding(
                f"LINLI_OUTGOING_ALLOW names “{word}”, which is neither a host nor a net; it is left out.",
                "Write for example LINLI_OUTGOING_ALLOW=10.1.2.0/24,hotline.city.internal,*.gov.internal",
            )


@check("webhooks", needs="tables")
def webhooks_arrive() -> Iterator[Finding]:
    for endpoint in webhooks.endpoints(SystemAuthority()):
        if endpoint.state in ("gone", "failing"):
            reason = "its receiver says it is gone" if endpoint.state == "gone" else "nothing arrived for five days"
            yield Finding(
                f"The webhook {endpoint.pk} ({endpoint.url}) is paused: {reason}.",
                f"Mend its address or its receiver, then `./linli manage webhook resume {endpoint.pk}`, or delete it.",
                Level.WARNING,
            )


@check("notices", needs="tables")
def notices_go_out() -> Iterator[Finding]:
    for channel in notices.channels(SystemAuthority()):
        if channel.row is None or not channel.row.enabled:
            continue
        if channel.resting:
            yield Finding(
                f"Notices by {channel.code} do not go out: {channel.row.last_error[:200]}",
                "See whether its server runs, and its settings at /admin/notices/; it is tried again by itself.",
            )
        elif channel.failed:
            yield Finding(
                f"{channel.failed} notices by {channel.code} were given up.",
                "See why at /admin/notices/deliveries/?state=failed, mend it, and send them again there.",
                Level.WARNING,
            )
