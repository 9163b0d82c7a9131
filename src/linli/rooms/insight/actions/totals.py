"""The running totals: applying differences, one writer at a time.

A difference on a day changes that day's row and all later ones of the same place, unit or item: cases move near today,
so these are few. A day without a row gets one, a copy of the one before. Writers take turns (`one_at_a_time`), as two
of them would copy rows without each other's differences.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db import connection

from linli.rooms.insight.dimensions import FIRST_DAY, Key
from linli.rooms.insight.marks import day_of
from linli.rooms.insight.measures import MEASURES

LOCK = 7_402_025_31
"""The advisory lock of whoever writes totals; `recount --repair` holds it for a session."""

Changes = dict[Key, "Counter[tuple[str, int]]"]
"""What to add: key → (measure, day) → how much, also less than nothing."""

_COLUMNS = ", ".join(MEASURES)
_KEYS = "unnest(%s::smallint[], %s::bigint[], %s::bigint[]"
_FAR = 2_000_000  # a day after all others
_BEGIN = (
    "INSERT INTO insight_rollup (kind, id, other, day, " + _COLUMNS + ")"
    f" SELECT x.*, '{FIRST_DAY}'::date{', 0' * len(MEASURES)} FROM {_KEYS}) AS x ON CONFLICT DO NOTHING"
)
_COPY_DOWN = (
    f"INSERT INTO insight_rollup (kind, id, other, day, {_COLUMNS})"
    f" SELECT x.kind, x.id, x.other, x.day, {', '.join(f'p.{name}' for name in MEASURES)}"
    f" FROM {_KEYS}, %s::date[]) AS x (kind, id, other, day)"
    " JOIN LATERAL (SELECT * FROM insight_rollup r WHERE r.kind = x.kind AND r.id = x.id AND r.other = x.other"
    " AND r.day < x.day ORDER BY r.kind DESC, r.id DESC, r.other DESC, r.day DESC LIMIT 1) p ON true"
    " ON CONFLICT DO NOTHING"
)


def one_at_a_time() -> None:
    """Wait until no other transaction writes totals, and be the one until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def add(changes: Changes) -> None:
    """Apply differences to the totals. In the transaction of the facts they come from, after `one_at_a_time`."""
    steps: list[tuple[Key, int, int, dict[str, int]]] = []
    for key in sorted(changes):
        steps += [(key, *step) for step in _steps(changes[key])]
    if not steps:
        return
    keys = list(dict.fromkeys(step[0] for step in steps))
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [list(part) for part in zip(*keys, strict=True)])
        days = sorted({(key, day) for key, since, until, _added in steps for day in (since, until) if day < _FAR})
        cursor.execute(
            _COPY_DOWN,
            [*([key[n] for key, _day in days] for n in range(3)), [day_of(day) for _key, day in days]],
        )
        measures = sorted({name for *_step, added in steps for name in added}, key=MEASURES.index)
        set_them = ", ".join(f"{name} = r.{name} + x.{name}" for name in measures)
        arrays = ", ".join(["%s::date[]"] * 2 + ["%s::int[]"] * len(measures))
        cursor.execute(
            f"UPDATE insight_rollup r SET {set_them} FROM {_KEYS}, {arrays})"
            f" AS x (kind, id, other, since, until, {', '.join(measures)})"
            " WHERE r.kind = x.kind AND r.id = x.id AND r.other = x.other AND r.day >= x.since AND r.day < x.until",
            [
                *([key[n] for key, *_rest in steps] for n in range(3)),
                [day_of(since) for _key, since, *_rest in steps],
                [day_of(until) for _key, _since, until, _added in steps],
                *([added.get(name, 0) for *_step, added in steps] for name in measures),
            ],
        )


def _steps(marks: Counter[tuple[str, int]]) -> Iterator[tuple[int, int, dict[str, int]]]:
    """Differences of running totals as (from day, before day, what is more then), where anything is."""
    by_day: dict[int, dict[str, int]] = defaultdict(dict)
    for (measure, day), number in marks.items():
        if number:
            by_day[day][measure] = number
    days = sorted(by_day)
    if not days:
        return
    so_far: dict[str, int] = {}
    for day, until in zip(days, [*days[1:], _FAR], strict=True):
        for measure, number in by_day[day].items():
            so_far[measure] = so_far.get(measure, 0) + number
        more = {measure: number for measure, number in so_far.items() if number}
        if more:
            yield day, until, more
