"""Two addresses for whoever watches the house: /healthz (this process lives) and /readyz (it can serve)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase


class HealthMiddleware:
    """First of all middleware: no session, no host check, no log for a probe."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == "/readyz":
            return self.ready()
        return self.get_response(request)

    def ready(self) -> HttpResponse:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        except DatabaseError:
            return HttpResponse("database\n", status=503, content_type="text/plain")
        return HttpResponse("ready\n", content_type="text/plain")
