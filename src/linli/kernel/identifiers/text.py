"""Typed words, cleaned of what nobody typed on purpose."""

import re
import unicodedata

from django.utils.translation import ngettext

from linli.kernel.errors import Refused

# Controls (line break and tab stay), surrogates that no encoding can store, invisible spaces, and the marks
# that turn the direction of text: they can make a sentence read differently from what is stored.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean_text(text: str, limit: int, field: str | None = None, *, one_line: bool = False) -> str:
    """The text as it is stored: NFC, plain line breaks, no control or direction marks, ends trimmed.

    Emoji and every script stay as they are; so does HTML, which is only ever shown as text.
    limit: most characters (code points); a longer text is refused, saying by how much, never cut.
    one_line: breaks and runs of blanks become one blank.
    """
    text = _BREAKS.sub("\n", text)
    if len(text) <= 4 * limit + 10_000:  # beyond that it is refused anyway: spare the work
        text = _UNSEEN.sub("", unicodedata.normalize("NFC", _UNSEEN.sub("", text)))
    if one_line:
        text = re.sub(r"\s+", " ", text)
    text = text.strip()
    extra = len(text) - limit
    if extra > 0:
        raise Refused(
            ngettext(
                "文字最多 %(limit)s 字，多了 %(count)d 字。",
                "文字最多 %(limit)s 字，多了 %(count)d 字。",
                extra,
            )
            % {"limit": limit, "count": extra},
            "text_too_long",
            field,
            what_next=_shorten(extra),
        )
    return text


def _shorten(extra: int) -> str:
    return ngettext("请删去至少 %(count)d 字。", "请删去至少 %(count)d 字。", extra) % {"count": extra}
