"""Two-character pieces of a text: what a search in Chinese, Latin letters and digits is made of.

Trigram indexes cannot find a Chinese word of two characters, the commonest length there is. So a row
keeps the bigrams of its words in a `text[]` column under a GIN index; a query asks for rows that
contain all bigrams of the query (`grams @> query_grams(q)`), and `matches` then makes sure that the
words really stand there. Pure: no database, no clock.
"""

from __future__ import annotations

import re
import unicodedata

# Marks that steer the direction of writing or join letters carry no word; left in, they would hide one.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]")
_RUN = re.compile(r"[^\W_]+")

MAX_CHARACTERS = 20_000
"""Longer texts are indexed by their beginning: what stands on page ten of a letter is not searched."""


def fold(text: str) -> str:
    """One way of writing: full-width forms made plain, case folded, invisible marks dropped.

    >>> fold("Ｗｉ－Ｆｉ　坏了")
    'wi-fi 坏了'
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:MAX_CHARACTERS]))
    return plain.casefold()


def grams(*texts: str) -> list[str]:
    """The different bigrams of all texts, sorted: the value of an indexed `grams` column.

    Letters, digits and characters standing side by side form one run ("3栋2单元"), so that a search for
    "栋2" finds it; blanks and signs end a run. A run of one character has no bigram.

    >>> grams("路灯不亮")
    ['不亮', '灯不', '路灯']
    """
    found: set[str] = set()
    for text in texts:
        for run in _RUN.findall(fold(text)):
            found.update(run[i : i + 2] for i in range(len(run) - 1))
    return sorted(found)


def query_grams(text: str) -> list[str]:
    """The bigrams a row must have to be worth checking with `matches`.

    Empty when the query has no run of two characters (a single character, only signs): the caller then
    has no index to use and should look through a small set, or ask for one character more.
    """
    return grams(text)


def matches(text: str, query: str) -> bool:
    """Whether every word of `query` (parted by blanks and signs) stands somewhere in `text`.

    Bigrams alone may lie: "消防通道" and "防通" share pieces with texts that never say the word.
    """
    wanted = _RUN.findall(fold(query))
    if not wanted:
        return False
    runs = " ".join(_RUN.findall(fold(text)))
    return all(word in runs for word in wanted)
