"""Forms for making ladders and for moving a case on one. What is good is decided by the actions."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.doors.common.formwork import LinliForm
from linli.doors.common.picks import UnitField
from linli.doors.common.step_forms import Several, item_choices, item_label, unit_choices, unit_label
from linli.doors.common.widgets import Suggested
from linli.doors.duty.standing import Standing, post_words
from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError
from linli.rooms.cases.models import Case
from linli.rooms.ladder.models import Ladder, Tier
from linli.rooms.ladder.words import LadderWords, TierWords
from linli.rooms.people.models import Post, PostKind

EXAMPLES = _("例如 2紧急工作时、4工作时、3工作日、15自然日。")


class LimitField(forms.CharField):
    """A time limit in one of the four units, as cities write it; cleaned to a TimeLimit or None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=30, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return TimeLimit.parse(text)
        except LinliError as error:
            raise forms.ValidationError(f"{error.message} {error.what_next or ''}".strip()) from None


class Versioned(LinliForm):
    """A form that knows which version the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)


class LadderForm(Versioned):
    """Name, everyday matters, rules for marks."""

    name_zh = forms.CharField(label=_("名称"), max_length=60)
    name_en = forms.CharField(label=_("英文名称"), max_length=100, required=False)
    everyday = Several(
        label=_("日常小事"),
        required=False,
        widget=Suggested("items", item_choices, item_label, many=True),
        help_text=_("这些事项先从日常小事的那一层开始，其他从第一层开始。"),
    )
    legacy_after_days = forms.IntegerField(
        label=_("超过多少天没办完，标为历史遗留"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_("不填则不按时间标。"),
    )
    major_reports = forms.IntegerField(
        label=_("多少人上报，标为重大"),
        required=False,
        min_value=2,
        max_value=10_000,
        help_text=_("不填则不按人数标。"),
    )
    major_level = forms.IntegerField(
        label=_("到了第几层，标为重大"), required=False, min_value=1, max_value=9, help_text=_("不填则不按层级标。")
    )

    @staticmethod
    def initial_of(ladder: Ladder) -> dict[str, Any]:
        names = ("name_zh", "name_en", "everyday", "legacy_after_days", "major_reports", "major_level", "version")
        return {name: getattr(ladder, name) for name in names}

    def words(self) -> LadderWords:
        given = self.cleaned_data
        return LadderWords(
            given["name_zh"],
            given["name_en"],
            tuple(given["everyday"]),
            given["legacy_after_days"],
            given["major_reports"],
            given["major_level"],
        )


def bearing_kinds() -> list[PostKind]:
    """The kinds of post that may bear a tier."""
    return list(PostKind.objects.filter(duties__contains=["duty.bear"]).order_by("sort", "code"))


class TierForm(Versioned):
    """One tier."""

    name_zh = forms.CharField(label=_("这一层叫什么"), max_length=40)
    name_en = forms.CharField(label=_("英文名称"), max_length=80, required=False)
    who = forms.ChoiceField(label=_("谁承担"), help_text=_("从事件所在的网格往上找。"))
    unit = UnitField(label=_("指定的单位"), required=False, help_text=_("只有选了“指定单位”才要填。"))
    limit = LimitField(label=_("办理时限"), required=False, help_text=EXAMPLES)
    receipt = LimitField(label=_("接收时限"), required=False, help_text=EXAMPLES)
    climbs_alone = forms.BooleanField(label=_("到期没办完，自动上升一层"), required=False)
    warn_percent = forms.IntegerField(
        label=_("剩多少百分比的时间时提醒"), min_value=0, max_value=90, help_text=_("提醒承担的人和上一层的人。")
    )
    tried_required = forms.BooleanField(label=_("上交时要写做过什么"), required=False)
    why_required = forms.BooleanField(label=_("上交时要写为什么没有办成"), required=False)
    may_jump = forms.MultipleChoiceField(
        label=_("谁可以从这一层越级上交"), required=False, widget=forms.CheckboxSelectMultiple
    )
    ends_at = forms.ChoiceField(label=_("办到哪一步算办完"), choices=Tier.EndsAt.choices, widget=forms.RadioSelect)
    everyday = forms.ChoiceField(
        label=_("日常小事"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("", _("不从这一层开始")),
            ("starts", _("从这一层开始")),
            ("only", _("只有日常小事从这一层开始，其他从上一层开始（放在最下面才有效）")),
        ],
    )
    joint = forms.BooleanField(label=_("在这一层召集各部门联办"), required=False)
    on_agenda = forms.BooleanField(label=_("列入领导小组的会议"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = bearing_kinds()
        posts = [(f"post:{kind.code}", kind.name) for kind in kinds]
        units = [(f"unit:{code}", label) for code, label in Tier.UnitBy.choices]
        self.fields["who"].choices = [(pgettext_lazy("duty", "岗位"), posts), (pgettext_lazy("duty", "单位"), units)]  # type: ignore[attr-defined]
        self.fields["may_jump"].choices = [(kind.code, kind.name) for kind in kinds]  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(tier: Tier) -> dict[str, Any]:
        everyday = "" if not tier.for_everyday else "only" if tier.level == 0 else "starts"
        who = f"post:{tier.post_kind.code}" if tier.post_kind else f"unit:{tier.unit_by}"
        plain = ("name_zh", "name_en", "climbs_alone", "tried_required", "why_required", "may_jump", "ends_at")
        return {
            **{name: getattr(tier, name) for name in (*plain, "joint", "on_agenda", "unit")},
            "who": who,
            "limit": str(tier.limit or ""),
            "receipt": str(tier.receipt or ""),
            "warn_percent": round(tier.warn_share * 100),
            "everyday": everyday,
            "version": tier.ladder.version,
        }

    @staticmethod
    def blank(version: int) -> dict[str, Any]:
        """What a new tier begins with."""
        return {
            "climbs_alone": True,
            "tried_required": True,
            "why_required": True,
            "warn_percent": 25,
            "ends_at": Tier.EndsAt.CLOSED,
            "everyday": "",
            "version": version,
        }

    def words(self) -> TierWords:
        given = self.cleaned_data
        bearer, _colon, found_by = given["who"].partition(":")
        return TierWords(
            name_zh=given["name_zh"],
            name_en=given["name_en"],
            bearer=bearer,
            post_kind=found_by if bearer == "post" else "",
            unit_by=found_by if bearer == "unit" else "",
            unit_id=given["unit"].pk if given["unit"] is not None else None,
            limit=given["limit"],
            receipt=given["receipt"],
            tried_required=given["tried_required"],
            why_required=given["why_required"],
            may_jump=tuple(given["may_jump"]),
            climbs_alone=given["climbs_alone"],
            warn_percent=given["warn_percent"],
            joint=given["joint"],
            on_agenda=given["on_agenda"],
            ends_at=given["ends_at"],
            everyday=given["everyday"],
        )


class ActivateForm(Versioned):
    """Now, or from a moment on."""

    at = forms.DateTimeField(
        label=_("从何时起启用"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        help_text=_("不填就是马上。"),
        error_messages={"invalid": _("请写成 2026-12-01 08:00。")},
    )


def fresh_key() -> str:
    """A key that makes a form count once."""
    return uuid.uuid4().hex


class MoveForm(forms.Form):
    """What every move of a case carries: the version the person saw and a key."""

    use_required_attribute = False
    TYPED: tuple[str, ...] = ()

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    key = forms.CharField(widget=forms.HiddenInput, max_length=60, initial=fresh_key)

    def __init__(self, found: Standing, *args: Any, scripts: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "id_duty_%s")
        super().__init__(*args, **kwargs)
        self.found = found
        self.fields["version"].initial = found.case.version

    def tier_choices(self, levels: list[int]) -> list[tuple[int, str]]:
        """The tiers of these levels by name."""
        tiers = self.found.ladder.tiers if self.found.ladder else ()
        return [(tier.level, tier.name) for tier in tiers if tier.level in levels]


def _level(value: Any) -> int | None:
    return int(value) if str(value).isdecimal() and len(str(value)) < 6 else None


class ClimbForm(MoveForm):
    """What was tried, why it failed, and, for who may jump, how far up."""

    title = _("上交一层")
    TYPED = ("tried", "why")

    to_level = forms.TypedChoiceField(
        label=_("交到哪一层"), required=False, coerce=_level, empty_value=None, widget=forms.RadioSelect
    )
    tried = forms.CharField(
        label=_("做过什么"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("只有工作人员看得到。"),
    )
    why = forms.CharField(
        label=_("为什么没有办成"), required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, found: Standing, *args: Any, **kwargs: Any) -> None:
        super().__init__(found, *args, **kwargs)
        levels = [*found.may.climb, *found.may.jump]
        choices = self.tier_choices(levels)
        self.fields["to_level"].choices = choices  # type: ignore[attr-defined]
        self.fields["to_level"].initial = choices[0][0] if choices else None
        if len(choices) < 2:
            self.fields["to_level"].widget = forms.HiddenInput()
        for name, needed in (("tried", found.may.tried_required), ("why", found.may.why_required)):
            self.fields[name].required = needed
            self.fields[name].error_messages["required"] = _("请填写“%(field)s”。") % {"field": self.fields[name].label}


class AssignForm(MoveForm):
    """To which tier, to whom, what is to be done, by when."""

    title = pgettext_lazy("duty", "交办")
    TYPED = ("words",)

    to_level = forms.TypedChoiceField(
        label=_("交办到哪一层"),
        coerce=_level,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择交办到哪一层。")},
    )
    words = forms.CharField(
        label=_("交办的要求"),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明交办的要求。")},
        help_text=_("只有工作人员看得到。"),
    )
    unit_id = forms.CharField(
        label=_("指定一个单位"), required=False, max_length=100, help_text=_("不填就按那一层的规则找。")
    )
    post_id = forms.TypedChoiceField(label=_("或指定岗位"), required=False, coerce=_level, empty_value=None)
    limit = LimitField(label=_("办理时限"), required=False, help_text=_("不填就用那一层的时限。例如 3工作日。"))

    def __init__(self, found: Standing, *args: Any, scripts: bool = False, **kwargs: Any) -> None:
        super().__init__(found, *args, **kwargs)
        choices = self.tier_choices(found.may.assign)
        self.fields["to_level"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["to_level"].initial = choices[0][0]
        widget = Suggested("units", unit_choices, unit_label)
        widget.scripts = scripts
        self.fields["unit_id"].widget = widget
        self.fields["post_id"].choices = [("", _("不指定")), *posts_for(found.case)]  # type: ignore[attr-defined]

    def clean_unit_id(self) -> int | None:
        text = self.cleaned_data["unit_id"]
        if not text:
            return None
        if not text.isdecimal() or len(text) > 17:
            raise forms.ValidationError(_("没有单位“%(text)s”。请从列表里选。") % {"text": text})
        return int(text)


def posts_for(case: Case) -> list[tuple[int, str]]:
    """The posts over the case's places that may bear a tier, the nearest first; one query."""
    now = clock.now()
    day = now.astimezone(CIVIL).date()
    rows = Post.objects.filter(place__in=case.lineage, kind__duties__contains=["duty.bear"], valid_from__lte=day)
    rows = rows.exclude(valid_to__lte=day).select_related("kind", "holder", "deputy", "place")
    deep = {place: depth for depth, place in enumerate(case.lineage)}
    found = sorted(rows[:200], key=lambda post: (-deep.get(post.place_id or 0, 0), post.kind.sort, post.pk))
    return [(post.pk, f"{post_words(post, now)} · {post.place.name if post.place else ''}") for post in found]
