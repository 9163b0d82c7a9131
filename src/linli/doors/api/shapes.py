"""How things look in JSON: plain dictionaries, made straight from rows. `schemas` describes the same for readers."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable
from typing import Any

import orjson
from django.utils.translation import get_language

from linli.doors.common.photos import photo_url
from linli.kernel.errors import Refused
from linli.kernel.flow import Field, Offer, say
from linli.rooms.cases.models import Photo
from linli.rooms.cases.queries.page import Moment, Voice
from linli.rooms.cases.queries.rows import CURSOR, Row
from linli.rooms.cases.queries.worklist import state_words
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.catalogue.snapshot import ItemEntry, RuleEntry
from linli.rooms.people.models import Unit
from linli.rooms.places import atlas
from linli.rooms.places.atlas import Facts, localized
from linli.rooms.places.models import Place
from linli.rooms.places.queries import names

PREFIX = "/api/v1"

_PLAIN = (
    "number", "version", "channel", "description", "address", "urgent", "legacy", "is_public", "is_open", "located",
    "lng", "lat", "light", "reported_at", "state_since", "current_due_at", "due_at", "step_due_at", "due_provisional",
    "ended_at", "report_count", "photo_count", "returned", "reworked", "reopened", "solved", "level",
)  # fmt: skip
_MORE = (
    "accuracy_m", "public_words", "accepted_at", "registered_at", "dispatched_at", "confirmed_at", "verified_at",
    "closed_at", "suspended_until", "extended",
)  # fmt: skip


def cases(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows of a list, in the language of the moment; names of places and items come from memory."""
    english = (get_language() or "zh").startswith("en")
    words = state_words(get_language() or "")
    places = atlas.current().places
    items = catalogue.catalogue().by_id
    elsewhere = names([row["place_id"] for row in rows if row["place_id"] not in places])
    return [_case(row, english, words, places, items, elsewhere) for row in rows]


def _case(
    row: Row,
    english: bool,
    words: dict[str, str],
    places: dict[int, Facts],
    items: Any,
    elsewhere: dict[int, str],
) -> dict[str, Any]:
    found = {name: row[name] for name in _PLAIN}
    state, item, facts = row["state"], items.get(row["item_id"]), places.get(row["place_id"])
    found["state"] = {"code": state, "label": words[state]}
    found["item"] = {"key": item.key, "name": item.name, "class": item.class_key} if item else None
    found["place"] = (
        {"id": facts.id, "kind": facts.kind, "code": facts.code, "name": localized(facts)}
        if facts
        else {"id": row["place_id"], "kind": "", "code": "", "name": elsewhere.get(row["place_id"], "")}
    )
    found["unit"] = _unit(row, "unit", english)
    return found


def case(row: Row) -> dict[str, Any]:
    """One case, whole."""
    english = (get_language() or "zh").startswith("en")
    found = cases([row])[0]
    for name in _MORE:
        found[name] = row[name]
    places = atlas.current().places
    found["path"] = [
        {"id": above, "kind": places[above].kind, "code": places[above].code, "name": localized(places[above])}
        for above in row["lineage"]
        if above in places
    ]
    found["proposed_unit"] = _unit(row, "proposed_unit", english)
    found["handler"] = row["handler__name"] or ""
    found["limit"] = {"amount": row["limit_amount"], "unit": row["limit_unit"]} if row["limit_amount"] else None
    found["filing_rule_id"] = row["filing_rule_id"]
    found["parent"] = row["parent__number"]
    found["merged_into"] = row["merged_into__number"]
    candidates = row["candidates"]
    found["candidates"] = orjson.Fragment(candidates) if isinstance(candidates, str) else candidates
    return found


def etag(version: int, body: bytes) -> str:
    """`"<version>.<sum>"`: If-Match goes by the version, If-None-Match by what was seen, deadlines and all."""
    return f'"{version}.{zlib.crc32(body):08x}"'


def _unit(row: Row, prefix: str, english: bool) -> dict[str, Any] | None:
    if row[f"{prefix}_id"] is None:
        return None
    zh, en = row[f"{prefix}__name_zh"] or "", row[f"{prefix}__name_en"] or ""
    return {"id": row[f"{prefix}_id"], "name": en if english and en else zh}


