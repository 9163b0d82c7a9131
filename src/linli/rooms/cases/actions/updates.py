"""What another system tells of a case: words for the public through the flow's own step, never a closing."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.kernel.journal import queries as stories
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case, PhotoLink, Report
from linli.rooms.cases.queries.scope import may_see
from linli.rooms.people.rights import Viewer

_WORDS = {
    "fixed": _("转来的消息：问题已解决。"),
    "closed": _("转来的消息：对方已办结。"),
    "open": _("转来的消息：对方仍在办理。"),
}


def hear_update(
    number: str, words: str, said: str, their_id: str, *, viewer: Viewer, photo_links: Sequence[str] = ()
) -> int | None:
    """Keep what another system tells; returns the number of the journal entry, None for a case it may not see.

    said: "open", "fixed" or "closed" in their eyes. It closes and opens nothing here: whoever verifies does. Only
    "fixed", of a closed case that this system itself reported and nobody has rated, counts as the reporter's word
    that the problem is solved. their_id: the same one twice is one update. photo_links: fetched later, as of a
    report. Raises NotAllowed, Refused.
    """
    case = Case.objects.filter(number=number, parent=None).first()
    if case is None or not may_see(viewer, case):
        return None
    request_key = _key(viewer, their_id)
    told = stories.by_request_key(request_key)
    if told is not None:
        return told.pk
    text = words or str(_WORDS[said])
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        told = stories.by_request_key(request_key)
        if told is not None:
            return told.pk
        report = _own_unrated(case, viewer) if said == "fixed" and case.state == "closed" else None
        if report is not None:
            take(
                case.pk,
                "rate",
                {"solved": "yes", "words": text},
                viewer=viewer,
                report=report,
                request_key=request_key,
            )
        else:
            take(case.pk, "tell", {"words": text}, viewer=viewer, request_key=request_key)
        now = clock.now()
        PhotoLink.objects.bulk_create(PhotoLink(case=case, url=url, again_at=now) for url in photo_links)
    told = stories.by_request_key(request_key)
    if told is None:
        raise NotFound(code="case.not_found")
    return told.pk


def _key(viewer: Viewer, their_id: str) -> str:
    if not their_id:
        return f"update:{uuid.uuid4().hex}"
    return "update:" + hashlib.sha256(f"{viewer.account_id}\n{their_id}".encode()).hexdigest()[:48]


def _own_unrated(case: Case, viewer: Viewer) -> Report | None:
    own = Report.objects.filter(case=case, taken_by_id=viewer.account_id, withdrawn_at=None).order_by("id")
    return own.exclude(ratings__round=case.reopened).first()
