"""Forms about keys for machines."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import LinliForm
from linli.doors.common.picks import PlaceField, UnitField
from linli.rooms.people.actions.keys import EXPIRES_DAYS, GRACE_HOURS, PER_MINUTE
from linli.rooms.people.keys import SCOPES


class KeyForm(LinliForm):
    """A new key."""

    name = forms.CharField(
        label=_("给哪个系统用"), max_length=64, help_text=_("操作日志里显示这个名字，例如“市民热线”。")
    )
    scopes = forms.MultipleChoiceField(
        label=_("权限范围"),
        choices=[(code, words) for code, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不含查看居民联系方式。"),
    )
    place = PlaceField(
        label=_("哪个地方"),
        required=False,
        help_text=_("区划或网格的编码、名称；不填为全区。"),
    )
    unit = UnitField(label=_("代表哪个单位"), required=False, help_text=_("填了就只看得到、办得了这个单位的事件。"))
    expires_days = forms.IntegerField(label=_("有效天数"), initial=EXPIRES_DAYS, min_value=1, max_value=3650)
    per_minute = forms.IntegerField(label=_("每分钟最多几次"), initial=PER_MINUTE, min_value=1, max_value=100_000)


class RotateForm(LinliForm):
    """A new secret for a key."""

    grace_hours = forms.IntegerField(
        label=_("旧密钥还能用几小时"),
        initial=GRACE_HOURS,
        min_value=0,
        max_value=720,
        help_text=_("对方换好之前两个都能用；泄露了就填 0。"),
    )
