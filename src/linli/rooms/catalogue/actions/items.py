"""Items of the catalogue: local ones come and go, words change, and every version stays in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.text import fold, grams
from linli.rooms.catalogue.actions.revision import touch
from linli.rooms.catalogue.models import LOCAL, Item, MatterClass, Urgency
from linli.rooms.catalogue.rules import next_local_key

MOST_SYNONYMS = 80
EDITABLE = ("name_zh", "name_en", "synonyms", "urgency", "danger")


@transaction.atomic
def add_items(by: Authority, rows: Sequence[Mapping[str, Any]], *, note: str = "") -> list[Item]:
    """Make local items, numbered down from 999 in their classes. Returns them in the order asked for.

    rows: `class_key` ("M06"), `name_zh`, and if wanted `name_en`, `synonyms`, `urgency`, `danger`.
    Raises Refused: empty or double name, unknown class, no number left.
    """
    by.require("catalogue.edit")
    # One after another: two clerks must not be given the same number.
    touch()
    classes = {entry.key: entry for entry in MatterClass.objects.all()}
    taken = set(Item.objects.values_list("key", flat=True))
    names = {(kind, fold(name)) for kind, name in Item.objects.filter(active=True).values_list("kind", "name_zh")}
    made: list[Item] = []
    for row in rows:
        entry = classes.get(row["class_key"])
        if entry is None:
            raise Refused(_("没有这个大类。"), "catalogue.no_class", "class_key")
        name = _name(row["name_zh"])
        if (entry.kind, fold(name)) in names:
            raise Refused(
                _("已经有叫“%(name)s”的事项。") % {"name": name},
                "catalogue.name_taken",
                "name_zh",
                what_next=_("请直接用它，或换一个名称。"),
            )
        try:
            key = next_local_key(entry.key[0], entry.code, taken)
        except ValueError as error:
            raise Refused(_("这个大类的本地编号已经用完。"), "catalogue.no_number", "class_key") from error
        taken.add(key)
        names.add((entry.kind, fold(name)))
        item = Item(
            key=key,
            standard=LOCAL,
            kind=entry.kind,
            code=key[1:],
            matter_class=entry,
            name_zh=name,
            name_en=str(row.get("name_en", "")).strip()[:160],
            synonyms=_synonyms(row.get("synonyms", ())),
            urgency=_urgency(row.get("urgency", Urgency.ROUTINE)),
            danger=bool(row.get("danger", False)),
        )
        item.grams = grams(item.name_zh, item.name_en, *item.synonyms)
        made.append(item)
    Item.objects.bulk_create(made)
    journal.record_many(
        [
            journal.Draft(
                action="catalogue.item_added",
                actor=by.actor,
                object_type="item",
                object_id=item.key,
                after=_state(item),
                note=note,
            )
            for item in made
        ]
    )
    return made


def add_item(by: Authority, class_key: str, name_zh: str, **more: Any) -> Item:
    """Make one local item; see `add_items`."""
    return add_items(by, [{"class_key": class_key, "name_zh": name_zh, **more}])[0]


@transaction.atomic
def change_item(by: Authority, key: str, version: int, **changes: Any) -> Item:
    """Change names, everyday words, urgency or danger of an item; it gets the next version.

    version: the one the editor saw. Raises NotFound, Conflict when it has moved on, Refused.
    The name of an item of the standard is a fact and stays; its English name and words may change.
    """
    by.require("catalogue.edit")
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not editable: {sorted(unknown)}")
    item = _locked(key)
    if item.version != version:
        raise Conflict(
            _("“%(name)s”刚刚被别人改过。") % {"name": item.name_zh},
            "catalogue.item_changed",
            what_next=_("请核对现在的内容后再保存，您填的都还在。"),
            changes=[{"what": name, "before": None, "after": getattr(item, name)} for name in changes],
            typed=dict(changes),
        )
    before = _state(item)
    if "name_zh" in changes:
        name = _name(changes["name_zh"])
        if item.standard != LOCAL and name != item.name_zh:
            raise Refused(
                _("标准里的名称不能改。"),
                "catalogue.standard_name",
                "name_zh",
                what_next=_("可以加俗称，或停用它、新建本地事项来接替。"),
            )
        item.name_zh = name
    if "name_en" in changes:
        item.name_en = str(changes["name_en"]).strip()[:160]
    if "synonyms" in changes:
        item.synonyms = _synonyms(changes["synonyms"])
    if "urgency" in changes:
        item.urgency = _urgency(changes["urgency"])
    if "danger" in changes:
        item.danger = bool(changes["danger"])
    after = _state(item)
    if after == before:
        return item
    item.version += 1
    item.grams = grams(item.name_zh, item.name_en, *item.synonyms)
    item.save()
    _recorded(by, "catalogue.item_changed", item, before)
    return item


@transaction.atomic
def retire_item(by: Authority, key: str, *, successor: str | None = None) -> Item:
    """Take an item out of use; cases that name it keep it. `successor`: what is chosen instead from now on.

    Raises NotFound, Refused (the successor is itself, out of use or of another kind). Twice does nothing.
    """
    by.require("catalogue.edit")
    item = _locked(key)
    heir = None
    if successor:
        heir = _locked(successor)
        if heir.pk == item.pk or not heir.active or heir.kind != item.kind:
            raise Refused(_("这个事项不能接替它。"), "catalogue.successor", "successor")
    if not item.active and item.successor_id == (heir.pk if heir else item.successor_id):
        return item
    before = _state(item)
    item.active, item.successor, item.version = False, heir or item.successor, item.version + 1
    item.save()
    _recorded(by, "catalogue.item_retired", item, before)
    return item


@transaction.atomic
def restore_item(by: Authority, key: str) -> Item:
    """Bring a retired item back into use."""
    by.require("catalogue.edit")
    item = _locked(key)
    if item.active:
        return item
    before = _state(item)
    item.active, item.successor, item.version = True, None, item.version + 1
    item.save()
    _recorded(by, "catalogue.item_restored", item, before)
    return item


def _locked(key: str) -> Item:
    item = Item.objects.select_for_update().filter(key=key).first()
    if item is None:
        raise NotFound(_("目录里没有这个事项。"), "catalogue.no_item")
    return item


def _recorded(by: Authority, action: str, item: Item, before: dict[str, Any]) -> None:
    touch()
    journal.record(
        action=action,
        actor=by.actor,
        object_type="item",
        object_id=item.key,
        before=before | {"version": item.version - 1},
        after=_state(item) | {"version": item.version},
    )


def _state(item: Item) -> dict[str, Any]:
    return {
        "name_zh": item.name_zh,
        "name_en": item.name_en,
        "synonyms": list(item.synonyms),
        "urgency": str(item.urgency),
        "danger": item.danger,
        "active": item.active,
        "successor": item.successor.key if item.successor else None,
    }


def _name(text: Any) -> str:
    name = " ".join(str(text).split())
    if not name:
        raise Refused(_("请写名称。"), "catalogue.name_empty", "name_zh")
    if len(name) > 100:
        raise Refused(_("名称太长，最多 100 字。"), "catalogue.name_long", "name_zh")
    return name


def _synonyms(words: str | Iterable[str]) -> list[str]:
    """Everyday words, given as a list or typed with commas, 、 or line breaks; doubles dropped."""
    if isinstance(words, str):
        for sign in "，、；;\n\r":
            words = words.replace(sign, ",")
        words = words.split(",")
    kept = list(dict.fromkeys(word for raw in words if (word := " ".join(str(raw).split()))))
    if len(kept) > MOST_SYNONYMS:
        raise Refused(_("俗称太多，最多 %(most)d 个。") % {"most": MOST_SYNONYMS}, "catalogue.many_words", "synonyms")
    for word in kept:
        if len(word) > 60:
            raise Refused(
                _("俗称“%(word)s…”太长，最多 60 字。") % {"word": word[:20]},
                "catalogue.word_long",
                "synonyms",
            )
    return kept


def _urgency(value: Any) -> str:
    if value not in Urgency.values:
        raise Refused(_("不认识的紧急程度。"), "catalogue.urgency", "urgency")
    return str(value)
