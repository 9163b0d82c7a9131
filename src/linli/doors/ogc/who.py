"""Whose cases: everybody's public ones, or with a key of scope read those that the key may see."""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.kernel.errors import LinliError, NotAllowed
from linli.rooms.people.keys import viewer_of_key
from linli.rooms.people.rights import Viewer


class NotKnown(LinliError):
    """The key that came along opens nothing (401)."""

    status = 401
    default_code = "Unauthorized"


def asks_with_key(request: HttpRequest) -> bool:
    """Whether a key came along, good or not."""
    return bool(request.headers.get("Authorization"))


def viewer_of(request: HttpRequest) -> Viewer | None:
    """The key's viewer; None for the public. A session counts for nothing here: the answers are open to every page.

    `Authorization: Bearer KEY`, or Basic with the key as password, for programs that know nothing else. Raises
    NotKnown (no such key, expired, revoked), NotAllowed (without the scope read), TooMany.
    """
    if not asks_with_key(request):
        return None
    try:
        viewer = viewer_of_key(_secret(request.headers["Authorization"]))
    except NotAllowed as error:
        raise NotKnown(error.message, error.code) from None
    if not viewer.has("case.view"):
        raise NotAllowed(_("这个密钥没有 read 范围。"), "key.scope")
    return viewer


def _secret(said: str) -> str:
    scheme, _space, rest = said.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return ""
