"""A form for any step of the flow, built from what the table says the step needs."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.kernel.flow import Field, Step, say
from linli.rooms.cases.actions.given import PHOTOS_LIMIT, WORDS_LIMIT
from linli.rooms.cases.models import Case, Rating
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.people import queries as people

CHOICE_WORDS: dict[str, dict[str, Any]] = {
    "found": {
        "as_reported": _("情况属实"), "different": _("有问题，但和上报的不一样"), "not_found": _("没有发现问题"),
    },
    "solved": dict(Rating.Solved.choices),
    "level": {str(value): label for value, label in Rating.Level.choices},
}


class PhotosField(forms.CharField):
    """Uids of pictures uploaded before, separated by commas; drawn by the design system's photo picker."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs["data-photos"] = str(PHOTOS_LIMIT)


class StepForm(forms.Form):
    """The inputs of one step on one case. `version` and `key` guard against the second click and the second person."""

    def __init__(self, step: Step, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step, self.case = step, case
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=case.version)
        self.fields["key"] = forms.CharField(widget=forms.HiddenInput, max_length=80, initial=lambda: uuid.uuid4().hex)
        for need in step.needs:
            self.fields[need.name] = _MAKERS[need.kind](need, case)

    def given(self) -> dict[str, Any]:
        """What was typed, for `actions.steps.take`; nothing is judged here."""
        raw: dict[str, Any] = {}
        for need in self.step.needs:
            value = self.cleaned_data.get(need.name)
            raw[need.name] = value.split(",") if need.kind == "photo" and value else value
        return raw


def _text(need: Field, case: Case) -> forms.Field:
    one_line = need.name in ("target", "address")
    if need.name == "until":
        return forms.CharField(
            label=say(need.label), required=False, widget=forms.DateInput(attrs={"type": "date"}), max_length=10
        )
    initial = case.public_words if need.name == "words" and case.state == "closing" else None
    return forms.CharField(
        label=say(need.label), required=False, max_length=WORDS_LIMIT * 3, initial=initial,
        widget=forms.TextInput if one_line else forms.Textarea(attrs={"rows": 3}),
    )


def _choice(need: Field, case: Case) -> forms.Field:
    words = CHOICE_WORDS.get(need.name, {})
    return forms.ChoiceField(
        label=say(need.label), required=False, widget=forms.RadioSelect,
        choices=[(code, words.get(code, code)) for code in need.choices],
    )


def _bool(need: Field, case: Case) -> forms.Field:
    initial = {"urgent": case.urgent, "is_public": case.is_public}.get(need.name, False)
    return forms.BooleanField(label=say(need.label), required=False, initial=initial)


def _item(need: Field, case: Case) -> forms.Field:
    # Any text is let through here: the action says what is wrong with it and nothing typed is lost.
    known = [(entry.key, f"{entry.name} {entry.key}") for entry in catalogue.catalogue().matters]
    return forms.CharField(
        label=say(need.label), required=False, initial=case.item.key if case.item else "",
        widget=forms.Select(choices=[("", _("请选择")), *known], attrs={"data-suggest-items": "1"}),
    )


def _rule(need: Field, case: Case) -> forms.Field:
    rules = catalogue.rules_for(case.item.key) if case.item else ()
    choices = [(str(rule.id), f"{rule.condition}（{rule.limit}）") for rule in rules]
    return forms.ChoiceField(
        label=say(need.label), required=False, widget=forms.RadioSelect, choices=choices,
        initial=choices[0][0] if choices else None,
        help_text="" if choices else _("这个事项还没有立案条件，请系统管理员在“事项与立案条件”里添加。"),
    )


def _unit(need: Field, case: Case) -> forms.Field:
    units = [(str(unit.pk), unit.name) for unit in people.units_in_force()]
    if need.name == "assists":
        return forms.MultipleChoiceField(
            label=say(need.label), required=False, choices=units,
            widget=forms.SelectMultiple(attrs={"data-suggest-units": "1", "size": 4}),
        )
    proposed = str(case.proposed_unit_id or "") if need.name == "unit" else ""
    return forms.ChoiceField(
        label=say(need.label), required=False, choices=[("", _("请选择")), *units], initial=proposed,
        widget=forms.Select(attrs={"data-suggest-units": "1"}),
    )


def _place(need: Field, case: Case) -> forms.Field:
    own = [(str(case.place_id), case.place.name)]
    near = [(str(c["place"]), c["name"]) for c in case.candidates if c["place"] != case.place_id]
    return forms.CharField(
        label=say(need.label), required=False, initial=str(case.place_id),
        widget=forms.Select(choices=[*own, *near], attrs={"data-suggest-places": "1"}),
    )


def _photo(need: Field, case: Case) -> forms.Field:
    return PhotosField(label=say(need.label), required=False, max_length=400)


_MAKERS = {
    "text": _text, "choice": _choice, "bool": _bool, "item": _item, "rule": _rule, "unit": _unit, "place": _place,
    "photo": _photo,
}
