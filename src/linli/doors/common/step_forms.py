"""A form for any step of the flow, built from what the table says the step needs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from linli.doors.common.widgets import PhotoPicker, Suggested
from linli.kernel.flow import Field, Step, say
from linli.rooms.cases.actions.given import PHOTOS_LIMIT, WORDS_LIMIT
from linli.rooms.cases.models import Case, Rating
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.catalogue.suggest import suggest
from linli.rooms.people import queries as people
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized, tree

CHOICE_WORDS: dict[str, dict[str, Any]] = {
    "found": {
        "as_reported": _("情况属实"),
        "different": _("有问题，但和上报的不一样"),
        "not_found": _("没有发现问题"),
    },
    "solved": dict(Rating.Solved.choices),
    "level": {str(value): label for value, label in Rating.Level.choices},
}


class StepForm(forms.Form):
    """The inputs of one step on one case. `version` and `key` guard against the second click and the second person."""

    use_required_attribute = False

    def __init__(self, step: Step, case: Case, *args: Any, scripts: bool = False, **kwargs: Any) -> None:
        """scripts: the form goes to a page whose scripts run, so lists for browsers without them are left out."""
        kwargs.setdefault("auto_id", f"id_{step.code}_%s")
        super().__init__(*args, **kwargs)
        self.step, self.case = step, case
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=case.version)
        self.fields["key"] = forms.CharField(
            widget=forms.HiddenInput, max_length=80, initial=lambda: uuid.uuid4().hex
        )
        for need in step.needs:
            field = _MAKERS[need.kind](need, case)
            field.label = say(need.label)
            field.required = need.required
            field.error_messages["required"] = _("请填写“%(field)s”。") % {"field": say(need.label)}
            if isinstance(field.widget, Suggested):
                field.widget.scripts = scripts
            self.fields[need.name] = field

    def given(self) -> dict[str, Any]:
        """What was typed, for `actions.steps.take`; nothing is judged here."""
        raw: dict[str, Any] = {}
        for need in self.step.needs:
            value = self.cleaned_data.get(need.name)
            raw[need.name] = value.split(",") if need.kind == "photo" and value else value
        return raw

    @property
    def is_wide(self) -> bool:
        """Whether there is more to fill in than one line."""
        return len(self.step.needs) > 1


class Several(forms.MultipleChoiceField):
    """Several ids, not judged here."""

    def validate(self, value: Any) -> None:
        """The action knows which ids are good."""


def _text(need: Field, case: Case) -> forms.Field:
    if need.name == "until":
        return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), max_length=10)
    one_line = need.name in ("target", "address")
    initial = case.public_words if need.name == "words" and case.state == "closing" else None
    if need.name == "address":
        initial = case.address
    return forms.CharField(
        max_length=WORDS_LIMIT * 3,
        initial=initial,
        help_text=_HELP.get((case.state, need.name), _HELP.get(("", need.name), "")),
        widget=forms.TextInput if one_line else forms.Textarea(attrs={"rows": 3}),
    )


# What is typed here is read by the public, or by staff only: said where it is typed.
_HELP: dict[tuple[str, str], Any] = {
    ("closing", "words"): _("上报人和公众会看到这段话。"),
    ("handling", "words"): _("上报人和公众会看到这段话。"),
    ("reported", "whose"): _("写清单位和电话，免得居民再跑一趟。"),
    ("", "note"): _("只有工作人员看得到。"),
    ("", "reason"): _("只有工作人员看得到。"),
    ("", "target"): _("例如 20261122-000017"),
}


def _choice(need: Field, case: Case) -> forms.Field:
    words = CHOICE_WORDS.get(need.name, {})
    return forms.ChoiceField(
        widget=forms.RadioSelect, choices=[(code, words.get(code, code)) for code in need.choices]
    )


def _bool(need: Field, case: Case) -> forms.Field:
    initial = {
        "urgent": case.urgent,
        "is_public": case.is_public,
        "legacy": case.legacy,
        "major": case.major,
    }.get(need.name, False)
    return forms.BooleanField(initial=initial)


def item_choices() -> Iterable[tuple[str, str]]:
    return [(entry.key, f"{entry.name} {entry.key}") for entry in catalogue.catalogue().matters]


def item_label(key: str) -> str:
    found = catalogue.catalogue().items.get(key)
    return found.name if found else ""


def guessed_item(case: Case) -> str:
    """The case's item, or the likeliest one for its words; a person decides."""
    if case.item:
        return case.item.key
    guessed = suggest(case.description, top=1)
    return guessed[0].item.key if guessed else ""


def _item(need: Field, case: Case) -> forms.Field:
    guess = guessed_item(case) if need.required else (case.item.key if case.item else "")
    return forms.CharField(
        initial=guess,
        widget=Suggested("items", item_choices, item_label),
        help_text=_("根据描述猜的，请核对。") if guess and not case.item else "",
    )


def rule_choices(item_key: str) -> list[tuple[str, Any]]:
    """The filing rules in force for an item, the default first, each with its limit."""
    return [
        (str(rule.id), format_html("{}<small>{}</small>", rule.condition, str(rule.limit)))
        for rule in catalogue.rules_for(item_key)
    ]


def _rule(need: Field, case: Case) -> forms.Field:
    choices = rule_choices(case.item.key) if case.item else []
    return forms.CharField(
        widget=forms.RadioSelect(choices=choices),
        initial=choices[0][0] if choices else None,
        help_text=""
        if choices
        else _("这个事项还没有立案条件，请系统管理员在“事项与立案条件”里添加。"),
    )


def unit_choices() -> Iterable[tuple[str, str]]:
    return [(str(unit.pk), unit.name) for unit in people.units()]


def unit_label(pk: str) -> str:
    if not pk.isdigit() or len(pk) > 17:
        return ""
    found = people.units(past=True).filter(pk=int(pk)).first()
    return found.name if found else ""


def _unit(need: Field, case: Case) -> forms.Field:
    if need.name == "assists":
        return Several(widget=Suggested("units", unit_choices, unit_label, many=True))
    proposed = case.proposed_unit if need.name == "unit" else None

    def label(pk: str) -> str:
        # The proposed unit came with the case; its name costs no query.
        return proposed.name if proposed is not None and pk == str(proposed.pk) else unit_label(pk)

    return forms.CharField(
        initial=str(proposed.pk) if proposed else "",
        widget=Suggested("units", unit_choices, label),
        help_text=_("按责任清单建议。") if proposed else "",
    )


def place_choices() -> Iterable[tuple[str, str]]:
    """Divisions and grids in the order of a table of contents, indented by their level."""
    return [(str(place.pk), "　" * (place.level - 1) + place.name) for place in tree()]


def place_label(pk: str) -> str:
    facts = atlas.current().places.get(int(pk)) if pk.isdigit() and len(pk) < 18 else None
    return localized(facts) if facts else ""


def _place(need: Field, case: Case) -> forms.Field:
    return forms.CharField(
        initial=str(case.place_id), widget=Suggested("places", place_choices, place_label)
    )


def _photo(need: Field, case: Case) -> forms.Field:
    return forms.CharField(max_length=400, widget=PhotoPicker(PHOTOS_LIMIT))


_MAKERS = {
    "text": _text,
    "choice": _choice,
    "bool": _bool,
    "item": _item,
    "rule": _rule,
    "unit": _unit,
    "place": _place,
    "photo": _photo,
}
