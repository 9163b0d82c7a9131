"""Taking in pictures: checked, stripped and re-encoded before anything else sees them, then waiting for their form."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction

from linli.kernel import clock
from linli.kernel.imaging import Picture, take_in
from linli.rooms.cases.models import Photo
from linli.rooms.people.rights import Viewer

WAITS_FOR = dt.timedelta(hours=48)
Holder = Callable[[Sequence[int]], set[int]]
_holders: dict[str, Holder] = {}


def held_elsewhere(name: str, holder: Holder) -> None:
    """Let a higher room keep pictures that belong to no case: `holder(ids)` answers which of them it still needs."""
    _holders[name] = holder


def keep_photo(data: bytes, filename: str, *, viewer: Viewer) -> Photo:
    """Take in a picture; the form it belongs to names it by `uid` when it is sent.

    Raises Refused with the reason when it is no picture, too large, disguised or a bomb. Files are written
    before the row, so a crash in between leaves a stray file, never a row without its file.
    """
    return keep_picture(take_in(data, filename), viewer=viewer)


def keep_picture(picture: Picture, *, viewer: Viewer) -> Photo:
    """Store a picture that `imaging.take_in` has made safe."""
    now = clock.now()
    uid = uuid.uuid4()
    folder = f"photos/{now:%Y/%m}/{uid.hex[:2]}"
    path, thumb_path = f"{folder}/{uid.hex}.jpg", f"{folder}/{uid.hex}.thumb.jpg"
    _write(path, picture.image)
    _write(thumb_path, picture.thumb)
    with transaction.atomic():
        return Photo.objects.create(
            uid=uid,
            path=path,
            thumb_path=thumb_path,
            width=picture.width,
            height=picture.height,
            sha256=picture.sha256,
            taken_at=picture.taken_at,
            lng=picture.lng,
            lat=picture.lat,
            uploaded_by_id=viewer.account_id,
            uploaded_at=now,
        )


def _write(relative: str, data: bytes) -> None:
    path = Path(settings.MEDIA_ROOT) / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:  # a full disk: half a picture must not keep the little room that is left
        draft.unlink(missing_ok=True)
        raise


def drop_unused(now: dt.datetime) -> int:
    """Forget pictures whose form was never sent; returns how many."""
    stale = list(_stale(now))
    for photo in stale:
        with transaction.atomic():
            gone, _per_model = Photo.objects.filter(pk=photo.pk, case=None).delete()
        if gone:
            for relative in (photo.path, photo.thumb_path):
                (Path(settings.MEDIA_ROOT) / relative).unlink(missing_ok=True)
    return len(stale)


def _stale(now: dt.datetime, at_once: int = 500) -> Iterator[Photo]:
    """Old pictures that nobody holds, the oldest first, at most so many."""
    waiting = Photo.objects.filter(case=None, uploaded_at__lt=now - WAITS_FOR).order_by("pk")
    after, found = 0, 0
    while some := list(waiting.filter(pk__gt=after)[:at_once]):
        after = some[-1].pk
        ids = [photo.pk for photo in some]
        held = set().union(*(holder(ids) for holder in _holders.values()))
        for photo in some:
            if photo.pk not in held:
                found += 1
                yield photo
                if found >= at_once:
                    return
