"""The code behind the QR on the whistle's page: signed, good for a few minutes, worth nothing without signing in."""

from __future__ import annotations

import datetime as dt

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from linli.kernel.errors import Refused
from linli.rooms.whistles.rules import CODE_FRESH

_SALT = "linli.whistles.check_in"


def code_for(whistle_id: int, now: dt.datetime) -> str:
    """A code that lets people check in for `CODE_FRESH` from now."""
    return Signer(salt=_SALT).sign_object([whistle_id, int(now.timestamp())])


def whistle_of(code: str, now: dt.datetime) -> int:
    """The whistle that a fresh code is for. Raises Refused when it is stale or nobody's."""
    try:
        whistle_id, made = Signer(salt=_SALT).unsign_object(code)
        age = now.timestamp() - int(made)
    except (BadSignature, ValueError, TypeError):
        raise Refused(
            _("这个签到码不对。"), "whistle.bad_code", what_next=_("请对着吹哨人屏幕上的二维码重新扫。")
        ) from None
    if not -60 <= age <= CODE_FRESH.total_seconds():
        raise Refused(
            _("这个签到码已经过期。"), "whistle.stale_code", what_next=_("请对着吹哨人屏幕上的二维码重新扫。")
        )
    return int(whistle_id)
