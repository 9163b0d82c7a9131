"""What a message says: `{"type", "version", "timestamp", "data"}`, documented in docs/webhooks.md.

Nothing personal is in it: no reporter, no handler, no remark; the reporter's words only as everybody may read
them, that is masked, and only once the case was accepted and is public.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils import translation

from linli.kernel.outbox import StoredEvent
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Case
from linli.rooms.cases.rules import public_text
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized
from linli.rooms.webhooks.rules import TEST, VERSION


def of_event(event: StoredEvent, case: Case | None, language: str) -> bytes:
    """The body for an event: a case's when there is a case, else the event's own facts (a checkpoint)."""
    if case is None:
        return _body(event.kind, event.at, {"event": event.id, **event.data})
    facts = {"event": event.id}
    for name in ("step", "from", "state", "version"):
        if name in event.data:
            facts[name] = event.data[name]
    with translation.override(language):
        return _body(event.kind, event.at, {**facts, "case": case_data(case)})


def of_test(at: datetime) -> bytes:
    """The body of a test message."""
    return _body(TEST, at, {"hello": "Linli"})


def case_data(case: Case) -> dict[str, Any]:
    """A case as everybody may know it, in the present language. A case that is not public tells less.

    Moments are ISO 8601 in UTC, the point is WGS-84 (lng, lat) to five digits, about a metre.
    """
    open_to_all = case.is_public and case.accepted_at is not None
    item, unit = case.item, case.unit
    places = atlas.current().places
    lineage = [places[key] for key in case.lineage if key in places]
    return {
        "number": case.number,
        "version": case.version,
        "state": case.state,
        "state_label": str(FLOW.state(case.state).label),
        "open": case.is_open,
        "public": open_to_all,
        "channel": case.channel,
        "item": {"key": item.key, "name": item.name} if item else None,
        "urgent": case.urgent,
        "place": {
            # A grid that is cut from another has no national code: then that of the place above it.
            "code": next((place.code for place in reversed(lineage) if place.code), None),
            "path": [localized(place) for place in lineage],
        },
        "unit": {"code": unit.code, "name": unit.name} if unit else None,
        "words": public_text(case.description) if open_to_all else None,
        "result": public_text(case.public_words) if open_to_all else None,
        "point": [round(case.lng, 5), round(case.lat, 5)]
        if open_to_all and case.lng is not None and case.lat is not None
        else None,
        "reported_at": _moment(case.reported_at),
        "accepted_at": _moment(case.accepted_at),
        "due_at": _moment(case.due_at),
        "closed_at": _moment(case.closed_at),
        "reports": case.report_count,
        "merged_into": case.merged_into.number if case.merged_into else None,
    }


def _body(kind: str, at: datetime, data: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": kind, "version": VERSION, "timestamp": _moment(at), "data": data})


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
