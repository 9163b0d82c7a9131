"""The tracking codes this phone has seen, in a signed cookie: "my reports" without an account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

COOKIE = "linli_mine"
_SALT = "linli.portal.mine"
_MOST = 40
_YEAR = 365 * 24 * 3600


def codes(request: HttpRequest) -> list[str]:
    """The codes, newest first; nothing when the cookie was tampered with."""
    kept = request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=_YEAR)
    return [code for code in (kept or "").split(".") if code]


def remember(request: HttpRequest, response: HttpResponse, code: str) -> None:
    """Put a code in front of those this phone remembers."""
    kept = [code, *(other for other in codes(request) if other != code)][:_MOST]
    response.set_signed_cookie(
        COOKIE, ".".join(kept), salt=_SALT, max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
