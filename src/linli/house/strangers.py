"""Limits for people who are not known as staff: which addresses of the house are counted, and as what.

`portal:report` counts by itself, so that a form that comes too soon is shown again with what was typed; a look at
a tracking code counts only when there is no such report (`kernel.rates.DEFAULTS` has the figures).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from linli.house.errors import answer
from linli.kernel import rates
from linli.kernel.errors import TooMany

COUNTED: dict[tuple[str, str], str] = {
    ("POST", "portal:track"): "follow",
    ("POST", "portal:answer"): "answer",
    ("POST", "inbox:wish"): "answer",
    ("POST", "inbox:stop"): "answer",
    ("POST", "inbox:confirm"): "answer",
    ("POST", "account_login"): "sign_in",
    ("POST", "account_reauthenticate"): "sign_in",
    ("POST", "account_signup"): "register",
    ("POST", "mfa_authenticate"): "sign_in",
    ("POST", "mfa_reauthenticate"): "sign_in",
    ("POST", "mfa_login_webauthn"): "sign_in",
    ("GET", "mfa_login_webauthn"): "sign_in",
    ("POST", "entrance_demo"): "sign_in",
    ("POST", "entrance_oidc"): "sign_in",
    ("POST", "common:photo_upload"): "upload",
    ("GET", "common:suggest_items"): "suggest",
    ("GET", "common:suggest_duplicates"): "suggest",
    ("GET", "common:suggest_places"): "suggest",
    ("GET", "common:suggest_units"): "suggest",
    ("GET", "common:where"): "suggest",
    ("GET", "portal:who"): "suggest",
}
IN_THE_VIEW = {
    ("POST", "portal:report"): "report",
    ("POST", "api:report_step"): "answer",
    ("POST", "api:cases"): "report",
    ("POST", "api:join"): "report",
    ("POST", "api:photos"): "upload",
}
WHEN_NOTHING_IS_FOUND = {
    ("GET", "portal:follow"): "follow",
    ("GET", "open311:token"): "follow",
    ("GET", "open311:request"): "suggest",
}
FOR_SCRIPTS = "common:"


class StrangersMiddleware:
    """After the viewer is known: counts, and answers 429 with what to do and when."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        if response.status_code == 404 and match is not None:
            what = WHEN_NOTHING_IS_FOUND.get((request.method or "", match.view_name))
            if what and _is_strange(request):
                try:
                    rates.count(what, request.META.get("REMOTE_ADDR", ""))
                except TooMany as error:
                    return answer(request, error)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        what = COUNTED.get((request.method or "", match.view_name if match else ""))
        if what is None or settings.LINLI_LIMITS == "off" or not _is_strange(request):
            return None
        try:
            rates.count(what, request.META.get("REMOTE_ADDR", ""))
        except TooMany as error:
            if match is not None and match.view_name.startswith(FOR_SCRIPTS):
                return JsonResponse(
                    error.as_json(), status=error.status, headers={"Retry-After": str(error.retry_after)}
                )
            return answer(request, error)
        return None


def _is_strange(request: HttpRequest) -> bool:
    """Everybody may register, so residents are counted like those without an account."""
    return request.viewer.kind not in ("staff", "service")  # type: ignore[attr-defined]
