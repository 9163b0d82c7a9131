"""Pure rules of the catalogue: forms of codes, free local numbers, and which item a city's entry means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

KEY = re.compile(r"^[CM]\d{5}$")

OLD_MATTER_CLASSES = {"01": "06", "02": "07", "03": "08", "04": "09", "05": "10", "06": "10"}
"""Matter classes of the old 2+2-digit codes (GB/T 30428.2-2013) and where they went (inferred)."""

SAME_NAME = 0.99
ALIKE = 0.62
"""A name this similar is the same thing even under another code …"""
ALIKE_WITH_CODE = 0.34
"""… and this similar under the same code: cities reword the standard's names."""

BEGINS_ALIKE = 0.72

_BRACKETS = re.compile(r"[（(].*?[)）]")
_FILLING = re.compile(r"[\s、，,/（）()·]+")
_ENDINGS = ("异常", "问题", "乱象", "现象", "管理", "设施")


def next_local_key(prefix: str, class_code: str, taken: Collection[str]) -> str:
    """The key of a new local item of a class: counting down from 999 (GB/T 47678.5-2026 leaves these free).

    >>> next_local_key("M", "06", {"M06999"})
    'M06998'

    Raises ValueError when the class has no free number left.
    """
    for number in range(999, 99, -1):
        key = f"{prefix}{class_code}{number:03d}"
        if key not in taken:
            return key
    raise ValueError(f"no free local number in class {prefix}{class_code}")


def mapped_code(kind: str, old_class: str, old_item: str) -> str:
    """The five-digit code an old 2+2 code became: "01" "10" of a matter → "06010"; "" when there is none.

    Numbers from 78 up (50 in matters) counted down from 99 as a city's own and have no equal. Components
    keep class and number; so do five-digit codes that are new already.
    """
    if not (old_class.isdigit() and old_item.isdigit()):
        return ""
    if len(old_item) == 3:
        return f"{int(old_class):02d}{old_item}"
    number = int(old_item)
    if kind == "component":
        return f"{int(old_class):02d}{number:03d}"
    new_class = OLD_MATTER_CLASSES.get(f"{int(old_class):02d}", "")
    return f"{new_class}{number:03d}" if new_class and new_class != "10" else ""


def plain_name(name: str) -> str:
    """A name without blanks and signs, and without what the new standard added (…异常)."""
    text = _FILLING.sub("", unicodedata.normalize("NFKC", name))
    return text.removesuffix("SOS").removesuffix("异常")


@lru_cache(maxsize=4096)
def variants(name: str) -> tuple[str, ...]:
    """The ways a listed name may be meant: "门（楼号）牌" as a whole and without the brackets."""
    whole = plain_name(name)
    bare = plain_name(_BRACKETS.sub("", name))
    cut = {whole, bare}
    for text in (whole, bare):
        for ending in _ENDINGS:
            if text.endswith(ending) and len(text) - len(ending) >= 2:
                cut.add(text.removesuffix(ending))
    return tuple(sorted(text for text in cut if text))


def similarity(one: str, other: str) -> float:
    """How alike two names are, 0–1: shared characters and shared pairs, in the best of their variants."""
    return max((_dice(a, b) for a in variants(one) for b in variants(other)), default=0.0)


def _same_beginning(one: str, other: str) -> bool:
    """Whether two names begin with the same two characters, or one holds the other."""
    return any(
        a[:2] == b[:2] or a in b or b in a for a in variants(one) for b in variants(other) if len(a) > 1 < len(b)
    )


def _dice(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if b.startswith(a) or (a.startswith(b) and len(b) >= 4):
        return BEGINS_ALIKE  # 台阶 → 台阶破损; but 绿地指示牌 is no 绿地
    pairs_a, pairs_b = _pairs(a), _pairs(b)
    pairs = 2 * len(pairs_a & pairs_b) / (len(pairs_a) + len(pairs_b)) if pairs_a and pairs_b else 0.0
    signs = 2 * len(set(a) & set(b)) / (len(set(a)) + len(set(b)))
    return 0.6 * pairs + 0.4 * signs


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


@dataclass(frozen=True, slots=True)
class Known:
    """What matching needs of an item of the catalogue."""

    key: str
    kind: str
    code: str
    name: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Which item an entry means and how: "same_name", "code_and_name", "name", "synonym", "none"."""

    key: str | None
    how: str
    likeness: float


NO_MATCH = Match(None, "none", 0.0)


def match_item(kind: str, old_class: str, old_item: str, name: str, items: Iterable[Known]) -> Match:
    """The matter of the catalogue that a sheet's entry speaks of.

    kind: "component" for a sheet of things (部件): its entries match the matters of classes 01–05, which
    bear the components' codes. A thing that the new standard turned into a matter (台阶 → 台阶破损) matches
    by its name in any class. Equal codes alone prove nothing: cities reuse them.
    """
    code = mapped_code(kind, old_class, old_item)
    best = NO_MATCH
    for item in items:
        if item.kind != "matter":
            continue
        about_thing, local = item.code[:2] <= "05", item.code[2:] > "900"
        likeness = similarity(name, item.name)
        how = "name"
        if not _same_beginning(name, item.name):
            likeness = min(likeness, ALIKE - 0.01)  # 热力管道破裂 is no 供水管道破裂
        if likeness < SAME_NAME and (spoken := _spoken(name, item.synonyms)) > likeness:
            likeness, how = spoken, "synonym"
        same_code = bool(code) and item.code == code and about_thing == (kind == "component")
        if likeness >= SAME_NAME:
            how = "same_name"
        elif same_code and likeness >= ALIKE_WITH_CODE:
            likeness, how = max(likeness, 0.95), "code_and_name"
        elif likeness < ALIKE or (kind == "matter" and about_thing and not local):
            continue
        # Of two equally named, the one of the right sort and code.
        rank = likeness + 0.02 * same_code + 0.01 * (about_thing == (kind == "component"))
        if rank > best.likeness:
            best = Match(item.key, how, rank)
    return Match(best.key, best.how, round(min(best.likeness, 1.0), 2))


def _spoken(name: str, words: Iterable[str]) -> float:
    """How surely a name is an everyday word: the word itself, or one that begins or is begun by it."""
    best = 0.0
    for text in variants(name):
        for word in words:
            if text == word:
                return 0.9
            if (len(text) >= 3 and word.startswith(text)) or (len(word) >= 4 and text.startswith(word)):
                best = 0.7
    return best


def match_class(kind: str, old_class: str, name: str, classes: Sequence[tuple[str, str]]) -> str:
    """The class key ("M06") a sheet's class means: by name, else by mapped code, else the class for the rest.

    classes: (key, name) of all matter classes.
    """
    wanted = plain_name(name).removesuffix("类")
    scored = [(similarity(wanted, known.removesuffix("类")), key) for key, known in classes if key[0] == "M"]
    likeness, key = max(scored, default=(0.0, ""))
    if likeness >= 0.5:
        return key
    number = f"{int(old_class):02d}" if old_class.isdigit() else ""
    code = number if kind == "component" else OLD_MATTER_CLASSES.get(number, "")
    keys = {known for known, _ in classes}
    if f"M{code}" in keys:
        return f"M{code}"
    return "M05" if kind == "component" else "M10"
