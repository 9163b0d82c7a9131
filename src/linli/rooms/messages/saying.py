"""What a notice says, in the reader's language: the operator's words, else the shipped ones, filled in."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.web.context import house_name
from linli.kernel.web.when import day_words
from linli.rooms.messages.models import Notice, Wording
from linli.rooms.messages.texts import LANGUAGES, SHIPPED
from linli.rooms.messages.wording import Words, fill, filled

FRESH_SECONDS = 2.0
_own: tuple[float, dict[tuple[str, bool, str], Words]] | None = None


def words_for(kind: str, reporter: bool, language: str) -> Words:
    """The texts with their placeholders; the operator's where there are any (at most two seconds old)."""
    key = (kind, reporter, language if language in LANGUAGES else LANGUAGES[0])
    return own_words().get(key) or SHIPPED[key]


def own_words() -> dict[tuple[str, bool, str], Words]:
    """The operator's texts by (kind, for reporters, language)."""
    global _own
    if _own is None or time.monotonic() - _own[0] > FRESH_SECONDS:
        rows = Wording.objects.all()
        _own = (
            time.monotonic(),
            {(row.kind, row.reporter, row.language): Words(row.title, row.body, row.short) for row in rows},
        )
    return _own[1]


def forget_words() -> None:
    """Read them anew next time: after a change in this process."""
    global _own
    _own = None


def said(notice: Notice, language: str, link: str = "") -> Words:
    """The notice in words."""
    words = words_for(notice.kind, notice.reporter, language)
    return filled(words, values(notice.data, language, link))


def heading(notice: Notice, language: str) -> str:
    """Only its first line, for lists."""
    words = words_for(notice.kind, notice.reporter, language)
    return " ".join(fill(words.title, values(notice.data, language)).split())


def values(data: Mapping[str, Any], language: str, link: str = "") -> dict[str, str]:
    """What stands for each placeholder."""
    with translation.override(language):
        return {
            "number": str(data.get("number", "")),
            "link": link,
            "house": house_name(),
            "item": _named(data.get("item"), language) or _("未分类的问题"),
            "place": _named(data.get("place"), language),
            "unit": _named(data.get("unit"), language) or _("责任单位"),
            "due": _by(data.get("due") or ""),
            "words": str(data.get("words", "")),
            "other": str(data.get("other", "")),
        }


def _named(pair: Sequence[str] | None, language: str) -> str:
    zh, en = pair or ("", "")
    return en or zh if language.startswith("en") else zh


def _by(due: str) -> str:
    if not due:
        return _("尽快")
    # The blank before the figures is Chinese typography; English puts it into the sentence.
    local = timezone.localtime(dt.datetime.fromisoformat(due))
    day = day_words(local.date(), timezone.localtime(clock.now()).date())
    return _(" %(day)s %(time)s 前") % {"day": day, "time": f"{local.hour:02d}:{local.minute:02d}"}
