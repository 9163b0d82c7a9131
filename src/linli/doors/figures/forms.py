"""Forms of the figures' pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import DayField, LinliForm
from linli.doors.figures import naming
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.catalogue.models import Item
from linli.rooms.insight.models import Exclusion, Scorecard
from linli.rooms.insight.rules import INDICATORS
from linli.rooms.places import atlas
from linli.rooms.places.atlas import localized


def _moment(day: dt.date, clock: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, clock, CIVIL)


class ExclusionForm(LinliForm):
    """A time to leave out. Whole days unless hours are given."""

    cause = forms.ChoiceField(label=_("原因"), choices=Exclusion.Cause.choices)
    place = forms.TypedChoiceField(label=_("地方"), coerce=int)
    since = DayField(label=_("从哪天"))
    until = DayField(label=_("到哪天（含）"))
    items = forms.TypedMultipleChoiceField(
        label=_("只限这些事项"), coerce=int, required=False, help_text=_("不选就是全部事项"),
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("依据"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("例如气象预警的编号")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        divisions = [f for f in atlas.current().places.values() if f.kind in ("district", "street", "community")]
        self.fields["place"].choices = [(f.id, localized(f)) for f in sorted(divisions, key=lambda f: f.code)]  # type: ignore[attr-defined]
        column = "name_en" if naming.english() else "name_zh"
        items = Item.objects.filter(active=True).order_by("key").values_list("pk", "key", "name_zh", column)
        self.fields["items"].choices = [(pk, f"{key} {name or zh}") for pk, key, zh, name in items]  # type: ignore[attr-defined]

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        """First moment and the moment after the last day."""
        data = self.cleaned_data
        return _moment(data["since"], dt.time()), _moment(data["until"] + dt.timedelta(days=1), dt.time())


class WordsForm(LinliForm):
    """One field of words that somebody reads."""

    words = forms.CharField(label=_("理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class ReviewForm(WordsForm):
    """A reviewer's decision."""

    upheld = forms.ChoiceField(
        label=_("结论"), choices=(("yes", _("成立")), ("no", _("不成立"))), widget=forms.RadioSelect
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("upheld", "words", "version")


class DraftForm(LinliForm):
    """The beginning of a scorecard."""

    subject = forms.ChoiceField(label=_("考核谁"), choices=Scorecard.Subject.choices)
    name_zh = forms.CharField(label=_("名称"), max_length=80)
    name_en = forms.CharField(label=_("英文名称"), max_length=120, required=False)


class CardForm(LinliForm):
    """A draft with one row of three numbers for each indicator; empty weight: not in it. Rates in percent."""

    name_zh = forms.CharField(label=_("名称"), max_length=80)
    name_en = forms.CharField(label=_("英文名称"), max_length=120, required=False)
    min_base = forms.IntegerField(
        label=_("最小基数"), min_value=1, max_value=1000, help_text=_("基数比它小的指标不算，权重由其他指标分担")
    )
    published = forms.BooleanField(label=_("各单位可见排名和算法"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, indicator in INDICATORS.items():
            if indicator.better == "none":
                continue
            for name, label in (("weight", _("权重")), ("full", _("满分比率 %")), ("zero", _("零分比率 %"))):
                field = forms.FloatField(
                    label=f"{indicator.label} {label}", required=False, min_value=0, max_value=100,
                    widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
                )  # fmt: skip
                self.fields[f"{name}_{code}"] = field

    def rows(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """(indicator, its three fields) for the table."""
        return [
            (indicator, [self[f"{name}_{code}"] for name in ("weight", "full", "zero")])
            for code, indicator in INDICATORS.items()
            if indicator.better != "none"
        ]

    def lines(self) -> list[dict[str, Any]]:
        """The lines that have a weight; a missing rate is left for the action to refuse."""
        found = []
        for code, indicator in INDICATORS.items():
            weight = self.cleaned_data.get(f"weight_{code}")
            if indicator.better == "none" or not weight:
                continue
            rates = {name: self.cleaned_data.get(f"{name}_{code}") for name in ("full", "zero")}
            found.append(
                {"code": code, "weight": weight, **{k: None if v is None else v / 100 for k, v in rates.items()}}
            )
        return found


def first_values(card: Scorecard) -> dict[str, Any]:
    """What the form of a draft begins with."""
    values: dict[str, Any] = {
        "name_zh": card.name_zh,
        "name_en": card.name_en,
        "min_base": card.min_base,
        "published": card.published,
        "version": card.version,
    }
    for line in card.lines:
        values[f"weight_{line['code']}"] = _plain(line["weight"])
        values[f"full_{line['code']}"] = _plain(line["full"] * 100)
        values[f"zero_{line['code']}"] = _plain(line["zero"] * 100)
    return values


def _plain(number: float) -> float | int:
    number = round(number, 4)
    return int(number) if number == int(number) else number


class TrialForm(LinliForm):
    """A past period."""

    since = DayField(label=_("从"))
    until = DayField(label=_("到（含）"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ApproveForm(LinliForm):
    """From when it counts."""

    from_day = DayField(label=_("从哪天起生效"))
    version = forms.IntegerField(widget=forms.HiddenInput)
