"""Pictures that machines name by an address: fetched by the worker, never while somebody waits for an answer.

Only addresses that `kernel.outgoing` lets through are asked; what comes back goes through the same intake as every
picture (`kernel.imaging`), so a link to something else ends as a refusal that is kept with the link.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from linli.kernel import clock, journal, outgoing
from linli.kernel.errors import Refused
from linli.kernel.imaging import Picture, take_in
from linli.kernel.outbox import Event
from linli.rooms.cases.actions.given import PHOTOS_LIMIT
from linli.rooms.cases.actions.photos import keep_picture
from linli.rooms.cases.actions.steps import SYSTEM
from linli.rooms.cases.models import Case, Photo, PhotoLink
from linli.rooms.people.rights import NOBODY

MOST_BYTES = 20 * 1024 * 1024
TRIES = 6
MOST_OF_UPDATES = 40  # pictures of a case that belong to no report
_FIRST_WAIT = dt.timedelta(seconds=30)
# While one worker fetches a link, no other takes it; when that worker dies, somebody tries again after this.
_LEASE = dt.timedelta(minutes=3)
_FOR_GOOD = frozenset({"address", "forbidden", "certificate", "too_large"})


def fetch_due(limit: int = 10) -> int:
    """Fetch the pictures whose time has come; returns how many links were tried."""
    tried = 0
    while tried < limit:
        link = _claim()
        if link is None:
            break
        tried += 1
        fetch(link)
    return tried


def _claim() -> PhotoLink | None:
    now = clock.now()
    with transaction.atomic():
        link = (
            PhotoLink.objects.select_for_update(skip_locked=True).filter(again_at__lte=now).order_by("again_at").first()
        )
        if link is not None:
            link.tries += 1
            link.again_at = now + _LEASE
            link.save(update_fields=["tries", "again_at"])
    return link


def fetch(link: PhotoLink) -> None:
    """Fetch one link and keep its picture with the case, or note why there is none."""
    try:
        found = outgoing.get(link.url, size=MOST_BYTES)
    except outgoing.Unreachable as error:
        (_give_up if error.reason in _FOR_GOOD else _later)(link, str(error))
        return
    if found.status != 200:
        (_later if found.status >= 500 or found.status == 429 else _give_up)(link, f"HTTP {found.status}")
        return
    try:
        picture = take_in(found.body, "link")
    except Refused as refused:
        _give_up(link, str(refused.message))
    else:
        _keep(link, picture)


def _later(link: PhotoLink, trouble: str) -> None:
    if link.tries >= TRIES:
        _give_up(link, trouble)
        return
    link.trouble = trouble[:300]
    link.again_at = clock.now() + _FIRST_WAIT * 2 ** (link.tries - 1)
    link.save(update_fields=["trouble", "again_at"])


def _give_up(link: PhotoLink, trouble: str) -> None:
    link.trouble, link.again_at = trouble[:300], None
    link.save(update_fields=["trouble", "again_at"])


def _keep(link: PhotoLink, picture: Picture) -> None:
    """The picture becomes one of the report's, on record; a case that has enough pictures takes no more."""
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=link.case_id)
        together = Photo.objects.filter(case=case, report=link.report)
        if together.count() >= (PHOTOS_LIMIT if link.report else MOST_OF_UPDATES):
            _give_up(link, "enough pictures")
            return
        photo = keep_picture(picture, viewer=NOBODY)
        Photo.objects.filter(pk=photo.pk).update(case=case, report_id=link.report_id)
        Case.objects.filter(pk=case.pk).update(photo_count=F("photo_count") + 1, version=F("version") + 1)
        link.photo, link.again_at, link.trouble = photo, None, ""
        link.save(update_fields=["photo", "again_at", "trouble"])
        journal.record(
            action="case.photo_fetched",
            actor=SYSTEM,
            object_type="case",
            object_id=case.pk,
            before={"version": case.version},
            after={"version": case.version + 1},
            evidence=[str(photo.uid)],
            place_ids=case.lineage,
            events=[Event("case.photo_fetched", "case", case.pk, {"number": case.number})],
        )
