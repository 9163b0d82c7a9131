"""Counts beside the list, and the list as a file: under the same rights and on the same record as at the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from linli.doors.api import schemas
from linli.doors.api.door import json, needs
from linli.doors.api.views.cases import CaseFilters, filters_of
from linli.doors.common import files
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.actions.exports import export_cases
from linli.rooms.cases.queries.export import KEYS
from linli.rooms.cases.queries.worklist import facets, view_query

router = Router(tags=["cases"])


@router.get("/cases/facets", response=schemas.Facets, by_alias=True, url_name="facets")
def counts(request: HttpRequest, asked: Query[CaseFilters]) -> HttpResponse:
    """How many cases each state, light, class and channel would leave, given the other filters."""
    found = facets(needs(request, "case.view"), filters_of(asked))
    rows = {
        name: [{"value": one.value, "label": one.label, "count": one.count, "chosen": one.chosen} for one in group]
        for name, group in found.items()
    }
    return json(rows)


def _exporting(form: str) -> Callable[..., HttpResponseBase]:
    def export(request: HttpRequest, asked: Query[CaseFilters]) -> HttpResponseBase:
        """The cases you may take out, as a file marked with who took it; the journal keeps who, when and what.

        No names or telephones of reporters; numbers in the words are masked.
        """
        viewer = needs(request, "case.export")
        query = view_query(request.GET.urlencode())
        found = export_cases(filters_of(asked), query, form, viewer=viewer)
        mark = _("%(by)s 于 %(at)s 导出，共 %(n)d 件。筛选：%(filter)s。记录号 %(entry)d。仅供工作使用，不得外传。") % {
            "by": found.by,
            "at": f"{found.at.astimezone(CIVIL):%Y-%m-%d %H:%M}",
            "n": found.count,
            "filter": query or _("全部"),
            "entry": found.entry_id,
        }
        name = f"cases-{found.at.astimezone(CIVIL):%Y%m%d-%H%M}.{form}"
        if form == "xlsx":
            from linli.doors.common.workbook import xlsx  # loaded when a sheet is asked for

            sheet = xlsx(_("事件"), [mark], found.titles, found.rows, author=found.by)
            media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            return FileResponse(sheet, as_attachment=True, filename=name, content_type=media)
        pieces: Any = files.csv_lines([mark], found.titles, found.rows)
        media = "text/csv; charset=utf-8"
        if form == "geojson":
            pieces, media = files.geojson_pieces(mark, KEYS, found.rows), "application/geo+json"
        answer = StreamingHttpResponse(pieces, content_type=media)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    export.__name__ = f"export_{form}"
    return export


for _form in ("csv", "xlsx", "geojson"):
    router.get(f"/cases.{_form}", response=schemas.FeatureCollection, url_name=f"cases_{_form}")(_exporting(_form))
