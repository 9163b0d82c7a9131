"""Staff who come from the city's own identity provider (OpenID Connect).

allauth walks the road (state, PKCE, the exchange of the code). Here is what the house adds: a nonce bound to the
exchange, the signature of the ID token and its issuer always checked, and who a person from there is here. Nobody
gets an account by coming: the security administrator makes staff accounts, and a claim names one of them. The first
time binds the account to the provider's own number of the person (`sub`); another person with the same name later
is refused.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from linli.doors.entrance.adapters import PROVEN_THERE
from linli.rooms.people.actions.identities import bind_identity
from linli.rooms.people.middleware import ELSEWHERE, PROVEN
from linli.rooms.people.models import Account

PROVIDER = "openid_connect"
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
LEEWAY = 60
"""Seconds by which the provider's clock may differ from ours."""

log = logging.getLogger(__name__)


def configured() -> bool:
    """Whether there is a provider to go to."""
    return bool(settings.LINLI_OIDC.in_use)


def _nonce(code_verifier: str) -> str:
    """Bound to the verifier, which lies in the session: the token must have been made for this very exchange."""
    return hashlib.sha256(b"linli.nonce." + code_verifier.encode()).hexdigest()


class Exchange(OpenIDConnectOAuth2Adapter):
    """Fetches and checks the ID token (OpenID Connect Core 1.0, 3.1.3.7)."""

    verifier = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        if config.get("issuer", "").rstrip("/") != settings.LINLI_OIDC.issuer.rstrip("/"):
            raise OAuth2Error("the discovery document is of another issuer")
        return config

    def get_access_token_data(self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: Any = None) -> Any:
        self.verifier = pkce_code_verifier or ""
        return super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("no ID token")
        data = {"id_token": self._decode_id_token(app, kwargs["response"]["id_token"])}
        if "userinfo_endpoint" in self.openid_config:
            data["userinfo"] = self._fetch_user_info(token.token)
            if data["userinfo"].get("sub") != data["id_token"]["sub"]:
                raise OAuth2Error("the user info is of somebody else")
        return self.get_provider().sociallogin_from_response(request, data)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(id_token)
            if header.get("alg") not in ALGORITHMS:
                raise OAuth2Error("the ID token is not signed by a public key")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key(header),
                algorithms=[header["alg"]],
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"invalid ID token: {type(error).__name__}") from error
        if not self.verifier or claims.get("nonce") != _nonce(self.verifier):
            raise OAuth2Error("the nonce of the ID token is wrong")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != app.client_id:
            raise OAuth2Error("the ID token was made for another party")
        return claims

    def _key(self, header: dict[str, Any]) -> Any:
        """The provider's key that the token names; with a single key it need not name one."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        wanted = header.get("kid")
        fitting = [key for key in keys if key.public_key_use in (None, "sig") and wanted in (None, key.key_id)]
        if len(fitting) != 1:
            raise OAuth2Error("the provider has no such key")
        return fitting[0]


class Provider(OpenIDConnectProvider):
    """Sends the nonce along, and keeps nothing about the person but the provider's number."""

    oauth2_adapter_class = Exchange

    def get_pkce_params(self) -> dict[str, str]:
        params: dict[str, str] = super().get_pkce_params()
        return params | {"nonce": _nonce(params["code_verifier"])}

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []

    def sociallogin_from_response(self, request: HttpRequest, data: dict[str, Any]) -> Any:
        login = super().sociallogin_from_response(request, {"id_token": data["id_token"]})
        login.claims = {**data.get("userinfo", {}), **data["id_token"]}
        return login


class SocialAdapter(DefaultSocialAccountAdapter):
    """Who a person from the provider is here; and one page for everything that goes wrong on the way."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        account = person_of(sociallogin)
        if account is None:
            raise ImmediateHttpResponse(refused(request, "unknown", 403))
        sociallogin.user = account
        request.session[ELSEWHERE] = account.pk
        if settings.LINLI_OIDC.second_factor == "provider" and shown_there(sociallogin.claims):
            request.session[PROVEN] = True
            setattr(request, PROVEN_THERE, True)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        cancelled = str(getattr(error, "value", error)) == "cancelled"
        if not cancelled:
            # The words of OAuth2Error are ours; what a provider says may name the person.
            words = str(exception) if isinstance(exception, OAuth2Error) else type(exception).__name__
            log.warning("Sign-in by the identity provider failed: %s", words.split("Response")[0][:200])
        unreachable = isinstance(exception, RequestException)
        why = "cancelled" if cancelled else "unreachable" if unreachable else "failed"
        raise ImmediateHttpResponse(refused(request, why, 502 if unreachable else 403))


def person_of(sociallogin: Any) -> Account | None:
    """The staff account of a person from the provider, bound now if they come for the first time; else None."""
    if sociallogin.is_existing:
        account: Account = sociallogin.user
        return account if account.kind == Account.Kind.STAFF else None
    return bind_identity(sociallogin.account, sociallogin.claims, settings.LINLI_OIDC.match)


def shown_there(claims: dict[str, Any]) -> bool:
    """Whether the provider says it asked for a second factor (RFC 8176); one that says nothing is believed."""
    methods = claims.get("amr")
    return not isinstance(methods, list) or bool({"mfa", "otp", "hwk", "swk", "fpt", "face", "sc"} & set(methods))


def refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    """The page that says why nobody was signed in."""
    return render(request, "entrance/from_elsewhere.html", {"why": why}, status=status)


# ── Addresses ──────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponseBase:
    """Off to the provider. A link and no form: browsers hold redirects after forms to `form-action`."""
    from linli.doors.entrance.views import _safe_next

    if not configured():
        raise Http404
    provider = get_adapter().get_provider(request, settings.LINLI_OIDC_ID)
    try:
        answer: HttpResponseBase = provider.redirect(request, "login", next_url=_safe_next(request) or None)
    except (RequestException, OAuth2Error, KeyError, ValueError) as error:
        log.warning("The identity provider cannot be used: %s", type(error).__name__)
        return refused(request, "unreachable", 502)
    return answer


@never_cache
@require_GET
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Back from the provider."""
    if not configured() or provider_id != settings.LINLI_OIDC_ID:
        raise Http404
    exchange = Exchange(request, provider_id)
    try:
        answer: HttpResponseBase = OAuth2CallbackView.adapter_view(exchange)(request)
    except (ImmediateHttpResponse, RequestException, OAuth2Error, KeyError, ValueError) as error:
        if isinstance(error, ImmediateHttpResponse):
            return error.response
        log.warning("The identity provider's answer cannot be used: %s", type(error).__name__)
        return refused(request, "failed", 403)
    return answer


@require_GET
def cancelled(request: HttpRequest) -> HttpResponseBase:
    """Whoever turned back at the provider."""
    return redirect("account_login")


__all__ = ["Exchange", "Provider", "SocialAdapter", "callback", "cancelled", "configured", "start"]
