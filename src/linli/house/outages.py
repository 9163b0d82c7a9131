"""Which errors are no defect but an outage: the database is away or busy, or the disk is full."""

from __future__ import annotations

import errno
import shutil

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import NoRoom, Unavailable

FULL_BELOW = 1024 * 1024
"""Bytes: with less than this on the disk of the home, a database that went away went because of it."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_AWAY = ("08", "57P0", "53300", "53400", "25006", "58")
_BUSY = ("40001", "40P01", "55P03", "57014")
_DEEP = 6


def outage_of(error: BaseException) -> Unavailable | None:
    """The outage behind an error, in words for the visitor; None when the error is a defect."""
    found: BaseException | None = error
    for _level in range(_DEEP):
        if found is None:
            return None
        outage = _outage(found)
        if outage is not None:
            return outage
        found = found.__cause__ or found.__context__
    return None


def _outage(error: BaseException) -> Unavailable | None:
    if isinstance(error, OSError) and error.errno in _FULL:
        return no_room()
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state == "53100" or "No space left on device" in str(error):
        return no_room()
    if state.startswith(_BUSY):
        return busy()
    if state.startswith(_AWAY) or (not state and _is_gone(error)):
        return no_room() if _disk_is_full() else away()
    return None


def _is_gone(error: BaseException) -> bool:
    """Without a code of PostgreSQL's: it could not be connected to, or the connection broke (it may be back by now)."""
    words = str(error)
    if isinstance(error, InterfaceError):
        return "connection" in words and "closed" in words
    return isinstance(error, OperationalError) and "parameters" not in words  # more than 65,535 of them: a defect


def _disk_is_full() -> bool:
    try:
        return shutil.disk_usage(settings.LINLI_HOME).free < FULL_BELOW
    except OSError:
        return False


def away() -> Unavailable:
    """The database cannot be reached."""
    return Unavailable(
        _("系统正在恢复，暂时办不了。"),
        "unavailable",
        what_next=_("一般一分钟内就好，请稍后再试。您填的内容还在这个浏览器里。"),
        retry_after=10,
    )


def busy() -> Unavailable:
    """Too much at once, or an upgrade at work: the next try succeeds."""
    return Unavailable(
        _("系统正忙，这一次没有办成。"),
        "busy",
        what_next=_("请过几秒再试一次。您填的内容还在这个浏览器里。"),
        retry_after=2,
    )


def no_room() -> NoRoom:
    """Nothing can be kept any more until the operator makes room."""
    return NoRoom(
        _("服务器的磁盘满了，刚才的内容没有收到。"),
        what_next=_("请过一会儿再试；急事请打热线电话。您填的内容还在这个浏览器里。运维人员腾出空间后会自动恢复。"),
        retry_after=60,
    )
