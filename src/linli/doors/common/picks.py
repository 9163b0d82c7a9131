"""Fields that name a place, a unit, an account or an item: typed as code or name, with suggestions while typing.

Without scripts the code, the user name or the whole name is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import LinliError, NotFound
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.people import queries as people
from linli.rooms.people.models import Account, Unit
from linli.rooms.people.rights import Viewer
from linli.rooms.places import queries as places
from linli.rooms.places.models import Place


class Pick(forms.TextInput):
    """A text with the id of what was chosen beside it. Value: (id as text, text)."""

    def __init__(self, source: str, query: str = "", attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocapitalize": "none", "spellcheck": "false", **(attrs or {})})
        self.source, self.query = source, query

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return (str(data.get(f"{name}_id") or ""), str(data.get(name) or "").strip())

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen, text = value if isinstance(value, tuple) else ("", value or "")
        return format_html(
            '<div data-suggest data-url="{}{}">{}'
            '<input type="hidden" name="{}_id" value="{}" data-suggest-value></div>',
            reverse("admin_door:suggest", args=[self.source]),
            f"?{self.query}" if self.query else "",
            super().render(name, text, attrs, renderer),
            name,
            chosen,
        )


class PickField(forms.Field):
    """Base of the fields below: `look(id, text)` finds the thing or raises ValidationError."""

    source = ""
    query = ""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", Pick(self.source, self.query))
        options.setdefault("error_messages", {"required": _("请选择，或填编码、完整名称。")})
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, tuple) or value is None else shown(value)

    def clean(self, value: Any) -> Any:
        chosen, text = value if isinstance(value, tuple) else ("", str(value or ""))
        if not text:
            if self.required:
                raise forms.ValidationError(self.error_messages["required"])
            return None
        if len(text) > 120:
            raise forms.ValidationError(_("太长了，请填编码或名称。"))
        return self.look(int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None, text)

    def look(self, chosen: int | None, text: str) -> Any:
        raise NotImplementedError


def shown(thing: Any) -> tuple[str, str]:
    """A thing as the field shows it."""
    if isinstance(thing, Account):
        return str(thing.pk), thing.username
    return str(getattr(thing, "pk", "") or ""), str(getattr(thing, "name", thing))


def _is_called(thing: Any, text: str) -> bool:
    """Whether what was typed still names what was chosen: without scripts the hidden id stays behind."""
    names = ("name", "name_zh", "name_en", "code", "local_code", "username")
    return text in {str(getattr(thing, name)) for name in names if getattr(thing, name, "")}


def _one(found: Sequence[Any], text: str, missing: Any) -> Any:
    if len(found) == 1:
        return found[0]
    if found:
        raise forms.ValidationError(_("“%(text)s”有 %(n)d 个，请填编码。") % {"text": text, "n": len(found)})
    raise forms.ValidationError(missing % {"text": text})


class PlaceField(PickField):
    """A place that exists, of certain kinds if asked."""

    source = "places"

    def __init__(self, kinds: Sequence[str] = (), **options: Any) -> None:
        self.kinds = tuple(kinds)
        self.query = f"kinds={','.join(kinds)}" if kinds else ""
        super().__init__(**options)

    def look(self, chosen: int | None, text: str) -> Place:
        rows = places.valid()
        if self.kinds:
            rows = rows.filter(kind__in=self.kinds)
        if chosen is not None and (place := rows.filter(id=chosen).first()) is not None and _is_called(place, text):
            return place
        for field in ("code", "local_code", "name_zh", "name_en"):
            texts = [text, text.ljust(12, "0")] if field == "code" and text.isdecimal() else [text]
            found = list(rows.filter(**{f"{field}__in": texts})[:9])
            if found:
                return _one(found, text, "")  # type: ignore[no-any-return]
        return _one([], text, _("没有找到“%(text)s”。请填编码或完整名称。"))  # type: ignore[no-any-return]


class UnitField(PickField):
    """A unit that exists today."""

    source = "units"

    def look(self, chosen: int | None, text: str) -> Unit:
        rows = people.units()
        if chosen is not None and (unit := rows.filter(pk=chosen).first()) is not None and _is_called(unit, text):
            return unit
        found = (
            list(rows.filter(code=text)) or list(rows.filter(name_zh=text)[:9]) or list(rows.filter(name_en=text)[:9])
        )
        return _one(found, text, _("没有单位“%(text)s”。请填编号或完整名称。"))  # type: ignore[no-any-return]


class AccountField(PickField):
    """A member of staff; give the viewer before cleaning (`form.fields[…].viewer = …`)."""

    source = "accounts"
    viewer: Viewer | None = None

    def look(self, chosen: int | None, text: str) -> Account:
        if self.viewer is None:
            raise forms.ValidationError(_("请重新打开这一页。"))
        rows = people.accounts(self.viewer, kind="staff")
        account = rows.filter(pk=chosen).first() if chosen is not None else None
        if account is not None and _is_called(account, text):
            return account
        found = list(rows.filter(username__iexact=text)) or list(rows.filter(name=text)[:9])
        return _one(found, text, _("没有“%(text)s”这个用户名或姓名。请先建账号。"))  # type: ignore[no-any-return]


class MatterField(PickField):
    """A class ("M06"), an item ("M06012") or, where allowed, nothing for all; cleaned to the key."""

    source = "matters"

    def look(self, chosen: int | None, text: str) -> str:
        present = catalogue.catalogue()
        key = text.split()[0].upper()
        if key in present.items or key in present.classes:
            return key
        found = [entry.key for entry in present.items.values() if entry.name_zh == text and entry.kind == "matter"]
        found = found or [entry.key for entry in present.classes.values() if entry.name_zh == text]
        return _one(found, text, _("目录里没有“%(text)s”。请填编码或完整名称。"))  # type: ignore[no-any-return]

    def clean(self, value: Any) -> Any:
        return super().clean(value) or ""


def suggestions(source: str, viewer: Viewer, words: str, kinds: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What the fields offer while somebody types."""
    asked: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "places": lambda: _places(words, kinds),
        "units": lambda: [
            {"value": unit.pk, "label": unit.name, "hint": unit.code} for unit in people.units(words)[:12]
        ],
        "accounts": lambda: [
            {"value": account.pk, "label": account.username, "hint": account.name}
            for account in people.accounts(viewer, words=words, kind="staff", active=True)[:12]
        ],
        "matters": lambda: _matters(words),
    }
    if source not in asked:
        raise NotFound
    try:
        return asked[source]() if words.strip() else []
    except LinliError:
        return []


def _places(words: str, kinds: Sequence[str]) -> list[dict[str, Any]]:
    found = places.search(words, limit=12, kinds=list(kinds) or None)
    paths = places.breadcrumbs([place.id for place in found])
    return [
        {
            "value": place.id,
            "label": place.name,
            "hint": " › ".join([*(above.name for above in paths.get(place.id, [place])[1:-1]), place.code]),
        }
        for place in found
    ]


def _matters(words: str) -> list[dict[str, Any]]:
    present = catalogue.catalogue()
    folded = words.strip().upper()
    classes: list[dict[str, Any]] = [
        {"value": entry.key, "label": f"{entry.key} {entry.name}", "hint": _("大类")}
        for entry in present.classes.values()
        if entry.kind == "matter" and (entry.key.startswith(folded) or words in entry.name_zh)
    ]
    items: list[dict[str, Any]] = [
        {"value": found.item.key, "label": f"{found.item.key} {found.item.name}", "hint": ""}
        for found in catalogue.search(words, limit=12)
    ]
    return [*classes[:4], *items][:12]
