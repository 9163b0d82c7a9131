"""Counting from the facts themselves: for parts too small for totals of their own, for lists, and to prove the totals.

Each population is a condition on one fact, the same that `measures.POPULATIONS` says by running totals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import connection

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.insight.measures import POPULATION_NAMES, Counts
from linli.rooms.insight.rules import CLOSING_ALLOWANCE

_DONE = "greatest(f.due, f.handled)"
_CLOSE_BY = f"f.due + interval '{CLOSING_ALLOWANCE.days} days'"
_ENDED = f"greatest({_CLOSE_BY}, f.closed)"


def _in(moment: str) -> str:
    return f"{moment} >= %(a)s AND {moment} < %(b)s"


def _open_at(end: str, done: str, ended: str, at: str) -> str:
    """Fell due before the end of the period and was not done with before `at`."""
    return f"{end} < %(b)s AND ({done} IS NULL OR {ended} >= %({at})s)"


_DUE = _open_at("f.due", "f.handled", _DONE, "a")
_TO_CLOSE = _open_at(_CLOSE_BY, "f.closed", _ENDED, "a")

CONDITIONS: dict[str, str] = {
    "reported": _in("f.reported"),
    "valid": f"f.registered IS NOT NULL AND {_in('f.reported')}",
    "registered": _in("f.registered"),
    "dispatched": _in("f.first_dispatched"),
    "accurate": f"f.returned = 0 AND {_in('f.first_dispatched')}",
    "responded": f"f.received IS NOT NULL AND NOT f.received_late AND {_in('f.first_dispatched')}",
    "due": f"f.out = '' AND {_DUE}",
    "carried": "f.out = '' AND f.due < %(a)s AND (f.handled IS NULL OR " + f"{_DONE} >= %(a)s)",
    "handled": f"f.out = '' AND f.handled IS NOT NULL AND {_in(_DONE)}",
    "in_time": f"f.out = '' AND f.handled <= f.due AND {_in('f.due')}",
    "overdue": f"f.out = '' AND {_open_at('f.due', 'f.handled', _DONE, 'b')}",
    "extended": f"f.out = '' AND f.extended > 0 AND {_DUE}",
    "left_out": f"f.out <> '' AND {_DUE}",
    "to_close": f"f.out = '' AND {_TO_CLOSE}",
    "closed_in_time": f"f.out = '' AND f.closed <= {_CLOSE_BY} AND {_in(_CLOSE_BY)}",
    "reworked": f"f.out = '' AND f.reworked > 0 AND {_TO_CLOSE}",
    "closed": _in("f.closed"),
    "answered": f"f.solved <> '' AND {_in('f.rated')}",
    "solved": f"f.solved = 'yes' AND {_in('f.rated')}",
    "levelled": f"f.level IS NOT NULL AND {_in('f.rated')}",
    "satisfied": f"f.level >= 3 AND {_in('f.rated')}",
    "bad": _in("f.bad_at"),
    "bad_called": f"f.bad_called IS NOT NULL AND {_in('f.bad_at')}",
    "right_due": _in("f.right_by"),
    "righted": f"f.righted <= f.right_by AND {_in('f.right_by')}",
    "reopened": _in("f.reopened"),
}
"""Population → the condition on a fact `f`; those that count something else than cases are missing."""

_FILTERS = ", ".join(
    f"count(*) FILTER (WHERE {CONDITIONS[name]})" if name in CONDITIONS else "0" for name in POPULATION_NAMES
)
COLUMNS = {"unit": "unit_id", "post": "post_id", "item": "item_id", "class": "class_id"}


def midnight(day: dt.date) -> dt.datetime:
    """The moment at which a civil day begins."""
    return dt.datetime.combine(day, dt.time(), CIVIL)


def span(since: dt.date, until: dt.date) -> dict[str, Any]:
    """The parameters of the conditions for a period."""
    return {"a": midnight(since), "b": midnight(until)}


def counts_from_facts(
    dimension: str, since: dt.date, until: dt.date, ids: Collection[int] | None = None, under: int | None = None
) -> dict[int, Counts]:
    """Counts of units, posts, items or classes within a place, one look at each fact there (see `counts.counts`)."""
    column = COLUMNS[dimension]
    where = [f"f.{column} IS NOT NULL"]
    given = span(since, until)
    if under is not None:
        where.append("f.lineage @> ARRAY[%(under)s]::bigint[]")
        given["under"] = under
    if ids is not None:
        where.append(f"f.{column} = ANY(%(ids)s)")
        given["ids"] = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.{column}, {_FILTERS} FROM insight_casefact f WHERE {' AND '.join(where)} GROUP BY 1", given
        )
        return {row[0]: Counts(row[1:]) for row in cursor.fetchall()}
