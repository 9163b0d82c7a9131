"""What is typed on a round: a finding; a plan with its points; an inspection with its checklist."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import DayField, LinliForm
from linli.doors.common.step_forms import item_choices, item_label
from linli.doors.common.widgets import Suggested
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Refused
from linli.rooms.cases.actions.intake import Intake
from linli.rooms.cases.actions.on_the_spot import Righted
from linli.rooms.fieldwork.actions.findings import FindingWords
from linli.rooms.fieldwork.actions.telling import Where
from linli.rooms.fieldwork.queries.patrols import rectify_limits
from linli.rooms.people import queries as people
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized, valid


def kept() -> forms.CharField:
    """A hidden field that a draft brings back."""
    return forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))


def number_of(text: Any) -> int | None:
    """An id as it came from a page; None when it is none."""
    text = str(text or "")
    return int(text) if text.isdecimal() and len(text) < 18 else None


def where_of(data: Mapping[str, Any]) -> Where | None:
    """A phone's position that came with a tap; None when it is missing or no position."""
    try:
        lng, lat = float(data.get("lng") or ""), float(data.get("lat") or "")
        accuracy = float(data.get("accuracy") or "nan")
    except ValueError:
        return None
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        return None
    return Where(lng, lat, accuracy if 0 <= accuracy < 1e5 else None)


def limit_of(text: str, field: str) -> TimeLimit | None:
    """A limit as people write it ("24紧急工作时", "3个工作日"); None when nothing is written. Raises Refused."""
    if not text.strip():
        return None
    try:
        return TimeLimit.parse(text)
    except Refused as refused:
        refused.field = field
        raise


def unit_choices() -> list[tuple[str, str]]:
    return [(str(unit.pk), unit.name) for unit in people.units()]


def unit_label(value: str) -> str:
    pk = number_of(value)
    found = people.units().filter(pk=pk).first() if pk else None
    return found.name if found else ""


def place_choices() -> list[tuple[str, str]]:
    known = atlas.current().places
    return [(str(f.id), localized(f)) for f in sorted(known.values(), key=lambda f: (f.sort_key, f.id))]


def place_label(value: str) -> str:
    pk = number_of(value)
    facts = atlas.current().places.get(pk) if pk else None
    if facts:
        return localized(facts)
    found = valid().filter(pk=pk).first() if pk else None
    return found.name if found else ""


def suggested(kind: str, choices: Callable[[], Any], label: Callable[[str], str], many: bool = False) -> Suggested:
    """A suggestion box on a page whose scripts run; the plain list stays for browsers without."""
    return Suggested(kind, choices, label, many)


