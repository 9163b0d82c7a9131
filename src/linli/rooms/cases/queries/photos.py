"""Where a picture lies. Whether somebody may see it is decided by the page that shows it."""

from __future__ import annotations

import uuid

from linli.kernel.errors import NotFound
from linli.rooms.cases.models import Photo


def photo_file(uid: uuid.UUID, *, thumb: bool = False) -> str:
    """The path under the media folder. Raises NotFound."""
    column = "thumb_path" if thumb else "path"
    path = Photo.objects.filter(uid=uid).values_list(column, flat=True).first()
    if path is None:
        raise NotFound(code="photo.not_found")
    return path


def photos_of(uids: list[str]) -> list[Photo]:
    """Waiting pictures a form already holds, to show them again after an error; unknown ones are left out."""
    wanted = []
    for text in uids[:20]:
        try:
            wanted.append(uuid.UUID(str(text).strip()))
        except ValueError:
            continue
    return list(Photo.objects.filter(uid__in=wanted, case=None).order_by("id"))


def photos_of_case(case_id: int) -> list[Photo]:
    """The pictures of a case, oldest first, for whoever was let in to the case."""
    return list(Photo.objects.filter(case_id=case_id).order_by("id"))
