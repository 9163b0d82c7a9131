"""What Prometheus asks for at /metrics: what the web processes counted, and how the house is.

Counters are shared by the web processes of a machine through files in `<home>/run/metrics` (the client library's
multiprocess mode); what is read from the database is the same whichever process answers, and is read at most every
`FRESH` seconds. Labels are patterns of addresses and names of parts, never anything about a person.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

FRESH = 10.0
FRESH_COUNTS = 60.0
"""Counting all cases costs more than the rest."""
BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_OWN = CollectorRegistry()
REQUESTS = Counter("linli_requests", "Requests answered.", ["route", "method", "status"], registry=_OWN)
SECONDS = Histogram("linli_request_seconds", "How long requests took.", ["route"], buckets=BUCKETS, registry=_OWN)
RUNNING = Gauge(
    "linli_web_process_started_seconds", "When this web process started.", registry=_OWN, multiprocess_mode="liveall"
)
RUNNING.set(time.time())


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(route, method if method in _METHODS else "other", str(status)).inc()
    SECONDS.labels(route).observe(seconds)


# ── The page ───────────────────────────────────────────────────────────────────────────────────────


def page(request: HttpRequest) -> HttpResponse:
    """/metrics in the text format; 404 for whoever may not see it."""
    if not may_see(request):
        return HttpResponse("not found\n", status=404, content_type="text/plain")
    registry = CollectorRegistry()
    if os.environ.get(VARIABLE):
        MultiProcessCollector(registry)
    else:
        registry.register(_OWN)  # type: ignore[arg-type]  # a registry collects, too
    registry.register(_HOUSE)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_see(request: HttpRequest) -> bool:
    """With LINLI_METRICS_TOKEN whoever shows it; without, who asks from this machine itself and not by a proxy."""
    token = settings.LINLI_METRICS_TOKEN
    if token:
        shown = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        return secrets.compare_digest(shown.encode(), token.encode())
    if any(request.META.get(f"HTTP_{name}") for name in ("X_FORWARDED_FOR", "X_REAL_IP", "FORWARDED", "VIA")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


# ── How the house is ───────────────────────────────────────────────────────────────────────────────

_QUICK = """
SELECT
 (SELECT count(*) FROM outbox_delivery WHERE state = 'pending'),
 (SELECT count(*) FROM outbox_delivery WHERE state = 'running'),
 (SELECT count(*) FROM outbox_delivery WHERE state = 'dead'),
 (SELECT count(*) FROM outbox_delivery WHERE state = 'pending' AND tries > 0),
 (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(e.at)), 0) FROM outbox_event e WHERE e.id =
   (SELECT d.event_id FROM outbox_delivery d WHERE d.state IN ('pending', 'running') ORDER BY d.id LIMIT 1)),
 (SELECT count(*) FROM journal_unsealed),
 (SELECT coalesce(max(total), 0) FROM journal_batch WHERE number = (SELECT max(number) FROM journal_batch)),
 (SELECT count(*) FROM beats_heartbeat WHERE last_seen > clock_timestamp() - interval '20 seconds'),
 (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
 current_setting('max_connections')::int,
 pg_database_size(current_database())
"""


class House:
    """Reads the figures of the house from the database when they are asked for, and remembers them for a moment."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, tuple[float, list[Metric]]] = {}

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        reachable = GaugeMetricFamily("linli_database_up", "1 when the database answers.")
        try:
            quick = self._remembered("quick", FRESH, _quick)
            counts = self._remembered("counts", FRESH_COUNTS, _counts)
        except DatabaseError:
            connection.close()
            reachable.add_metric([], 0)
            yield reachable
            return
        reachable.add_metric([], 1)
        yield reachable
        yield from quick
        yield from counts
        free = GaugeMetricFamily("linli_disk_free_bytes", "Room where the home folder is.")
        free.add_metric([], shutil.disk_usage(settings.LINLI_HOME).free)
        yield free

    def _remembered(self, name: str, seconds: float, read: object) -> list[Metric]:
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or time.monotonic() - kept[0] > seconds:
                kept = self._kept[name] = (time.monotonic(), read())  # type: ignore[operator]
            return kept[1]

    def forget(self) -> None:
        """Read everything anew next time (tests)."""
        self._kept.clear()


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _quick() -> list[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(_QUICK)
        row = cursor.fetchone()
        cursor.execute(
            "SELECT name, extract(epoch FROM last_success), failures, took_ms / 1000.0 FROM beats_run ORDER BY name"
        )
        beats = cursor.fetchall()
    pending, running, dead, failing, oldest, unsealed, sealed, workers, used, most, size = map(float, row)
    deliveries = GaugeMetricFamily("linli_outbox_deliveries", "Deliveries owed or given up.", labels=["state"])
    for state, number in (("pending", pending), ("running", running), ("dead", dead), ("failing", failing)):
        deliveries.add_metric([state], number)
    success = GaugeMetricFamily("linli_beat_last_success_seconds", "When regular work last succeeded.", labels=["beat"])
    failures = GaugeMetricFamily("linli_beat_failures", "Failures of regular work in a row.", labels=["beat"])
    took = GaugeMetricFamily("linli_beat_took_seconds", "How long regular work took last.", labels=["beat"])
    for name, at, failed, seconds in beats:
        if at is not None:
            success.add_metric([name], float(at))
        failures.add_metric([name], failed)
        took.add_metric([name], float(seconds))
    return [
        deliveries,
        _gauge("linli_outbox_oldest_seconds", "Age of the oldest event somebody is still owed.", oldest),
        _gauge("linli_journal_unsealed", "Entries of the journal not sealed yet.", unsealed),
        _gauge("linli_journal_sealed", "Entries of the journal sealed.", sealed),
        _gauge("linli_workers_alive", "Workers that signed in the last 20 seconds.", workers),
        _gauge("linli_database_connections", "Connections to this database.", used),
        _gauge("linli_database_connections_limit", "Connections the server allows.", most),
        _gauge("linli_database_bytes", "Size of the database.", size),
        success,
        failures,
        took,
    ]


def _counts() -> list[Metric]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM cases_case GROUP BY state ORDER BY state")
        rows = cursor.fetchall()
    cases = GaugeMetricFamily("linli_cases", "Cases by state.", labels=["state"])
    for state, number in rows:
        cases.add_metric([state], number)
    return [cases]


_HOUSE = House()
forget = _HOUSE.forget
