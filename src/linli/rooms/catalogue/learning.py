"""A small classifier: which item do these words speak of? Pure: no database, no clock.

Naive Bayes over pieces of the text (two and three characters of Chinese, whole Latin words), with two
changes that matter when most items have a dozen example phrases and none was ever confirmed: an unseen
piece is neutral instead of damning, and examples of each item count by their square root, so that a
much-confirmed item does not drown a rare one. What people confirm counts like the shipped words, and
soon outweighs them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from linli.kernel.text import fold

MAX_CHARACTERS = 400
"""Of a longer text the beginning decides: people say first what is wrong."""

SMOOTHING = 30.0
"""Pieces an item is credited with in advance: few examples are not taken for the whole truth."""
SHARPNESS = 12.0
"""How quickly repeating a piece stops to matter."""
PRIOR = 0.15
"""How much a frequent item is favoured before any word."""
TEMPERATURE = 1.2
"""How far apart the shares of the suggestions stand."""

_RUN = re.compile(r"[a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")
_LATIN_NOISE = frozenset(
    re.findall(
        "[a-z]+",
        "the and are was were has have had for from with near into our your their there this that these "
        "those very please can you someone some not all again been being its his her who what where when "
        "which will would could should about over too but they them she out off one two here just get got",
    )
)


def pieces(text: str) -> dict[str, tuple[int, int]]:
    """The different pieces of a text and where each first stands (start, end in the folded text).

    Digits are left out: house numbers and telephone numbers say nothing about what is wrong, and nothing
    personal may end up in what was learned.
    """
    found: dict[str, tuple[int, int]] = {}
    for run in _RUN.finditer(fold(text[:MAX_CHARACTERS])):
        word, start = run.group(), run.start()
        if word[0].isascii():
            stem = _stem(word)
            if len(stem) > 2 and word not in _LATIN_NOISE:
                found.setdefault(stem, (start, run.end()))
            continue
        for size in (2, 3):
            for i in range(len(word) - size + 1):
                found.setdefault(word[i : i + size], (start + i, start + i + size))
    return found


def _stem(word: str) -> str:
    """English endings off, crudely: what matters is that both sides are cut alike."""
    for ending in ("ings", "ing", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word[: -len(ending)]
    return word


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item the words may mean: its key, its share of the evidence (0–1), what spoke for it."""

    item: str
    score: float
    because: tuple[str, ...]


@dataclass(slots=True)
class Model:
    """Counts of pieces by item. `postings`: piece → {item: count}; `sizes`: item → counts in all."""

    postings: dict[str, dict[str, float]] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    lessons: dict[str, float] = field(default_factory=dict)
    total: float = 0.0

    def add(self, item: str, found: Iterable[str], weight: float = 1.0) -> None:
        """Let these pieces count for an item (`weight` < 0 takes a lesson back)."""
        for piece in found:
            counts = self.postings.setdefault(piece, {})
            now = counts.get(item, 0.0) + weight
            if now > 1e-9:
                counts[item] = now
            else:
                counts.pop(item, None)
            self.sizes[item] = max(0.0, self.sizes.get(item, 0.0) + weight)
            self.total = max(0.0, self.total + weight)

    def confirm(self, item: str, lessons: float) -> None:
        """Note that so many cases of this item were confirmed: the frequent is likelier before any word."""
        self.lessons[item] = max(0.0, self.lessons.get(item, 0.0) + lessons)

    def predict(self, text: str, allowed: frozenset[str] | None = None, top: int = 5) -> list[Suggestion]:
        """The likeliest items, best first; none when no piece of the text is known."""
        found = pieces(text)
        scores: dict[str, float] = {}
        voices: dict[str, list[tuple[float, str]]] = {}
        for piece in found:
            counts = self.postings.get(piece)
            if not counts:
                continue
            for item, weight in self._weights(piece, counts):
                if allowed is not None and item not in allowed:
                    continue
                scores[item] = scores.get(item, 0.0) + weight
                voices.setdefault(item, []).append((weight, piece))
        if not scores:
            return []
        for item in scores:
            scores[item] += PRIOR * math.log1p(self.lessons.get(item, 0.0))
        best = sorted(scores, key=lambda key: (-scores[key], key))[:top]
        highest = scores[best[0]]
        shares = {key: math.exp((scores[key] - highest) / TEMPERATURE) for key in best}
        whole = sum(shares.values())
        return [Suggestion(key, round(shares[key] / whole, 4), _spans(text, found, voices[key])) for key in best]

    def _weights(self, piece: str, counts: dict[str, float]) -> Iterable[tuple[str, float]]:
        """How much a piece speaks for each item that knows it: its share of the piece against chance."""
        everywhere = sum(counts.values())
        spread = math.log((len(self.sizes) + 1) / len(counts)) / math.log(len(self.sizes) + 2)
        for item, count in counts.items():
            rate = count / math.sqrt(self.sizes[item] + SMOOTHING)
            share = count / (everywhere + 1.0)
            yield item, spread * (0.5 + share) * math.log1p(rate * SHARPNESS)


def _spans(
    text: str, found: dict[str, tuple[int, int]], voices: list[tuple[float, str]], most: int = 3
) -> tuple[str, ...]:
    """The words behind the score: neighbouring pieces joined, the weightiest first."""
    folded = fold(text[:MAX_CHARACTERS])
    parts = sorted((*found[piece], weight) for weight, piece in voices)
    joined: list[list[float]] = []
    for start, end, weight in parts:
        if joined and start < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
            joined[-1][2] += weight
        else:
            joined.append([start, end, weight])
    joined.sort(key=lambda span: -span[2])
    return tuple(folded[int(start) : int(end)] for start, end, _weight in joined[:most])
