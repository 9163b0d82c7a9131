"""Words with placeholders: which there are, whether a text uses only those, and filling them in. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel.errors import Refused

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PLACEHOLDERS: dict[str, _StrPromise] = {
    "number": gettext_lazy("事件编号"),
    "link": gettext_lazy("链接"),
    "house": gettext_lazy("平台名称"),
    "item": gettext_lazy("事项"),
    "place": gettext_lazy("地方"),
    "unit": gettext_lazy("责任单位"),
    "due": gettext_lazy("到什么时候，例如“11 月 25 日 18:00 前”；没有时限时是“尽快”"),
    "words": gettext_lazy("对外说明"),
    "other": gettext_lazy("合并到的事件编号"),
}
IN_SMS = frozenset({"number", "link", "house"})
"""An SMS is read on a locked screen and passes through a gateway: the number of the case and a link, nothing else."""
LIMITS = {"title": 120, "body": 1000, "short": 160}
_FOUND = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one event: a heading, the text of a mail or chat message, and the text of an SMS."""

    title: str
    body: str
    short: str


@dataclass(frozen=True, slots=True)
class Named:
    """What is said of an event that names its readers: the topic people choose by, heading and text, each twice."""

    topic: str
    zh_title: str
    zh: str
    en_title: str
    en: str


def check(words: Words) -> None:
    """Raises Refused, naming the field, when a text is empty, too long, or has a placeholder that there is not."""
    for name, limit in LIMITS.items():
        text = getattr(words, name)
        if not text.strip():
            raise Refused(_("这里不能空着。"), code="notices.words_missing", field=name)
        if len(text) > limit:
            raise Refused(_("太长了：最多 %(n)d 个字。") % {"n": limit}, code="notices.words_too_long", field=name)
        known = IN_SMS if name == "short" else PLACEHOLDERS.keys()
        unknown = sorted({found for found in _FOUND.findall(text) if found not in known})
        if unknown:
            listed = "、".join(f"{{{each}}}" for each in unknown)
            message = (
                _("短信里只能用编号、链接和平台名称，不能用：%(listed)s。")
                if name == "short" and all(each in PLACEHOLDERS for each in unknown)
                else _("没有这样的占位：%(listed)s。")
            )
            raise Refused(message % {"listed": listed}, code="notices.unknown_placeholder", field=name)
        if re.search(r"[{}]", _FOUND.sub("", text)):
            raise Refused(_("花括号不成对。"), code="notices.loose_brace", field=name)
    if "\n" in words.title.strip() or "\r" in words.title.strip():
        raise Refused(_("标题只能是一行。"), code="notices.title_of_two_lines", field="title")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, once: what a value contains is never taken for a placeholder."""
    return _FOUND.sub(lambda found: values.get(found.group(1), ""), text)


def filled(words: Words, values: Mapping[str, str]) -> Words:
    """All three texts; the heading on one line, whatever a value contains."""
    return Words(
        title=" ".join(fill(words.title, values).split()),
        body=fill(words.body, values).strip(),
        short=" ".join(fill(words.short, values).split()),
    )
