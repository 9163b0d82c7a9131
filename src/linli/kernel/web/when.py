"""Times in words: near now they are relative, farther away they are dates; always with the exact one beside.

Civil time is the installation's (Asia/Shanghai); nothing here reads the clock: ``now`` is given.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _english() -> bool:
    return (get_language() or "").startswith("en")


def day_words(day: date, today: date) -> str:
    """11 月 25 日 / 25 Nov, with the year when it is another one."""
    if _english():
        words = f"{day.day} {_MONTHS[day.month - 1]}"
        return words if day.year == today.year else f"{words} {day.year}"
    words = f"{day.month} 月 {day.day} 日"
    return words if day.year == today.year else f"{day.year} 年 {words}"


def exact(moment: datetime) -> str:
    """2026-11-25 18:00, civil time."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def near_words(moment: datetime, now: datetime) -> str:
    """The words for a moment seen from ``now``: 5 分钟前, 今天 18:00, 昨天 09:12, 11 月 25 日 18:00."""
    distance = (moment - now).total_seconds()
    minutes = int(abs(distance) // 60)
    if minutes < 1:
        return pgettext("when", "刚刚") if distance <= 0 else pgettext("when", "马上")
    if minutes < 60:
        if distance < 0:
            return ngettext("%(n)d 分钟前", "%(n)d 分钟前", minutes) % {"n": minutes}
        return ngettext("%(n)d 分钟后", "%(n)d 分钟后", minutes) % {"n": minutes}
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    clock = f"{local.hour:02d}:{local.minute:02d}"
    days = (local.date() - today).days
    if days == 0:
        return f"{pgettext('when', '今天')} {clock}"
    if days == -1:
        return f"{pgettext('when', '昨天')} {clock}"
    if days == 1:
        return f"{pgettext('when', '明天')} {clock}"
    return f"{day_words(local.date(), today)} {clock}"


def duration_words(length: timedelta | float) -> str:
    """2 小时 15 分 / 2 h 15 min: the two largest units, never seconds above a minute."""
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    sign = "−" if seconds < 0 else ""
    minutes = abs(seconds) // 60
    if minutes < 1:
        return sign + _("不到 1 分钟")
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = []
    if days:
        parts.append(_("%(n)d 天") % {"n": days})
    if hours:
        parts.append(_("%(n)d 小时") % {"n": hours})
    if minutes and not days:
        parts.append(_("%(n)d 分钟") % {"n": minutes})
    return sign + " ".join(parts)
