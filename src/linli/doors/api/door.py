"""What every request to the REST interface passes: who asks, what is refused before anything is read, how it ends."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import URLPattern
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from linli.doors.api import openapi
from linli.doors.api.problems import of_error, problem
from linli.kernel import rates
from linli.kernel.errors import LinliError, NotAllowed, Refused
from linli.kernel.once import Kept, once
from linli.rooms.people.keys import admit
from linli.rooms.people.rights import Viewer

MOST_JSON = 256 * 1024
MOST_UPLOAD = 21 * 1024 * 1024
MOST_GRIDS = 61 * 1024 * 1024
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class _Json(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


class _Reader(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return read_json(request)


def read_json(request: HttpRequest) -> dict[str, Any]:
    """The body as an object; nothing sent is an empty one. Raises Unreadable."""
    if not request.body:
        return {}
    if b"\\u0000" in request.body:
        raise Unreadable("request.nul", _("文字里不能有 NUL 字符。"))
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Unreadable("request.json", _("请求内容不是 JSON：%(why)s") % {"why": error.msg}) from None
    if not isinstance(found, dict):
        raise Unreadable("request.json", _("请求内容须是一个 JSON 对象。"))
    return found


class Unreadable(LinliError):
    """A request that cannot be read (400)."""

    status = 400

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, code)


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


class KeyOrSession:
    """Lets in a machine by `Authorization: Bearer` or `X-API-Key`, or whoever is signed in (writes with CSRF token)."""

    def __call__(self, request: HttpRequest) -> Viewer:
        secret = self._secret(request)
        if secret is not None:
            admission = admit(secret)
            request.admission = admission  # type: ignore[attr-defined]
            request.viewer = admission.viewer  # type: ignore[attr-defined]
            return admission.viewer
        viewer: Viewer = request.viewer  # type: ignore[attr-defined]
        if not viewer.signed_in:
            raise NotAllowed(_("请带上密钥，或先登录。"), "key.missing")
        if request.method in WRITES:
            guard = _Csrf(lambda _request: HttpResponse())
            guard.process_request(request)
            request.csrf_processing_done = False  # type: ignore[attr-defined]
            if guard.process_view(request, _needs_token, (), {}):
                raise NotAllowed(_("登录后的写操作要带 X-CSRFToken。"), "form.expired")
        return viewer

    def _shows_key(self, request: HttpRequest) -> bool:
        return self._secret(request) is not None

    @staticmethod
    def _secret(request: HttpRequest) -> str | None:
        header = request.headers.get("Authorization", "")
        if header[:7].lower() == "bearer ":
            return header[7:].strip()
        return request.headers.get("X-API-Key")


class KnownOrNot(KeyOrSession):
    """Lets in everybody. Who shows a key or is signed in is known by it, with all that follows."""

    def __call__(self, request: HttpRequest) -> Viewer:
        viewer = viewer_of(request)
        return super().__call__(request) if self._shows_key(request) or viewer.signed_in else viewer


def _needs_token(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class Api(NinjaAPI):
    """Ninja with the house's problems, and its own completion of the OpenAPI document."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        return openapi.complete(super().get_openapi_schema(*args, **kwargs))

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        return answer_to(request, exc)


def answer_to(request: HttpRequest, error: Exception) -> HttpResponse:
    """The problem that an exception becomes; a defect is raised again, for the log and the 500."""
    if isinstance(error, LinliError):
        return of_error(request, error)
    if isinstance(error, ValidationError):
        errors = [_readable(one) for one in error.errors]
        return problem(request, 422, "request.fields", _("有的内容缺少、多余或格式不对。"), errors=errors)
    if isinstance(error, Http404):
        return problem(request, 404, "not_found")
    if isinstance(error, RequestDataTooBig):
        return problem(request, 413, "request.too_large")
    if isinstance(error, TooManyFieldsSent | TooManyFilesSent | MultiPartParserError | UnreadablePostError):
        return problem(request, 400, "request.multipart")
    if isinstance(error, SuspiciousOperation):
        return problem(request, 400, "request.bad")
    if isinstance(error, HttpError):
        return problem(request, error.status_code, "request.bad", error.message)
    raise error


def _readable(error: dict[str, Any]) -> dict[str, str]:
    where = [str(part) for part in error.get("loc", ()) if part not in ("body", "query", "path", "form", "file")]
    where = where[1:] if len(where) > 1 and where[0] == "given" else where
    kind = str(error.get("type", ""))
    words = {"missing": _("缺少此项"), "extra_forbidden": _("没有这个字段")}
    detail = words.get(kind) or _("不是合适的值：%(why)s") % {"why": error.get("msg", kind)}
    return {"field": ".".join(where), "kind": kind, "detail": detail}


def viewer_of(request: HttpRequest) -> Viewer:
    """Who asks."""
    return request.viewer  # type: ignore[attr-defined, no-any-return]


def needs(request: HttpRequest, *capabilities: str) -> Viewer:
    """Who asks, if any of the capabilities is held at all; where it reaches is the query's business."""
    viewer = viewer_of(request)
    if not any(viewer.has(capability) for capability in capabilities):
        raise NotAllowed(viewer.may(capabilities[0]).why)
    return viewer


