"""Agendas: filled from the ladder and from hard cases, changed by hand until the meeting ends, typed live."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock, journal
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.outbox import Event
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.scope import may_see as may_see_case
from linli.rooms.ladder.queries import on_agenda
from linli.rooms.oversight.actions.parts import SYSTEM, signature
from linli.rooms.oversight.actions.proposals import head_of
from linli.rooms.oversight.models import AgendaItem, Meeting, MeetingKind
from linli.rooms.people.models import Post, Unit
from linli.rooms.people.rights import HeldPost, Target, Viewer

ITEMS_AT_MOST = 40
DUE_AT_MOST = dt.timedelta(days=1096)
MEETING_OVER = gettext_lazy("会议已经结束，议程不能再改。")


def target_of(meeting: Meeting) -> Target:
    """What rights are asked for when a meeting is meant."""
    return Target(lineage=meeting.lineage)


def locked(meeting_id: int, viewer: Viewer) -> tuple[Meeting, HeldPost | None]:
    """The meeting, locked, for whoever may hold it. Raises NotFound, NotAllowed."""
    found = Meeting.objects.select_for_update(of=("self",)).select_related("kind", "place").filter(pk=meeting_id)
    meeting = found.first()
    if meeting is None:
        raise NotFound(gettext_lazy("没有这次会议。"), code="meeting.not_found")
    verdict = viewer.may("meeting.hold", target_of(meeting))
    if not verdict.ok:
        if viewer.has("meeting.hold"):
            raise NotFound(gettext_lazy("没有这次会议。"), code="meeting.not_found")
        raise NotAllowed(verdict.why)
    return meeting, verdict.post


def meeting_facts(meeting: Meeting, **more: Any) -> dict[str, Any]:
    """What every event of a meeting says."""
    return {
        "title": meeting.title,
        "number": "",
        "at": meeting.planned_for.isoformat(),
        "due_at": meeting.planned_for.isoformat(),
        "venue": meeting.venue,
        "path": f"/meetings/{meeting.pk}/",
        **more,
    }


def record(
    meeting: Meeting,
    action: str,
    viewer: Viewer | None,
    post: HeldPost | None,
    after: dict[str, Any],
    *,
    note: str = "",
    events: list[Event] | None = None,
    request_key: str | None = None,
) -> None:
    """The journal entry of an action on a meeting."""
    journal.record(
        action=action,
        actor=viewer.acting(post) if viewer is not None else SYSTEM,
        object_type="meeting",
        object_id=meeting.pk,
        before=None,
        after=after,
        note=note,
        place_ids=meeting.lineage,
        events=events or [],
        request_key=request_key,
    )


def touch(meeting: Meeting) -> None:
    """Something on the page changed: what is projected looks again."""
    Meeting.objects.filter(pk=meeting.pk).update(version=F("version") + 1)


def fill(meeting: Meeting, kind: MeetingKind) -> int:
    """Put on the agenda what the kind's sources give, each case once; returns how many. The worker acts."""
    lying_here = Case.objects.filter(is_open=True, parent=None, tokens__contains=[meeting.place_id]).select_related(
        "item"
    )
    wanted: list[tuple[str, Case]] = []
    for source in kind.sources:
        if source == AgendaItem.Origin.LADDER:
            stays = on_agenda(meeting.lineage[0])
            found = [stay.case for stay in stays if meeting.place_id in stay.case.tokens]
        elif source == AgendaItem.Origin.HARD:
            found = list(lying_here.filter(major=True).order_by("reported_at", "id")[:ITEMS_AT_MOST])
        elif source == AgendaItem.Origin.LEGACY:
            found = list(lying_here.filter(legacy=True).order_by("reported_at", "id")[:ITEMS_AT_MOST])
        else:
            late = Q(current_due_at__lt=clock.now())
            found = list(lying_here.filter(late).order_by("current_due_at", "id")[:ITEMS_AT_MOST])
        wanted += [(source, case) for case in found]
    taken = set(meeting.items.filter(case__isnull=False).values_list("case_id", flat=True))
    position = meeting.items.count()
    added: list[AgendaItem] = []
    for source, case in wanted:
        if case.pk in taken or len(added) >= kind.items_at_most:
            continue
        taken.add(case.pk)
        position += 1
        added.append(_of_case(meeting, case, source, position, kind.minutes_per_item))
    AgendaItem.objects.bulk_create(added)
    return len(added)


def _of_case(meeting: Meeting, case: Case, origin: str, position: int, minutes: int) -> AgendaItem:
    return AgendaItem(
        meeting=meeting,
        position=position,
        origin=origin,
        case=case,
        title=head_of(case)[:120],
        words=case.description[:1000],
        minutes=minutes,
    )


