"""Forms of meetings."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import LinliForm
from linli.doors.common.step_forms import place_choices, place_label
from linli.doors.common.widgets import Suggested
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.oversight.models import MeetingKind

SOURCES = [
    ("ladder", _("层级联动：领导小组交办的")),
    ("hard", _("重大难题")),
    ("legacy", _("历史遗留")),
    ("open", _("超期未结")),
]


class MomentField(forms.CharField):
    """A day and a time as the browser's own field gives it, civil time; cleaned to an aware moment."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
        options.setdefault("max_length", 25)
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(CIVIL) if isinstance(value, dt.datetime) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            found = dt.datetime.fromisoformat(text)
        except ValueError:
            raise forms.ValidationError(_("请写成 2026-12-03 15:00。")) from None
        if not 1900 <= found.year <= 2399:
            raise forms.ValidationError(_("请写成 2026-12-03 15:00。"))
        return found.replace(tzinfo=CIVIL)


class CallForm(LinliForm):
    """Calling a meeting, once or in its rhythm."""

    use_required_attribute = False
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, initial=lambda: uuid.uuid4().hex)
    kind = forms.ChoiceField(label=_("哪种会"))
    place = forms.CharField(
        label=_("在哪里开（区、镇、社区、网格）"), widget=Suggested("places", place_choices, place_label)
    )
    at = MomentField(label=_("时间"), required=False, help_text=_("按会期固定召开时不用填。"))
    venue = forms.CharField(label=_("会场"), required=False, max_length=300)
    title = forms.CharField(
        label=_("会议名称"), required=False, max_length=360, help_text=_("不填则按种类和日期起名。")
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["place"].error_messages["required"] = _("请选择。")


class PlanForm(LinliForm):
    """When, where, who is in the chair."""

    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput)
    at = MomentField(label=_("时间"))
    venue = forms.CharField(label=_("会场"), required=False, max_length=300)
    chair = forms.CharField(label=_("主持"), required=False, max_length=180)


class KindForm(LinliForm):
    """A kind of meeting."""

    use_required_attribute = False
    rhythm = forms.CharField(
        label=_("会期"),
        required=False,
        max_length=40,
        help_text=_(
            "monthly 1 thu 15:00 每月第一个星期四；monthly last fri 16:00 最后一个星期五；weekly mon 09:00 每周一。"
            "逢休息日顺延到下一个工作日。留空则逐次召集。"
        ),
    )
    prepare_days = forms.IntegerField(label=_("提前几天备会"))
    minutes_per_item = forms.IntegerField(label=_("每项几分钟"))
    items_at_most = forms.IntegerField(label=_("自动列入最多几项"))
    sources = forms.MultipleChoiceField(
        label=_("议程从哪里来"), required=False, choices=SOURCES, widget=forms.CheckboxSelectMultiple
    )
    active = forms.BooleanField(label=_("启用"), required=False)

    @staticmethod
    def facts(kind: MeetingKind) -> dict[str, Any]:
        names = ("rhythm", "prepare_days", "minutes_per_item", "items_at_most", "sources", "active")
        return {name: getattr(kind, name) for name in names}
