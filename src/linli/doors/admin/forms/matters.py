"""Forms about the catalogue, filing rules, the calendar and step limits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.doors.common.formwork import DayField, LinliForm, UploadField
from linli.doors.common.picks import MatterField
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import Span, parse_clock
from linli.kernel.errors import LinliError
from linli.rooms.catalogue import queries
from linli.rooms.catalogue.models import Urgency


class ItemForm(LinliForm):
    """The words, urgency and danger of an item."""

    name_zh = forms.CharField(label=_("名称"), max_length=100)
    name_en = forms.CharField(label=_("英文名称"), max_length=160, required=False)
    synonyms = forms.CharField(
        label=_("俗称和常用说法"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("用逗号、顿号或换行分开。居民和受理员按这些词找到它。"),
    )
    urgency = forms.ChoiceField(label=_("紧急程度"), choices=Urgency.choices)
    danger = forms.BooleanField(label=_("可能危及人身安全，先去看"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class NewItemForm(LinliForm):
    """A local item."""

    class_key = forms.ChoiceField(label=_("大类"))
    name_zh = forms.CharField(label=_("名称"), max_length=100)
    name_en = forms.CharField(label=_("英文名称"), max_length=160, required=False)
    synonyms = forms.CharField(
        label=_("俗称和常用说法"), required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 3})
    )
    urgency = forms.ChoiceField(label=_("紧急程度"), choices=Urgency.choices)
    danger = forms.BooleanField(label=_("可能危及人身安全，先去看"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class_key"].choices = [  # type: ignore[attr-defined]
            (entry.key, f"{entry.key} {entry.name}") for entry in queries.catalogue().classes.values()
        ]


class RetireItemForm(LinliForm):
    """Take an item out of use."""

    successor = MatterField(label=_("接替的事项"), required=False, help_text=_("以后改选它；可以不填。"))


class RuleSheetForm(LinliForm):
    """A city's filing rules."""

    file = UploadField(
        label=_("立案规则表"),
        accept=".xlsx,.xls,.ods",
        help_text=_("表头要有小类名称、立案条件、结案条件、处置时限；空白单元格沿用上一行。"),
    )
    convention = forms.ChoiceField(
        label=_("“小时”“天”怎么读"),
        choices=[
            ("working", _("工作时、工作日（没有写明时，各城市多是这个意思）")),
            ("calendar", _("不停表的小时、自然日")),
        ],
        widget=forms.RadioSelect(),
        initial="working",
    )
    name = forms.CharField(label=_("规则集名称"), max_length=120, required=False, help_text=_("不填则用表里的标题。"))


class RuleForm(LinliForm):
    """One filing rule."""

    condition = forms.CharField(
        label=pgettext_lazy("settings", "立案条件"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    closing_condition = forms.CharField(label=_("结案条件"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    limit = forms.CharField(
        label=_("处置时限"),
        max_length=30,
        help_text=_("例如 2紧急工作时、4工作时、3工作日、15自然日。"),
    )
    condition_en = forms.CharField(
        label=_("立案条件（英文）"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    closing_condition_en = forms.CharField(
        label=_("结案条件（英文）"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class DayForm(LinliForm):
    """What one day is."""

    day = forms.DateField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("这一天"),
        choices=[("", _("按平常的周")), ("off", _("放假")), ("work", _("调休上班"))],
        required=False,
        widget=forms.RadioSelect(),
    )
    name_zh = forms.CharField(label=_("名称"), max_length=60, required=False, help_text=_("例如“春节”。"))
    name_en = forms.CharField(label=_("英文名称"), max_length=60, required=False)


class YearSheetForm(LinliForm):
    """A list of days off and make-up days."""

    file = UploadField(
        label=_("放假安排"),
        most_mb=2,
        accept=".csv,.xlsx,.json",
        help_text=_("CSV、XLSX 或 JSON，三列：日期、类型（放假或上班）、名称。整年替换。"),
    )
    source = forms.CharField(
        label=_("出处"), max_length=200, required=False, help_text=_("例如国务院办公厅通知的文号。")
    )


class HoursForm(LinliForm):
    """Working hours from a day on."""

    hours = forms.CharField(
        label=_("工作时间"), max_length=120, help_text=_("例如 08:00-12:00，14:00-18:00。一天 8 小时算一个工作日。")
    )
    valid_from = DayField(label=_("从哪天起"))

    def clean_hours(self) -> list[Span]:
        text = self.cleaned_data["hours"]
        for sign in "，、；; ":
            text = text.replace(sign, ",")
        spans: list[Span] = []
        for part in filter(None, text.split(",")):
            opens, _dash, closes = part.replace("—", "-").replace("–", "-").replace("至", "-").partition("-")
            try:
                spans.append((parse_clock(opens), parse_clock(closes)))
            except LinliError as error:
                raise forms.ValidationError(f"{error.message} {error.what_next or ''}".strip()) from None
        return spans


class LimitForm(LinliForm):
    """How long a case may stay in a state, for general and urgent cases."""

    general = forms.CharField(label=_("一般"), max_length=30, required=False)
    urgent = forms.CharField(label=_("紧急"), max_length=30, required=False)

    def _limit(self, name: str) -> TimeLimit | None:
        text = self.cleaned_data[name].strip()
        try:
            return TimeLimit.parse(text) if text else None
        except LinliError as error:
            raise forms.ValidationError(f"{error.message} {error.what_next or ''}".strip()) from None

    def clean_general(self) -> TimeLimit | None:
        return self._limit("general")

    def clean_urgent(self) -> TimeLimit | None:
        return self._limit("urgent")
