"""The cases behind a figure: as many as the figure says, as a list; those left out, with the reason; trends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from linli.rooms.insight.dimensions import DIMENSIONS, PLACE
from linli.rooms.insight.measures import NOTHING, Counts
from linli.rooms.insight.queries.counts import _LAST, _NUMBERS
from linli.rooms.insight.queries.slow import COLUMNS, CONDITIONS, span

_CASES = """
SELECT c.id, c.number, c.state, c.description, c.reported_at, f.due, f.handled, f.closed, c.place_id, c.unit_id,
       coalesce(i.name_zh, ''), coalesce(i.name_en, ''), f.out, f.out_ref
FROM insight_casefact f JOIN cases_case c ON c.id = f.case_id LEFT JOIN catalogue_item i ON i.id = c.item_id
WHERE {where} ORDER BY coalesce(f.due, f.reported) DESC, f.case_id DESC LIMIT %(size)s OFFSET %(skip)s
"""
_HOW_MANY = "SELECT count(*) FROM insight_casefact f WHERE {where}"


@dataclass(frozen=True, slots=True)
class Behind:
    """One case behind a figure."""

    id: int
    number: str
    state: str
    words: str
    reported: dt.datetime
    due: dt.datetime | None
    handled: dt.datetime | None
    closed: dt.datetime | None
    place_id: int
    unit_id: int | None
    item_zh: str
    item_en: str
    out: str
    out_ref: int | None


def cases_behind(
    population: str,
    since: dt.date,
    until: dt.date,
    *,
    under: Sequence[int] = (),
    dimension: str = "",
    id: int | None = None,
    page: int = 1,
    size: int = 50,
) -> tuple[int, list[Behind]]:
    """How many cases are in a population, and one page of them. Not scoped: under and id are the caller's to check.

    under: only cases in one of these places. dimension and id: of this place, unit, post, item or class.
    Raises KeyError for a population that does not count cases.
    """
    where = [CONDITIONS[population]]
    given: dict[str, Any] = {**span(since, until), "size": size, "skip": (page - 1) * size}
    if under:
        where.append("f.lineage && %(under)s::bigint[]")
        given["under"] = list(under)
    if id is not None:
        given["id"] = id
        if DIMENSIONS[dimension] == PLACE:
            where.append("f.lineage @> ARRAY[%(id)s]::bigint[]")
        else:
            where.append(f"f.{COLUMNS[dimension]} = %(id)s")
    said = " AND ".join(f"({part})" for part in where)
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY.format(where=said), given)
        number = cursor.fetchone()[0]
        cursor.execute(_CASES.format(where=said), given)
        return number, [Behind(*row) for row in cursor.fetchall()]


_TREND = (
    f"SELECT x.n, {_NUMBERS} FROM unnest(%(as)s::date[], %(bs)s::date[], %(ns)s::int[]) AS x (a, b, n)"
    " CROSS JOIN (SELECT %(kind)s::smallint AS kind, %(id)s::bigint AS id, %(other)s::bigint AS other) k "
    + _LAST.format(at="a").replace("%(a)s", "x.a")
    + " "
    + _LAST.format(at="b").replace("%(b)s", "x.b")
)


def trend(dimension: str, id: int, periods: Sequence[tuple[dt.date, dt.date]], street: int = 0) -> list[Counts]:
    """The counts of one place, unit, post or item for several periods, in one question."""
    kind = DIMENSIONS[dimension]
    with connection.cursor() as cursor:
        cursor.execute(
            _TREND,
            {
                "as": [since for since, _until in periods],
                "bs": [until for _since, until in periods],
                "ns": list(range(len(periods))),
                "kind": kind,
                "id": id,
                "other": street,
            },
        )
        found = {row[0]: Counts(row[1:]) for row in cursor.fetchall()}
    return [found.get(number, NOTHING) for number in range(len(periods))]
