"""Cases and what is told of them as other systems follow them: the public ones, or what a viewer's posts reach.

No reporter is in any of it. Before a case was accepted the public hears that it exists and where it stands, not its
words or pictures, as everywhere in the house (`public.MODERATED`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from linli.kernel.flow import STAY, say
from linli.kernel.journal.models import Entry
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Case, Photo, Report
from linli.rooms.cases.queries.page import flow_words
from linli.rooms.cases.queries.public import PUBLIC_STEPS
from linli.rooms.cases.rules import public_text
from linli.rooms.people.rights import Viewer
from linli.rooms.places.queries import names

MOST_ROWS = 1000
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for. `numbers` overrides the rest; the times bound when a case was reported."""

    numbers: Sequence[str] = ()
    item_ids: Sequence[int] | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    is_open: bool | None = None
    place_id: int | None = None


_COLUMNS = (
    "id",
    "number",
    "state",
    "is_open",
    "item_id",
    "description",
    "address",
    "place_id",
    "lineage",
    "lng",
    "lat",
    "due_at",
    "reported_at",
    "state_since",
    "accepted_at",
    "public_words",
    "merged_into__number",
    "unit__name_zh",
    "unit__name_en",
    "proposed_unit__name_zh",
    "proposed_unit__name_en",
)


def may_read_all(viewer: Viewer | None) -> bool:
    """Whether this viewer sees more than the public does."""
    return viewer is not None and viewer.has("case.view")


def request_rows(viewer: Viewer | None, asked: Asked, *, most: int = MOST_ROWS) -> list[dict[str, Any]]:
    """Cases, newest first, with `words`, `photo` (the first picture), `place_name`; three queries however many.

    Who has no `case.view` gets the public ones, and by their numbers also those it brought in itself.
    """
    staff = may_read_all(viewer)
    found = Case.objects.filter(_visible(viewer, by_number=bool(asked.numbers)))
    if asked.numbers:
        found = found.filter(number__in=list(asked.numbers))
    else:
        if asked.since is not None:
            found = found.filter(reported_at__gte=asked.since)
        if asked.until is not None:
            found = found.filter(reported_at__lte=asked.until)
        if asked.item_ids is not None:
            found = found.filter(item_id__in=list(asked.item_ids))
        if asked.is_open is not None:
            found = found.filter(is_open=asked.is_open)
    if asked.place_id is not None:
        found = found.filter(tokens__contains=[asked.place_id])
    rows: list[dict[str, Any]] = list(found.order_by("-reported_at", "-id").values(*_COLUMNS)[:most])
    shown = [row["id"] for row in rows if staff or row["accepted_at"]]
    photos = _first_photos(shown, everything=staff)
    places = names({row["place_id"] for row in rows})
    for row in rows:
        open_to_viewer = staff or row["accepted_at"] is not None
        row["photo"] = photos.get(row["id"])
        row["place_name"] = places.get(row["place_id"], "")
        words = row.pop("description")
        row["words"] = (words if staff else public_text(words)) if open_to_viewer else ""
        if not open_to_viewer:
            # About a hundred metres: nobody has yet seen whether the words or the point tell of somebody's home.
            row["address"] = ""
            row["lng"], row["lat"] = (None if at is None else round(at, 3) for at in (row["lng"], row["lat"]))
        elif not staff:
            row["address"] = public_text(row["address"])
    return rows


def request_id_of(tracking_code: str) -> str | None:
    """The number of the case behind a tracking code."""
    return Report.objects.filter(tracking_code=tracking_code).values_list("case__number", flat=True).first()


def _visible(viewer: Viewer | None, *, by_number: bool) -> Q:
    main = Q(parent=None)
    if viewer is not None and viewer.has("case.view"):
        return main & viewer.reach("case.view").q()
    public = Q(is_public=True) & ~Q(state="withdrawn")
    if not by_number:
        return main & public & ~Q(state="merged") & ~Q(state="refused", accepted_at=None)
    if viewer is not None and viewer.account_id is not None:
        public |= Q(pk__in=Report.objects.filter(taken_by_id=viewer.account_id).values("case_id"))
    return main & public


