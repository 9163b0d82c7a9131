"""Three addresses for machines that watch the house: /healthz, /readyz and /metrics. No session, no host check.

/healthz   200: this process lives. It asks nothing of anybody.
/readyz    200 when it can serve; else 503. JSON: `{"ready": …, "reasons": [{"code", "words"}]}` with the codes
           `database`, `migrations`, `disk`, `worker`.
/metrics   see `metrics`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from linli.house import metrics
from linli.kernel.beats.queries import SILENT

LEAST_DISK_MB = 300
Reason = tuple[str, str]


class HealthMiddleware:
    """First of all middleware: probes cost next to nothing and are not logged."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.pages = {"/healthz": alive, "/readyz": ready, "/metrics": metrics.page}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = self.pages.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = probe(request)
        response["Cache-Control"] = "no-store"
        return response


def alive(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Whether a visitor can be served, and if not, why."""
    found = [{"code": code, "words": words} for code, words in reasons()]
    return JsonResponse({"ready": not found, "reasons": found}, status=503 if found else 200)


def reasons() -> Iterator[Reason]:
    """Why the house cannot serve as it should; nothing when it can."""
    free = shutil.disk_usage(settings.LINLI_HOME).free // (1024 * 1024)
    if free < LEAST_DISK_MB:
        yield "disk", f"only {free} MB are free in the home folder"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            missing = _known_migrations() - set(cursor.fetchall())
            if missing:
                yield "migrations", f"{len(missing)} changes of the tables are not applied"
                return
            cursor.execute(
                # One from the future was signed before the clock was set back.
                "SELECT count(*) FROM beats_heartbeat WHERE last_seen > clock_timestamp() - %(silent)s::interval"
                " AND last_seen < clock_timestamp() + %(silent)s::interval",
                {"silent": str(SILENT)},
            )
            row = cursor.fetchone()
    except DatabaseError:
        connection.close()
        yield "database", "the database cannot be reached"
        return
    if not row or not row[0]:
        yield "worker", f"no worker has shown itself for {SILENT.seconds} seconds: messages and deadlines wait"


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """(app, name) of every migration of this release."""
    return frozenset(MigrationLoader(None).disk_migrations)
