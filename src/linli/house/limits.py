"""Refuses what is too large before any of it is read, and drops what no text may hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

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


NUL = "\x00"
_NUL_IN_QUERY = re.compile("(?:%00|\x00)+")


class NoNulMiddleware:
    """Drops the character NUL from addresses and forms: the database cannot keep it, and nobody typed it.

    It comes with text copied out of broken files, and from scanners. A path with it names nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if NUL in request.path_info:
            return page(request, 404)
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query or NUL in query:
            request.META["QUERY_STRING"] = _NUL_IN_QUERY.sub("", query)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.method != "POST" or not any(NUL in word for _, words in request.POST.lists() for word in words):
            return
        cleaned = request.POST.copy()
        for name, words in request.POST.lists():
            cleaned.setlist(name, [str(word).replace(NUL, "") for word in words])
        request.POST = cleaned  # type: ignore[assignment]
