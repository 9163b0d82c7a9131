"""What stands before every view of this door: the method, the form of the answer, and errors in the door's own words.

GeoReport v2 knows 404 for what does not exist, 403 for a missing or wrong key and 400 for everything else; 429 is
ours, for keys that ask too often.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from linli.doors.open311.answers import refusal, response
from linli.doors.open311.reading import Call, Wrong, call_of, form_of
from linli.kernel.errors import LinliError, TooMany

Handler = Callable[..., "tuple[str, Any] | HttpResponse"]
_PASSED_ON = frozenset({403, 404, 429, 503, 507})
# The names the rooms have for what GeoReport calls otherwise.
_FIELDS = {
    "words": "description",
    "item": "service_code",
    "photos": "media_url",
    "photo": "media",
    "place": "lat, long",
    "lng": "long",
}


def answers(*, get: Handler | None = None, post: Handler | None = None) -> Callable[..., HttpResponse]:
    """A view that gives a `Call` to the handler of the method and writes what comes back, errors too."""
    handlers = {"GET": get, "HEAD": get, "POST": post}

    @csrf_exempt
    def view(request: HttpRequest, form: str | None = None, **named: str) -> HttpResponse:
        shape = form_of(request, form or "")
        try:
            answer = _asked(handlers, request, shape, named)
        except LinliError as error:
            answer = _refused(error, shape)
        except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
            answer = refusal(400, _("请求正文不完整或过大。"), shape)
        patch_vary_headers(answer, ["Accept", "Accept-Language"])
        if "Cache-Control" not in answer:
            answer["Cache-Control"] = "no-store"
        return answer

    return view


def _asked(handlers: dict[str, Handler | None], request: HttpRequest, form: str, named: dict[str, str]) -> HttpResponse:
    handler = handlers.get(request.method or "")
    if handler is None:
        raise Wrong(_("这个地址不接受 %(method)s。") % {"method": (request.method or "")[:20]})
    found = handler(call_of(request, form), **named)
    return found if isinstance(found, HttpResponse) else response(*found, form)


def _refused(error: LinliError, form: str) -> HttpResponse:
    status = error.status if error.status in _PASSED_ON else 400
    words = str(error.message) or (_("没有这个资源。") if status == 404 else error.code)
    if error.field:
        words = f"{_FIELDS.get(error.field, error.field)}: {words}"
    answer = refusal(status, words, form)
    if isinstance(error, TooMany):
        answer["Retry-After"] = str(error.retry_after)
    return answer


def of_this_door(request: HttpRequest, status: int) -> HttpResponse:
    """An error that arose before a view was reached (or in it), in the door's form."""
    words = {
        404: _("没有这个资源。"),
        500: _("出错了，问题已经记录。您可以稍后再试。"),
        503: _("系统暂时不能用，请稍后再发同一个请求。"),
        507: _("服务器的磁盘满了，请稍后再发同一个请求。"),
    }.get(status) or _("这个请求看不懂。")
    return refusal(status if status in (404, 500, 403, 429, 503, 507) else 400, words, form_of(request))


def _unknown(call: Call, **_named: str) -> HttpResponse:
    return refusal(404, _("没有这个资源。"), call.form)


unknown = answers(get=_unknown, post=_unknown)
