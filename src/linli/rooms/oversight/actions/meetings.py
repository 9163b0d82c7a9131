"""Meetings: called by their rhythm or by hand, opened, attended, closed with minutes; decisions are handed on."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.outbox import Event
from linli.rooms.oversight.actions.agenda import fill, locked, meeting_facts, record, touch
from linli.rooms.oversight.models import Attendance, Meeting, MeetingKind, Seat
from linli.rooms.oversight.rhythm import Rhythm
from linli.rooms.people.queries.carriers import carriers
from linli.rooms.people.rights import Target, Viewer
from linli.rooms.places.models import Place

LEVELS: dict[str, tuple[str, ...]] = {
    "district": ("district",),
    "street": ("street",),
    "community": ("community",),
    "grid": ("grid", "special"),
    "micro": ("micro",),
}
AHEAD_AT_MOST = dt.timedelta(days=366)


def set_kind(
    by: Authority,
    code: str,
    *,
    rhythm: str,
    prepare_days: int,
    minutes_per_item: int,
    items_at_most: int,
    sources: list[str],
    active: bool,
) -> MeetingKind:
    """Change a kind of meeting; what is planned already stays, the next one follows the new rhythm."""
    by.require("oversight.edit")
    rhythm = " ".join((rhythm or "").lower().split())
    if rhythm:
        Rhythm.parse(rhythm)
    for name, value, most in (
        ("prepare_days", prepare_days, 60),
        ("minutes_per_item", minutes_per_item, 240),
        ("items_at_most", items_at_most, 40),
    ):
        if not 1 <= value <= most:
            raise Refused(_("请填 1 到 %(most)d 之间的数。") % {"most": most}, "meeting.range", name)
    known = [source for source in sources if source in ("ladder", "hard", "legacy", "open")]
    with transaction.atomic():
        kind = MeetingKind.objects.select_for_update().filter(code=code).first()
        if kind is None:
            raise NotFound(gettext_lazy("没有这种会议。"), code="meeting.no_kind")
        before = {"rhythm": kind.rhythm, "sources": kind.sources, "active": kind.active}
        kind.rhythm, kind.prepare_days, kind.minutes_per_item = rhythm, prepare_days, minutes_per_item
        kind.items_at_most, kind.sources, kind.active = items_at_most, known, active
        kind.save()
        for seat in kind.seats.select_for_update():
            _plan_next(seat, kind, clock.now())
            seat.save()
        journal.record(
            action="meeting.set_kind",
            actor=by.actor,
            object_type="meeting_kind",
            object_id=kind.code,
            before=before,
            after={"rhythm": rhythm, "sources": known, "active": active},
        )
        return kind


def _plan_next(seat: Seat, kind: MeetingKind, after: dt.datetime) -> None:
    if not kind.rhythm or not kind.active:
        seat.next_at = seat.create_at = None
        return
    seat.next_at = Rhythm.parse(kind.rhythm).next_after(after, calendar())
    seat.create_at = seat.next_at - dt.timedelta(days=kind.prepare_days)


def hold_regularly(kind_code: str, place_id: int, *, viewer: Viewer, venue: str = "") -> Seat:
    """Let a place hold meetings of a kind in their rhythm from now on. Said twice it is said once."""
    with transaction.atomic():
        kind, place = _kind_at(kind_code, place_id, viewer)
        if not kind.rhythm:
            raise Refused(gettext_lazy("这种会议没有会期，请逐次召集。"), "meeting.no_rhythm", "kind")
        seat, _made = Seat.objects.select_for_update().get_or_create(kind=kind, place=place)
        seat.venue = clean_text(venue or "", 100, "venue", one_line=True) or seat.venue
        if seat.next_at is None:
            _plan_next(seat, kind, clock.now())
        seat.save()
        journal.record(
            action="meeting.hold_regularly",
            actor=viewer.acting(viewer.may("meeting.hold", Target(place.lineage)).post),
            object_type="seat",
            object_id=seat.pk,
            before=None,
            after={"kind": kind.code, "next_at": seat.next_at.isoformat() if seat.next_at else None},
            place_ids=list(place.lineage),
        )
        return seat


def stop_regular(seat_id: int, *, viewer: Viewer) -> None:
    """Hold no more meetings of the kind at the place; those planned stay."""
    with transaction.atomic():
        seat = Seat.objects.select_for_update(of=("self",)).select_related("place").filter(pk=seat_id).first()
        verdict = viewer.may("meeting.hold", Target(seat.place.lineage)) if seat else None
        if seat is None or verdict is None or not verdict.ok:
            raise NotFound(gettext_lazy("没有这项例会。"), code="meeting.no_seat")
        journal.record(
            action="meeting.stop_regular",
            actor=viewer.acting(verdict.post),
            object_type="seat",
            object_id=seat.pk,
            before={"kind": seat.kind.code},
            after=None,
            place_ids=list(seat.place.lineage),
        )
        seat.delete()


def _kind_at(kind_code: str, place_id: int, viewer: Viewer) -> tuple[MeetingKind, Place]:
    kind = MeetingKind.objects.filter(code=kind_code, active=True).first()
    if kind is None:
        raise Refused(gettext_lazy("没有这种会议。"), "meeting.no_kind", "kind")
    place = Place.objects.filter(pk=place_id or 0, valid_to=None).first()
    if place is None or place.kind not in LEVELS.get(kind.level, ()):
        raise Refused(gettext_lazy("这种会议不在这一级的地方开，请重新选择。"), "meeting.wrong_place", "place")
    verdict = viewer.may("meeting.hold", Target(place.lineage))
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    return kind, place


def call_meeting(
    kind_code: str,
    place_id: int,
    at: dt.datetime,
    *,
    viewer: Viewer,
    title: str = "",
    venue: str = "",
    request_key: str | None = None,
) -> Meeting:
    """Call a meeting by hand; its agenda is filled at once."""

    def fresh() -> Meeting:
        kind, place = _kind_at(kind_code, place_id, viewer)
        now = clock.now()
        if not now < at < now + AHEAD_AT_MOST:
            raise Refused(gettext_lazy("开会时间要在今后一年内。"), "meeting.when", "at")
        meeting = _create(kind, place, at, title=title, venue=venue, by_rhythm=False)
        post = viewer.may("meeting.hold", Target(place.lineage)).post
        facts = {"kind": kind.code, "at": at.isoformat(), "items": meeting.items.count()}
        event = Event("meeting.called", "meeting", meeting.pk, meeting_facts(meeting, posts=_holders(meeting)))
        record(meeting, "meeting.call", viewer, post, facts, events=[event], request_key=request_key)
        return meeting

    return journal.once(request_key, fresh, lambda _entry, object_id: Meeting.objects.get(pk=int(object_id)))


def _create(
    kind: MeetingKind, place: Place, at: dt.datetime, *, title: str = "", venue: str = "", by_rhythm: bool
) -> Meeting:
    local = at.astimezone(CIVIL)
    name = clean_text(title or "", 120, "title", one_line=True)
    meeting = Meeting.objects.create(
        kind=kind,
        place=place,
        lineage=list(place.lineage),
        tokens=list(place.lineage),
        title=name or f"{place.name_zh}{kind.name_zh}（{local:%Y}年{local.month}月{local.day}日）"[:120],
        planned_for=at,
        venue=clean_text(venue or "", 100, "venue", one_line=True),
        created_at=clock.now(),
        by_rhythm=by_rhythm,
    )
    fill(meeting, kind)
    return meeting


def _holders(meeting: Meeting) -> list[int]:
    """The posts that hold meetings at the place itself: they hear of the one that was prepared."""
    here = carriers([meeting.place_id], [], clock.now())
    return sorted({one.post.id for one in here if "meeting.hold" in one.post.duties})[:20]


def create_due() -> int:
    """Create the meetings whose time of preparation has come, each once; returns how many. The worker acts."""
    created = 0
    while True:
        now = clock.now()
        with transaction.atomic():
            seat = (
                Seat.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("kind", "place")
                .filter(create_at__lte=now)
                .order_by("create_at", "id")
                .first()
            )
            if seat is None:
                return created
            at = seat.next_at
            ended = seat.place.valid_to is not None
            if at is not None and at > now and seat.kind.active and not ended:
                # Somebody may have called it by hand before.
                known = Meeting.objects.filter(kind=seat.kind, place=seat.place, planned_for=at).exclude(
                    state=Meeting.State.CANCELLED, by_rhythm=False
                )
                if not known.exists():
                    meeting = _create(seat.kind, seat.place, at, venue=seat.venue, by_rhythm=True)
                    event = Event("meeting.called", "meeting", meeting.pk,
                                  meeting_facts(meeting, posts=_holders(meeting)))  # fmt: skip
                    facts = {"kind": seat.kind.code, "at": at.isoformat(), "items": meeting.items.count()}
                    record(meeting, "meeting.prepare", None, None, facts, events=[event])
                    created += 1
            if ended:
                seat.next_at = seat.create_at = None
            else:
                # A house that stood still for weeks does not call the meetings it missed.
                _plan_next(seat, seat.kind, max(at or now, now))
            seat.save()


def plan_meeting(
    meeting_id: int,
    *,
    viewer: Viewer,
    version: int | None = None,
    at: dt.datetime | None = None,
    venue: str | None = None,
    chair: str | None = None,
    title: str | None = None,
) -> Meeting:
    """Change when and where a planned meeting is held, and who is in the chair."""
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        if version is not None and version != meeting.version:
            raise Conflict(gettext_lazy("会议刚刚被改过，请看过最新的再改。"), "meeting.changed")
        if meeting.state not in (Meeting.State.PLANNED, Meeting.State.RUNNING):
            raise Refused(gettext_lazy("会议已经结束。"), "meeting.over")
        if at is not None and at != meeting.planned_for:
            if not clock.now() < at < clock.now() + AHEAD_AT_MOST:
                raise Refused(gettext_lazy("开会时间要在今后一年内。"), "meeting.when", "at")
            meeting.planned_for = at
        for name, value, most in (("venue", venue, 100), ("chair", chair, 60), ("title", title, 120)):
            if value is not None and (name != "title" or value.strip()):
                setattr(meeting, name, clean_text(value, most, name, one_line=True))
        meeting.version += 1
        meeting.save()
        facts = {"at": meeting.planned_for.isoformat(), "venue": meeting.venue, "chair": meeting.chair}
        event = Event("meeting.replanned", "meeting", meeting.pk, meeting_facts(meeting, posts=_holders(meeting)))
        record(meeting, "meeting.plan", viewer, post, facts, events=[event])
        return meeting


def attend(meeting_id: int, name: str, role: str = "", present: bool = True, *, viewer: Viewer) -> Attendance:
    """Write down somebody who was asked, or whether they came; the same name and role is the same person."""
    name = clean_text(name or "", 60, "name", one_line=True)
    role = clean_text(role or "", 100, "role", one_line=True)
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        if meeting.state not in (Meeting.State.PLANNED, Meeting.State.RUNNING):
            raise Refused(gettext_lazy("会议已经结束。"), "meeting.over")
        if not name:
            raise Refused(gettext_lazy("请写姓名。"), "meeting.no_name", "name")
        if meeting.attendance.count() >= 200:
            raise Refused(gettext_lazy("名单最多 200 人。"), "meeting.too_many_people")
        row, _made = Attendance.objects.update_or_create(
            meeting=meeting, name=name, role=role, defaults={"present": present}
        )
        touch(meeting)
        record(meeting, "meeting.attend", viewer, post, {"name": name, "role": role, "present": present})
        return row


def open_meeting(meeting_id: int, *, viewer: Viewer) -> Meeting:
    """Begin: the first point is the current one."""
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        if meeting.state == Meeting.State.RUNNING:
            return meeting
        if meeting.state != Meeting.State.PLANNED:
            raise Refused(gettext_lazy("会议已经结束。"), "meeting.over")
        first = meeting.items.order_by("position", "id").first()
        if first is None:
            raise Refused(gettext_lazy("议程还是空的，先加一项再开会。"), "meeting.empty")
        meeting.state, meeting.opened_at = Meeting.State.RUNNING, clock.now()
        meeting.current_item_id = first.pk
        meeting.version += 1
        meeting.save()
        event = Event("meeting.opened", "meeting", meeting.pk, meeting_facts(meeting))
        record(meeting, "meeting.open", viewer, post, {"items": meeting.items.count()}, events=[event])
        return meeting


def cancel_meeting(meeting_id: int, reason: str, *, viewer: Viewer) -> Meeting:
    """Call a planned meeting off, with the reason."""
    reason = clean_text(reason or "", 500, "reason")
    with transaction.atomic():
        meeting, post = locked(meeting_id, viewer)
        if meeting.state != Meeting.State.PLANNED:
            raise Refused(gettext_lazy("只有还没开的会可以取消。"), "meeting.not_planned")
        if not reason:
            raise Refused(gettext_lazy("请写为什么取消。"), "meeting.no_reason", "reason")
        meeting.state = Meeting.State.CANCELLED
        meeting.version += 1
        meeting.save()
        event = Event("meeting.cancelled", "meeting", meeting.pk,
                      meeting_facts(meeting, words=reason, posts=_holders(meeting)))  # fmt: skip
        record(meeting, "meeting.cancel", viewer, post, {"state": meeting.state}, note=reason, events=[event])
        return meeting