def _first_photos(case_ids: Sequence[int], *, everything: bool) -> dict[int, Photo]:
    if not case_ids:
        return {}
    photos = Photo.objects.filter(case_id__in=case_ids)
    if not everything:
        photos = photos.filter(is_public=True)
    return {photo.case_id: photo for photo in photos.order_by("case_id", "id").distinct("case_id") if photo.case_id}


@dataclass(frozen=True, slots=True)
class Update:
    """Something that was told of a case. `state`: the case's state after it; `step`: what was done."""

    id: int
    number: str
    at: dt.datetime
    step: str
    state: str
    words: str
    photo: Photo | None


_TOLD = tuple(f"case.{code}" for code in sorted(PUBLIC_STEPS - {"report", "join", "rate"}))


def updates(
    viewer: Viewer | None, since: dt.datetime, until: dt.datetime, *, place_id: int | None = None, most: int = MOST_ROWS
) -> list[Update]:
    """What was told in a span of time, oldest first, of the cases the viewer may follow.

    A client that got `most` asks again from the moment of the last one.
    """
    entries = Entry.objects.filter(object_type="case", action__in=_TOLD, at__gte=since, at__lte=until)
    collected: list[tuple[Entry, dict[str, Any]]] = []
    last: tuple[dt.datetime, int] | None = None
    while len(collected) < most:
        part = entries.order_by("at", "id")
        if last is not None:
            part = part.filter(Q(at__gt=last[0]) | Q(at=last[0], id__gt=last[1]))
        some = list(part[:_CHUNK])
        if not some:
            break
        last = (some[-1].at, some[-1].id)
        cases = _followed(viewer, {int(entry.object_id) for entry in some}, place_id)
        collected += [(entry, cases[int(entry.object_id)]) for entry in some if int(entry.object_id) in cases]
        if len(some) < _CHUNK:
            break
    collected = collected[:most]
    photos = _pictures([entry for entry, _case in collected], everything=may_read_all(viewer))
    return [_update(entry, case, photos, masked=not may_read_all(viewer)) for entry, case in collected]


def _followed(viewer: Viewer | None, ids: set[int], place_id: int | None) -> dict[int, dict[str, Any]]:
    if may_read_all(viewer):
        condition = _visible(viewer, by_number=False)
    else:
        condition = Q(is_public=True, parent=None) & (Q(accepted_at__isnull=False) | Q(state="refused"))
        condition &= ~Q(state="withdrawn")
    found = Case.objects.filter(condition, pk__in=ids)
    if place_id is not None:
        found = found.filter(tokens__contains=[place_id])
    rows: Iterable[Any] = found.values("id", "number", "state")
    return {row["id"]: row for row in rows}


def _pictures(entries: Sequence[Entry], *, everything: bool) -> dict[str, Photo]:
    uids = {uid for entry in entries for uid in entry.evidence}
    if not uids:
        return {}
    photos = Photo.objects.filter(uid__in=uids)
    if not everything:
        photos = photos.filter(is_public=True)
    return {str(photo.uid): photo for photo in photos}


def _update(entry: Entry, case: dict[str, Any], photos: dict[str, Photo], *, masked: bool) -> Update:
    code = entry.action.removeprefix("case.")
    step = FLOW.step(code)
    written = entry.words if entry.actor_kind == "person" and entry.words not in flow_words(code) else ""
    if masked:
        written = public_text(written)
    state = (entry.after or {}).get("state") or (case["state"] if step.to_state == STAY else step.to_state)
    pictures = [photos[uid] for uid in entry.evidence if uid in photos]
    return Update(
        id=entry.pk,
        number=case["number"],
        at=entry.at,
        step=code,
        state=state,
        words=written or say(step.words) or say(step.label),
        photo=pictures[0] if pictures else None,
    )
