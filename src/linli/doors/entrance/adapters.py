"""Where allauth asks the house: where to go, what to say, how to keep secrets, what may be removed."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from linli.kernel import seal
from linli.rooms.people.middleware import ELSEWHERE, current_viewer
from linli.rooms.people.queries.policy import sign_in_policy
from linli.rooms.people.rights import viewer_of

HOMES = {"portal": "/", "field": "/field/", "desk": "/desk/", "command": "/command/", "admin": "/admin/"}
PROVEN_THERE = "linli_proven_there"
"""An attribute of the request: the second factor was shown at the identity provider."""
_SECRET = "mfa_authenticator:data:secret"


class AccountAdapter(DefaultAccountAdapter):
    """allauth.account in the house's words."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("这个账号已停用，请联系本单位的安全管理员。"),
        "enter_current_password": _("现在的密码不对，请再输一次。"),
        "incorrect_code": _("验证码不对，请看应用里最新的 6 位数字。"),
        "incorrect_password": _("密码不对，请再输一次。"),
        "invalid_login": _("用户名或密码不对。"),
        "too_many_login_attempts": _("失败次数太多，请 5 分钟后再试。"),
        "username_password_mismatch": _("用户名或密码不对，请检查大小写后再试。"),
        "rate_limited": _("操作太频繁，请稍等一分钟再试。"),
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The door this viewer works behind."""
        return HOMES[current_viewer(request).home_door]

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        if request.session.get(ELSEWHERE) and settings.LINLI_OIDC.in_use:
            return reverse("entrance_signed_out")
        return HOMES["portal"]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return HOMES[current_viewer(request).home_door]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return sign_in_policy().residents_may_register

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """The house signs people in without e-mail, and sends none."""


class MFAAdapter(DefaultMFAAdapter):
    """allauth.mfa in the house's words; secrets are kept sealed."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("您的岗位必须使用两步验证。请先设置另一种方式，再删除这一种。"),
        "cannot_generate_recovery_codes": _("请先设置验证器或通行密钥，再生成恢复码。"),
        "incorrect_code": _("验证码不对，请看应用里最新的 6 位数字。"),
    }

    def encrypt(self, text: str) -> str:
        return seal.encrypt(text, _SECRET).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return seal.decrypt(bytes.fromhex(encrypted_text), _SECRET)

    def is_mfa_enabled(self, user: AbstractBaseUser, types: Any = None) -> bool:
        """Not to be asked for again by whoever has just shown it at the identity provider."""
        if getattr(context.request, PROVEN_THERE, False):
            return False
        return bool(super().is_mfa_enabled(user, types))

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        """A name to begin with: "通行密钥 2" for the second one."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("通行密钥 %(n)d") % {"n": count + 1} if count else gettext("通行密钥")

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last second factor of somebody who must have one."""
        if authenticator.type == Authenticator.Type.RECOVERY_CODES or not sign_in_policy().two_factor_for_staff:
            return True
        if not viewer_of(authenticator.user).needs_two_factor:
            return True
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=kinds).exclude(
            pk=authenticator.pk
        )
        return others.exists()
