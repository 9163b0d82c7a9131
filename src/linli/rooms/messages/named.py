"""Notices of events that say themselves who must hear: `posts`, `units` and `accounts` in their data.

Ladder, whistle, patrols, supervision, meetings and bulletins speak so. Their notices belong to no case's steps: a step
of the case does not make them read. Facts of the case they name are looked up; everything else stands in the event.
"""

from __future__ import annotations

from typing import Any

from linli.kernel import clock
from linli.kernel.journal.models import Entry
from linli.kernel.outbox import StoredEvent, subscriber
from linli.rooms.cases.models import Case
from linli.rooms.messages import rules
from linli.rooms.messages.audience import Recipient, Scene
from linli.rooms.messages.models import Notice
from linli.rooms.messages.named_texts import NAMED
from linli.rooms.messages.posting import CASE_PARTS, choices_of, send_on, snapshot
from linli.rooms.messages.rules import INBOX, Told
from linli.rooms.people.models import Unit
from linli.rooms.people.queries.carriers import carriers

ANSWERS_FOR_UNIT = "case.receive"
"""Of a unit those hear who receive what it is given."""


@subscriber("notices.tell_named", kinds=NAMED)
def tell_named(event: StoredEvent) -> None:
    """A notice for everybody the event names, but not for who brought it about."""
    now = clock.now()
    if now - event.at > rules.FORGOTTEN:
        return
    told = Told("named", NAMED[event.kind].topic)
    found = dict.fromkeys(_named(event), told)
    found.pop(Recipient(account_id=_actor(event)), None)
    if not found:
        return
    key = f"event:{event.id}"
    choices = choices_of(each.account_id for each in found)
    facts = _facts(event)
    late = now - event.at > rules.NEWS
    Notice.objects.bulk_create(
        [
            Notice(
                key=key,
                account_id=each.account_id,
                unit_id=each.unit_id,
                kind=event.kind,
                topic=told.topic,
                data=facts,
                urgent=bool(event.data.get("urgent")),
                shown=each.account_id is not None
                and rules.wants(told.topic, INBOX, choice.picks if (choice := choices.get(each.account_id)) else {}),
                at=event.at,
                read_at=now if late else None,
            )
            for each in found
        ],
        ignore_conflicts=True,
    )
    if now - event.at <= rules.OUTSIDE:
        send_on(key, found, choices, event.at, now)


def _named(event: StoredEvent) -> list[Recipient]:
    """The accounts named, those who carry the posts named now, of the units named those who answer, and the units."""
    posts, units = _ids(event, "posts"), _ids(event, "units")
    accounts = _ids(event, "accounts")
    if posts or units:
        for each in carriers((), units, clock.now(), posts):
            if each.post.id in posts or ANSWERS_FOR_UNIT in each.post.duties:
                accounts.append(each.account_id)
    return [Recipient(account_id=pk) for pk in dict.fromkeys(accounts)] + [Recipient(unit_id=pk) for pk in units]


def _ids(event: StoredEvent, name: str) -> list[int]:
    listed = event.data.get(name) or []
    return [int(each) for each in dict.fromkeys(listed) if each is not None]


def _actor(event: StoredEvent) -> int | None:
    return Entry.objects.filter(pk=event.entry_id).values_list("actor_id", flat=True).first()


def _facts(event: StoredEvent) -> dict[str, Any]:
    """What the words may name, in both languages, as it was then, and where the notice leads."""
    data = event.data
    facts: dict[str, Any] = {"item": ["", ""], "place": ["", ""], "unit": ["", ""]}
    case = Case.objects.select_related(*CASE_PARTS).filter(pk=data.get("case_id") or 0).first()
    if case is not None:
        facts |= snapshot(Scene(case, event.kind, event.at))
    facts["number"] = str(data.get("number") or facts.get("number") or "")
    facts["due"] = str(data.get("due_at") or data.get("due") or "")
    facts["words"] = str(data.get("words") or "")
    facts["path"] = str(data.get("path") or "")
    title = data.get("title")
    if title:
        facts["item"] = list(title) if isinstance(title, list | tuple) else [str(title), str(title)]
    units = [data["unit_id"]] if data.get("unit_id") else _ids(event, "units")
    if units:
        row = Unit.objects.filter(pk=units[0]).values_list("name_zh", "name_en").first()
        facts["unit"] = list(row or facts["unit"])
    return facts
