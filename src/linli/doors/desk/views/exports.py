"""Taking the present list out as a file, watermarked and on record."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.doors.common import files
from linli.doors.desk import listing
from linli.doors.desk.views.worklist import staff
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Refused
from linli.rooms.cases.actions.exports import export_cases
from linli.rooms.cases.queries.export import KEYS
from linli.rooms.cases.queries.worklist import Filters, view_query

WIDTHS = (18, 10, 10, 18, 14, 50, 14, 14, 16, 26)


@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The filters of `query` as CSV, XLSX or GeoJSON. A POST, because it leaves a record."""
    viewer = staff(request)
    form = request.POST.get("format", "")
    if form not in ("csv", "xlsx", "geojson"):
        raise Refused(_("请选 Excel、CSV 或 GeoJSON。"), code="export.format")
    query = QueryDict(request.POST.get("query", "")[:2000])
    filters = Filters.read(query)
    found = export_cases(filters, view_query(query.urlencode()), form, viewer=viewer)
    words = [str(listing.VIEWS[filters.view]), *(chip.label for chip in listing.chips(filters, query))]
    mark = _("%(by)s 于 %(at)s 导出，共 %(n)d 件。筛选：%(filter)s。记录号 %(entry)d。仅供工作使用，不得外传。") % {
        "by": found.by,
        "at": f"{found.at.astimezone(CIVIL):%Y-%m-%d %H:%M}",
        "n": found.count,
        "filter": "，".join(words),
        "entry": found.entry_id,
    }
    name = f"cases-{found.at.astimezone(CIVIL):%Y%m%d-%H%M}.{form}"
    if form != "xlsx":
        pieces, media = files.csv_lines([mark], found.titles, found.rows), "text/csv; charset=utf-8"
        if form == "geojson":
            pieces, media = files.geojson_pieces(mark, KEYS, found.rows), "application/geo+json"
        answer: HttpResponseBase = StreamingHttpResponse(pieces, content_type=media)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    from linli.doors.common.workbook import xlsx  # loaded when a sheet is asked for

    file = xlsx(_("事件"), [mark], found.titles, found.rows, author=found.by, widths=WIDTHS)
    return FileResponse(
        file,
        as_attachment=True,
        filename=name,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
