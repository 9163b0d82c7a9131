"""What a grid worker fills in on patrol."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.actions.intake import Intake


def _kept() -> forms.CharField:
    return forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))


class PatrolForm(forms.Form):
    key = _kept()
    lng = _kept()
    lat = _kept()
    accuracy = _kept()
    item = _kept()
    item_name = _kept()
    place = _kept()
    join = forms.CharField(required=False, widget=forms.HiddenInput)
    words = forms.CharField(
        label=_("看到了什么"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    address = forms.CharField(label=_("门牌或旁边有什么"), required=False, strip=False)
    urgent = forms.BooleanField(label=_("有危险，要马上处理"), required=False)

    def intake(self, photos: list[str]) -> Intake:
        """What the action gets. Call after is_valid()."""
        typed = self.cleaned_data
        place = typed["place"]
        try:
            accuracy = float(typed["accuracy"])
        except ValueError:
            accuracy = None
        return Intake(
            key=typed["key"] or uuid.uuid4().hex,
            channel="field",
            words=typed["words"],
            lng=typed["lng"] or None,
            lat=typed["lat"] or None,
            accuracy_m=accuracy if accuracy is not None and 0 <= accuracy < 1e5 else None,
            place_id=int(place) if place.isdigit() and len(place) < 18 else None,
            address=typed["address"],
            item_key=typed["item"],
            photos=photos,
            urgent=typed["urgent"],
        )
