"""FixMyStreet's extension: what was told of requests, for who follows them, and what others tell of them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from linli.doors.common.photos import photo_url
from linli.doors.open311 import states
from linli.doors.open311.answers import moment
from linli.doors.open311.gate import answers
from linli.doors.open311.reading import Call, Wrong
from linli.doors.open311.taking_in import links_of
from linli.kernel.errors import NotFound
from linli.kernel.identifiers import clean_text
from linli.rooms.cases.actions.given import WORDS_LIMIT
from linli.rooms.cases.actions.updates import hear_update
from linli.rooms.cases.queries.requests import updates as updates_of

_LONGEST_ID = 120


def _list(call: Call) -> tuple[str, Any]:
    since, until = call.span()
    site = call.request.build_absolute_uri("/")[:-1]
    found = updates_of(call.viewer(), since, until, place_id=call.jurisdiction)
    return "service_request_updates", [
        {
            "update_id": str(update.id),
            "service_request_id": update.number,
            "status": states.told(update.state, update.step),
            "updated_datetime": moment(update.at),
            "description": update.words,
            "media_url": site + photo_url(update.photo) if update.photo else None,
        }
        for update in found
    ]


def _create(call: Call) -> tuple[str, Any]:
    viewer = call.machine("case.publish")
    number = call.need("service_request_id")[:40]
    words = clean_text(call.text("description"), WORDS_LIMIT, "description")
    call.moment("updated_datetime")  # ours is the moment at which it was heard; theirs has to be readable
    said = states.heard(call.text("status") or "open")
    if said is None:
        raise Wrong(_("不认识 status “%(word)s”。") % {"word": call.text("status")[:40]})
    theirs = call.text("update_id") or call.text("update_id_ext")
    if len(theirs) > _LONGEST_ID:
        raise Wrong(_("update_id 最多 %(most)d 个字符。") % {"most": _LONGEST_ID})
    entry = hear_update(number, words, said, theirs, viewer=viewer, photo_links=links_of(call))
    if entry is None:
        raise NotFound(_("没有 service_request_id “%(id)s”。") % {"id": number}, code="open311.request")
    return "service_request_updates", [{"update_id": str(entry)}]


updates = answers(get=_list, post=_create)
