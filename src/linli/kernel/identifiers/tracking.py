"""The tracking code of a report: how it is made, shown and read."""

import re
import secrets
import unicodedata

from django.utils.translation import gettext as _

from linli.kernel.errors import Refused

#: Crockford's base 32: no I, L, O and U, so that a code can be read out over the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"})


def tracking_code() -> str:
    """A new code: twelve characters that nobody can guess (60 bits)."""
    return "".join(secrets.choice(ALPHABET) for _each in range(LENGTH))


def show_tracking_code(code: str) -> str:
    """The code in groups of four, as people read and write it."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def normalise_tracking_code(typed: str) -> str:
    """What was typed, as codes are stored: O read as 0, I and L as 1, no dashes and blanks.

    Not checked: look it up, and say that there is no such report when there is none.
    """
    text = unicodedata.normalize("NFKC", typed[:200]).upper().translate(_MEANT)
    return re.sub(r"[^0-9A-Z]", "", text)[:40]


def read_tracking_code(typed: str, field: str = "code") -> str:
    """Like `normalise_tracking_code`, and `Refused` when it cannot be a code."""
    code = normalise_tracking_code(typed)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise Refused(
            _("查询码应为 12 位字母和数字。"),
            f"{field}_invalid",
            field,
            what_next=_("请对照上报成功时显示的查询码，例如 7K2M-9QXD-4TBN。"),
        )
    return code
