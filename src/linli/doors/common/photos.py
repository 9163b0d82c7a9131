"""Taking in and showing pictures. An address of a picture is signed for a day by the page that had the right to it."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import NotFound, Refused
from linli.rooms.cases.actions.photos import keep_photo
from linli.rooms.cases.models import Photo
from linli.rooms.cases.queries.photos import photo_file
from linli.rooms.people.rights import Viewer

_signer = Signer(salt="linli.photos")


def _day(back: int = 0) -> str:
    return str(clock.now().astimezone(CIVIL).date().toordinal() - back)


def photo_url(photo: Photo, *, thumb: bool = False) -> str:
    """The signed address of a picture, good today and tomorrow. Only for pages whose viewer may see it."""
    name = "common:photo_thumb" if thumb else "common:photo"
    seal = _signer.signature(f"{photo.uid}:{_day()}")
    return f"{reverse(name, args=[photo.uid])}?s={seal}"


def may_show(uid: uuid.UUID, seal: str) -> bool:
    """Whether the address was signed today or yesterday."""
    for back in (0, 1):
        try:
            _signer.unsign(f"{uid}:{_day(back)}:{seal}")
        except BadSignature:
            continue
        return True
    return False


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """One picture in field `photo`; answers {id, thumb_url, url, lng, lat, taken_at} or the refusal (422)."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    file = request.FILES.get("photo")
    try:
        if file is None:
            raise Refused(_("没有收到照片，请重新选择。"), code="photo.none", field="photo")
        photo = keep_photo(file.read(), file.name or "", viewer=viewer)
    except Refused as refused:
        return JsonResponse(refused.as_json(), status=refused.status)
    return JsonResponse(
        {
            "id": str(photo.uid),
            "thumb_url": photo_url(photo, thumb=True),
            "url": photo_url(photo),
            "lng": photo.lng,
            "lat": photo.lat,
            "taken_at": photo.taken_at and photo.taken_at.isoformat(),
        },
        status=201,
    )


@require_safe
def show(request: HttpRequest, uid: uuid.UUID, thumb: bool = False) -> FileResponse:
    """The picture or its thumbnail. A wrong or old signature finds nothing."""
    if not may_show(uid, request.GET.get("s", "")):
        raise NotFound(code="photo.not_found")
    path = Path(settings.MEDIA_ROOT) / photo_file(uid, thumb=thumb)
    if not path.exists():
        raise NotFound(code="photo.not_found")
    answer = FileResponse(path.open("rb"), content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    answer["Content-Disposition"] = "inline"
    return answer
