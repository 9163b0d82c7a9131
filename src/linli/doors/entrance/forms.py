"""The forms of the entrance: allauth's with our words, and our own for registering and for one's account."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _


class _Words:
    """Gives fields our labels and help; no placeholders: they vanish when one needs them."""

    fields: dict[str, forms.Field]
    words: dict[str, tuple[Any, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, help_text) in self.words.items():
            if name in self.fields:
                self.fields[name].label = label
                self.fields[name].help_text = help_text
                self.fields[name].widget.attrs.pop("placeholder", None)


def _password_help() -> str:
    return " ".join(str(text) for text in password_validators_help_texts()[:2])


class LoginForm(_Words, account.LoginForm):
    words = {"login": (_("用户名"), ""), "password": (_("密码"), "")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update(autocapitalize="none", spellcheck="false", autofocus=True)


class ChangePasswordForm(_Words, account.ChangePasswordForm):
    words = {
        "oldpassword": (_("现在的密码"), ""),
        "password1": (_("新密码"), ""),
        "password2": (_("再输一次新密码"), ""),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = _password_help()


class ReauthenticateForm(_Words, account.ReauthenticateForm):
    words = {"password": (_("密码"), "")}


class AuthenticateForm(_Words, mfa.AuthenticateForm):
    words = {"code": (_("验证码"), _("验证器应用里的 6 位数字；手机不在身边时，可填一个恢复码。"))}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(autofocus=True, autocapitalize="none", spellcheck="false")


class MFAReauthenticateForm(_Words, mfa.ReauthenticateForm):
    words = AuthenticateForm.words


class ActivateTOTPForm(_Words, totp.ActivateTOTPForm):
    words = {"code": (_("验证码"), _("扫码后应用里显示的 6 位数字。"))}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(inputmode="numeric", maxlength="6")


class AddWebAuthnForm(_Words, webauthn.AddWebAuthnForm):
    words = {
        "name": (_("名称"), _("以后能认出它，例如“办公室电脑”。")),
        "passwordless": (_("可单独登录，不再输密码"), _("要用指纹、面容或设备密码确认是本人。")),
    }


class EditWebAuthnForm(_Words, webauthn.EditWebAuthnForm):
    words = {"name": (_("名称"), "")}


class RegisterForm(forms.Form):
    """A resident's account: little is asked, the phone is optional."""

    name = forms.CharField(label=_("怎么称呼您"), max_length=64, help_text=_("只有处理您上报问题的工作人员能看到。"))
    username = forms.CharField(
        label=_("用户名"),
        max_length=64,
        help_text=_("登录时用。2 个以上汉字、字母或数字。"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    phone = forms.CharField(
        label=_("手机号"),
        required=False,
        max_length=30,
        help_text=_("加密保存，只用于联系您核实情况。"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    website = forms.CharField(required=False, widget=forms.HiddenInput)  # people leave it empty, robots do not

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = _password_help()


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label=_("语言"), choices=settings.LANGUAGES)


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label=_("手机号"),
        required=False,
        max_length=30,
        help_text=_("加密保存。留空则删除。"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )


class DeputyForm(forms.Form):
    """Who stands in for one of my posts, and until when."""

    deputy = forms.CharField(label=_("代理人的用户名"), max_length=64)
    until = forms.DateField(
        label=_("代理到哪天（含当天）"),
        required=False,
        help_text=_("不填则一直到您取消。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
