"""What a resident fills in. Nothing is judged here: the action says what is wrong, and everything typed stays."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.actions.intake import Intake


def _text(**kwargs: Any) -> forms.CharField:
    return forms.CharField(required=False, strip=False, **kwargs)


class ReportForm(forms.Form):
    """Three steps on one page: what (photo, words), where (pin or place), send (how to reach you, if you like)."""

    key = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))
    words = _text(
        label=_("发生了什么"),
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": _("例如：3 栋楼下的路灯三天没亮了，老人晚上不敢走。")}),
    )
    item = _text(label=_("属于哪一类（可不选）"), widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))
    item_name = _text(widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))
    lng = _text(widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))
    lat = _text(widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))
    accuracy = _text(widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))
    place = _text(widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))
    place_name = _text(label=_("小区、楼栋或网格的名字"))
    address = _text(
        label=_("门牌或旁边有什么（可不填）"),
        widget=forms.TextInput(attrs={"placeholder": _("例如：3 栋 2 单元门口"), "autocomplete": "off"}),
    )
    name = _text(label=_("怎么称呼您（可不填）"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = _text(
        label=_("手机号（可不填）"),
        help_text=_("只有办这件事的人看得到，看一次记一次。不填也能用查询码跟踪。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    join = _text(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4().hex

    def intake(self, photos: list[str]) -> Intake:
        """What the action gets. Call after is_valid()."""
        typed = self.cleaned_data
        place = typed["place"]
        return Intake(
            key=typed["key"] or uuid.uuid4().hex,
            channel="portal",
            words=typed["words"],
            lng=typed["lng"] or None,
            lat=typed["lat"] or None,
            accuracy_m=_metres(typed["accuracy"]),
            place_id=int(place) if place.isdigit() and len(place) < 18 else None,
            address=typed["address"],
            item_key=typed["item"],
            photos=photos,
            phone=typed["phone"],
            name=typed["name"],
        )


def _metres(text: str) -> float | None:
    try:
        metres = float(text)
    except ValueError:
        return None
    return metres if 0 <= metres < 100_000 else None
