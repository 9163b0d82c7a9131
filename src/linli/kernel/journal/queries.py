"""Reading the journal. Whoever shows it decides what the viewer may see: `note` is never for the public."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from linli.kernel.journal.models import Entry, Unsealed


def of(object_type: str, object_id: int | str) -> list[Entry]:
    """The whole story of one object, oldest first."""
    return list(Entry.objects.filter(object_type=object_type, object_id=str(object_id)).order_by("id"))


def of_many(object_type: str, object_ids: Iterable[int | str]) -> list[Entry]:
    """The stories of several objects of one type in one query, by object and then oldest first."""
    ids = [str(object_id) for object_id in object_ids]
    found = Entry.objects.filter(object_type=object_type, object_id__in=ids)
    return list(found.order_by("object_id", "id"))


def by_request_key(request_key: str) -> Entry | None:
    """What a request with this idempotency key did the first time, if there was one."""
    return Entry.objects.filter(request_key=request_key).first()


def waiting_for_seal() -> int:
    """How many entries are not sealed yet."""
    return Unsealed.objects.count()


@dataclass(frozen=True, slots=True)
class Search:
    """What an audit administrator asks for; an empty field asks nothing.

    `words` are looked for in the public words, the note, the actor's and the post's name. `place_id` finds
    what happened there or anywhere below. `action` is a whole name ("case.closed") or a beginning ("case.").
    """

    object_type: str = ""
    object_id: str = ""
    actor_id: int | None = None
    post_id: int | None = None
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    place_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first, and the id to ask for as `before_id` on the next page (None: that was all)."""

    entries: Sequence[Entry]
    next_before_id: int | None


def search(what: Search, *, before_id: int | None = None, size: int = 50) -> Page:
    """One page of the entries that match, newest first, paged by id so that page 1,000 costs as page 1."""
    found = _matching(what)
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    rows = list(found.order_by("-id")[: size + 1])
    return Page(rows[:size], rows[size - 1].id if len(rows) > size else None)


def by_actor(actor_id: int, *, before_id: int | None = None, size: int = 50) -> Page:
    """What one account did, newest first."""
    return search(Search(actor_id=actor_id), before_id=before_id, size=size)


def between(since: datetime, until: datetime, *, before_id: int | None = None, size: int = 50) -> Page:
    """What happened from `since` to before `until`, newest first."""
    return search(Search(since=since, until=until), before_id=before_id, size=size)


def actions_known() -> list[str]:
    """The name of every action that was ever recorded, for a search form."""
    return list(Entry.objects.order_by("action").values_list("action", flat=True).distinct())


def _matching(what: Search) -> QuerySet[Entry]:
    found = Entry.objects.all()
    exact = {
        "object_type": what.object_type or None,
        "object_id": what.object_id or None,
        "actor_id": what.actor_id,
        "post_id": what.post_id,
        "at__gte": what.since,
        "at__lt": what.until,
    }
    found = found.filter(**{field: value for field, value in exact.items() if value is not None})
    if what.action:
        ending = "__startswith" if what.action.endswith(".") else ""
        found = found.filter(**{f"action{ending}": what.action})
    if what.place_id is not None:
        found = found.filter(place_ids__contains=[what.place_id])
    for word in what.words.split():
        found = found.filter(
            Q(words__icontains=word)
            | Q(note__icontains=word)
            | Q(actor_name__icontains=word)
            | Q(post_name__icontains=word)
            | Q(object_id=word)
        )
    return found
