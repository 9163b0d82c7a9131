"""Who is looking, on every request; and what signed-in staff must have done before they go on.

Order: after sessions, authentication and messages. `request.viewer` costs nothing until it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.kernel import clock
from linli.rooms.people.models import Account
from linli.rooms.people.queries.policy import sign_in_policy
from linli.rooms.people.rights import Viewer, viewer_of

SEEN = "linli_seen"
"""Session key: when this session was last used, in seconds since 1970, exact to `GRAIN_SECONDS`."""
PROVEN = "linli_two_factor"
"""Session key: the account of this session has a second factor."""
ELSEWHERE = "linli_elsewhere"
"""Session key: the id of the account that the city's identity provider vouched for in this session."""
GRAIN_SECONDS = 30
FOR_MACHINES = "/api/"
BACKGROUND = "X-Linli-Background"
"""A page that asks by itself, without anybody touching it, says so with this header: it keeps nobody signed in."""


def current_viewer(request: HttpRequest) -> Viewer:
    """The viewer of a request; one query for staff."""
    account = _account(request)
    session = getattr(request, "session", None)
    return viewer_of(account, (session.session_key if session else "") or "")


class ViewerMiddleware:
    """Sets `request.viewer` and the account's language; ends idle sessions; sends staff to what is due first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.viewer = SimpleLazyObject(lambda: current_viewer(request))  # type: ignore[attr-defined]
        account = _account(request)
        if account is None:
            if request.path.startswith(tuple(settings.SIGN_IN_FIRST)):
                # Also for whom the session has run out: a page that was there a minute ago is not "not found".
                return _elsewhere(request, reverse("account_login"))
            return self.get_response(request)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and account.language:
            # What was chosen on this device wins over what the account remembers.
            translation.activate(account.language)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
        if account.kind == Account.Kind.STAFF:
            answer = _idle(request, account) or _due_first(request, account)
            if answer is not None:
                return answer
        return self.get_response(request)


def _account(request: HttpRequest) -> Account | None:
    user: AbstractBaseUser | AnonymousUser | None = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None  # type: ignore[return-value]


def _idle(request: HttpRequest, account: Account) -> HttpResponseBase | None:
    """Sign out who has not touched anything for too long: staff as configured, administrators 10 minutes."""
    policy = sign_in_policy()
    minutes = policy.idle_minutes_admins if account.admin_role else policy.idle_minutes_staff
    now = int(clock.now().timestamp())
    seen = request.session.get(SEEN)
    if seen is not None and now - seen >= minutes * 60:
        logout(request)
        words = ngettext(
            "%(n)d 分钟没有操作，已为您退出。请重新登录，继续刚才的页面。",
            "%(n)d 分钟没有操作，已为您退出。请重新登录，继续刚才的页面。",
            minutes,
        ) % {"n": minutes}
        messages.info(request, words)
        return _elsewhere(request, reverse("account_login"))
    if seen is None or (now - seen >= GRAIN_SECONDS and BACKGROUND not in request.headers):
        request.session[SEEN] = now
    return None


def _due_first(request: HttpRequest, account: Account) -> HttpResponseBase | None:
    """A one-time password must be changed, a demanded second factor set up, before anything else is done."""
    entrance = reverse("entrance_me")
    if request.path.startswith((entrance.removesuffix("me/"), "/language/", "/static/", "/design/")):
        return None
    if account.must_change_password and request.session.get(ELSEWHERE) != account.pk:
        return _elsewhere(request, reverse("account_change_password"))
    if not sign_in_policy().two_factor_for_staff or request.session.get(PROVEN):
        return None
    if not current_viewer(request).needs_two_factor:
        return None
    if has_second_factor(account):
        request.session[PROVEN] = True
        return None
    return _elsewhere(request, reverse("mfa_index"))


def has_second_factor(account: Account) -> bool:
    """Whether an authenticator app or a passkey is set up (recovery codes alone do not count)."""
    from allauth.mfa.models import Authenticator

    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user_id=account.pk, type__in=kinds).exists()


def _told(request: HttpRequest) -> HttpResponse:
    """A program is not led to a page: it gets 401 as a problem (RFC 9457), numbered as the REST door does."""
    words = _("登录已失效，或登录后还有事要先办（改密码、两步验证）。")
    told = {"type": "/api/v1/problems/LL-4014", "title": words, "status": 401, "detail": words,
            "instance": request.path, "code": "LL-4014", "reason": "session.over"}  # fmt: skip
    answer = JsonResponse(told, status=401, content_type="application/problem+json")
    answer["WWW-Authenticate"] = 'Bearer realm="linli"'
    return answer


def _elsewhere(request: HttpRequest, url: str) -> HttpResponseBase:
    """Send a page, or the page an htmx request came from, to `url`; `next` leads back for what was only read."""
    if request.path.startswith(FOR_MACHINES):
        return _told(request)
    fragment = request.headers.get("HX-Request") == "true"
    back = request.headers.get("HX-Current-URL", "") if fragment else request.get_full_path()
    if fragment or request.method in ("GET", "HEAD"):
        if "//" in back:
            back = "/" + back.split("//", 1)[1].partition("/")[2]
        url = f"{resolve_url(url)}?{urlencode({'next': back})}" if back else url
    if fragment:
        response = HttpResponse(status=401)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)
