"""How a case finds its place and its owner, and how the rights over it follow.

`tokens` is rebuilt here and nowhere else: all places of the lineage, and every unit concerned (negated).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from linli.rooms.cases.models import Case
from linli.rooms.people.models import Unit
from linli.rooms.people.queries import Answer, answerable
from linli.rooms.places.models import Place
from linli.rooms.places.queries import Location


def locate_into(case: Case, location: Location) -> None:
    """Put what was found for a point on the case: place, lineage, how sure, candidates near a border."""
    if location.place_id is None:
        raise ValueError("a point outside the district has no place; the caller refuses it")
    case.place_id = location.place_id
    case.lineage = list(location.lineage)
    case.located = location.kind
    case.candidates = [
        {"place": found.place_id, "name": found.name, "metres": found.distance_m}
        for found in location.candidates
    ]
    case.tokens = _tokens(case)


def settle_place(case: Case, place: Place) -> None:
    """A person decided where the case belongs (a border case, or a wrong pin)."""
    case.place = place
    case.lineage = list(place.lineage)
    case.located = Case.Located.INSIDE
    case.candidates = []
    case.tokens = _tokens(case)


def propose_owner(case: Case, at: dt.datetime, item_key: str | None = None) -> Answer | None:
    """Ask the responsibility matrix who answers, and keep the answer with its reasons ("why here?")."""
    if not case.matter_class:
        return None
    if item_key is None:
        item_key = case.item.key if case.item is not None else ""
    answer = answerable(item_key, case.matter_class, case.lineage, at)
    if answer.unit_id is None:
        return None
    case.proposed_unit_id = answer.unit_id
    case.owner_post_id = answer.post_id
    case.routing = why(answer)
    return answer


def why(answer: Answer) -> dict[str, Any]:
    """The answer of the matrix as it is kept on the case."""
    return {
        "unit": answer.unit_id,
        "unit_name": answer.unit_name,
        "rule": answer.rule_id,
        "via": answer.via,
        "place": answer.place_id,
        "holder": answer.holder_name,
        "reasons": answer.reasons,
        "alternatives": answer.alternatives[:5],
    }


def give_to(case: Case, unit: Unit, at: dt.datetime) -> None:
    """Make a unit the lead; whoever was concerned before keeps sight of the case."""
    case.unit = unit
    case.tokens = _tokens(case, unit.pk)


def _tokens(case: Case, unit_id: int | None = None) -> list[int]:
    units = {token for token in case.tokens or [] if token < 0}
    if unit_id is not None:
        units.add(-unit_id)
    return sorted({*case.lineage, *units})