def add_item(
    meeting_id: int,
    *,
    viewer: Viewer,
    case_id: int | None = None,
    title: str = "",
    words: str = "",
    minutes: int | None = None,
    origin: str = AgendaItem.Origin.HAND,
) -> AgendaItem:
    """Put a case or a point of its own on the agenda. A case stands there once (Refused)."""
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        _open(meeting)
        if meeting.items.count() >= ITEMS_AT_MOST:
            raise Refused(gettext_lazy("议程最多 40 项。"), "meeting.too_many")
        position = (meeting.items.aggregate(last=Max("position"))["last"] or 0) + 1
        length = minutes or meeting.kind.minutes_per_item
        if not 1 <= length <= 240:
            raise Refused(gettext_lazy("时间请填 1 到 240 分钟。"), "meeting.minutes", "minutes")
        if case_id is not None:
            case = Case.objects.select_related("item").filter(pk=case_id).first()
            if case is None or not may_see_case(viewer, case):
                raise NotFound(gettext_lazy("没有这个事件。"), code="case.not_found")
            if meeting.items.filter(case=case).exists():
                raise Refused(gettext_lazy("这件事已经在议程上。"), "meeting.on_agenda", "case")
            item = _of_case(meeting, case, AgendaItem.Origin.HARD, position, length)
        else:
            name = clean_text(title or "", 120, "title", one_line=True)
            if not name:
                raise Refused(gettext_lazy("请写议题。"), "meeting.no_title", "title")
            item = AgendaItem(
                meeting=meeting,
                position=position,
                origin=origin,
                title=name,
                words=clean_text(words or "", 2000, "words"),
                minutes=length,
            )
        item.save()
        touch(meeting)
        events = []
        if item.case_id:
            facts = meeting_facts(meeting, case_id=item.case_id)
            facts["number"] = item.case.number if item.case else ""
            events = [Event("meeting.item_added", "meeting", meeting.pk, facts)]
        record(meeting, "meeting.add_item", viewer, post, {"item": item.pk, "title": item.title}, events=events)
        return item


def _open(meeting: Meeting) -> None:
    if meeting.state not in (Meeting.State.PLANNED, Meeting.State.RUNNING):
        raise Refused(MEETING_OVER, "meeting.over")


def _item(meeting: Meeting, item_id: int) -> AgendaItem:
    item = AgendaItem.objects.select_for_update(of=("self",)).filter(pk=item_id, meeting=meeting).first()
    if item is None:
        raise NotFound(gettext_lazy("议程上没有这一项。"), code="meeting.no_item")
    return item


def remove_item(meeting_id: int, item_id: int, *, viewer: Viewer) -> None:
    """Take a point off the agenda; not once something was decided on it."""
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        _open(meeting)
        item = _item(meeting, item_id)
        if item.outcome or item.decision:
            raise Refused(gettext_lazy("这一项已经有决定，不能拿掉。"), "meeting.decided")
        record(meeting, "meeting.remove_item", viewer, post, {"item": item.pk, "title": item.title})
        item.delete()
        touch(meeting)


def move_item(meeting_id: int, item_id: int, up: bool, *, viewer: Viewer) -> None:
    """Move a point up or down by one."""
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        _open(meeting)
        _item(meeting, item_id)
        order = list(meeting.items.order_by("position", "id"))
        here = next(place for place, one in enumerate(order) if one.pk == item_id)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(order):
            return
        order[here], order[there] = order[there], order[here]
        for position, one in enumerate(order, 1):
            one.position = position
        AgendaItem.objects.bulk_update(order, ["position"])
        touch(meeting)
        record(meeting, "meeting.move_item", viewer, post, {"item": item_id, "up": up})


def set_current(meeting_id: int, item_id: int, *, viewer: Viewer) -> None:
    """Which point is spoken of now: what is projected shows it."""
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        if meeting.state != Meeting.State.RUNNING:
            raise Refused(gettext_lazy("会议还没有开始。"), "meeting.not_running")
        item = _item(meeting, item_id)
        Meeting.objects.filter(pk=meeting.pk).update(current_item_id=item.pk, version=F("version") + 1)
        record(meeting, "meeting.turn_to", viewer, post, {"item": item.pk})


def type_item(
    meeting_id: int,
    item_id: int,
    *,
    viewer: Viewer,
    version: int,
    decision: str = "",
    outcome: str = "",
    unit_id: int | None = None,
    post_id: int | None = None,
    due_on: dt.date | None = None,
) -> AgendaItem:
    """Save what is being typed on one point. version: that of the point as the typist saw it; when somebody else was
    quicker, Conflict carries what stands there now and what was typed, and nothing is lost."""
    decision = clean_text(decision or "", 4000, "decision")
    if outcome not in AgendaItem.Outcome.values:
        raise Refused(gettext_lazy("请选这一项的结论。"), "meeting.outcome", "outcome")
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        _open(meeting)
        item = _item(meeting, item_id)
        if version != item.version:
            raise Conflict(
                _("%(who)s 也在写这一项，您写的还在，请合到一起再存。") % {"who": item.typed_name or _("另一位")},
                code="meeting.both_typed",
                changes=[
                    {
                        "what": _("决定"),
                        "before": "",
                        "after": item.decision,
                        "by": item.typed_name,
                        "at": item.typed_at,
                    }
                ],
                typed={"decision": decision, "outcome": outcome},
            )
        unit = Unit.objects.filter(pk=unit_id, valid_to=None).first() if unit_id else None
        holder = Post.objects.filter(pk=post_id).first() if post_id else None
        if (unit_id and unit is None) or (post_id and holder is None):
            raise Refused(gettext_lazy("没有这个单位或岗位，请重新选择。"), "meeting.owner", "unit")
        if due_on is not None and due_on < clock.now().astimezone(CIVIL).date():
            raise Refused(gettext_lazy("完成期限不能早于今天。"), "meeting.due", "due_on")
        if due_on is not None and due_on > clock.now().astimezone(CIVIL).date() + DUE_AT_MOST:
            raise Refused(gettext_lazy("完成期限最远三年。"), "meeting.due", "due_on")
        item.decision, item.outcome = decision, outcome
        item.unit, item.post, item.due_on = unit, holder, due_on
        item.version += 1
        item.typed_name, item.typed_at = signature(viewer, post), clock.now()
        item.save()
        touch(meeting)
        after = {
            "item": item.pk,
            "version": item.version,
            "outcome": outcome,
            "unit_id": item.unit_id,
            "post_id": item.post_id,
            "due_on": due_on.isoformat() if due_on else None,
        }
        record(meeting, "meeting.type", viewer, post, after, note=decision)
        return item
