"""Drafts are made by the worker at their time: once for each kind, place and period, whole or not at all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q

from linli.kernel import clock, journal
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar
from linli.kernel.outbox import Event
from linli.rooms.bulletins import numbers as counting
from linli.rooms.bulletins.models import Issue, Kind, Wording
from linli.rooms.bulletins.rhythm import Period
from linli.rooms.bulletins.sections import with_changes
from linli.rooms.people.queries.carriers import carriers
from linli.rooms.places.models import Place

SYSTEM = journal.Actor(account_id=None, name="", post_id=None, post_name="", kind="system")


def draft_due(at_most: int = 100) -> int:
    """Make every draft that is due, the earliest first, each in its own transaction; returns how many."""
    made = 0
    while made < at_most and _draft_next():
        made += 1
    return made


@transaction.atomic
def _draft_next() -> bool:
    """The earliest draft that is due and that no other worker is at. A worker killed in the middle leaves nothing."""
    now = clock.now()
    due = Kind.objects.filter(active=True, next_at__lte=now).order_by("next_at", "sort", "id")
    kind = due.select_for_update(skip_locked=True, of=("self",)).first()
    if kind is None or kind.next_from is None or kind.next_until is None or kind.next_at is None:
        return False
    period, planned = Period(kind.next_from, kind.next_until), kind.next_at
    place = place_of(kind, now)
    if place is not None and not Issue.objects.filter(kind=kind, place=place, starts_on=period.start).exists():
        make(kind, place, period, planned, now)
    _wait_for(kind, kind.rhythm.next_period(period))
    return True


def place_of(kind: Kind, now: dt.datetime) -> Place | None:
    """The place of a kind; the district where none is named. None while there is no district."""
    if kind.place_id is not None:
        return kind.place
    day = now.astimezone(CIVIL).date()
    roots = Place.objects.filter(kind="district", parent=None, valid_from__lte=day)
    return roots.filter(Q(valid_to=None) | Q(valid_to__gt=day)).order_by("id").first()


def make(
    kind: Kind, place: Place, period: Period, planned: dt.datetime, now: dt.datetime, corrects: Issue | None = None
) -> Issue:
    """Write one draft with its numbers as of `now`. Inside a transaction that holds the kind or the issue."""
    sections = corrects.sections if corrects else kind.sections
    issue = Issue.objects.create(
        kind=kind,
        place=place,
        lineage=place.lineage,
        starts_on=period.start,
        ends_on=period.end,
        planned_at=planned,
        as_of=now,
        title=corrects.title if corrects else kind.name_zh,
        sections=sections,
        texts=corrects.texts if corrects else {},
        numbers=count(kind, place, period, now, sections),
        named=corrects.named if corrects else {},
        reader_kinds=corrects.reader_kinds if corrects else kind.reader_kinds,
        reader_posts=corrects.reader_posts if corrects else kind.reader_posts,
        public=corrects.public if corrects else kind.public,
        corrects=corrects,
    )
    issue.pairs = issue.numbers.get("pairs", {}).get("chosen", [])
    issue.save(update_fields=["pairs"])
    keep_wording(issue, now, None, "")
    if corrects is None:
        record(issue, "make", SYSTEM, after={"as_of": now.isoformat()}, event=("bulletin.drafted", "bulletin.draft"))
    return issue


def count(kind: Kind, place: Place, period: Period, now: dt.datetime, sections: list[str]) -> dict[str, Any]:
    """The counted parts, each figure with what moved since the issue before."""
    numbers: dict[str, Any] = counting.gather(place, period, now, sections)
    before = previous(kind, place, period)
    if before is not None:
        for code, part in numbers.items():
            earlier = {figure["code"]: figure for figure in before.numbers.get(code, {}).get("figures", ())}
            if "figures" in part:
                part["figures"] = with_changes(part["figures"], earlier)
    return numbers


def previous(kind: Kind, place: Place, period: Period) -> Issue | None:
    """The issue before: the last one that was issued, else the last draft, of an earlier period."""
    earlier = Issue.objects.filter(kind=kind, place=place, starts_on__lt=period.start).exclude(state="dropped")
    return earlier.exclude(state="withdrawn").order_by("-starts_on", "-id").first()


CONTENT = ("title", "texts", "named", "pairs", "reader_kinds", "public")


def content_of(issue: Issue) -> dict[str, Any]:
    """What people write and choose in an issue."""
    return {name: getattr(issue, name) for name in CONTENT}


def keep_wording(issue: Issue, now: dt.datetime, account_id: int | None, name: str) -> None:
    """Keep this version of what people wrote."""
    Wording.objects.create(
        issue=issue, version=issue.version, at=now, by_id=account_id, by_name=name, content=content_of(issue)
    )


def record(
    issue: Issue,
    step: str,
    actor: journal.Actor,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
    words: str = "",
    request_key: str | None = None,
    event: tuple[str, str] | None = None,
    posts: list[int] | None = None,
    accounts: list[int] | None = None,
) -> None:
    """The journal's entry of a step and its event. event: (kind, capability of the posts that must hear of it)."""
    events = []
    if event is not None:
        kind, capability = event
        told = sorted({*(posts or ()), *_posts_with(issue, capability)}) if capability else posts or []
        events = [
            Event(
                kind,
                "bulletin",
                issue.pk,
                {
                    "title": issue.title,
                    "number": issue.number or "",
                    "from": issue.starts_on.isoformat(),
                    "until": issue.last_day.isoformat(),
                    "why": words or note,
                    "posts": told,
                    "accounts": accounts or [],
                    "path": f"/bulletins/{issue.pk}/",
                },
            )
        ]
    journal.record(
        action=f"bulletin.{step}",
        actor=actor,
        object_type="bulletin",
        object_id=issue.pk,
        before=before,
        after={"version": issue.version, "state": issue.state, **(after or {})},
        words=words,
        note=note,
        place_ids=issue.lineage,
        request_key=request_key,
        events=events,
    )


