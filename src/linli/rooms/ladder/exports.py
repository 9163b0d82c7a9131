"""Taking the list of legacy and major problems out of the house, on record before the first row leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.errors import NotAllowed, Refused
from linli.rooms.cases.rules import public_text
from linli.rooms.ladder.lists import PROBLEM_COLUMNS, ProblemFilters, problems
from linli.rooms.people.rights import Viewer

AT_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Export:
    """What leaves: rows as `lists.problem_rows` gives them, and the watermark."""

    entry_id: int
    by: str
    at: dt.datetime
    count: int
    rows: Iterator[dict[str, Any]]


def export_problems(filters: ProblemFilters, query: str, form: str, *, viewer: Viewer) -> Export:
    """Record that the legacy and major problems of a filter are taken out, and give their rows.

    query: the filter as it stood in the address, kept in the journal. form: "csv" or "xlsx". Numbers of persons in the
    words are masked unless the viewer may reveal contacts. Raises NotAllowed, Refused (too many for one file).
    """
    verdict = viewer.may("case.export")
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    found = problems(viewer, filters)
    count = found.count()
    if count > AT_MOST:
        words = _("有 %(n)d 件，一个文件最多 %(most)d 件。请先缩小筛选。") % {"n": count, "most": AT_MOST}
        raise Refused(words, code="export.too_many")
    actor = viewer.acting(verdict.post)
    entry = journal.record(
        action="ladder.export",
        actor=actor,
        object_type="export",
        object_id=f"problems.{form}",
        before=None,
        after={"query": query[:1000], "format": form, "count": count},
    )
    by = f"{actor.name}（{actor.post_name}）" if actor.post_name else actor.name
    rows = found.values(*PROBLEM_COLUMNS).iterator(chunk_size=500)
    if not viewer.has("case.reveal"):
        rows = (_masked(row) for row in rows)
    return Export(entry, by, clock.now(), count, rows)


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("description", "tried_last", "why_last"):
        row[name] = public_text(row[name] or "")
    return row
