"""Cases as plain values for machines: no model instances, the statements built once and kept.

Building the statement of a list costs Django more than running it. A kept statement has marks where the moment and the
cursor stand; each call puts its own in. What a viewer may see and what filters mean is said in `scope` and `worklist`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.errors import NotFound, Refused
from linli.kernel.text import query_grams
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.search import is_number, really
from linli.rooms.cases.queries.worklist import NEAR, Filters, _cursor, _ordered, _split, matching
from linli.rooms.cases.rules import light_of
from linli.rooms.people.rights import Target, Viewer

LIST = (
    "id", "number", "state", "version", "channel", "description", "address", "urgent", "legacy", "is_public",
    "is_open", "located", "place_id", "lng", "lat", "item_id", "matter_class", "unit_id", "unit__name_zh",
    "unit__name_en", "current_due_at", "due_at", "step_due_at", "due_provisional", "reported_at", "state_since",
    "ended_at", "report_count", "photo_count", "returned", "reworked", "reopened", "solved", "level",
)  # fmt: skip
ONE = (
    *LIST, "lineage", "tokens", "candidates", "accuracy_m", "public_words", "proposed_unit_id",
    "proposed_unit__name_zh", "proposed_unit__name_en", "handler__name", "filing_rule_id", "limit_amount",
    "limit_unit", "accepted_at", "registered_at", "dispatched_at", "confirmed_at", "verified_at", "closed_at",
    "suspended_until", "extended", "parent__number", "merged_into__number",
)  # fmt: skip
MOST = 200
CURSOR = _("没有这一页，请从第一页重新开始。")

# Marks in kept statements: values that no case and no filter can have.
_NOW = dt.datetime(1890, 1, 1, tzinfo=dt.UTC)
_THEN = _NOW + NEAR
_AFTER = dt.datetime(1891, 1, 1, tzinfo=dt.UTC)
_AFTER_ID = -(2**60)

Row = dict[str, Any]
_kept: dict[tuple[Any, ...], tuple[str, tuple[Any, ...]] | None] = {}
_KEEP = 512


def list_rows(viewer: Viewer, filters: Filters, size: int) -> tuple[list[Row], str]:
    """One page of the viewer's cases as dictionaries of `LIST` with `light`, and the cursor of the next page or "".

    One query (two when searching by telephone).
    """
    now = clock.now()
    statement = _statement(viewer, filters, size, now)
    if statement is None:
        return [], ""
    moment, key = _split(filters.after) if filters.after else (None, 0)
    here = {_NOW: now, _THEN: now + NEAR, _AFTER: moment, _AFTER_ID: key}
    sql, params = statement
    with connection.cursor() as cursor:
        cursor.execute(sql, [_in_place(param, here) for param in params])
        rows = [dict(zip(LIST, values, strict=True)) for values in cursor.fetchall()]
    after = _cursor(rows[size - 1], filters) if len(rows) > size else ""
    rows = rows[:size]
    if filters.q and not is_number(filters.q) and query_grams(filters.q):
        names = _item_names(rows)
        rows = [row for row in rows if really({**row, "item__name_zh": names.get(row["item_id"], "")}, filters.q)]
    for row in rows:
        row["light"] = light_of(row["state"], row["current_due_at"], row["state_since"], now)
    return rows, after


def readable_cursor(after: str, filters: Filters) -> str:
    """The cursor, if it is one of this list. Raises Refused."""
    moment, key = _split(after)
    if len(after) > 60 or "~" not in after or key <= 0 or (moment is None and not filters.by_due):
        raise Refused(CURSOR, "case.cursor", "after")
    if moment is not None and moment.tzinfo is None:
        raise Refused(CURSOR, "case.cursor", "after")
    return after


def case_row(number: str, viewer: Viewer) -> Row:
    """One case as a dictionary of `ONE` with `light`; one query. Raises NotFound for what the viewer may not see."""
    with connection.cursor() as cursor:
        cursor.execute(_one(), [number[:24]])
        values = cursor.fetchone()
    row = dict(zip(ONE, values, strict=True)) if values else None
    if row is None or not viewer.may("case.view", _target(row)).ok:
        raise NotFound(code="case.not_found")
    row["light"] = light_of(row["state"], row["current_due_at"], row["state_since"], clock.now())
    return row


def case_id_of(number: str) -> int:
    """The id behind a public number, whoever asks; the action judges what may be done. Raises NotFound."""
    found = Case.objects.filter(number=number[:24]).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(code="case.not_found")
    return found


def _target(row: Row) -> Target:
    return Target(
        lineage=row["lineage"],
        unit_ids=[-token for token in row["tokens"] if token < 0],
        lead_unit_id=row["unit_id"],
        matter_class=row["matter_class"],
    )


@lru_cache(maxsize=1)
def _one() -> str:
    sql, params = Case.objects.filter(number="?").values_list(*ONE).query.sql_with_params()
    assert params == ("?",)
    return str(sql)


def _statement(viewer: Viewer, filters: Filters, size: int, now: dt.datetime) -> tuple[str, tuple[Any, ...]] | None:
    """The statement of a list with its marks; None when nothing can match."""
    if filters.q:  # searching may look into other tables while it is built
        return _built(viewer, filters, size, now)
    marked = dataclasses.replace(filters)
    if filters.after:
        marked.after = f"{_AFTER.isoformat() if not filters.after.startswith('~') else ''}~{_AFTER_ID}"
    key = (viewer.account_id, viewer.posts, viewer.own_units, size, repr(marked))
    if key not in _kept:
        if len(_kept) >= _KEEP:
            _kept.clear()
        _kept[key] = _built(viewer, marked, size, _NOW)
    return _kept[key]


def _built(viewer: Viewer, filters: Filters, size: int, now: dt.datetime) -> tuple[str, tuple[Any, ...]] | None:
    found = _ordered(matching(viewer, filters, now), filters).values_list(*LIST)[: size + 1]
    try:
        sql, params = found.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)


def _in_place(param: Any, here: dict[Any, Any]) -> Any:
    return here.get(param, param) if isinstance(param, dt.datetime | int) else param


def _item_names(rows: list[Row]) -> dict[int, str]:
    from linli.rooms.catalogue.queries import catalogue

    known = catalogue().by_id
    return {row["item_id"]: known[row["item_id"]].name_zh for row in rows if row["item_id"] in known}
