"""What people gave to a step, turned from the text of a form into things, each refusal naming its field."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Refused
from linli.kernel.flow import Field, Step
from linli.kernel.identifiers import clean_text
from linli.rooms.cases.models import Photo
from linli.rooms.catalogue.models import FilingRule, Item
from linli.rooms.people.models import Unit
from linli.rooms.places.models import Place

WORDS_LIMIT = 4000
PHOTOS_LIMIT = 9


@dataclass(slots=True)
class Given:
    """Resolved input of a step: text by name, things by kind."""

    text: dict[str, str] = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)
    item: Item | None = None
    place: Place | None = None
    rule: FilingRule | None = None
    units: dict[str, list[Unit]] = field(default_factory=dict)
    photos: list[Photo] = field(default_factory=list)

    def words(self, name: str) -> str:
        return self.text.get(name, "")

    def unit(self, name: str) -> Unit | None:
        return next(iter(self.units.get(name, [])), None)


def resolve(step: Step, raw: Mapping[str, Any]) -> Given:
    """Turn raw values into things. Raises Refused with the field's name when one is unknown or too long."""
    given = Given()
    for need in step.needs:
        value = raw.get(need.name)
        if value in (None, "", []):
            if need.kind == "bool" and need.name in raw:
                given.flags[need.name] = False
            continue
        _KINDS[need.kind](given, need, value)
    return given


def _text(given: Given, need: Field, value: Any) -> None:
    given.text[need.name] = clean_text(str(value), WORDS_LIMIT)


def _bool(given: Given, need: Field, value: Any) -> None:
    given.flags[need.name] = str(value).lower() not in ("0", "false", "off", "no")


def _item(given: Given, need: Field, value: Any) -> None:
    given.item = value if isinstance(value, Item) else find_item(str(value), need.name)


def _place(given: Given, need: Field, value: Any) -> None:
    given.place = (
        value
        if isinstance(value, Place)
        else _one(Place.objects, value, need, _("没有这个地方，请重新选择。"))
    )


def _rule(given: Given, need: Field, value: Any) -> None:
    rules = FilingRule.objects.select_related("rule_set")
    given.rule = (
        value
        if isinstance(value, FilingRule)
        else _one(rules, value, need, _("没有这条立案条件，请重新选择。"))
    )


def _unit(given: Given, need: Field, value: Any) -> None:
    values = value if isinstance(value, list | tuple) else [value]
    unknown = _("没有这个单位，请重新选择。")
    units = [v if isinstance(v, Unit) else _one(Unit.objects, v, need, unknown) for v in values if v]
    for unit in units:
        if unit.valid_to is not None:
            raise Refused(
                _("这个单位已经停用，请选择接替它的单位。"), code="case.unit_ended", field=need.name
            )
    given.units[need.name] = units


def _photo(given: Given, need: Field, value: Any) -> None:
    values = value if isinstance(value, list | tuple) else str(value).split(",")
    given.photos = waiting_photos(values, need.name)


def _one(manager: Any, value: Any, need: Field, unknown: Any) -> Any:
    try:
        return manager.get(pk=int(value))
    except (ValueError, TypeError, OverflowError, manager.model.DoesNotExist):
        raise Refused(unknown, code="case.unknown_choice", field=need.name) from None


_KINDS = {
    "text": _text,
    "choice": _text,
    "bool": _bool,
    "item": _item,
    "place": _place,
    "rule": _rule,
    "unit": _unit,
    "photo": _photo,
}


def find_item(key: str, field_name: str = "item") -> Item:
    """The active item of that key. Raises Refused."""
    item = Item.objects.select_related("matter_class").filter(key=key.strip()[:12], active=True).first()
    if item is None:
        raise Refused(
            _("目录里没有这个事项，请从建议中选择或输入关键词查找。"),
            code="case.item_unknown",
            field=field_name,
        )
    return item


def waiting_photos(uids: Iterable[Any], field_name: str = "photos") -> list[Photo]:
    """The uploaded photos of these uids that no case has yet, locked against a second taker. Raises Refused."""
    wanted: list[uuid.UUID] = []
    for value in uids:
        text = str(value).strip()
        if not text:
            continue
        try:
            wanted.append(uuid.UUID(text))
        except ValueError:
            raise Refused(
                _("有一张照片没有传上来，请重新添加。"), code="case.photo_unknown", field=field_name
            ) from None
    wanted = list(dict.fromkeys(wanted))
    if len(wanted) > PHOTOS_LIMIT:
        raise Refused(_("一次最多 9 张照片，请去掉几张。"), code="case.too_many_photos", field=field_name)
    found = (
        {p.uid: p for p in Photo.objects.select_for_update().filter(uid__in=wanted, case=None)}
        if wanted
        else {}
    )
    if len(found) < len(wanted):
        raise Refused(
            _("有照片已过期或已用在别处，请重新添加。其他内容都在。"),
            code="case.photo_gone",
            field=field_name,
        )
    return [found[uid] for uid in wanted]
