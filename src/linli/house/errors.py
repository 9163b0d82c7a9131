"""Errors become answers: a page, an htmx fragment, or JSON, each with what to do next."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from linli.house.outages import outage_of
from linli.kernel.errors import Conflict, LinliError, NotAllowed, TooMany, Unavailable
from linli.kernel.web.context import Web
from linli.kernel.web.context import web as web_context

log = logging.getLogger(__name__)


def wants_json(request: HttpRequest) -> bool:
    """Whether this client asked for JSON rather than for a page."""
    preferred = request.get_preferred_type(["text/html", "application/json", "application/problem+json"])
    return bool(preferred and preferred.endswith("json"))


class ErrorMiddleware:
    """Turns LinliError into an answer with the right status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Unavailable):
            return interrupted(request, error)
        if isinstance(error, LinliError):
            return answer(request, error)
        outage = outage_of(error)
        if outage is None:
            return None
        log.warning("answered %s: %s: %s", outage.status, type(error).__name__, str(error).split("\n")[0])
        return interrupted(request, outage)


def answer(request: HttpRequest, error: LinliError) -> HttpResponse:
    """The answer to a request that ended in `error`."""
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse(error.as_json(), status=error.status)
    else:
        response = page(request, error.status, error)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def interrupted(request: HttpRequest, error: Unavailable) -> HttpResponse:
    """The answer while the database is away or the disk is full: nothing in it asks the database for anything.

    A form that carries its own key gets a button that sends the same once more: sent twice it counts once.
    """
    door = next((written for place, written in MACHINE_DOORS.items() if request.path_info.startswith(place)), None)
    response: HttpResponse
    if door is not None:
        response = import_string(door)(request, error.status)
    elif wants_json(request):
        response = JsonResponse(error.as_json(), status=error.status)
    else:
        fragment = request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")
        context = {"status": error.status, "error": error, "message": str(error.message), "what_next": error.what_next}
        text: str
        try:
            context |= {"web": _web(request), "again": [] if fragment else _sent(request)}
            name = "web/errors/_fragment.html" if fragment else "web/errors/interrupted.html"
            text = render_to_string(name, context)
        except Exception:  # whatever else is broken: the visitor still gets words
            text = plain(error.status, error.message, error.what_next)
        response = HttpResponse(text, status=error.status)
        if fragment:
            response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
    response["Retry-After"] = str(error.retry_after)
    response["Cache-Control"] = "no-store"
    return response


def _web(request: HttpRequest) -> Web | None:
    """The choices of this browser; without them (the house's name is kept in the database) the page is plainer."""
    try:
        return web_context(request)["web"]
    except Exception:
        return None


def _sent(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form that may be sent once more as it was: it has a key, and no file that would be missing."""
    try:
        if request.method != "POST" or not request.POST.get("key") or request.FILES:
            return []
    except Exception:  # what was sent could not be read, or not be put on the disk
        return []
    fields = [(name, str(text)) for name, texts in request.POST.lists() for text in texts]
    kept = [(name, text) for name, text in fields if name != "csrfmiddlewaretoken"]
    return [*kept, ("csrfmiddlewaretoken", get_token(request))]


# Doors for machines write errors in their own form, also those that arise before one of their views is reached.
MACHINE_DOORS = {
    "/open311/": "linli.doors.open311.gate.of_this_door",
    "/api/v1/": "linli.doors.api.problems.of_this_door",
}


def page(request: HttpRequest, status: int, error: LinliError | None = None) -> HttpResponse:
    """`web/errors/<status>.html`; for htmx `web/errors/_fragment.html`; else a page without any template."""
    for door, writer in MACHINE_DOORS.items():
        if request.path_info.startswith(door):
            written: HttpResponse = import_string(writer)(request, status)
            return written
    fragment = request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")
    words = str(error.message) if error else ""
    context = {
        "status": status,
        "error": error,
        # Without an error of ours a page has its own heading; a fragment has nothing but the message.
        "message": words or (default_words(status) if fragment else ""),
        "what_next": str(error.what_next) if error and error.what_next else "",
        "changes": error.changes if isinstance(error, Conflict) else [],
        "typed": error.typed if isinstance(error, Conflict) else {},
    }
    whole_page = [f"web/errors/{status}.html", "web/errors/error.html"]
    names = ["web/errors/_fragment.html"] if fragment else whole_page
    try:
        text: str = render_to_string(names, context, request=request)
    except TemplateDoesNotExist:
        text = plain(status, words or default_words(status), context["what_next"])
    response = HttpResponse(text, status=status)
    if fragment:
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
    return response


def plain(status: int, message: object, what_next: object = "") -> str:
    """A page that needs no template, no database and no static file."""
    return (
        '<!doctype html><html lang="zh-Hans"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{status}</title><main><h1>{escape(message)}</h1><p>{escape(what_next)}</p>"
        f'<p><a href="/">{escape(_("回到首页"))}</a></p></main></html>'
    )


def default_words(status: int) -> str:
    words = {
        400: _("这个请求看不懂。请回到上一页再试。"),
        403: _("您不能看这一页，或者页面已经过期。请回到上一页再试。"),
        404: _("没有找到这一页。"),
        413: _("发送的内容太大。一次最多 9 张照片，每张不超过 20 MB。"),
        500: _("出错了，问题已经记录。您可以稍后再试。"),
    }
    return words.get(status) or HTTPStatus(status).phrase


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: the page was open too long, in another session, or comes from somewhere else."""
    error = NotAllowed(
        _("这一页放得太久，已经过期，没有收到您填的内容。"),
        code="form.expired",
        what_next=_("请回到上一页，刷新后再提交一次；浏览器里填过的内容还在。如果一直这样，请允许本站使用 Cookie。"),
    )
    return answer(request, error)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """What nobody has caught: an outage that a middleware met before any view, or a defect."""
    error = sys.exc_info()[1]
    outage = error if isinstance(error, Unavailable) else outage_of(error) if error else None
    if outage is not None:
        return interrupted(request, outage)
    try:
        return page(request, 500)
    except Exception:  # the error page itself failed: the visitor still gets words
        return HttpResponse(plain(500, default_words(500)), status=500)
