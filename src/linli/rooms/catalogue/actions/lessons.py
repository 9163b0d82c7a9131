"""What dispatchers confirm teaches the suggestions. Called by the worker for each decided case.

Not journalled: a lesson repeats a decision whose own action is in the journal, and can be derived from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linli.kernel.errors import NotFound
from linli.rooms.catalogue import suggest
from linli.rooms.catalogue.learning import pieces
from linli.rooms.catalogue.models import Item, SuggestChange, SuggestLesson, SuggestState

_COUNT = """
INSERT INTO catalogue_suggestcount AS c (gram, item_id, n)
SELECT gram, %s, %s FROM unnest(%s::text[]) AS gram ORDER BY gram
ON CONFLICT (gram, item_id) DO UPDATE SET n = c.n + excluded.n
"""


@transaction.atomic
def learn(reference: str, words: str, item_key: str) -> bool:
    """The words of this case mean this item. Returns whether anything changed.

    reference: what was decided, for example "case:4711"; learning it again replaces the former lesson, so
    delivery may repeat and a correction is simply learned. Raises NotFound for an unknown item.
    """
    item_id = Item.objects.filter(key=item_key).values_list("id", flat=True).first()
    if item_id is None:
        raise NotFound(_("目录里没有这个事项。"), "catalogue.no_item")
    return _replace(reference, item_id, sorted(pieces(words)))


@transaction.atomic
def unlearn(reference: str) -> bool:
    """Take back what this case taught, its decision being wrong. Returns whether anything changed."""
    return _replace(reference, None, [])


def _replace(reference: str, item_id: int | None, grams: list[str]) -> bool:
    # The lock orders lessons, so that no reader sees a number before a smaller one.
    SuggestState.objects.get_or_create(pk=1)
    state = SuggestState.objects.select_for_update().get(pk=1)
    old = SuggestLesson.objects.filter(reference=reference).first()
    if old is None and item_id is None:
        return False
    if old is not None and old.item_id == item_id and list(old.grams) == grams:
        return False
    if old is not None and old.item_id is not None:
        _count(state, old.item_id, -1, old.grams)
    if item_id is not None and grams:
        _count(state, item_id, 1, grams)
    SuggestLesson.objects.update_or_create(reference=reference, defaults={"item_id": item_id, "grams": grams})
    state.save(update_fields=["upto"])
    SuggestChange.objects.filter(number__lte=state.upto - suggest.KEPT_CHANGES).delete()
    suggest.expire()
    transaction.on_commit(suggest.expire)
    return True


def _count(state: SuggestState, item_id: int, sign: int, grams: Sequence[str]) -> None:
    state.upto += 1
    SuggestChange.objects.create(number=state.upto, item_id=item_id, sign=sign, grams=list(grams))
    with connection.cursor() as cursor:
        # The empty piece counts the lessons themselves.
        cursor.execute(_COUNT, [item_id, sign, ["", *grams]])
