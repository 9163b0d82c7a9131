"""Every request gets an id, is counted, and is logged by the pattern of its address."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from linli.house import metrics
from linli.house.logs import request_id, route_of

HEADER = "X-Request-ID"
_GOOD_ID = re.compile(r"[0-9a-f][0-9a-f-]{15,63}")
"""What a proxy sends: hexadecimal. Anything else could be a word about a person, and is replaced."""
SLOW = 1.0
"""Seconds from which a request is worth a line even where not every request gets one."""

log = logging.getLogger("linli.requests")


class RequestMiddleware:
    """Near the door: what it counts is what the visitor waited for (but for health probes, which come before)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.logs_all = settings.LINLI_LOG_REQUESTS

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        known = given if _GOOD_ID.fullmatch(given) else secrets.token_hex(8)
        before = request_id.set(known)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            route = route_of(request)
            metrics.count(request.method or "", route, response.status_code, seconds)
            response[HEADER] = known
            if self.logs_all or seconds >= SLOW:
                fields = {
                    "method": request.method,
                    "route": route,
                    "status": response.status_code,
                    "ms": round(seconds * 1000, 1),
                }
                log.info("request" if seconds < SLOW else "slow request", extra=fields)
            return response
        finally:
            request_id.reset(before)