def _posts_with(issue: Issue, capability: str) -> list[int]:
    """Posts of the place that carry this duty now."""
    return [
        carrier.post.id
        for carrier in carriers(issue.lineage, (), clock.now())
        if capability in carrier.post.duties and carrier.post.held_for == "place"
    ]


# ── when the next draft is due ─────────────────────────────────────────────────────────────────────


def plan() -> int:
    """Give every active kind without one its next period; returns how many. Nothing of the past is made up for."""
    planned = 0
    for kind_id in Kind.objects.filter(active=True, next_at=None).values_list("pk", flat=True):
        with transaction.atomic():
            kind = (
                Kind.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=kind_id, next_at=None).first()
            )
            now = clock.now()
            if kind is None or (place := place_of(kind, now)) is None:
                continue
            wait_anew(kind, place, now)
            planned += 1
    return planned


def wait_anew(kind: Kind, place: Place | None, now: dt.datetime) -> None:
    """Plan the next draft from the rhythm as it is now: the first one after `now` that has not been made."""
    rhythm = kind.rhythm
    period = rhythm.next_due(now, calendar())
    while place and Issue.objects.filter(kind=kind, place=place, starts_on=period.start, corrects=None).exists():
        period = rhythm.next_period(period)
    _wait_for(kind, period)


def _wait_for(kind: Kind, period: Period) -> None:
    kind.next_from, kind.next_until = period.start, period.end
    kind.next_at = kind.rhythm.moment(period, calendar())
    kind.save(update_fields=["next_from", "next_until", "next_at"])


def move_to_calendar() -> int:
    """Count the next moments anew (the working calendar changed); returns how many moved."""
    moved = 0
    for kind_id in Kind.objects.exclude(next_at=None).values_list("pk", flat=True):
        with transaction.atomic():
            kind = Kind.objects.select_for_update(of=("self",)).get(pk=kind_id)
            if kind.next_from is None or kind.next_until is None:
                continue
            was = kind.next_at
            _wait_for(kind, Period(kind.next_from, kind.next_until))
            moved += kind.next_at != was
    return moved


def next_moment() -> dt.datetime | None:
    """When the worker will next find a draft to make, or a kind to plan (`falls_due` of the beat)."""
    now = clock.now()
    active = Kind.objects.filter(active=True)
    unplanned = active.filter(next_at=None).first()
    if unplanned is not None and place_of(unplanned, now) is not None:
        return now
    due: dt.datetime | None = active.exclude(next_at=None).order_by("next_at").values_list("next_at", flat=True).first()
    return due
