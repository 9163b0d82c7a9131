"""What a resident fills in. Nothing is judged here: the action says what is wrong, and everything typed stays."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.portal.finding import found_by_name
from linli.kernel.errors import Refused
from linli.rooms.cases.actions.intake import Intake


def _text(**kwargs: Any) -> forms.CharField:
    return forms.CharField(required=False, strip=False, **kwargs)


def _kept() -> forms.CharField:
    """A hidden field that the browser's draft keeps too."""
    return _text(widget=forms.HiddenInput(attrs={"data-draft-keep": "1"}))


class ReportForm(forms.Form):
    """Three steps on one page: what (photo, words), where (pin or place), send (how to reach you, if you like)."""

    key = _kept()
    words = _text(
        label=_("发生了什么"),
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": _("例如：3 栋楼下的路灯三天没亮了，老人晚上不敢走。")}),
    )
    item = _kept()
    item_name = _kept()
    lng = _kept()
    lat = _kept()
    accuracy = _kept()
    place = _kept()
    place_name = _text(
        label=_("或写小区、楼栋、社区、网格的名字"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    address = _text(
        label=_("门牌或旁边有什么"),
        widget=forms.TextInput(attrs={"placeholder": _("例如：3 栋 2 单元门口"), "autocomplete": "off"}),
    )
    phone = _text(
        label=_("手机号"),
        help_text=_("只有办这件事的人看得到，看一次记一次。不填也能用查询码跟踪。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    name = _text(label=_("怎么称呼您"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    join = _text(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4().hex
        self.choices: list[dict[str, Any]] = []
        """Places of the name that was typed, when it means several."""

    def intake(self, photos: list[str]) -> Intake:
        """What the action gets. Call after is_valid(). Raises Refused when a typed place cannot be told."""
        typed = self.cleaned_data
        return Intake(
            key=typed["key"] or uuid.uuid4().hex,
            channel="portal",
            words=typed["words"],
            lng=typed["lng"] or None,
            lat=typed["lat"] or None,
            accuracy_m=_metres(typed["accuracy"]),
            place_id=self._place(),
            address=typed["address"],
            item_key=typed["item"],
            photos=photos,
            phone=typed["phone"],
            name=typed["name"],
        )

    def _place(self) -> int | None:
        """The chosen place, or the one that was typed by name where no script could offer a choice."""
        typed = self.cleaned_data
        chosen, name = typed["place"], typed["place_name"].strip()[:60]
        if chosen.isdigit() and len(chosen) < 18:
            return int(chosen)
        if typed["lng"] or not name:
            return None
        self.choices = found_by_name(name)
        if len(self.choices) == 1:
            return int(self.choices.pop()["id"])
        if self.choices:
            raise Refused(_("有几个地方都叫这个名字，请选一个。"), code="portal.place_which", field="place_name")
        raise Refused(
            _("没有找到“%(name)s”。请换个写法，例如只写小区名或社区名。") % {"name": name},
            code="portal.place_unknown",
            field="place_name",
        )


def _metres(text: str) -> float | None:
    try:
        metres = float(text)
    except ValueError:
        return None
    return metres if 0 <= metres < 100_000 else None
