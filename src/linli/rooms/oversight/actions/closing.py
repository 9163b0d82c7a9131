"""The end of a meeting: every decision handed on, the minutes numbered, printed and kept."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.outbox import Event
from linli.rooms.oversight.actions.agenda import locked, meeting_facts, record
from linli.rooms.oversight.actions.carrying import carry_out
from linli.rooms.oversight.actions.numbering import next_number
from linli.rooms.oversight.actions.parts import signature
from linli.rooms.oversight.minutes import facts_of, on_paper
from linli.rooms.oversight.models import AgendaItem, Meeting, Minutes, Register
from linli.rooms.people.rights import Viewer
from linli.rooms.places.models import Place


def close_meeting(meeting_id: int, *, viewer: Viewer) -> Minutes:
    """End the meeting: every decision becomes an assignment on the ladder or a supervision order, once each, and the
    minutes are issued with a number and kept as issued. Closing twice gives the same minutes.

    A decision needs an owner and a day, else Refused says which points lack them.
    """
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        if meeting.state == Meeting.State.CLOSED:
            return meeting.issued_minutes
        if meeting.state != Meeting.State.RUNNING:
            raise Refused(gettext_lazy("会议还没有开始。"), "meeting.not_running")
        items = list(
            AgendaItem.objects.select_for_update(of=("self",))
            .select_related("case", "unit", "post", "post__kind", "post__holder", "post__unit")
            .filter(meeting=meeting)
            .order_by("position", "id")
        )
        lacking = [
            str(number)
            for number, item in enumerate(items, 1)
            if item.outcome == AgendaItem.Outcome.DECIDED
            and not (item.decision and item.due_on and (item.unit_id or item.post_id))
        ]
        if lacking:
            raise Refused(
                _("第 %(items)s 项写了“已决定”，还缺决定内容、承办人或期限。") % {"items": "、".join(lacking)},
                "meeting.lacking",
            )
        carried = [carry_out(item, meeting, viewer) for item in items if item.outcome == AgendaItem.Outcome.DECIDED]
        now = clock.now()
        meeting.state, meeting.closed_at, meeting.current_item_id = Meeting.State.CLOSED, now, None
        meeting.tokens = sorted({*meeting.tokens, *(-item.unit_id for item in items if item.unit_id)})
        meeting.version += 1
        meeting.save()
        district = Place.objects.get(pk=meeting.lineage[0])
        number, year, serial = next_number(district, Register.Series.MINUTES, now)
        issued = signature(viewer, post)
        facts = facts_of(meeting, items, number, now, issued)
        pdf = on_paper(facts)
        minutes = Minutes.objects.create(
            meeting=meeting,
            number=number,
            year=year,
            serial=serial,
            district=district,
            facts=facts,
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            issued_at=now,
            issued_name=issued,
        )
        told = meeting_facts(
            meeting,
            minutes=number,
            decisions=len(carried),
            units=sorted({item.unit_id for item in items if item.unit_id}),
            posts=sorted({item.post_id for item in items if item.post_id}),
        )
        after = {"minutes": number, "sha256": minutes.sha256, "carried": sum(carried), "decisions": len(carried)}
        events = [Event("meeting.closed", "meeting", meeting.pk, told), *_left_to_tell(meeting, items)]
        record(meeting, "meeting.close", viewer, post, after, events=events)
        return minutes


def _left_to_tell(meeting: Meeting, items: list[AgendaItem]) -> list[Event]:
    """Owners who hear by neither the ladder nor an order that the meeting has made them answer for something."""
    found = []
    for item in items:
        if item.outcome == AgendaItem.Outcome.DECIDED and item.carried_at is None:
            whom = {"units": [item.unit_id]} if item.unit_id else {"posts": [item.post_id]}
            facts = meeting_facts(meeting, words=item.decision[:500], **whom)
            facts |= {"title": item.title, "due_at": item.due_on.isoformat() if item.due_on else ""}
            found.append(Event("meeting.decided", "meeting", meeting.pk, facts))
    return found
