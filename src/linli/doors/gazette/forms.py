"""Forms of bulletins: the editor's words, and the kinds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import LinliForm
from linli.rooms.bulletins.actions.steps import MOST_NOTE, MOST_WORDS
from linli.rooms.bulletins.models import Issue, Kind
from linli.rooms.bulletins.sections import SECTIONS, cell_words, language
from linli.rooms.people.models import PostKind
from linli.rooms.places.models import Place


def _post_kinds() -> list[tuple[str, str]]:
    return [(kind.code, kind.name) for kind in PostKind.objects.all()]


class EditForm(LinliForm):
    """What an editor writes and chooses. Numbers have no fields."""

    title = forms.CharField(label=_("标题"), max_length=60)
    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    reader_kinds = forms.MultipleChoiceField(
        label=_("发给谁"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("管这个地方的这些岗位。")
    )
    public = forms.BooleanField(label=_("也对居民公开"), required=False)
    pairs = forms.MultipleChoiceField(label=_("照片"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, issue: Issue, data: Any = None) -> None:
        self.issue = issue
        self.overdue = [row[0] for row in issue.numbers.get("overdue", {}).get("rows", ())]
        self.pool: list[dict[str, Any]] = issue.numbers.get("pairs", {}).get("pool", [])
        initial: dict[str, Any] = {
            "title": issue.title,
            "version": issue.version,
            "reader_kinds": issue.reader_kinds,
            "public": issue.public,
            "pairs": [str(case_id) for case_id in issue.pairs],
            **{f"text_{code}": words for code, words in issue.texts.items()},
            **{f"named_{number}": words for number, words in issue.named.items()},
        }
        super().__init__(data, initial=initial)
        self.fields["reader_kinds"].choices = _post_kinds()  # type: ignore[attr-defined]
        self.fields["pairs"].choices = [(str(each["case_id"]), each["number"]) for each in self.pool]  # type: ignore[attr-defined]
        for code in issue.sections:
            section = SECTIONS[code]
            self.fields[f"text_{code}"] = forms.CharField(
                label=cell_words(section.title, language()) if not section.counted else _("编者的话"),
                required=False,
                max_length=MOST_WORDS,
                widget=forms.Textarea(attrs={"rows": 2 if section.counted else 5}),
            )
        for number in self.overdue:
            self.fields[f"named_{number}"] = forms.CharField(label=number, required=False, max_length=MOST_NOTE)

    def given(self) -> dict[str, Any]:
        """What the action takes."""
        found = self.cleaned_data
        return {
            "title": found["title"],
            "texts": {code: found.get(f"text_{code}", "") for code in self.issue.sections},
            "named": {number: found.get(f"named_{number}", "") for number in self.overdue},
            "pairs": [int(case_id) for case_id in found["pairs"]],
            "reader_kinds": found["reader_kinds"],
            "public": found["public"],
        }


class KindForm(LinliForm):
    """One kind of bulletin: its names, rhythm, parts and readers."""

    name_zh = forms.CharField(label=_("名称"), max_length=60)
    name_en = forms.CharField(label=_("英文名称"), max_length=80, required=False)
    house_zh = forms.CharField(
        label=_("版头单位"), max_length=60, required=False, help_text=_("印在最上面的红字。不填就用地方的名称。")
    )
    place_id = forms.TypedChoiceField(label=_("范围"), required=False, coerce=int, empty_value=None)
    every = forms.ChoiceField(label=_("多久一期"), choices=Kind.Every.choices)
    day = forms.IntegerField(
        label=_("第几天"),
        min_value=1,
        max_value=25,
        help_text=_("每周：星期几（1 到 7）。半月、每月：一期结束后的第几天。"),
    )
    at = forms.TimeField(
        label=_("几点起草"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), input_formats=["%H:%M"]
    )
    off_day = forms.ChoiceField(label=_("遇到休息日"), choices=Kind.OffDay.choices)
    prefix = forms.CharField(  # type: ignore[assignment]  # the name of the field, not Django's prefix of names
        label=_("文号字头"), max_length=12, help_text=_("例如“渌网通”，编成 渌网通〔2026〕第1期。")
    )
    first_serial = forms.IntegerField(
        label=_("从第几期起"), min_value=1, max_value=9999, help_text=_("以前在纸上编过号的，接着编。")
    )
    first_year = forms.IntegerField(label=_("用在哪一年"), min_value=2000, max_value=2399, required=False)
    sections = forms.MultipleChoiceField(label=_("内容"), widget=forms.CheckboxSelectMultiple)
    reader_kinds = forms.MultipleChoiceField(label=_("发给谁"), required=False, widget=forms.CheckboxSelectMultiple)
    public = forms.BooleanField(label=_("也对居民公开"), required=False)
    active = forms.BooleanField(label=_("到时自动起草"), required=False)

    def __init__(self, data: Any = None, *, kind: Kind | None = None) -> None:
        names = [name for name in self.base_fields if kind is not None]
        initial = (
            {name: getattr(kind, name) for name in names} if kind else {"active": True, "day": 1, "first_serial": 1}
        )
        super().__init__(data, initial=initial)
        if kind is None:
            code = forms.SlugField(label=_("代号"), max_length=29, help_text=_("小写字母和数字，定了不改。"))
            self.fields = {"code": code, **self.fields}
        else:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=kind.version)
        places = Place.objects.filter(kind__in=("district", "street"), valid_to=None).order_by("level", "sort_key")
        self.fields["place_id"].choices = [  # type: ignore[attr-defined]
            ("", _("整个区县")),
            *((place.pk, place.name) for place in places if place.parent_id),
        ]
        self.fields["reader_kinds"].choices = _post_kinds()  # type: ignore[attr-defined]
        self.fields["sections"].choices = [  # type: ignore[attr-defined]
            (code, cell_words(section.title, language())) for code, section in SECTIONS.items()
        ]
