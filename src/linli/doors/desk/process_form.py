"""The quick form of a dispatcher: what accepting, registering and dispatching need, on one form, prefilled."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.step_forms import (
    Several,
    guessed_item,
    item_choices,
    item_label,
    place_choices,
    place_label,
    rule_choices,
    unit_choices,
    unit_label,
)
from linli.doors.common.widgets import Suggested
from linli.kernel import clock
from linli.rooms.cases.actions.several import ROADS
from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.people.queries import answerable
from linli.rooms.people.rights import Viewer


def roads(case: Case, possible: set[str], viewer: Viewer) -> tuple[str, ...]:
    """The steps that this viewer could take in one go up to the dispatch, () when it is not two or more."""
    road = ROADS.get(case.state, ())
    if len(road) < 2 or road[0] not in possible or case.parent_id is not None:
        return ()
    if case.barred_id is not None and case.barred_id == viewer.account_id:
        return ()
    capabilities = {"register": "case.register", "dispatch": "case.dispatch"}
    target = target_of(case)
    return road if all(viewer.may(capabilities[s], target).ok for s in road[1:]) else ()


class ProcessForm(forms.Form):
    """Fields of all the steps of a road. `item` may be given to show its rules and its owner (a new choice)."""

    use_required_attribute = False

    def __init__(
        self, case: Case, road: Sequence[str], data: Any = None, *, item: str = "", scripts: bool = False
    ) -> None:
        super().__init__(data, auto_id="id_process_%s")
        self.case, self.road = case, tuple(road)
        chosen = self._chosen_item(case, data, item)
        rules = rule_choices(chosen)
        unit_id = self._proposed(case, chosen)
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=case.version)
        self.fields["key"] = forms.CharField(widget=forms.HiddenInput, max_length=80, initial=lambda: uuid.uuid4().hex)
        if "accept" in self.road:
            self.fields["item"] = self._field(
                _("事项"),
                Suggested("items", item_choices, item_label),
                chosen,
                _("根据描述猜的，请核对。") if chosen and not case.item else "",
            )
            self.fields["place"] = self._field(
                _("所属网格"), Suggested("places", place_choices, place_label), str(case.place_id)
            )
            self.fields["urgent"] = forms.BooleanField(
                label=_("紧急（危及人身安全或突发）"), required=False, initial=case.urgent
            )
        if "register" in self.road:
            help_text = "" if rules else _("选好事项后，这里列出它的立案条件。")
            self.fields["rule"] = self._field(
                _("立案条件"), forms.RadioSelect(choices=rules), rules[0][0] if rules else None, help_text
            )
        self.fields["unit"] = self._field(
            _("主办单位"),
            Suggested("units", unit_choices, unit_label),
            str(unit_id or ""),
            _("按责任清单建议。") if unit_id else "",
        )
        self.fields["assists"] = Several(
            label=_("协办单位"), required=False, widget=Suggested("units", unit_choices, unit_label, many=True)
        )
        self.fields["note"] = forms.CharField(
            label=_("交代"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
        )
        for field in self.fields.values():
            if isinstance(field.widget, Suggested):
                field.widget.scripts = scripts

    @staticmethod
    def _chosen_item(case: Case, data: Any, item: str) -> str:
        known = catalogue().items
        for key in (item, str(data.get("item", "")) if data is not None else "", guessed_item(case)):
            if key in known:
                return key
        return ""

    @staticmethod
    def _proposed(case: Case, item: str) -> int | None:
        """Who answers when it is this item: the matrix is asked anew, for the guess may differ from the report's."""
        if case.item is not None and case.item.key == item and case.proposed_unit_id:
            return case.proposed_unit_id
        entry = catalogue().items.get(item)
        if entry is None:
            return case.proposed_unit_id
        return answerable(item, entry.class_key, case.lineage, clock.now()).unit_id

    @staticmethod
    def _field(label: Any, widget: forms.Widget, initial: Any, help_text: Any = "") -> forms.CharField:
        field = forms.CharField(label=label, widget=widget, initial=initial, help_text=help_text)
        field.error_messages["required"] = _("请填写“%(field)s”。") % {"field": label}
        return field

    def steps(self) -> list[tuple[str, dict[str, Any]]]:
        """What `actions.several.process` gets. Call after is_valid()."""
        typed = self.cleaned_data
        needs = {
            "accept": ("item", "place", "urgent"),
            "register": ("rule",),
            "dispatch": ("unit", "assists", "note"),
        }
        return [(step, {name: typed.get(name) for name in needs[step]}) for step in self.road]
