"""What happens around the cases of the demo town: a chapter for each matter, each leaning on those before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from django.db import transaction

from linli.demo import bulletins, insight, ladder, meetings, oversight, rounds, whistles
from linli.demo.people_told import Cast

Chapter = Callable[[Cast, dict[str, int], dict[str, int], dt.datetime], None]

CHAPTERS: tuple[tuple[str, Chapter], ...] = (
    ("Letting duty climb …", ladder.tell_ladder),
    ("Blowing whistles …", whistles.tell_whistles),
    ("Walking the rounds …", rounds.tell_rounds),
    ("Supervising …", oversight.tell_oversight),
    ("Holding meetings …", meetings.tell_meetings),
    ("Counting …", insight.tell_insight),
    ("Publishing bulletins …", bulletins.tell_bulletins),
)


def tell(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> Iterator[str]:
    """Tell every chapter, each in one transaction; yields what comes next before each."""
    for words, chapter in CHAPTERS:
        yield words
        with transaction.atomic():
            chapter(cast, places, units, now)
