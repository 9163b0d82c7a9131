"""Taking cases out of the house: under the rights of who does it, and on record before the first row leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.errors import NotAllowed, Refused
from linli.rooms.cases.queries.export import exported, exported_rows
from linli.rooms.cases.queries.worklist import Filters
from linli.rooms.people.rights import Viewer

XLSX_AT_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Export:
    """What leaves: `rows` is a stream of tuples under `titles`; the rest is the watermark."""

    entry_id: int
    by: str
    at: dt.datetime
    count: int
    titles: list[str]
    rows: Iterator[tuple[Any, ...]]


def export_cases(filters: Filters, query: str, form: str, *, viewer: Viewer) -> Export:
    """Record that the cases of a filter are taken out, and give their rows.

    query: the filter as it stood in the address, kept in the journal. form: "csv", "xlsx" or "geojson".
    Reporters' contacts are never among the columns; numbers in the words are masked unless the viewer may reveal
    contacts.
    Raises NotAllowed, Refused (too many for one sheet).
    """
    verdict = viewer.may("case.export")
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    found = exported(viewer, filters)
    count = found.count()
    if form == "xlsx" and count > XLSX_AT_MOST:
        raise Refused(
            _("有 %(n)d 件，一个 Excel 文件最多 %(most)d 件。请先缩小筛选，或导出 CSV。")
            % {"n": count, "most": XLSX_AT_MOST},
            code="export.too_many",
        )
    actor = viewer.acting(verdict.post)
    with transaction.atomic():
        entry = journal.record(
            action="case.export",
            actor=actor,
            object_type="export",
            object_id=f"cases.{form}",
            before=None,
            after={"query": query[:1000], "format": form, "count": count},
        )
    titles, rows = exported_rows(found, masked=not viewer.has("case.reveal"))
    by = "（".join(part for part in (actor.name, actor.post_name) if part) + ("）" if actor.post_name else "")
    return Export(entry_id=entry, by=by, at=clock.now(), count=count, titles=titles, rows=rows)
