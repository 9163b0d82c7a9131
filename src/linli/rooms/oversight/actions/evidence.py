"""Proof of what was done: pictures taken in like those of a case, and documents."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import uuid
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.identifiers import clean_text
from linli.rooms.cases.models import Photo
from linli.rooms.oversight.models import Evidence
from linli.rooms.people.rights import Viewer

MOST_MB = 20
FILES_AT_MOST = 5
WAITS_FOR = dt.timedelta(hours=48)
_ZIP = b"PK\x03\x04"
# What a document may be: its ending, the first bytes it must have, and how it is served.
TYPES: dict[str, tuple[bytes, str]] = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".docx": (_ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": (_ZIP, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".wps": (b"\xd0\xcf\x11\xe0", "application/octet-stream"),
    ".doc": (b"\xd0\xcf\x11\xe0", "application/msword"),
    ".xls": (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel"),
    ".ofd": (_ZIP, "application/octet-stream"),
}


def keep_file(data: bytes, filename: str, *, viewer: Viewer) -> Evidence:
    """Take in a document; the form it belongs to names it by `uid`. Raises Refused with the reason."""
    viewer.require("order.sign") if viewer.has("order.sign") else viewer.require("task.report")
    name = clean_text(PurePath(filename.replace("\\", "/")).name, 400, "files", one_line=True)[-120:]
    ending = PurePath(name).suffix.lower()
    known = TYPES.get(ending)
    if known is None or not data.startswith(known[0]):
        raise Refused(
            _("“%(name)s”不能作为附件。") % {"name": name or "?"},
            "evidence.type",
            "files",
            what_next=_("附件可以是 PDF、Word、Excel、WPS 或 OFD；照片请放在“照片”里。"),
        )
    if len(data) > MOST_MB * 1024 * 1024:
        raise Refused(
            _("“%(name)s”太大（%(size)d MB）。请选小于 %(most)d MB 的文件。")
            % {"name": name, "size": len(data) >> 20, "most": MOST_MB},
            "evidence.size",
            "files",
        )
    now = clock.now()
    uid = uuid.uuid4()
    path = f"orders/{now:%Y/%m}/{uid.hex}{ending}"
    _write(path, data)
    return Evidence.objects.create(
        uid=uid,
        kind=Evidence.Kind.FILE,
        path=path,
        name=name,
        media_type=known[1],
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
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
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def take_over(photos: Iterable[Photo], files: Iterable[Any], *, viewer: Viewer, **owner: Any) -> list[str]:
    """Make waiting pictures and documents the proof of an answer or a report; returns their uids.

    A picture's file stays where it is and its row moves over, so that nothing drops it as unused. Inside the
    transaction of the action. Raises Refused when a document is gone or somebody else's.
    """
    uids: list[str] = []
    for photo in photos:
        Evidence.objects.create(
            uid=photo.uid,
            kind=Evidence.Kind.PHOTO,
            path=photo.path,
            thumb_path=photo.thumb_path,
            media_type="image/jpeg",
            sha256=photo.sha256,
            width=photo.width,
            height=photo.height,
            taken_at=photo.taken_at,
            uploaded_by_id=photo.uploaded_by_id,
            uploaded_at=photo.uploaded_at,
            **owner,
        )
        uids.append(str(photo.uid))
        photo.delete()
    wanted = list(dict.fromkeys(str(uid).strip() for uid in files if str(uid).strip()))
    if len(wanted) > FILES_AT_MOST:
        raise Refused(_("一次最多 5 个附件。"), "evidence.too_many", "files")
    for uid in wanted:
        try:
            waiting = Evidence.objects.select_for_update().filter(
                uid=uuid.UUID(uid), answer=None, progress=None, uploaded_by_id=viewer.account_id
            )
            found = waiting.first()
        except ValueError:
            found = None
        if found is None:
            raise Refused(_("有一个附件已过期或已用在别处，请重新添加。"), "evidence.gone", "files")
        for name, value in owner.items():
            setattr(found, name, value)
        found.save()
        uids.append(uid)
    return uids


def drop_unused(now: dt.datetime) -> int:
    """Forget documents whose form was never sent; returns how many."""
    stale = list(Evidence.objects.filter(answer=None, progress=None, uploaded_at__lt=now - WAITS_FOR)[:200])
    for one in stale:
        with transaction.atomic():
            gone, _per_model = Evidence.objects.filter(pk=one.pk, answer=None, progress=None).delete()
        if gone:
            for relative in filter(None, (one.path, one.thumb_path)):
                (Path(settings.MEDIA_ROOT) / relative).unlink(missing_ok=True)
    return len(stale)
