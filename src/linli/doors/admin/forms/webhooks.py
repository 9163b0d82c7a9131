"""Forms about endpoints of other systems."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import DayField, LinliForm
from linli.doors.common.picks import PlaceField
from linli.kernel.flow import say
from linli.rooms.cases.flow import FLOW
from linli.rooms.webhooks.rules import CHECKPOINT, KINDS, TEST


def kind_words(kind: str) -> str:
    """An event in words, by the step that brings it about."""
    if kind == CHECKPOINT:
        return str(_("操作日志检查点（每日）"))
    if kind == TEST:
        return str(_("测试消息"))
    step = next((step for step in FLOW.steps if step.event == kind), None)
    return say(step.label) if step else kind


class EndpointForm(LinliForm):
    """An address of another system and what it wants to hear of."""

    url = forms.CharField(
        label=_("接收地址"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("https:// 开头。内网地址须由运维人员在 LINLI_OUTGOING_ALLOW 中放行。"),
    )
    description = forms.CharField(
        label=_("用途"), max_length=200, required=False, help_text=_("例如：12345 热线平台。")
    )
    place = PlaceField(label=_("只推送这里的事件"), required=False, help_text=_("不填则推送全区。"))
    language = forms.ChoiceField(label=_("名称用哪种语言"), choices=[("zh-hans", "中文"), ("en", "English")])
    kinds = forms.MultipleChoiceField(
        label=_("推送哪些事件"),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("一项都不选，就推送全部。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(kind, kind_words(kind)) for kind in KINDS]  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """The fields as the actions take them."""
        given = dict(self.cleaned_data)
        place = given.pop("place")
        return given | {"place_id": place.id if place else None}


class RotateForm(LinliForm):
    """How long the old secret stays good."""

    hours = forms.TypedChoiceField(
        label=_("旧密钥再用多久"),
        coerce=int,
        initial=24,
        choices=[
            (24, _("24 小时：对方来得及换")),
            (168, _("7 天")),
            (0, _("立刻作废：密钥可能泄露时")),
        ],
    )


class ReplayForm(LinliForm):
    """From which day on messages are sent again."""

    since = DayField(label=_("从哪天起"))
    everything = forms.BooleanField(label=_("已送达的也重发"), required=False)
