"""Forms of supervision: issuing an order, taking a step, what operators set."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import LinliForm
from linli.doors.common.step_forms import place_choices, place_label, unit_choices, unit_label
from linli.doors.common.widgets import PhotoPicker, Suggested
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Refused
from linli.kernel.flow import Step, say
from linli.rooms.oversight.actions.evidence import TYPES
from linli.rooms.oversight.models import Light, Order, Source


class Documents(forms.FileInput):
    """Several documents at once; the view takes them in."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else None


class DocumentsField(forms.Field):
    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", Documents(attrs={"multiple": True, "accept": ",".join(TYPES)}))
        options.setdefault("required", False)
        super().__init__(**options)


class LimitField(forms.CharField):
    """A time limit as people write it: 3个工作日; cleaned to a TimeLimit, or None when empty."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 40)
        options.setdefault("help_text", _("如 4工作时、3个工作日、15自然日。"))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return TimeLimit.parse(text)
        except Refused as refused:
            raise forms.ValidationError(f"{refused.message} {refused.what_next or ''}".strip()) from None


def _key() -> str:
    return uuid.uuid4().hex


class IssueForm(LinliForm):
    """A supervision order as somebody writes it."""

    use_required_attribute = False
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, initial=_key)
    source = forms.ChoiceField(label=_("来源"), choices=[c for c in Source.choices if c[0] != Source.TASK])
    title = forms.CharField(label=_("督办事由"), max_length=360)
    unit = forms.CharField(label=_("承办单位"), widget=Suggested("units", unit_choices, unit_label))
    demand = forms.CharField(
        label=_("督办要求"), widget=forms.Textarea(attrs={"rows": 4}), help_text=_("要做什么，做到什么样，怎样回复。")
    )
    limit = LimitField(label=_("回复时限"), required=False)
    in_step = forms.BooleanField(
        label=_("与交办同步"), required=False, initial=True, help_text=_("事件延期、挂账时，督办时限随之延长、停表。")
    )
    level = forms.TypedChoiceField(label=_("督办级别"), coerce=int)
    cases = forms.CharField(
        label=_("事件编号"), required=False, max_length=600, help_text=_("一份督办单可以督办几件事，用空格隔开。")
    )
    place = forms.CharField(
        label=_("地方"), required=False, widget=Suggested("places", place_choices, place_label),
        help_text=_("没有事件时填。"),
    )  # fmt: skip
    leader_name = forms.CharField(label=_("批示领导"), required=False, max_length=180)
    leader_words = forms.CharField(
        label=_("批示原文"), required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("照录，不改一字。")
    )

    def __init__(self, *args: Any, levels: list[str], scripts: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = list(enumerate(levels, 1))  # type: ignore[attr-defined]
        for name in ("unit", "place"):
            self.fields[name].widget.scripts = scripts
            self.fields[name].error_messages["required"] = _("请选择。")


class StepForm(forms.Form):
    """The inputs of one step on one order, as the flow names them."""

    use_required_attribute = False

    def __init__(self, step: Step, order: Order, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_{step.code}_%s")
        super().__init__(*args, **kwargs)
        self.step, self.order = step, order
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=order.version)
        self.fields["key"] = forms.CharField(widget=forms.HiddenInput, max_length=80, initial=_key)
        for need in step.needs:
            field: forms.Field
            if need.kind == "photo":
                field = forms.CharField(max_length=400, widget=PhotoPicker(9))
            elif need.kind == "unit":
                field = forms.CharField(widget=Suggested("units", unit_choices, unit_label))
            elif need.name == "limit":
                field = forms.CharField(max_length=40, help_text=_("如 4工作时、3个工作日、15自然日。"))
            else:
                field = forms.CharField(max_length=12_000, widget=forms.Textarea(attrs={"rows": 4}))
            field.label, field.required = say(need.label), need.required
            field.error_messages["required"] = _("请填写“%(field)s”。") % {"field": say(need.label)}
            self.fields[need.name] = field
            if need.kind == "photo":
                self.fields["files"] = DocumentsField(
                    label=_("附件"), help_text=_("PDF、Word、Excel、WPS 或 OFD，每个不超过 20 MB。")
                )

    def given(self) -> dict[str, Any]:
        """What was typed, for `oversight.actions.steps.take`."""
        raw: dict[str, Any] = {}
        for need in self.step.needs:
            value = self.cleaned_data.get(need.name)
            raw[need.name] = value.split(",") if need.kind == "photo" and value else value
        return raw


class RulesForm(LinliForm):
    """The rules of supervision."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    sign = LimitField(label=_("签收时限"))
    answer = LimitField(label=_("回复时限（没有另写时）"))
    check = LimitField(label=_("核查时限"))
    rating = LimitField(label=_("差评整改时限"))
    rating_level = forms.IntegerField(label=_("几级及以下算差评"), help_text=_("5 非常满意 … 1 非常不满意。"))
    recurring_cases = forms.IntegerField(label=_("反复出现：几件"))
    recurring_metres = forms.IntegerField(label=_("反复出现：几米以内"))
    recurring_days = forms.IntegerField(label=_("反复出现：几天以内"))
    levels = forms.CharField(
        label=_("督办级别"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("从低到高，每行一级：中文名称 | English name"),
    )

    def level_pairs(self) -> list[tuple[str, str]]:
        """The levels as pairs of names."""
        found = []
        for line in self.cleaned_data["levels"].splitlines():
            if line.strip():
                zh, _bar, en = line.replace("｜", "|").partition("|")
                found.append((zh.strip(), en.strip()))
        return found


class LightForm(forms.Form):
    """One light of several; left empty it is no light."""

    use_required_attribute = False
    code = forms.CharField(label=_("代码"), max_length=20, required=False)
    kind = forms.ChoiceField(label=_("什么时候亮"), choices=Light.Kind.choices)
    share = forms.IntegerField(label=_("剩余不超过（%）"), required=False)
    name_zh = forms.CharField(label=_("中文"), max_length=20, required=False)
    name_en = forms.CharField(label=_("英文"), max_length=40, required=False)
    colour = forms.ChoiceField(label=_("颜色"), choices=Light.Colour.choices)
    shape = forms.ChoiceField(label=_("形状"), choices=Light.Shape.choices)
    proposes = forms.BooleanField(label=_("亮到这盏灯就建议督办"), required=False)


LightForms = forms.formset_factory(LightForm, extra=2, max_num=8, absolute_max=8)


class PrefixForm(LinliForm):
    """How the numbers of a district begin."""

    district = forms.ChoiceField(label=_("区县"))
    series = forms.ChoiceField(label=_("文种"), choices=[("order", _("督办单")), ("minutes", _("会议纪要"))])
    year = forms.IntegerField(label=_("年份"), min_value=2000, max_value=2399)
    prefix = forms.CharField(  # type: ignore[assignment]
        label=_("字头"), max_length=36, help_text=_("如“渌督”，编号便是“渌督〔2026〕1号”。")
    )