def step(offer: Offer, fields: list[dict[str, Any]], number: str) -> dict[str, Any]:
    """A step with what it needs, or why it cannot be taken."""
    found = offer.step
    return {
        "code": found.code,
        "label": say(found.label),
        "allowed": offer.allowed,
        "why_not": str(offer.why_not) if not offer.allowed else "",
        "refused_by": offer.predicate if not offer.allowed else "",
        "leads_to": None if found.to_state == "=" else found.to_state,
        "confirm": say(found.confirm) if found.confirm else "",
        "href": f"{PREFIX}/cases/{number}/steps/{found.code}",
        "fields": fields,
    }


def field(need: Field, *, choices: Iterable[tuple[Any, str]] = (), source: str = "", default: Any = None) -> Any:
    """A field of a step. kind → JSON: text, choice, item: string; bool; place, rule: integer; unit: integer or list;
    photo: list of uids."""
    return {
        "name": need.name,
        "kind": need.kind,
        "required": need.required,
        "label": say(need.label),
        "choices": [{"value": value, "label": str(label)} for value, label in choices],
        "source": source,
        "default": default,
    }


def moment(row: Moment) -> dict[str, Any]:
    """A line of the story."""
    return {
        "at": row.at,
        "code": row.code,
        "label": str(row.label),
        "by": row.by,
        "post": row.post,
        "words": row.words,
        "note": row.note,
        "late": row.late,
        "version": row.facts.get("version"),
        "photos": [str(photo.uid) for photo in row.photos],
    }


def photo(row: Photo) -> dict[str, Any]:
    """A picture with addresses that are good for a day."""
    return {
        "uid": str(row.uid),
        "phase": row.phase,
        "width": row.width,
        "height": row.height,
        "taken_at": row.taken_at,
        "uploaded_at": row.uploaded_at,
        "lng": row.lng,
        "lat": row.lat,
        "url": photo_url(row),
        "thumb_url": photo_url(row, thumb=True),
    }


def voice(row: Voice) -> dict[str, Any]:
    """A report behind a case; contacts masked."""
    return {
        "words": row.words,
        "at": row.at,
        "channel": str(row.channel),
        "name": row.name,
        "phone": row.phone,
        "wants_callback": row.wants_callback,
        "joined": row.joined,
        "occasion": row.occasion,
        "solved": row.solved,
        "level": row.level,
        "rating_words": row.rating_words,
    }


def facts(found: Facts) -> dict[str, Any]:
    """A place from memory."""
    return {
        "id": found.id,
        "kind": found.kind,
        "code": found.code,
        "local_code": found.local_code,
        "name": localized(found),
        "parent_id": found.parent_id,
        "lineage": list(found.lineage),
        "lng": found.lng,
        "lat": found.lat,
    }


def place(found: Place) -> dict[str, Any]:
    """A place from the database: buildings and ended ones, too."""
    return {
        "id": found.pk,
        "kind": found.kind,
        "code": found.code,
        "local_code": found.local_code,
        "name": found.name,
        "parent_id": found.parent_id,
        "lineage": list(found.lineage),
        "lng": found.lng,
        "lat": found.lat,
    }


def unit(found: Unit) -> dict[str, Any]:
    """A responsible unit."""
    return {
        "id": found.pk,
        "code": found.code,
        "name": found.name,
        "kind": found.kind,
        "place_id": found.place_id,
        "parent_id": found.parent_id,
        "phone": found.phone,
        "valid_to": found.valid_to,
    }


def item(entry: ItemEntry) -> dict[str, Any]:
    """An item of the catalogue."""
    return {
        "key": entry.key,
        "kind": entry.kind,
        "code": entry.code,
        "name": entry.name,
        "name_zh": entry.name_zh,
        "name_en": entry.name_en,
        "version": entry.version,
        "urgency": entry.urgency,
        "class": {"key": entry.class_key, "name": entry.matter_class.name},
        "synonyms": list(entry.synonyms),
        "danger": entry.danger,
        "active": entry.active,
        "standard": entry.standard,
        "concerns": entry.concerns,
        "successor": entry.successor,
    }


def rule(entry: RuleEntry) -> dict[str, Any]:
    """A filing rule with its limit."""
    return {
        "id": entry.id,
        "item": entry.item_key,
        "condition": entry.condition,
        "closing_condition": entry.closing_condition,
        "limit": {"amount": entry.limit.amount, "unit": entry.limit.unit},
    }


def cursor_out(after: str) -> str | None:
    """A cursor as clients get it: one word without meaning."""
    return base64.urlsafe_b64encode(after.encode()).decode().rstrip("=") if after else None


def cursor_in(word: str) -> str:
    """Back again. Raises Refused."""
    try:
        return base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raise Refused(CURSOR, "case.cursor", "after") from None
