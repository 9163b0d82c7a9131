"""The pictures of an issue, made small enough for a page of paper."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from linli.rooms.bulletins.models import Issue
from linli.rooms.bulletins.page import chosen, picture_name
from linli.rooms.bulletins.sections import Part
from linli.rooms.cases.models import Photo

LONG_EDGE = 960
_QUALITY = 80


def pictures_of(issue: Issue) -> dict[str, bytes]:
    """The chosen pairs by name. A picture that is no longer public, or whose file is gone, is left out."""
    return pictures_of_pairs(chosen(issue))


def pictures_of_pairs(pairs: Iterable[Part]) -> dict[str, bytes]:
    """The same for these pairs."""
    wanted = {
        uuid.UUID(each[side]): picture_name(each["case_id"], side) for each in pairs for side in ("before", "after")
    }
    paths = Photo.objects.filter(uid__in=list(wanted), is_public=True, case__is_public=True).values_list("uid", "path")
    found = {}
    for uid, path in paths:
        small = _reduced(Path(settings.MEDIA_ROOT) / path)
        if small is not None:
            found[wanted[uid]] = small
    return dict(sorted(found.items()))


def _reduced(path: Path) -> bytes | None:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
            small.thumbnail((LONG_EDGE, LONG_EDGE))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=_QUALITY, optimize=True)
            return out.getvalue()
    except OSError:
        return None
