"""A rule sheet that waits for confirmation, as a page shows it: what each entry means and what would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linli.kernel.clock import TimeLimit
from linli.rooms.catalogue import queries
from linli.rooms.catalogue.models import RuleDraft
from linli.rooms.catalogue.sheet import Remark
from linli.rooms.catalogue.snapshot import ClassEntry, ItemEntry, RuleEntry

UNSURE = 0.9
"""Below this likeness a proposal should be looked at before it is confirmed."""


@dataclass(frozen=True, slots=True)
class DraftRule:
    """A rule of the sheet."""

    row: int
    condition: str
    closing: str
    limit: TimeLimit
    limit_text: str
    unit_hint: str
    authority_hint: str
    note: str


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """An item of the sheet with the item proposed for it (None: a new local item of `matter_class`).

    how: "same_name", "code_and_name", "name", "synonym", "none"; unsure: worth a look.
    """

    number: int
    sheet: str
    row: int
    kind: str
    old_code: str
    name: str
    item: ItemEntry | None
    matter_class: ClassEntry | None
    how: str
    likeness: float
    unsure: bool
    rules: tuple[DraftRule, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An item whose rules would be others. `before` is what is in force now, `after` what the sheet brings."""

    item: ItemEntry
    before: tuple[RuleEntry, ...]
    after: tuple[DraftRule, ...]


@dataclass(frozen=True, slots=True)
class DraftView:
    """All of a draft. `kept`: how many items the sheet does not name and that keep the shipped rules."""

    draft: RuleDraft
    sheets: Mapping[str, int]
    entries: tuple[DraftEntry, ...]
    refusals: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    changed: tuple[Change, ...]
    same: int
    kept: int

    @property
    def rules(self) -> int:
        return sum(len(entry.rules) for entry in self.entries)

    @property
    def fresh(self) -> tuple[DraftEntry, ...]:
        """The entries for which new local items would be made."""
        return tuple(entry for entry in self.entries if entry.item is None)


def view(draft: RuleDraft) -> DraftView:
    """What a draft says and what confirming it as proposed would change. One query at most (the catalogue)."""
    present = queries.catalogue()
    content: dict[str, Any] = draft.content
    by_entry: dict[int, list[DraftRule]] = defaultdict(list)
    for row in content["rules"]:
        by_entry[row["entry"]].append(
            DraftRule(
                row["row"],
                row["condition"],
                row["closing"],
                TimeLimit(row["amount"], row["unit"]),
                row["limit_text"],
                row["unit_hint"],
                row["authority_hint"],
                row["note"],
            )
        )
    entries = tuple(
        DraftEntry(
            row["number"],
            row["sheet"],
            row["row"],
            row["kind"],
            row["class_code"] + row["item_code"],
            row["name"],
            present.items.get(row["match"] or ""),
            present.classes.get(row["class_key"]),
            row["how"],
            row["likeness"],
            row["match"] is not None and row["likeness"] < UNSURE,
            tuple(by_entry[row["number"]]),
        )
        for row in content["entries"]
    )
    after: dict[str, list[DraftRule]] = defaultdict(list)
    for entry in entries:
        if entry.item is not None:
            after[entry.item.key].extend(entry.rules)
    changed = []
    for key, rules in after.items():
        before = present.rules_for(key)
        if [_said(rule.condition_zh, rule.closing_zh, rule.limit) for rule in before] != [
            _said(rule.condition, rule.closing, rule.limit) for rule in rules
        ]:
            changed.append(Change(present.items[key], before, tuple(rules)))
    remarks = [Remark(**row) for row in content["remarks"]]
    return DraftView(
        draft,
        content["sheets"],
        entries,
        tuple(remark for remark in remarks if remark.kind == "refusal"),
        tuple(remark for remark in remarks if remark.kind == "note"),
        tuple(changed),
        len(after) - len(changed),
        sum(item.key not in after for item in present.matters),
    )


def _said(condition: str, closing: str, limit: TimeLimit) -> tuple[str, str, int, str]:
    return condition, closing, limit.amount, limit.unit