def count_stranger(request: HttpRequest, what: str) -> None:
    """Count one more `what` of somebody who is not known as staff or a machine. Raises TooMany."""
    if viewer_of(request).kind not in ("staff", "service"):
        rates.count(what, request.META.get("REMOTE_ADDR", ""))


def json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """Values as JSON, without another look at them."""
    answer = HttpResponse(orjson.dumps(data, default=str), status=status, content_type="application/json")
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def carried_out_once(
    request: HttpRequest, asked: bytes, act: Callable[[], Kept], owner: int | None = None
) -> HttpResponse:
    """Carry out a POST: once for each Idempotency-Key, if there is one. asked: the body, or what stands for it.

    owner: whose the key is, where that is not the account of the viewer.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        kept = act()
    else:
        owner = owner if owner is not None else viewer_of(request).account_id or 0
        request_hash = hashlib.sha256(f"{request.method} {request.path}\n".encode() + asked).digest()
        kept = once(owner, key.strip(), request_hash, act)
    answer = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    for name, value in kept.headers.items():
        answer[name] = value
    if kept.replayed:
        answer["Idempotent-Replayed"] = "true"
    return answer


def around(pattern: URLPattern, api: NinjaAPI) -> URLPattern:
    """An address of the interface with what all of them share: sizes, kinds of content, headers, plain 405 and HEAD."""
    view = pattern.callback
    query = _query_names(api, pattern)

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer = _refused_unread(request, query) or _run(request, view, *args, **kwargs)
        except LinliError as error:
            answer = of_error(request, error)
        return _finished(request, answer)

    pattern.callback = guarded
    return pattern


def _query_names(api: NinjaAPI, pattern: URLPattern) -> dict[str, frozenset[str]]:
    """For each method of an address the names that may stand in its query."""
    found: dict[str, frozenset[str]] = {}
    for router in api._get_bound_routers():
        for path_view in router.path_operations.values():
            for operation in path_view.operations:
                if getattr(operation, "url_name", None) == pattern.name:
                    names: set[str] = set()
                    for model in operation.models:
                        if model.__ninja_param_source__ == "query":
                            names |= set(getattr(model, "__ninja_flatten_map__", {}) or {})
                    for method in operation.methods:
                        found[method] = frozenset(names)
    return found


def _refused_unread(request: HttpRequest, query: dict[str, frozenset[str]]) -> HttpResponse | None:
    """What is refused before its body is read: too large, of another kind, with names nobody knows."""
    method = "GET" if request.method == "HEAD" else request.method or ""
    if method not in query:
        allow = sorted({*query, "OPTIONS", *({"HEAD"} if "GET" in query else ())})
        if method == "OPTIONS":
            answer = HttpResponse(status=204)
            answer["Allow"] = ", ".join(allow)
            return answer
        return problem(request, 405, "method", headers={"Allow": ", ".join(allow)})
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return problem(request, 400, "request.bad")
    multipart = request.content_type == "multipart/form-data"
    grids = request.path.endswith("/grids/drafts")
    if length > ((MOST_GRIDS if grids else MOST_UPLOAD) if multipart else MOST_JSON):
        words = _("内容太大：JSON 最多 256 KB，照片最多 20 MB，网格文件最多 60 MB。")
        return problem(request, 413, "request.too_large", words)
    if method in WRITES and length:
        wanted = "multipart/form-data" if grids or request.path.endswith("/photos") else "application/json"
        if request.content_type != wanted:
            return problem(request, 415, "request.content_type", _("这里要 %(type)s。") % {"type": wanted})
    unknown = [name for name in request.GET if name not in query[method]]
    if unknown:
        errors = [{"field": name[:80], "kind": "extra_forbidden", "detail": _("没有这个字段")} for name in unknown[:20]]
        return problem(request, 422, "request.fields", _("有的内容缺少、多余或格式不对。"), errors=errors)
    return None


def _run(request: HttpRequest, view: Callable[..., Any], *args: Any, **kwargs: Any) -> HttpResponseBase:
    if request.method != "HEAD":
        return view(request, *args, **kwargs)  # type: ignore[no-any-return]
    request.method = "GET"
    answer = view(request, *args, **kwargs)
    request.method = "HEAD"
    return answer  # type: ignore[no-any-return]


def _finished(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    admission = getattr(request, "admission", None)
    if admission is not None:
        answer["RateLimit-Limit"] = str(admission.limit)
        answer["RateLimit-Remaining"] = str(admission.left)
        answer["RateLimit-Reset"] = str(admission.resets_in)
    if "Cache-Control" not in answer:
        answer["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ["Authorization", "X-API-Key", "Accept-Language", "Cookie"])
    return answer


def refuse_unknown(given: dict[str, Any], known: set[str]) -> None:
    """Raise a refusal that names the first unknown field."""
    for name in given:
        if name not in known:
            raise Refused(
                _("没有这个字段；可以有：%(known)s") % {"known": ", ".join(sorted(known)) or "-"},
                "request.fields",
                name[:80],
            )
