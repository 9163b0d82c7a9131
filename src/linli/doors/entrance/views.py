"""Signing in and out, registering, one's own account. Second factors are allauth's views with our pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.account.views import LoginView, PasswordChangeView
from allauth.core import ratelimit
from allauth.mfa.base.views import AuthenticateView
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from linli.doors.entrance import lockout, oidc
from linli.doors.entrance.adapters import HOMES
from linli.doors.entrance.forms import DeputyForm, LanguageForm, PhoneForm, RegisterForm
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError, NotFound, Refused
from linli.rooms.people import actions, queries
from linli.rooms.people.actions.accounts import phone_of
from linli.rooms.people.middleware import has_second_factor
from linli.rooms.people.models import Account
from linli.rooms.people.rights import viewer_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class SignIn(LoginView):
    """By user name and password; in demo homes also by one click as anybody."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "demo_accounts": queries.demo_accounts(),
            "identity_provider": provider_name() if oidc.configured() else "",
            "may_register": queries.sign_in_policy().residents_may_register,
        }


def provider_name() -> str:
    """How the city calls its identity provider."""
    return settings.LINLI_OIDC.name or _("统一身份平台")


@never_cache
@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    """After signing out of a session that came from the identity provider: the way to sign out there, too."""
    if request.user.is_authenticated or not oidc.configured():
        return redirect(HOMES["portal"])
    return render(request, "entrance/signed_out.html", {"there": settings.LINLI_OIDC.sign_out})


class SecondFactor(AuthenticateView):
    """The code or passkey after the password; wrong codes count towards the same lockout."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        who = {"username": self.stage.login.user.get_username()}
        if not AxesProxyHandler.is_allowed(request, who):
            return lockout.locked(request, credentials=who)
        return super().post(request, *args, **kwargs)


@method_decorator(login_required, name="dispatch")
class ChangePassword(PasswordChangeView):
    """Choose a new password; ends the time of a one-time password."""

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        actions.password_changed(self.request.user)  # type: ignore[arg-type]
        return answer


@never_cache
@sensitive_post_parameters("password")
def register(request: HttpRequest) -> HttpResponseBase:
    """A resident makes an account and is signed in."""
    if request.user.is_authenticated:
        return redirect(HOMES["portal"])
    if not queries.sign_in_policy().residents_may_register:
        return render(request, "account/signup_closed.html", status=403)
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="signup"):
            form.add_error(None, _("注册太频繁，请稍后再试。已填内容都在。"))
        elif form.cleaned_data["website"]:
            return redirect(HOMES["portal"])
        else:
            try:
                account = actions.register_resident(
                    username=form.cleaned_data["username"],
                    name=form.cleaned_data["name"],
                    password=form.cleaned_data["password"],
                    phone=form.cleaned_data["phone"],
                    language=getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE),
                )
            except Refused as refused:
                _into(form, refused)
            else:
                login(request, account, backend=BACKEND)
                messages.success(request, _("注册好了。您上报的问题会出现在“我的上报”里。"))
                return redirect(_safe_next(request) or HOMES["portal"])
    return render(
        request,
        "account/signup.html",
        {"form": form, "next": _safe_next(request)},
        status=422 if form.errors else 200,
    )


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Look around as one of the made-up people. Only in demo homes; anywhere else there is no such page."""
    if not settings.DEMO:
        raise Http404
    entry = next((row for row in queries.demo_accounts() if row.role == request.POST.get("role")), None)
    if entry is None:
        raise NotFound(_("没有这个演示身份"), "entrance.demo_role")
    if request.user.is_authenticated:
        logout(request)
    account = authenticate(request, username=entry.account.username, password=entry.password)
    if account is None:
        raise Refused(_("这个演示账号的密码已被改过，请用新密码登录。"), "entrance.demo_password")
    home = _safe_next(request) or HOMES[viewer_of(account).home_door]  # type: ignore[arg-type]
    return perform_login(request, Login(user=account, redirect_url=home))