class FindingForm(LinliForm):
    """One finding. Its own key makes it count once; everything typed comes back from a draft."""

    use_required_attribute = False
    key = kept()
    lng = kept()
    lat = kept()
    accuracy = kept()
    words = forms.CharField(
        label=_("看到了什么"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    item = forms.CharField(label=_("是哪类问题"), required=False, widget=suggested("items", item_choices, item_label))
    unit = forms.CharField(
        label=_("由哪个单位整改"),
        required=False,
        widget=suggested("units", unit_choices, unit_label),
        help_text=_("不填就按责任清单。"),
    )
    limit = forms.ChoiceField(label=_("整改时限"), required=False, widget=forms.RadioSelect)
    address = forms.CharField(label=_("门牌或旁边有什么"), required=False, strip=False, max_length=600)
    note = forms.CharField(label=_("交代（只有工作人员看得到）"), required=False, max_length=2000)
    urgent = forms.BooleanField(label=_("有危险，要马上处理"), required=False)
    look_again = forms.BooleanField(label=_("结案后，下次巡查再看一眼"), required=False, initial=True)
    righted = forms.BooleanField(label=_("我当场处置好了"), required=False)
    done_words = forms.CharField(
        label=_("做了什么"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits = {str(row.pk): row for row in rectify_limits()}
        choice: Any = self.fields["limit"]
        choice.choices = [("", _("按立案条件")), *((pk, row.name) for pk, row in self.limits.items())]

    def words_of(self, photos: list[str], after: list[str]) -> FindingWords:
        """What the action gets. Call after is_valid()."""
        typed = self.cleaned_data
        where = where_of(typed)
        chosen = self.limits.get(typed.get("limit") or "")
        unit = number_of(typed["unit"])
        if typed["unit"] and unit is None:
            raise Refused(_("没有这个单位，请从建议中选择。"), code="case.unknown_choice", field="unit")
        return FindingWords(
            intake=Intake(
                key=typed["key"] or uuid.uuid4().hex,
                channel="field",
                words=typed["words"],
                lng=where.lng if where else None,
                lat=where.lat if where else None,
                accuracy_m=where.accuracy_m if where else None,
                address=typed["address"],
                item_key=typed["item"],
                photos=photos,
                urgent=typed["urgent"],
            ),
            unit_id=unit,
            limit=TimeLimit(chosen.amount, chosen.unit) if chosen else None,  # type: ignore[arg-type]
            note=typed["note"],
            righted=Righted(typed["done_words"], after) if typed["righted"] else None,
            look_again=typed["look_again"],
        )


class TimeField(forms.TimeField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
        options.setdefault("error_messages", {"invalid": _("请写成 08:30。"), "required": _("请选时间。")})
        super().__init__(**options)


KIND_CHOICES = (("grid", _("一般网格")), ("special", _("专属网格")), ("micro", _("微网格")))
WEEKDAYS = tuple(
    zip("1234567", (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")), strict=True)
)


class PlanForm(LinliForm):
    """A plan; its points stand in rows beside it (`rows_of`)."""

    use_required_attribute = False
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("名称"), max_length=240, required=True)
    place = forms.CharField(
        label=_("在哪里巡查"),
        required=True,
        widget=suggested("places", place_choices, place_label),
        help_text=_("选一个网格；选社区或镇（街道），就是其中每个网格都巡查。"),
    )
    grid_kinds = forms.MultipleChoiceField(
        label=_("哪几种网格"), choices=KIND_CHOICES, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("只在选了社区、镇（街道）时有用。"), initial=["grid", "special"],
    )  # fmt: skip
    days = forms.ChoiceField(
        label=_("哪些日子"), required=True, widget=forms.RadioSelect, initial="workdays",
        choices=(("workdays", _("工作日（含调休上班日）")), ("every_day", _("每天（含节假日）"))),
    )  # fmt: skip
    weekdays = forms.MultipleChoiceField(
        label=_("只在星期几"), choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("不选就是每个这样的日子。"),
    )  # fmt: skip
    window_from = TimeField(label=_("一般几点开始"), initial=dt.time(8, 30))
    window_to = TimeField(label=_("最晚几点开始"), initial=dt.time(10, 30))
    valid_from = DayField(label=_("从哪天起"), required=False)
    valid_to = DayField(label=_("到哪天止"), required=False)


class InspectionForm(LinliForm):
    """An inspection; its checklist stands in rows beside it (`rows_of`)."""

    use_required_attribute = False
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    level = forms.ChoiceField(
        label=_("哪一级"), required=True, widget=forms.RadioSelect, initial="special",
        choices=(("special", _("专项检查")), ("joint", _("联合检查（领导小组，多人签字）"))),
    )  # fmt: skip
    theme = forms.CharField(label=_("主题"), max_length=240, required=True)
    words = forms.CharField(
        label=_("依据和要求"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    place = forms.CharField(label=_("检查范围"), required=True, widget=suggested("places", place_choices, place_label))
    grid_kinds = forms.MultipleChoiceField(
        label=_("哪几种网格"), choices=KIND_CHOICES, required=False, widget=forms.CheckboxSelectMultiple,
        initial=["grid", "special"],
    )  # fmt: skip
    starts_on = DayField(label=_("从哪天起"))
    ends_on = DayField(label=_("到哪天止"))
    sample = forms.ChoiceField(
        label=_("查哪些网格"), required=True, widget=forms.RadioSelect, initial="random",
        choices=(("random", _("随机抽取")), ("chosen", _("指定网格")), ("all", _("全部网格"))),
    )  # fmt: skip
    sample_size = forms.IntegerField(label=_("抽几个"), required=False, min_value=1, max_value=2000, initial=10)
    chosen = forms.CharField(
        label=_("指定的网格"), required=False, widget=suggested("places", place_choices, place_label, many=True)
    )
    signers = forms.IntegerField(label=_("每个网格要几人签字"), required=False, min_value=1, max_value=9, initial=1)
    post_ids = forms.MultipleChoiceField(
        label=_("检查人"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("不选：在那里有“现场检查”职责的都可以。"),
    )  # fmt: skip


def rows_of(data: Any, names: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a table of inputs, each input's values in the order of the rows; rows without a word are left out."""
    columns = {name: data.getlist(name) for name in names}
    most = min(max((len(values) for values in columns.values()), default=0), 200)
    rows = [{name: (values[n] if n < len(values) else "") for name, values in columns.items()} for n in range(most)]
    return [row for row in rows if any(str(row[name]).strip() for name in names if name not in _FIXED)]


_FIXED = ("item_proof", "item_weight")
POINT = ("point_name", "point_check", "point_place", "point_lng", "point_lat", "point_item")
CHECK = ("item_text", "item_proof", "item_matter", "item_unit", "item_limit", "item_weight")
