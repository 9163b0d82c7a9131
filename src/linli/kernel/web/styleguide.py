"""The style guide: every component with data that looks real. Only in demo homes and while developing."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def _only_here() -> None:
    if not (settings.DEBUG or getattr(settings, "DEMO", False) or getattr(settings, "STYLE_GUIDE", False)):
        raise Http404


def index(request: HttpRequest) -> HttpResponse:
    _only_here()
    return render(request, "web/design/index.html", {})


def frame(request: HttpRequest, page: str) -> HttpResponse:
    _only_here()
    return render(request, f"web/design/{page}.html", {})


def data(request: HttpRequest, name: str) -> JsonResponse:
    _only_here()
    return JsonResponse({})