# ── My account ─────────────────────────────────────────────────────────────────────────────────────


@never_cache
@login_required
def me(request: HttpRequest) -> HttpResponse:
    return _me(request)


def _me(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    viewer = request.viewer  # type: ignore[attr-defined]
    today = clock.now().astimezone(CIVIL).date()
    posts = list(queries.own_posts(viewer))
    context = {
        "account": account,
        "posts": [post for post in posts if post.valid_to is None or post.valid_to > today],
        "past_posts": [post for post in posts if post.valid_to is not None and post.valid_to <= today],
        "has_second_factor": has_second_factor(account),
        "two_factor_due": queries.sign_in_policy().two_factor_for_staff and viewer.needs_two_factor,
        "language_form": LanguageForm(initial={"language": account.language}),
        "phone_form": PhoneForm(initial={"phone": phone_of(account)}),
        "deputy_form": DeputyForm(),
        "deputy_post": None,
    }
    return render(request, "entrance/me.html", context | forms, status=status)


@require_POST
@login_required
def change_language(request: HttpRequest) -> HttpResponse:
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _me(request, 422, language_form=form)
    language = form.cleaned_data["language"]
    actions.change_language(request.viewer, language)  # type: ignore[attr-defined]
    answer = redirect("entrance_me")
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
    )
    return answer


@require_POST
@login_required
def change_phone(request: HttpRequest) -> HttpResponse:
    form = PhoneForm(request.POST)
    if form.is_valid():
        try:
            actions.change_phone(request.viewer, form.cleaned_data["phone"])  # type: ignore[attr-defined]
        except Refused as refused:
            _into(form, refused)
        else:
            messages.success(request, _("手机号已保存。"))
            return redirect("entrance_me")
    return _me(request, 422, phone_form=form)


@require_POST
@login_required
def deputise(request: HttpRequest, post_id: int) -> HttpResponse:
    """Ask a colleague to stand in for one of my posts."""
    form = DeputyForm(request.POST)
    viewer = request.viewer  # type: ignore[attr-defined]
    if not any(post.pk == post_id and post.holder_id == viewer.account_id for post in queries.own_posts(viewer)):
        raise NotFound(_("没有这个岗位"), "people.post_not_found")
    if form.is_valid():
        until = form.cleaned_data["until"]
        try:
            deputy = queries.colleague(form.cleaned_data["deputy"])
            end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), CIVIL) if until else None
            actions.deputise(viewer, post_id, deputy.pk, until=end)
        except Refused as refused:
            _into(form, refused, {"deputy_to": "until"})
        else:
            messages.success(request, _("已由%(name)s代理，即时生效。") % {"name": deputy.name})
            return redirect("entrance_me")
    return _me(request, 422, deputy_form=form, deputy_post=post_id)


@require_POST
@login_required
def undeputise(request: HttpRequest, post_id: int) -> HttpResponse:
    """I am back."""
    viewer = request.viewer  # type: ignore[attr-defined]
    if not any(post.pk == post_id and post.holder_id == viewer.account_id for post in queries.own_posts(viewer)):
        raise NotFound(_("没有这个岗位"), "people.post_not_found")
    actions.undeputise(viewer, post_id)
    messages.success(request, _("代理已结束，由您本人履职。"))
    return redirect("entrance_me")


def elsewhere(request: HttpRequest) -> HttpResponse:
    """Addresses allauth knows and the house does not use lead to one's account."""
    return redirect("entrance_me" if request.user.is_authenticated else "account_login")


def _into(form: Any, error: LinliError, names: dict[str, str] | None = None) -> None:
    """Put a refusal beside the field it belongs to."""
    field = (names or {}).get(error.field or "", error.field or "")
    words = f"{error.message} {error.what_next or ''}".strip()
    form.add_error(field if field in form.fields else None, words)


def _safe_next(request: HttpRequest) -> str:
    url = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return url if safe and url != reverse("account_login") else ""
