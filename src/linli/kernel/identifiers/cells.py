"""What stands in a form field or a sheet's cell, as plain text."""

import re
import unicodedata

#: A spreadsheet keeps fifteen digits of a number; longer codes come back with an invented tail.
EXACT_DIGITS = 15

_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,3}")
_POINT_ZERO = re.compile(r"(\d+)\.0+")


def plain(value: object) -> str:
    """The typed text in one form: half width, capitals, without blanks, dashes and apostrophes."""
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).upper()
    return re.sub(r"[\s'`’\-‐-―−·\u200b-\u200f\ufeff]+", "", text)


def digits(value: object) -> str:
    """Like `plain`, and a whole number out of a number cell loses its ".0"."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**EXACT_DIGITS:
        return str(int(value))
    text = plain(value)
    whole = _POINT_ZERO.fullmatch(text)
    return whole[1] if whole and len(whole[1]) <= EXACT_DIGITS else text


def lost_digits(value: object) -> bool:
    """Whether this comes from a number cell that cannot hold so long a code."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return abs(value) >= 10**EXACT_DIGITS
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).strip()
    if _SCIENTIFIC.fullmatch(text):
        return True
    whole = _POINT_ZERO.fullmatch(text)
    return whole is not None and len(whole[1]) > EXACT_DIGITS
