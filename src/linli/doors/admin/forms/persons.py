"""Forms about personal data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import LinliForm
from linli.kernel.retention.queries import InForce


class PersonForm(LinliForm):
    """Who asks, proven by code and number, and for what."""

    code = forms.CharField(
        label=_("查询码"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    phone = forms.CharField(
        label=_("上报时留的手机号"), max_length=30, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    )
    purpose = forms.CharField(
        label=_("请求的经过"), max_length=200, help_text=_("例如：本人持身份证到窗口申请，受理单 12 号。")
    )
    what = forms.ChoiceField(
        label=_("要办什么"),
        choices=[("copy", _("查阅：下载一份，交给本人")), ("forget", _("删除：去掉姓名、电话、邮箱，事件保留"))],
        widget=forms.RadioSelect,
    )
    sure = forms.BooleanField(label=_("删除后不能恢复，我已核对本人身份"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("what") == "forget" and not given.get("sure"):
            self.add_error("sure", _("删除之前请先勾选。"))
        return given


class RetentionForm(LinliForm):
    """One field a rule; what is due now stands beside it."""

    def __init__(self, held: Sequence[InForce], data: Any = None) -> None:
        super().__init__(data)
        for one in held:
            rule = one.rule
            words = gettext("%(explained)s默认 %(days)d 天，可设 %(least)d–%(most)d 天。现在到期 %(due)d 条。") % {
                "explained": rule.explained,
                "days": rule.days,
                "least": rule.least,
                "most": rule.most,
                "due": one.due(),
            }
            self.fields[rule.name] = forms.IntegerField(
                label=gettext("%(what)s：保留多少天") % {"what": rule.label},
                min_value=rule.least,
                max_value=rule.most,
                initial=one.days,
                help_text=words,
            )

    def days(self) -> dict[str, int]:
        """The days that were typed, by rule."""
        return dict(self.cleaned_data)
