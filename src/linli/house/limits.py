"""Refuses what is too large before any of it is read."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from linli.house.errors import page


class RequestSizeMiddleware:
    """413 for a request that announces more bytes than a report with all its photos can have."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            announced = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return page(request, 400)
        if announced > settings.MAX_REQUEST_BYTES:
            return page(request, 413)
        return self.get_response(request)
