"""What the worker does for webhooks: writes messages for events, keeps senders going."""

from __future__ import annotations

import logging
import threading

from django.db import connection

from linli.kernel import clock
from linli.kernel.beats import beat
from linli.kernel.outbox import StoredEvent, subscriber
from linli.rooms.cases.models import Case
from linli.rooms.webhooks import payload, sending
from linli.rooms.webhooks.models import Delivery, Endpoint
from linli.rooms.webhooks.rules import KINDS, wanted

SENDERS = 6
"""Threads of one worker that send at the same time."""

log = logging.getLogger(__name__)
_senders: set[threading.Thread] = set()


@subscriber("webhooks.write", kinds=KINDS)
def write(event: StoredEvent) -> None:
    """One message for each endpoint that wants the event; the pair is unique, so twice is once.

    The body is fixed here: a case in it is as it was at this moment, a second or two after the event. Sub-cases
    of assisting units are the house's own affair and told to nobody.
    """
    endpoints = list(Endpoint.objects.all())
    if not endpoints:
        return
    case = None
    if event.object_type == "case":
        related = Case.objects.select_related("item", "unit", "merged_into")
        case = related.filter(pk=event.object_id, parent=None).first()
        if case is None:
            return
    lineage = case.lineage if case else []
    chosen = [each for each in endpoints if wanted(each.kinds, each.place_id, event.kind, lineage)]
    bodies = {language: payload.of_event(event, case, language) for language in {e.language for e in chosen}}
    now = clock.now()
    Delivery.objects.bulk_create(
        [
            Delivery(
                endpoint=each,
                event_id=event.id,
                kind=event.kind,
                subject=(case.number or "") if case else "",
                body=bodies[each.language],
                created_at=now,
                next_try_at=now,
            )
            for each in chosen
        ],
        ignore_conflicts=True,
    )


@beat("webhooks.send", every=1)
def dispatch() -> None:
    """See that enough senders work on what is due. They have threads of their own: a slow receiver must not
    hold up the beats."""
    _senders.difference_update([thread for thread in _senders if not thread.is_alive()])
    for _n in range(min(sending.due(), SENDERS - len(_senders))):
        thread = threading.Thread(target=_send_all, name="webhooks-send", daemon=True)
        _senders.add(thread)
        thread.start()


@beat("webhooks.reclaim", every=15)
def reclaim() -> None:
    """Take back the claims of senders that are gone."""
    if count := sending.reclaim():
        log.warning("%s webhook messages were taken back from a sender that is gone", count)


def _send_all() -> None:
    try:
        sending.send_due()
    except Exception:
        log.exception("A sender of webhooks stumbled; what it had claimed is taken up again")
    finally:
        connection.close()
