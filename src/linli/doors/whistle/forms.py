"""The forms of the whistle: times by the civil calendar, units by name; what is possible is judged by the actions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.doors.common.formwork import LinliForm
from linli.doors.common.step_forms import Several, unit_choices, unit_label
from linli.doors.common.widgets import Suggested
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar
from linli.kernel.clock.rules import deadline
from linli.rooms.whistles.models import Precedent, Score, Whistle

_FORMAT = "%Y-%m-%dT%H:%M"


class Moment(forms.DateTimeField):
    """A civil day and time, with the browser's own picker; cleaned to an aware moment."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_FORMAT))
        options.setdefault("input_formats", [_FORMAT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"])
        options.setdefault("error_messages", {"required": _("请选时间。"), "invalid": _("请写成 2026-01-31 10:00。")})
        super().__init__(**options)


def key_field() -> forms.CharField:
    """Makes a form count once, however often it is sent."""
    return forms.CharField(widget=forms.HiddenInput, max_length=64, initial=lambda: uuid.uuid4().hex, required=False)


def text(label: Any, *, rows: int = 2, required: bool = True, limit: int = 2000, **options: Any) -> forms.CharField:
    """Words of a person; how long they may be is said by the action as well."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit * 2,
        widget=forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput,
        **options,
    )


class UnitField(forms.CharField):
    """A unit by name; cleaned to its id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=Suggested("units", unit_choices, unit_label), max_length=100, **options)

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        if not typed:
            return None
        if typed.isdecimal() and len(typed) < 18 and unit_label(typed):
            return int(typed)
        for pk, name in unit_choices():
            if name == typed:
                return int(pk)
        raise forms.ValidationError(_("没有找到这个单位，请从列出的里面选。"))


class BlowForm(LinliForm):
    """Where and when, why, and whom. The suggested units are drawn by the page itself (`units`, `lead`)."""

    use_required_attribute = False

    mode = forms.ChoiceField(label=_("怎么报到"), choices=Whistle.Mode.choices, widget=forms.RadioSelect)
    at = Moment(label=_("什么时候"), help_text=_("集合的时间；远程答复就是最晚的时间。"))
    place_words = forms.CharField(label=_("在哪里集合"), max_length=400, required=False)
    lng = forms.FloatField(widget=forms.HiddenInput, required=False)
    lat = forms.FloatField(widget=forms.HiddenInput, required=False)
    why = text(_("为什么吹哨"), rows=3)
    urgent = forms.BooleanField(label=_("紧急，两个工作小时内确认"), required=False)
    units = Several(required=False)
    more = Several(label=_("再加单位"), required=False)
    lead = forms.CharField(required=False, max_length=20)
    key = key_field()

    def __init__(self, *args: Any, limits: tuple[str, str] = ("", ""), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["more"].widget = Suggested("units", unit_choices, unit_label, many=True)
        if limits[0]:
            self.fields["urgent"].label = _("紧急：%(urgent)s内确认（平时%(general)s）") % {
                "urgent": limits[1],
                "general": limits[0],
            }

    def called(self) -> list[int]:
        """The ids of the units ticked and added, in this order."""
        values = [*self.cleaned_data["units"], *self.cleaned_data["more"]]
        return list(dict.fromkeys(int(value) for value in values if value.isdecimal() and len(value) < 18))

    def lead_unit(self) -> int:
        """The unit that leads: as chosen, else the first one called."""
        chosen = self.cleaned_data["lead"]
        called = self.called()
        if chosen.isdecimal() and len(chosen) < 18:
            return int(chosen)
        return called[0] if called else 0


def meeting_time(now: dt.datetime) -> dt.datetime:
    """Ten o'clock on the next working day: what a whistle proposes."""
    day = deadline(now, TimeLimit(1, "working_days"), calendar()).at.astimezone(CIVIL)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


class WordsForm(LinliForm):
    """One text, a reason or a result."""

    words = text(_("理由"))
    key = key_field()

    def __init__(self, *args: Any, label: Any = "", help_text: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["words"].label = label
        self.fields["words"].help_text = help_text


class PlainForm(LinliForm):
    """Nothing to fill in."""

    key = key_field()


class PromiseForm(LinliForm):
    task = text(_("做什么"), rows=3, limit=500, help_text=_("写具体：带什么人、修哪里、修到什么样。"))
    due = Moment(label=_("何时做完"))
    key = key_field()


class RefuseForm(LinliForm):
    words = text(_("为什么不属本单位"), rows=3, help_text=_("派遣员凭它裁定，请写依据。"))
    unit = UnitField(label=_("应当是哪个单位"))
    key = key_field()


class DecideForm(LinliForm):
    outcome = forms.ChoiceField(label=_("裁定"), choices=Precedent.Outcome.choices, widget=forms.RadioSelect)
    unit = UnitField(label=_("改叫哪个单位"), required=False)
    place = forms.TypedChoiceField(label=_("以后在哪里都照此办"), coerce=int, required=False)
    words = text(_("理由"), rows=3, help_text=_("会作为先例留存，责任清单维护人看得到。"))
    key = key_field()


class CallMoreForm(LinliForm):
    unit = UnitField(label=_("单位"))
    words = text(_("请它做什么"), rows=1, required=False, limit=300)
    key = key_field()


class MoveForm(LinliForm):
    at = Moment(label=_("改到什么时候"))
    place_words = forms.CharField(label=_("在哪里集合"), max_length=400, required=False)
    words = text(_("为什么改"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    key = key_field()


class PositionForm(LinliForm):
    """Where the phone is; filled in by the page's script."""

    lng = forms.FloatField(required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90)
    accuracy = forms.FloatField(required=False, min_value=0)
    key = key_field()


class ScoreForm(LinliForm):
    came = forms.ChoiceField(label=_("到场"), choices=[("yes", _("来了")), ("no", _("没来"))], widget=forms.RadioSelect)
    in_time = forms.ChoiceField(
        label=_("及时"), choices=[("yes", _("及时")), ("no", _("不及时"))], widget=forms.RadioSelect
    )
    solved = forms.ChoiceField(label=_("解决"), choices=Score.Solved.choices, widget=forms.RadioSelect)
    words = text(pgettext_lazy("whistle", "说明"), rows=1, required=False)
    key = key_field()


class LimitsForm(LinliForm):
    general = forms.CharField(label=_("平时"), max_length=40)
    urgent = forms.CharField(label=_("紧急"), max_length=40)
