"""Reads of the catalogue. It is public knowledge: nothing here depends on who looks.

Hot paths ask `catalogue()`, a snapshot in memory whose revision is compared at most once a second, so a
change is seen by every process within a second and accepting a report queries nothing.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel.clock import TimeLimit
from linli.kernel.errors import NotFound
from linli.rooms.catalogue.models import CatalogueRevision, FilingRule, Item, MatterClass, RuleDraft, RuleSet
from linli.rooms.catalogue.snapshot import Catalogue, ClassEntry, Found, ItemEntry, RuleEntry

FRESH_SECONDS = 0.9

_lock = threading.Lock()
_snapshot: Catalogue | None = None
_compared = 0.0

_NOBODY = UUID(int=0)
_ITEM_COLUMNS = (
    "id",
    "key",
    "standard",
    "kind",
    "code",
    "matter_class__key",
    "name_zh",
    "name_en",
    "synonyms",
    "urgency",
    "danger",
    "active",
    "version",
    "concerns__key",
    "successor__key",
)


def catalogue() -> Catalogue:
    """The present catalogue, at most a second old. One tiny query a second, everything else from memory."""
    global _snapshot, _compared
    now = time.monotonic()
    held = _snapshot
    if held is not None and now - _compared < FRESH_SECONDS:
        return held
    with _lock:
        if _snapshot is None or _snapshot.token != _token():
            _snapshot = _load()
        _compared = now
        return _snapshot


def expire() -> None:
    """Compare the revision at the next look: actions call it so that their own process sees their change."""
    global _compared
    _compared = 0.0


def item(key: str) -> ItemEntry:
    """An item by its key ("M01037"). Raises NotFound."""
    found = catalogue().items.get(key)
    if found is None:
        raise NotFound(_("目录里没有这个事项。"), "catalogue.no_item", what_next=_("请重新搜索或从分类里选择。"))
    return found


def search(words: str, *, kind: str | None = "matter", limit: int = 20, inactive: bool = False) -> list[Found]:
    """Items for the words typed, best first (see `Catalogue.search`)."""
    return catalogue().search(words, kind=kind, limit=limit, inactive=inactive)


def rules_for(key: str) -> tuple[RuleEntry, ...]:
    """The filing rules in force for an item, the default first."""
    return catalogue().rules_for(key)


def default_rule(key: str) -> RuleEntry | None:
    """The filing rule proposed for an ordinary case of an item."""
    return catalogue().default_rule(key)


def rule(rule_id: int) -> RuleEntry:
    """Any rule by its id, retired ones included: a case names its rule for ever. Raises NotFound."""
    found = catalogue().rule(rule_id)
    if found is not None:
        return found
    row = FilingRule.objects.select_related("item").filter(pk=rule_id).first()
    if row is None:
        raise NotFound(_("没有这条立案规则。"), "catalogue.no_rule")
    return _rule_entry(row, row.item.key)


def active_rule_set() -> RuleSet | None:
    """The set that is in force."""
    return RuleSet.objects.filter(state=RuleSet.State.ACTIVE).first()


@dataclass(frozen=True, slots=True)
class Branch:
    """A class with its items and how many of them are active."""

    matter_class: ClassEntry
    items: tuple[ItemEntry, ...]
    active: int


def tree(kind: str = "matter", *, inactive: bool = False) -> list[Branch]:
    """Classes with their items, from memory: the picker of the portal and the configuration page."""
    present = catalogue()
    grouped: dict[str, list[ItemEntry]] = defaultdict(list)
    for entry in present.items.values():
        if entry.kind == kind and (entry.active or inactive):
            grouped[entry.class_key].append(entry)
    return [
        Branch(entry, tuple(grouped[entry.key]), sum(one.active for one in grouped[entry.key]))
        for entry in present.classes.values()
        if entry.kind == kind
    ]


def rule_sets() -> QuerySet[RuleSet]:
    """All rule sets, the newest first."""
    return RuleSet.objects.order_by("-id")


def rules_of_set(rule_set_id: int) -> QuerySet[FilingRule]:
    """The rules of a set with their items, in the order of the catalogue."""
    return (
        FilingRule.objects.filter(rule_set_id=rule_set_id)
        .select_related("item", "item__matter_class")
        .order_by("item__code", "item__key", "sequence")
    )


def draft(draft_id: int) -> RuleDraft:
    """A rule sheet that was read and not yet confirmed. Raises NotFound."""
    found = RuleDraft.objects.select_related("confirmed_as").filter(pk=draft_id).first()
    if found is None:
        raise NotFound(_("没有这份待确认的规则表。"), "catalogue.no_draft")
    return found


def drafts() -> QuerySet[RuleDraft]:
    """Rule sheets that wait for somebody's decision, the newest first."""
    return RuleDraft.objects.filter(confirmed_as=None, discarded_at=None).order_by("-id")


def _token() -> UUID:
    return CatalogueRevision.objects.values_list("token", flat=True).first() or _NOBODY


def _load() -> Catalogue:
    # The token first: a change that comes in between makes the next comparison load again.
    token = _token()
    classes = {
        row.key: ClassEntry(row.id, row.key, row.kind, row.code, row.name_zh, row.name_en, row.icon)
        for row in MatterClass.objects.order_by("sort", "key")
    }
    items = {
        row["key"]: _item_entry(row, classes)
        for row in Item.objects.order_by("kind", "code", "key").values(*_ITEM_COLUMNS)
    }
    by_id = {entry.id: entry for entry in items.values()}
    active = RuleSet.objects.filter(state=RuleSet.State.ACTIVE).values_list("id", flat=True).first()
    # Beneath a city's set lies the shipped one: an item the city's sheet does not name still has a rule.
    shipped = RuleSet.objects.filter(shipped=True).order_by("-id").values_list("id", flat=True).first()
    rules: dict[str, tuple[RuleEntry, ...]] = {}
    for set_id in dict.fromkeys((shipped, active)):
        grouped: dict[str, list[RuleEntry]] = defaultdict(list)
        for row in FilingRule.objects.filter(rule_set_id=set_id, active=True).order_by("item_id", "sequence"):
            key = by_id[row.item_id].key
            grouped[key].append(_rule_entry(row, key))
        rules.update({key: tuple(found) for key, found in grouped.items()})
    return Catalogue(token, active, classes, items, rules, by_id)


def _item_entry(row: dict[str, Any], classes: Mapping[str, ClassEntry]) -> ItemEntry:
    return ItemEntry(
        id=row["id"],
        key=row["key"],
        standard=row["standard"],
        kind=row["kind"],
        code=row["code"],
        matter_class=classes[row["matter_class__key"]],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        synonyms=tuple(row["synonyms"]),
        urgency=row["urgency"],
        danger=row["danger"],
        active=row["active"],
        version=row["version"],
        concerns=row["concerns__key"],
        successor=row["successor__key"],
    )


def _rule_entry(row: FilingRule, key: str) -> RuleEntry:
    return RuleEntry(
        id=row.pk,
        rule_set_id=row.rule_set_id,
        item_key=key,
        condition_zh=row.condition,
        condition_en=row.condition_en,
        closing_zh=row.closing_condition,
        closing_en=row.closing_condition_en,
        limit=TimeLimit(row.limit_amount, row.limit_unit),  # type: ignore[arg-type]
        sequence=row.sequence,
        unit_hint=row.unit_hint,
        authority_hint=row.authority_hint,
        note=row.note,
        source_sheet=row.source_sheet,
        source_row=row.source_row,
    )
