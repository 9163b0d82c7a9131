"""What the worker does for notices: tells of events, reminds of deadlines, sends, takes back, forgets."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import OperationalError, connection, transaction

from linli.kernel import clock
from linli.kernel.beats import beat
from linli.kernel.journal.models import Entry
from linli.kernel.outbox import StoredEvent, subscriber
from linli.rooms.cases.models import Case
from linli.rooms.messages import delivering, rules
from linli.rooms.messages.audience import Scene
from linli.rooms.messages.models import Reminder
from linli.rooms.messages.posting import CASE_PARTS, overtake, tell

log = logging.getLogger(__name__)

REMIND_AT_ONCE = 200
REMIND_BACK = dt.timedelta(days=2)
"""What was due before is not reminded of any more: a channel of news, not a list of arrears (the worklist is that)."""
REMIND_AHEAD = dt.timedelta(days=30)

# A case is near its deadline in the last quarter of the time it has (as its light says); suspended ones stand still.
_DUE = """
SELECT c.id, c.current_due_at, c.current_due_at < %(now)s
FROM cases_case c
WHERE c.is_open AND c.state <> 'suspended'
  AND c.current_due_at > %(from)s AND c.current_due_at <= %(to)s
  AND (c.current_due_at < %(now)s OR c.current_due_at - (c.current_due_at - c.state_since) / 4 <= %(now)s)
  AND NOT EXISTS (
      SELECT FROM notices_reminder r WHERE r.case_id = c.id AND r.due_at = c.current_due_at
        AND r.kind = CASE WHEN c.current_due_at < %(now)s THEN 'deadline.overdue' ELSE 'deadline.near' END)
ORDER BY c.current_due_at, c.id LIMIT %(limit)s
"""


# The next moment at which an open case comes near its deadline or runs over it and nobody has been reminded of that.
_NEXT = """
SELECT min(m.at) FROM cases_case c, LATERAL (VALUES
    ('deadline.near', c.current_due_at - (c.current_due_at - c.state_since) / 4),
    ('deadline.overdue', c.current_due_at + interval '1 microsecond')) m (kind, at)
WHERE c.is_open AND c.state <> 'suspended' AND c.current_due_at > %(from)s
  AND (m.kind = 'deadline.overdue' OR c.current_due_at >= %(now)s)
  AND NOT EXISTS (SELECT FROM notices_reminder r
                  WHERE r.case_id = c.id AND r.due_at = c.current_due_at AND r.kind = m.kind)
"""


@subscriber("notices.tell", kinds=rules.EVENTS)
def tell_of_event(event: StoredEvent) -> None:
    """Notices for everybody whom the table names; nobody is told of what happened a month ago."""
    if clock.now() - event.at > rules.FORGOTTEN:
        return
    case = Case.objects.select_related(*CASE_PARTS).filter(pk=event.object_id).first()
    if case is None:
        return
    key = f"event:{event.id}"
    if event.data.get("state") != event.data.get("from"):
        overtake(case.pk, event.at, key)
    entry = Entry.objects.filter(pk=event.entry_id).values_list("actor_id", "words").first()
    actor_id, words = entry or (None, "")
    tell(Scene(case, event.kind, event.at, event.data, words=words), key, actor_id=actor_id)


def next_reminder() -> dt.datetime | None:
    """When somebody is to be reminded next."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"now": now, "from": now - REMIND_BACK})
        found: tuple[dt.datetime | None] | None = cursor.fetchone()
    return found[0] if found else None


@beat("notices.remind", every=60, falls_due=next_reminder)
def remind() -> int:
    """Near and overdue deadlines, each once for each moment the deadline was set to; returns how many cases."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _DUE,
            {"now": now, "from": now - REMIND_BACK, "to": now + REMIND_AHEAD, "limit": REMIND_AT_ONCE},
        )
        rows = cursor.fetchall()
    for case_id, due_at, overdue in rows:
        try:
            _remind_of(case_id, due_at, "deadline.overdue" if overdue else "deadline.near", now)
        except OperationalError:
            raise
        except Exception:
            log.exception("Nobody could be reminded of case %s; it is tried again", case_id)
    return len(rows)


def _remind_of(case_id: int, due_at: dt.datetime, kind: str, now: dt.datetime) -> None:
    with transaction.atomic():
        reminder = Reminder(case_id=case_id, kind=kind, due_at=due_at, at=now)
        Reminder.objects.bulk_create([reminder], ignore_conflicts=True)
        case = Case.objects.select_related(*CASE_PARTS).filter(pk=case_id).first()
        if case is None or not case.is_open or case.current_due_at != due_at:
            return
        tell(Scene(case, kind, now, {"state": case.state}), f"{kind}:{case_id}:{due_at.timestamp():.0f}")


@beat("notices.send", every=2)
def send() -> None:
    """Set a sender to work for each channel that has something due; a slow one holds up only itself."""
    delivering.senders.set_to_work()


@beat("notices.reclaim", every=30)
def reclaim() -> int:
    """Take back what a worker that is gone was about to send; returns how many."""
    return delivering.reclaim()
