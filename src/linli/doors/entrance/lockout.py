"""Too many failures: which name is meant, and the page that says when to try again."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.kernel import clock


def name_of(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The name an attempt counts for: one for all ways of writing it, whether the account exists or not."""
    typed = (credentials or {}).get("username") or (request.POST.get("login") if request is not None else "") or ""
    return unicodedata.normalize("NFKC", str(typed)).strip().casefold()[:200]


def locked(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """429 with the moment of the next try; the same for every name."""
    last = (
        AccessAttempt.objects.filter(username=name_of(request, credentials))
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    pause = dt.timedelta(hours=settings.AXES_COOLOFF_TIME)
    again = (last or clock.now()) + pause
    seconds = max(1, int((again - clock.now()).total_seconds()) + 1)
    answer = render(
        request,
        "entrance/locked.html",
        {"again": again, "minutes": -(-seconds // 60), "limit": settings.AXES_FAILURE_LIMIT},
        status=429,
    )
    answer["Retry-After"] = str(seconds)
    return answer
