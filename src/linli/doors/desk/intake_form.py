"""What a clerk types for one demand. The action says what is wrong with it, and all that was typed stays."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.step_forms import item_choices, item_label, place_choices, place_label
from linli.doors.common.widgets import Suggested
from linli.rooms.cases.actions.intake import Intake
from linli.rooms.cases.models.case import Channel
from linli.rooms.places import queries as places

CHANNELS = ("hotline", "walk_in", "meeting")


def _building_label(pk: str) -> str:
    """A place by its name; buildings are not in memory."""
    known = place_label(pk)
    if known or not pk.isdigit() or len(pk) > 17:
        return known
    return places.names([int(pk)]).get(int(pk), "")


_NEEDED = {"words": _("请写反映的是什么。"), "place": _("请选在哪里：社区、网格或楼栋的名字都行。")}


class IntakeForm(forms.Form):
    """One demand: what, where, who. Channel and occasion stay from one to the next; so does the place when asked."""

    use_required_attribute = False

    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)
    join = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)
    channel = forms.ChoiceField(
        label=_("来源"),
        choices=[(code, Channel(code).label) for code in CHANNELS],
        initial="hotline",
        required=False,
        widget=forms.RadioSelect,
    )
    occasion = forms.CharField(label=_("哪次会、哪条热线"), max_length=200, required=False)
    words = forms.CharField(
        label=_("反映什么"), max_length=20_000, required=False, strip=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    item = forms.CharField(label=_("事项"), required=False)
    place = forms.CharField(label=_("在哪里"), required=False)
    keep_place = forms.BooleanField(label=_("下一条还在这里"), required=False)
    address = forms.CharField(label=_("门牌或旁边有什么"), max_length=400, required=False)
    name = forms.CharField(label=_("反映人"), max_length=200, required=False)
    phone = forms.CharField(
        label=_("电话"), max_length=100, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    wants_callback = forms.BooleanField(label=_("要回电"), required=False)
    urgent = forms.BooleanField(label=_("紧急"), required=False)
    legacy = forms.BooleanField(label=_("历史遗留"), required=False)

    def __init__(self, *args: Any, scripts: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4().hex
        for name, words in _NEEDED.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = words
        self.fields["item"].widget = Suggested("items", item_choices, item_label)
        self.fields["place"].widget = Suggested("places", place_choices, _building_label)
        self.fields["occasion"].widget.attrs.update({"list": "occasions", "autocomplete": "off"})
        for name in ("name", "phone", "address"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        for field in self.fields.values():
            if isinstance(field.widget, Suggested):
                field.widget.scripts = scripts

    def intake(self) -> Intake:
        """What the action gets. Call after is_valid()."""
        typed = self.cleaned_data
        place = str(typed["place"] or "")
        channel = str(typed["channel"])
        return Intake(
            key=typed["key"] or uuid.uuid4().hex,
            channel=channel if channel in CHANNELS else "hotline",
            words=str(typed["words"]),
            place_id=int(place) if place.isdigit() and len(place) < 18 else None,
            address=str(typed["address"]),
            item_key=str(typed["item"] or ""),
            phone=str(typed["phone"]),
            name=str(typed["name"]),
            wants_callback=bool(typed["wants_callback"]),
            urgent=bool(typed["urgent"]),
            legacy=bool(typed["legacy"]),
            occasion=str(typed["occasion"]),
        )

    def following(self) -> dict[str, Any]:
        """What the next form begins with."""
        kept = {name: self.cleaned_data.get(name) for name in ("channel", "occasion", "keep_place")}
        if self.cleaned_data.get("keep_place"):
            kept["place"] = self.cleaned_data.get("place")
        return kept
