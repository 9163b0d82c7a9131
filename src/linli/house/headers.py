"""Headers that go with every answer, besides those of Django and the content security policy."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# What pages of the house may ask a browser for: where somebody stands, and a camera. Nothing for frames of others.
PERMISSIONS = (
    "geolocation=(self), camera=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), "
    "microphone=(), payment=(), usb=(), serial=(), midi=(), display-capture=(), browsing-topics=()"
)


class HeadersMiddleware:
    """Permissions-Policy everywhere; what somebody sees who is signed in is kept by no proxy on the way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        if signed_in and "Cache-Control" not in response.headers and not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "private, no-cache"
        return response
