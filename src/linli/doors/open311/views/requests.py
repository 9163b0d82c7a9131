"""Posting a request, and reading what became of requests."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.doors.common.photos import photo_url
from linli.doors.open311 import states
from linli.doors.open311.answers import moment
from linli.doors.open311.gate import answers
from linli.doors.open311.reading import Call, Wrong
from linli.doors.open311.taking_in import take_in
from linli.kernel.errors import NotFound
from linli.kernel.flow import say
from linli.kernel.identifiers import normalise_tracking_code, show_tracking_code
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.queries.requests import Asked, request_id_of, request_rows
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.places import atlas

_STATES = {"open": True, "closed": False}


def _create(call: Call) -> tuple[str, Any]:
    receipt = take_in(call)
    follow = call.request.build_absolute_uri(reverse("portal:home"))
    notice = _("已收到。查询码 %(code)s，可在 %(site)s 查询进展。") % {
        "code": show_tracking_code(receipt.tracking_code),
        "site": follow,
    }
    return "service_requests", [
        {"service_request_id": receipt.number, "service_notice": notice, "account_id": None},
    ]


def _list(call: Call) -> tuple[str, Any]:
    numbers = call.listed("service_request_id")
    if numbers:
        asked = Asked(numbers=[number[:40] for number in numbers], place_id=call.jurisdiction)
    else:
        since, until = call.span()
        asked = Asked(
            item_ids=_items(call.listed("service_code")),
            since=since,
            until=until,
            is_open=_status(call.listed("status")),
            place_id=call.jurisdiction,
        )
    return "service_requests", _written(call, request_rows(call.viewer(), asked))


def _one(call: Call, number: str) -> tuple[str, Any]:
    rows = request_rows(call.viewer(), Asked(numbers=[number], place_id=call.jurisdiction))
    if not rows:
        raise NotFound(_("没有 service_request_id “%(id)s”。") % {"id": number}, code="open311.request")
    return "service_requests", _written(call, rows)


def _token(call: Call, token: str) -> tuple[str, Any]:
    """A tracking code stands for its request, so a client that knows only that finds its number."""
    number = request_id_of(normalise_tracking_code(token))
    if number is None:
        raise NotFound(_("没有这个 token。"), code="open311.token")
    return "service_requests", [{"service_request_id": number, "token": token}]


def _items(codes: list[str]) -> list[int] | None:
    if not codes:
        return None
    items = catalogue().items
    return [items[code].id for code in codes if code in items]


def _status(words: list[str]) -> bool | None:
    chosen = {word.lower() for word in words}
    if unknown := chosen - set(_STATES):
        raise Wrong(_("status 只能是 open 或 closed，不是“%(word)s”。") % {"word": sorted(unknown)[0][:20]})
    return _STATES[chosen.pop()] if len(chosen) == 1 else None


def _written(call: Call, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    items = catalogue().by_id
    english = (get_language() or "").startswith("en")
    known = atlas.current().places
    labels = {state.code: say(state.label) for state in FLOW.states}
    site = call.request.build_absolute_uri("/")[:-1]
    found = []
    for row in rows:
        item = items.get(row["item_id"])
        place = known.get(row["place_id"])
        # A place that is not in the atlas is a building: divisions and grids are all there.
        building = place is None
        lng, lat = row["lng"], row["lat"]
        if lng is None and place is not None:
            lng, lat = place.lng, place.lat
        found.append(
            {
                "service_request_id": row["number"],
                "status": states.status(row["state"]),
                "status_notes": row["public_words"] or _merged(row) or labels[row["state"]],
                "service_name": item.name if item else None,
                "service_code": item.key if item else None,
                "description": row["words"] or None,
                "agency_responsible": _unit(row, english),
                "service_notice": None,
                "requested_datetime": moment(row["reported_at"]),
                "updated_datetime": moment(row["state_since"]),
                "expected_datetime": moment(row["due_at"]),
                "address": row["address"] or row["place_name"] or None,
                "address_id": str(row["place_id"]) if building else None,
                "zipcode": None,
                "lat": lat,
                "long": lng,
                "media_url": site + photo_url(row["photo"]) if row["photo"] else None,
            }
        )
    return found


def _merged(row: dict[str, Any]) -> str:
    into = row["merged_into__number"]
    return _("与 %(number)s 是同一个问题，合并办理。") % {"number": into} if into else ""


def _unit(row: dict[str, Any], english: bool) -> str | None:
    """The unit that handles the case; before it was given to one, the unit that the matrix says answers for it."""
    for whose in ("unit", "proposed_unit"):
        zh, en = row[f"{whose}__name_zh"], row[f"{whose}__name_en"]
        if zh:
            return en if english and en else zh
    return None


requests = answers(get=_list, post=_create)
request = answers(get=_one)
token = answers(get=_token)
