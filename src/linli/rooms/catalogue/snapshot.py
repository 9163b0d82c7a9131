"""The catalogue as plain values in memory: what the hot paths read instead of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from uuid import UUID

from django.utils import translation

from linli.kernel.clock import TimeLimit
from linli.kernel.text import fold, grams


def _named(zh: str, en: str) -> str:
    language = translation.get_language() or "zh-hans"
    return zh if language.startswith("zh") or not en else en


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """A class: key "M06", names, icon. `name` is in the language of the page."""

    id: int
    key: str
    kind: str
    code: str
    name_zh: str
    name_en: str
    icon: str

    @property
    def name(self) -> str:
        return _named(self.name_zh, self.name_en)


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An item of the catalogue. `concerns`: key of the component a matter is about; `successor`: key."""

    id: int
    key: str
    standard: str
    kind: str
    code: str
    matter_class: ClassEntry
    name_zh: str
    name_en: str
    synonyms: tuple[str, ...]
    urgency: str
    danger: bool
    active: bool
    version: int
    concerns: str | None
    successor: str | None

    @property
    def name(self) -> str:
        return _named(self.name_zh, self.name_en)

    @property
    def class_key(self) -> str:
        return self.matter_class.key

    @property
    def local(self) -> bool:
        """Whether the item is a city's (or Linli's) own and not of the standard."""
        return self.standard == "local"


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A filing rule. `condition` and `closing_condition` are in the language of the page if it has both."""

    id: int
    rule_set_id: int
    item_key: str
    condition_zh: str
    condition_en: str
    closing_zh: str
    closing_en: str
    limit: TimeLimit
    sequence: int
    unit_hint: str = ""
    authority_hint: str = ""
    note: str = ""
    source_sheet: str = ""
    source_row: int | None = None

    @property
    def condition(self) -> str:
        return _named(self.condition_zh, self.condition_en)

    @property
    def closing_condition(self) -> str:
        return _named(self.closing_zh, self.closing_en)


@dataclass(frozen=True, slots=True)
class Found:
    """A search result and the name or everyday word that matched."""

    item: ItemEntry
    because: str


@dataclass(frozen=True)
class Catalogue:
    """One revision of the catalogue. Immutable; `queries.catalogue()` gives the present one."""

    token: UUID
    active_set_id: int | None
    classes: Mapping[str, ClassEntry]
    items: Mapping[str, ItemEntry]
    rules: Mapping[str, tuple[RuleEntry, ...]]
    by_id: Mapping[int, ItemEntry] = field(default_factory=dict)

    def rules_for(self, key: str) -> tuple[RuleEntry, ...]:
        """The rules an item can be filed under now, the default first; a component has those of its fault."""
        own = self.rules.get(key, ())
        if own or not key.startswith("C"):
            return own
        return self.rules.get(f"M{key[1:]}", ())

    def default_rule(self, key: str) -> RuleEntry | None:
        """The rule for an ordinary case: the first that is no emergency, else the first."""
        rules = self.rules_for(key)
        ordinary = (rule for rule in rules if rule.limit.unit != "urgent_hours")
        return next(ordinary, rules[0] if rules else None)

    def rule(self, rule_id: int) -> RuleEntry | None:
        """A rule in force by its id; retired ones are `queries.rule`'s business."""
        return self._rules_by_id.get(rule_id)

    @cached_property
    def matters(self) -> tuple[ItemEntry, ...]:
        """Everything that can be reported now: the active matters in the order of their codes."""
        return tuple(item for item in self.items.values() if item.kind == "matter" and item.active)

    def of_class(self, class_key: str) -> tuple[ItemEntry, ...]:
        """The active items of a class."""
        return tuple(item for item in self.items.values() if item.class_key == class_key and item.active)

    def resolve(self, key: str) -> ItemEntry | None:
        """The item, or the active one that followed it; None for an unknown key."""
        item = self.items.get(key)
        for _ in range(8):
            if item is None or item.active or not item.successor:
                return item
            item = self.items.get(item.successor)
        return item

    def search(
        self, words: str, *, kind: str | None = "matter", limit: int = 20, inactive: bool = False
    ) -> list[Found]:
        """Items whose key, name or everyday words hold the words, best first.

        kind: "matter" (what can be reported), "component", or None for both. Blanks part words of which
        each must be found; what matches a whole name ranks before what matches a part.
        """
        wanted = fold(words).split()
        if not wanted:
            return []
        places = [item for item in self.items.values() if (not kind or item.kind == kind) and (item.active or inactive)]
        scored: list[tuple[float, str, Found]] = []
        # Nothing says it just so: look for what says it nearly so ("路灯都不亮了").
        for measure in (_stands_in, _nearly):
            for item in places:
                best = _rank(wanted, self._texts[item.key], measure)
                if best:
                    scored.append((-best[0], item.key, Found(item, best[1])))
            if scored:
                break
        scored.sort(key=lambda row: row[:2])
        return [row[2] for row in scored[:limit]]

    def words_of(self, item: ItemEntry) -> tuple[str, ...]:
        """An item's everyday words and those of the thing it is about."""
        thing = self.items.get(item.concerns) if item.concerns else None
        return item.synonyms + (thing.synonyms if thing else ())

    @cached_property
    def _rules_by_id(self) -> dict[int, RuleEntry]:
        return {rule.id: rule for rules in self.rules.values() for rule in rules}

    @cached_property
    def _texts(self) -> dict[str, list[tuple[str, str, float]]]:
        """For each item: (folded text, as shown, weight) of key, names and everyday words."""
        texts = {}
        for item in self.items.values():
            rows = [(item.key.casefold(), item.key, 3.0), (item.code, item.key, 2.0)]
            rows += [(fold(name), name, 2.0) for name in (item.name_zh, item.name_en) if name]
            rows += [(fold(word), word, 1.5) for word in item.synonyms]
            if item.concerns and item.concerns in self.items:
                rows += [(fold(word), word, 0.8) for word in self.items[item.concerns].synonyms]
            texts[item.key] = rows
        return texts


Measure = Callable[[str, str], float]


def _rank(wanted: Iterable[str], texts: list[tuple[str, str, float]], measure: Measure) -> tuple[float, str] | None:
    """How well all wanted words are found in an item's texts, and the text that served best."""
    total, shown, top = 0.0, "", 0.0
    for word in wanted:
        best = 0.0
        for text, original, weight in texts:
            score = weight * measure(word, text)
            if score > best:
                best = score
                if score > top:
                    top, shown = score, original
        if not best:
            return None
        total += best
    return total, shown


def _stands_in(word: str, text: str) -> float:
    if word not in text:
        return 0.0
    if word == text:
        return 4.0
    return 1.0 + len(word) / len(text) + (0.5 if text.startswith(word) else 0.0)


def _nearly(word: str, text: str) -> float:
    """A word typed a little differently: a text inside it, or half of its pairs in the text."""
    if len(text) > 2 and text in word:
        return len(text) / len(word)
    asked = _pairs(word)
    share = len(asked & _pairs(text)) / len(asked) if len(asked) > 1 else 0.0
    return share * 0.6 if share >= 0.5 else 0.0


@lru_cache(maxsize=20_000)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(grams(text))
