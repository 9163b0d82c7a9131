"""How this room writes its journal and its events, and who hears of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from linli.kernel import journal
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.journal import Actor
from linli.kernel.outbox import Event
from linli.rooms.people.queries.carriers import carriers

SYSTEM = Actor(account_id=None, name="", post_id=None, post_name="", kind="system")


@dataclass(frozen=True, slots=True)
class Where:
    """A phone's position as it came along: WGS-84, accuracy in metres. Never asked for twice, never required."""

    lng: float
    lat: float
    accuracy_m: float | None = None


def tell(
    action: str,
    kind: str,
    object_id: int,
    actor: Actor,
    lineage: Sequence[int],
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
    evidence: Sequence[str] = (),
    request_key: str | None = None,
    **data: Any,
) -> None:
    """One journal entry and one event of the same name. data: what the event carries beside."""
    journal.record(
        action=action,
        actor=actor,
        object_type=kind,
        object_id=object_id,
        before=before,
        after=after,
        note=note,
        evidence=list(evidence),
        place_ids=list(lineage),
        request_key=request_key,
        events=[Event(action, kind, object_id, data)],
    )


def posts_with(capability: str, lineage: Sequence[int], at: dt.datetime) -> list[int]:
    """The posts that carry a duty over a place, the nearest level only: they hear of what goes wrong there."""
    found = [c.post for c in carriers(lineage, (), at) if capability in c.post.duties]
    depth = {place_id: level for level, place_id in enumerate(lineage)}
    deepest = max((depth.get(post.place_id or 0, -1) for post in found), default=-1)
    return [post.id for post in found if depth.get(post.place_id or 0, -1) == deepest]


def civil_day(at: dt.datetime) -> dt.date:
    """The day in China."""
    return at.astimezone(CIVIL).date()
