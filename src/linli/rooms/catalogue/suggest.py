"""Which items may be meant? Suggestions for the words typed, from a model kept warm in memory.

The model starts from the catalogue's names and everyday words and learns from every case a dispatcher
confirms (`actions.learn`). It is rebuilt when the catalogue changes and reads new lessons at most once a
second. The suggestion says why; a person decides.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from linli.rooms.catalogue import queries
from linli.rooms.catalogue.learning import Model, Suggestion, pieces
from linli.rooms.catalogue.models import SuggestChange, SuggestState
from linli.rooms.catalogue.snapshot import Catalogue, ItemEntry

NAME_WEIGHT = 2.0
THING_WEIGHT = 0.5
"""The words of a thing ("路灯") speak less for its fault than the words of the fault ("路灯不亮")."""
LESSON_WEIGHT = 1.0
FRESH_SECONDS = 0.9
KEPT_CHANGES = 5000
"""How many lessons the log keeps for models to catch up with; one that lags further is built anew."""

_lock = threading.Lock()


@dataclass(slots=True)
class _Warm:
    """A model with what it was made from: the catalogue's token and the last lesson taken in."""

    token: UUID
    model: Model
    allowed: frozenset[str]
    upto: int
    compared: float


_warm: _Warm | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suggestion with its item, as a page shows it: `because` are the words that spoke for it."""

    item: ItemEntry
    score: float
    because: tuple[str, ...]


def suggest(words: str, top: int = 5) -> list[Proposal]:
    """The items the words may mean, likeliest first, with the reason. Empty when nothing is recognised.

    score: this item's share among those suggested, 0–1. Only active matters are suggested.
    """
    if not words.strip():
        return []
    warm = _present()
    items = queries.catalogue().items
    with _lock:
        found: list[Suggestion] = warm.model.predict(words, warm.allowed, top)
    return [Proposal(items[one.item], one.score, one.because) for one in found if one.item in items]


def expire() -> None:
    """Look for new lessons at the next call."""
    if _warm is not None:
        _warm.compared = 0.0


def reset() -> None:
    """Forget the warm model: after another database was put in the place of this one."""
    global _warm
    _warm = None


def shipped_model(catalogue: Catalogue) -> Model:
    """The model of the catalogue's own words, before any lesson."""
    model = Model()
    for item in catalogue.matters:
        for name in (item.name_zh, item.name_en):
            model.add(item.key, pieces(name), NAME_WEIGHT)
        for word in item.synonyms:
            model.add(item.key, pieces(word))
        if item.concerns and (thing := catalogue.items.get(item.concerns)):
            for word in thing.synonyms:
                model.add(item.key, pieces(word), THING_WEIGHT)
    return model


def _present() -> _Warm:
    global _warm
    catalogue = queries.catalogue()
    now = time.monotonic()
    held = _warm
    if held is not None and held.token == catalogue.token and now - held.compared < FRESH_SECONDS:
        return held
    with _lock:
        held = _warm
        if held is None or held.token != catalogue.token or not _catch_up(held):
            _warm = held = _build(catalogue)
        held.compared = now
        return held


def _build(catalogue: Catalogue) -> _Warm:
    model = shipped_model(catalogue)
    keys = {item.id: item.key for item in catalogue.items.values()}
    with connection.cursor() as cursor:
        # One statement, so the mark belongs to exactly these counts.
        cursor.execute(
            "SELECT s.upto, c.gram, c.item_id, c.n FROM catalogue_suggeststate s"
            " LEFT JOIN catalogue_suggestcount c ON c.n > 0"
        )
        rows = cursor.fetchall()
        for _upto, gram, item_id, n in rows:
            if item_id not in keys:
                continue
            if gram:
                model.add(keys[item_id], (gram,), n * LESSON_WEIGHT)
            else:
                model.confirm(keys[item_id], n)
    allowed = frozenset(item.key for item in catalogue.matters)
    return _Warm(catalogue.token, model, allowed, rows[0][0] if rows else 0, 0.0)


def _catch_up(warm: _Warm) -> bool:
    """Take in what was learned since; False when too much was, so that building anew is the way."""
    latest = SuggestState.objects.values_list("upto", flat=True).first() or 0
    if not warm.upto <= latest <= warm.upto + KEPT_CHANGES // 2:
        return False
    items = queries.catalogue().by_id
    fresh = SuggestChange.objects.filter(number__gt=warm.upto).order_by("number")
    for number, item_id, sign, grams in fresh.values_list("number", "item_id", "sign", "grams"):
        if item_id in items:
            warm.model.add(items[item_id].key, grams, sign * LESSON_WEIGHT)
            warm.model.confirm(items[item_id].key, sign)
        warm.upto = number
    return True
