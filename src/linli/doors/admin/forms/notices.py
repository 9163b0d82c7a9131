"""Forms about notices: the channels, trying them, the words, units' robots."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import LinliForm
from linli.doors.common.picks import UnitField

_SECRET = {"autocomplete": "new-password"}


class HouseForm(LinliForm):
    """Under which address people reach the house."""

    public_url = forms.CharField(
        label=_("平台的网址"), max_length=200, help_text=_("消息里的链接用它，例如 https://linli.example.gov.cn")
    )


class MailForm(LinliForm):
    """The operator's SMTP server."""

    host = forms.CharField(label=_("邮件服务器"), max_length=253, help_text=_("例如 smtp.example.gov.cn"))
    port = forms.IntegerField(
        label=_("端口"), min_value=1, max_value=65535, help_text=_("STARTTLS 多为 587，TLS 多为 465")
    )
    security = forms.ChoiceField(
        label=_("加密"), choices=[("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("不加密（只用于本机或内网）"))]
    )
    sender = forms.CharField(label=_("发件地址"), max_length=200)
    user = forms.CharField(label=_("用户名"), max_length=200, required=False)
    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs=_SECRET),
        help_text=_("加密保存，不再显示。留空不改。"),
    )


class SmsForm(LinliForm):
    """The operator's gateway."""

    url = forms.CharField(
        label=_("短信网关的地址"),
        max_length=500,
        help_text=_("每条短信 POST 一次，按 Standard Webhooks 签名。内网地址要先在 LINLI_OUTGOING_ALLOW 里放行。"),
    )
    secret = forms.CharField(
        label=_("签名密钥"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("以 whsec_ 开头。留空：已有的不改，没有的生成一个。"),
    )


class RobotForm(LinliForm):
    """Nothing to set up for the house: every group has its own robot."""


CHANNEL_FORMS: dict[str, type[LinliForm]] = {"mail": MailForm, "sms": SmsForm}


class TryForm(LinliForm):
    """Where a test goes."""

    address = forms.CharField(label=_("发到"), max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class TryRobotForm(TryForm):
    """A robot of DingTalk may want its messages signed."""

    secret = forms.CharField(label=_("加签密钥"), max_length=200, required=False)


class WordsForm(LinliForm):
    """The words for one event."""

    title = forms.CharField(label=_("标题"), max_length=120)
    body = forms.CharField(label=_("正文"), max_length=1000, widget=forms.Textarea(attrs={"rows": 6}))
    short = forms.CharField(
        label=_("短信"),
        max_length=160,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("只能用编号、链接和平台名称：短信会经过别人的系统。"),
    )


class PickUnitForm(LinliForm):
    """Whose group."""

    unit = UnitField(label=_("责任单位"))
