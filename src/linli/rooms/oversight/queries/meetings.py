"""Meetings as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.rooms.oversight.actions.agenda import target_of
from linli.rooms.oversight.models import AgendaItem, Meeting, MeetingKind, Minutes, Seat
from linli.rooms.oversight.queries.scope import own_units, reached
from linli.rooms.people.models import Post
from linli.rooms.people.rights import Viewer

PAGE = 20


def visible_meetings(viewer: Viewer) -> QuerySet[Meeting]:
    """Meetings where the viewer may hold some, and closed ones that gave the viewer's unit something to do."""
    found = reached(viewer, "meeting.hold", classes=False)
    units = own_units(viewer, "order.sign")
    if units:
        found |= Q(state="closed", tokens__overlap=[-unit for unit in units])
    return Meeting.objects.filter(found)


def meetings(viewer: Viewer, past: bool = False, offset: int = 0) -> tuple[list[Meeting], int]:
    """Those to come, the next one first, or those that were, the latest first; and the next offset."""
    found = visible_meetings(viewer).select_related("kind", "place").annotate(points=Count("items"))
    if past:
        found = found.filter(state__in=("closed", "cancelled")).order_by("-planned_for", "-id")
    else:
        found = found.filter(state__in=("planned", "running")).order_by("planned_for", "id")
    rows: list[Any] = list(found[offset : offset + PAGE + 1])
    return rows[:PAGE], offset + PAGE if len(rows) > PAGE else 0


def open_one(meeting_id: int, viewer: Viewer) -> Meeting:
    """The meeting if the viewer may see it. Raises NotFound."""
    found = visible_meetings(viewer).select_related("kind", "place").filter(pk=meeting_id).first()
    if found is None:
        raise NotFound(code="meeting.not_found")
    return found


def agenda(meeting: Meeting) -> list[AgendaItem]:
    """The points in their order; one query."""
    return list(
        meeting.items.select_related("case", "unit", "order", "post", "post__kind", "post__holder").order_by(
            "position", "id"
        )
    )


@dataclass(frozen=True, slots=True)
class Owner:
    """A post that may be given something to do."""

    id: int
    kind_zh: str
    kind_en: str
    place: str
    name: str


def owners(place_ids: Sequence[int]) -> list[Owner]:
    """The posts that bear duty at these places, for the choice beside the units."""
    day = clock.now().date()
    rows = (
        Post.objects.filter(place_id__in=list(place_ids), kind__duties__contains=["duty.bear"], valid_from__lte=day)
        .filter(Q(valid_to=None) | Q(valid_to__gt=day))
        .select_related("kind", "holder", "place")
        .order_by("-place__level", "kind__sort", "id")[:40]
    )
    return [
        Owner(row.pk, row.kind.name_zh, row.kind.name_en, row.place.name if row.place else "", row.holder.name)
        for row in rows
    ]


def may_hold(meeting: Meeting, viewer: Viewer) -> bool:
    """Whether the viewer may lead this meeting."""
    return viewer.may("meeting.hold", target_of(meeting)).ok


def minutes_of(meeting: Meeting) -> Minutes | None:
    """The minutes as issued, without the bytes of the PDF."""
    return Minutes.objects.defer("pdf").filter(meeting=meeting).first()


def minutes_pdf(meeting_id: int, viewer: Viewer) -> tuple[str, bytes]:
    """Number and PDF as issued. Raises NotFound."""
    meeting = open_one(meeting_id, viewer)
    found = Minutes.objects.filter(meeting=meeting).first()
    if found is None or found.pdf is None:
        raise NotFound(code="minutes.not_found")
    return found.number, bytes(found.pdf)


def next_for_case(viewer: Viewer, lineage: Sequence[int], limit: int = 3) -> list[Meeting]:
    """Planned meetings at the case's places that the viewer may put something on; one query."""
    return list(
        Meeting.objects.filter(reached(viewer, "meeting.hold", classes=False))
        .filter(state__in=("planned", "running"), place_id__in=list(lineage))
        .order_by("planned_for", "id")[:limit]
    )


def agendas_of(case_id: int) -> set[int]:
    """The meetings that have a case on their agenda."""
    return set(AgendaItem.objects.filter(case_id=case_id).values_list("meeting_id", flat=True))


def kinds() -> list[MeetingKind]:
    return list(MeetingKind.objects.all())


def seats(viewer: Viewer) -> list[Any]:
    """The regular meetings at places where the viewer may hold some."""
    reach = viewer.reach("meeting.hold")
    tokens = [*reach.free, *(token for token, _classes in reach.limited)]
    found = Seat.objects.select_related("kind", "place").filter(place__lineage__overlap=tokens)
    return list(found.order_by("next_at", "id")[:60]) if tokens else []
