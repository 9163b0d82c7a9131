"""Problem details (RFC 9457): whatever goes wrong under /api/ is answered in this one form."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from linli.doors.api.codes import code_of
from linli.kernel.errors import Conflict, LinliError, TooMany

PREFIX = "/api/v1/"
_VERSIONS = ("case.changed", "catalogue.item_changed", "places.draft_changed")
MEDIA = "application/problem+json"


def title_of(status: int) -> str:
    """What a status means, in a few words of the reader's language."""
    titles = {
        400: _("请求无法读取"),
        401: _("需要密钥或登录"),
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("不支持这种方法"),
        409: _("与别人的操作冲突"),
        412: _("版本已变"),
        413: _("内容太大"),
        415: _("内容类型不对"),
        422: _("不符合规则"),
        429: _("请求太多"),
        500: _("出错了"),
        503: _("暂时不能用"),
        507: _("磁盘已满"),
    }
    return titles.get(status) or _("请求无法完成")


def problem(
    request: HttpRequest, status: int, reason: str, detail: str = "", headers: dict[str, str] | None = None, **more: Any
) -> HttpResponse:
    """The answer for something that went wrong. more: further members, such as `errors` or `changes`."""
    number = code_of(reason, status)
    body = {
        "type": f"{PREFIX}problems/{number}",
        "title": title_of(status),
        "status": status,
        "detail": detail or title_of(status),
        "instance": request.path,
        "code": number,
        "reason": reason,
        **more,
    }
    answer = HttpResponse(orjson.dumps(body, default=str), status=status, content_type=MEDIA)
    answer["Cache-Control"] = "no-store"
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="linli"'
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def of_error(request: HttpRequest, error: LinliError) -> HttpResponse:
    """The answer to an error of the house."""
    status, reason = error.status, error.code
    more: dict[str, Any] = {}
    if reason in ("key.missing", "key.unknown", "key.expired", "key.revoked"):
        status = 401
    if reason in _VERSIONS and request.headers.get("If-Match"):
        status, reason = 412, "if_match"
    if error.field:
        more["field"] = error.field
    if error.what_next:
        more["what_next"] = str(error.what_next)
    if isinstance(error, Conflict) and error.changes:
        more["changes"] = error.changes
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else None
    if reason == "once.again":
        headers = {"Retry-After": "1"}
    return problem(request, status, reason, str(error.message), headers, **more)


_GENERAL = {
    400: "request.bad", 401: "session.over", 403: "form.expired", 404: "not_found", 405: "method",
    413: "request.too_large", 429: "too_many", 503: "unavailable",
    507: "disk.full",
}  # fmt: skip


def of_this_door(request: HttpRequest, status: int) -> HttpResponse:
    """The problem for a status that arises before a view of this door is reached, or for a defect in one."""
    return problem(request, status, _GENERAL.get(status, "error"))
