"""Answers of this door: JSON with the right media type, an ETag, open to every origin; errors as exceptions."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from linli.doors.ogc.who import asks_with_key
from linli.kernel.errors import LinliError, NotFound

JSON, GEOJSON, PROBLEM = "application/json", "application/geo+json", "application/problem+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
METHODS = "GET, HEAD, OPTIONS"
_CODES = {400: "InvalidParameterValue", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 429: "TooManyRequests"}
View = Callable[..., HttpResponse]


def served(view: View) -> View:
    """A view of this door: only reads, whatever goes wrong is answered in JSON, readable from any web page."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            answer = HttpResponse(status=204)
            answer["Access-Control-Allow-Methods"] = METHODS
            answer["Access-Control-Allow-Headers"] = "Authorization, If-None-Match"
            answer["Access-Control-Max-Age"] = "86400"
            answer["Allow"] = METHODS
        elif request.method not in ("GET", "HEAD"):
            answer = exception(405, "MethodNotAllowed", _("这个接口只能读取。"))
            answer["Allow"] = METHODS
        else:
            try:
                answer = view(request, *args, **kwargs)
            except LinliError as error:
                answer = refused(error)
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        patch_vary_headers(answer, ("Accept-Language", "Authorization"))
        return answer

    return answered


def refused(error: LinliError) -> HttpResponse:
    """An error of the house as an exception of this interface."""
    code = _CODES.get(error.status, "") if error.code == type(error).default_code else error.code
    answer = exception(error.status, code or error.code, str(error.message) or _("没有找到。"))
    if error.status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="linli"'
    if error.status == 429:
        answer["Retry-After"] = str(getattr(error, "retry_after", 60))
    return answer


def exception(status: int, code: str, words: str) -> HttpResponse:
    """An error body: `code` and `description` as the standard names them, the rest as RFC 9457 does."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "description": words,
        "detail": words,
    }
    answer = HttpResponse(orjson.dumps(body), content_type=PROBLEM, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def document(
    request: HttpRequest, body: dict[str, Any], media: str = JSON, *, seconds: int = 300, moment: bytes = b""
) -> HttpResponse:
    """A document with its ETag, or 304 for whoever has it already.

    seconds: how long anybody may keep it; with a key nobody but the asker. moment: goes into the body's front
    without changing its ETag (the time of the answer).
    """
    blob = orjson.dumps(body)
    tag = f'W/"{blake2b(blob + (get_language() or "").encode(), digest_size=12).hexdigest()}"'
    if holds(request, tag):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(b"{" + moment + blob[1:] if moment else blob, content_type=media)
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache" if asks_with_key(request) else f"public, max-age={seconds}"
    return answer


def holds(request: HttpRequest, tag: str) -> bool:
    """Whether the asker already has the representation with this tag (weak comparison)."""
    said = request.headers.get("If-None-Match", "")[:2000]
    return said.strip() == "*" or tag.removeprefix("W/") in re.findall(r'"[^"]*"', said)


def link(request: HttpRequest, rel: str, view: str, media: str, title: str = "", **args: str) -> dict[str, str]:
    """A link to an address of this door, whole, as clients that follow it from elsewhere need it."""
    return linked(request, rel, reverse(f"ogc:{view}", kwargs=args), media, title)


def linked(request: HttpRequest, rel: str, where: str, media: str, title: str = "") -> dict[str, str]:
    found = {"href": request.build_absolute_uri(where), "rel": rel, "type": media}
    return found | {"title": title} if title else found


def missing(words: str) -> NotFound:
    return NotFound(words)
