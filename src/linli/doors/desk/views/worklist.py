"""The list of cases, its facets and counts, the board, and the viewer's saved views. All state is in the address."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.doors.common.steps import safe_next
from linli.doors.desk import listing
from linli.doors.desk.views import case as case_views
from linli.kernel import clock
from linli.kernel.errors import LinliError, NotAllowed, NotFound
from linli.rooms.cases.actions.settings import drop_view, save_view
from linli.rooms.cases.queries import overview
from linli.rooms.cases.queries import worklist as reads
from linli.rooms.cases.queries.worklist import Filters
from linli.rooms.people import queries as people
from linli.rooms.people.rights import Viewer


def staff(request: HttpRequest) -> Viewer:
    """The viewer, who must be one that sees cases. Raises NotAllowed."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    verdict = viewer.may("case.view")
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    return viewer


@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """One page of the viewer's cases; with `case=…` that case stands in the drawer."""
    viewer = staff(request)
    filters = Filters.read(request.GET)
    now = clock.now()
    page = reads.page(viewer, filters)
    listing.rows_for_table(page.rows, now, _kept(request.GET, "case"))
    whole = len(page.rows) if not page.after and not filters.after else reads.count(viewer, filters)
    saved = reads.saved_views(viewer)
    unit_name = _unit_name(filters.unit)
    chips = listing.chips(filters, request.GET, unit_name)
    number = request.GET.get("case", "")
    drawer = _drawer(request, viewer, number) if number else {}
    context: dict[str, Any] = {
        "rows": page.rows,
        "filters": filters,
        "chips": chips,
        "total": listing.counted(whole),
        "tabs": listing.tabs(filters, viewer, saved, request.GET),
        "saved": next((v for v in saved if v.query == reads.view_query(request.GET.urlencode())), None),
        "pager": _pager(request.GET, filters, page.after, len(page.rows)),
        "query": request.GET.urlencode(),
        "case_root": f"{reverse('desk:worklist')}cases/",
        "clear": f"?view={filters.view}",
        "current": number,
        "now": now,
        "sorts": _sorts(request.GET, filters),
        "may_bulk": viewer.has("case.dispatch") or viewer.has("case.receive"),
        "may_export": viewer.has("case.export"),
        "facet_groups": listing.facet_links(reads.facets(viewer, filters), request.GET)
        if request.GET.get("facets")
        else None,
        "view_words": listing.VIEWS[filters.view],
        **drawer,
    }
    return render(request, "desk/worklist.html", context)


def _unit_name(unit_id: int | None) -> str:
    if not unit_id:
        return ""
    try:
        return people.unit(unit_id).name
    except NotFound:
        return ""


def _drawer(request: HttpRequest, viewer: Viewer, number: str) -> dict[str, Any]:
    try:
        return case_views.case_context(request, viewer, number[:24], request.get_full_path(), in_drawer=True)
    except NotFound:
        return {"drawer_missing": number[:24]}


def _kept(query: QueryDict, *dropped: str) -> str:
    kept = query.copy()
    for name in dropped:
        kept.pop(name, None)
    return kept.urlencode()


def _pager(query: QueryDict, filters: Filters, after: str, shown: int) -> dict[str, Any]:
    """By key, so that page 1,000 costs as page 1: forward, and back to the beginning."""
    following = query.copy()
    following["after"] = after
    following.pop("case", None)
    return {
        "previous": "?" + _kept(query, "after", "case") if filters.after else "",
        "next": "?" + following.urlencode() if after else "",
        "shown": _("本页 %(n)d 件") % {"n": shown},
    }


def _sorts(query: QueryDict, filters: Filters) -> list[listing.Link]:
    by_due = filters.by_due
    chosen = "due" if by_due else ("old" if filters.sort == "old" else "new")
    labels = {"due": _("先到期的在前"), "new": _("新上报的在前"), "old": _("早上报的在前")}
    found = []
    for code, label in labels.items():
        changed = query.copy()
        changed["sort"] = code
        changed.pop("after", None)
        found.append(listing.Link(label, "?" + changed.urlencode(), code == chosen))
    return found


@require_GET
def facets(request: HttpRequest) -> HttpResponse:
    """The counts beside the list, fetched after it: the list never waits for them."""
    viewer = staff(request)
    filters = Filters.read(request.GET)
    groups = listing.facet_links(reads.facets(viewer, filters), request.GET)
    todo = reads.count(viewer, Filters(view="todo"))
    return render(
        request,
        "desk/_facets.html",
        {"facet_groups": groups, "filters": filters, "todo": listing.counted(todo), "lazy": True},
    )


@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """How many cases came to this list since the page was made: asked every half minute, answers 204 for none."""
    viewer = staff(request)
    try:
        since = dt.datetime.fromisoformat(request.GET.get("since_page", ""))
    except ValueError:
        return HttpResponse(status=204)
    if since.tzinfo is None:
        return HttpResponse(status=204)
    found = reads.moved_since(viewer, Filters.read(request.GET), since)
    if not found:
        return HttpResponse(status=204)
    return render(request, "desk/_news.html", {"found": found, "here": listing.without(request.GET)})


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The open cases by state, the most pressing of each."""
    viewer = staff(request)
    columns = overview.board(viewer, each=12)
    now = clock.now()
    for column in columns:
        listing.rows_in_words(column["rows"], now)
        column["more"] = column["count"] - len(column["rows"])
    return render(request, "desk/board.html", {"columns": columns, "total": sum(c["count"] for c in columns)})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of this list under a name."""
    viewer = staff(request)
    query = QueryDict(request.POST.get("query", "")[:2000])
    back = f"{reverse('desk:worklist')}?{reads.view_query(query.urlencode())}"
    try:
        view = save_view(request.POST.get("name", ""), reads.view_query(query.urlencode()), viewer=viewer)
    except LinliError as error:
        messages.error(request, str(error.message))
        return HttpResponseRedirect(back)
    messages.success(request, _("已保存视图“%(name)s”。") % {"name": view.name})
    return HttpResponseRedirect(f"{reverse('desk:worklist')}?{view.query}")


@require_POST
def drop(request: HttpRequest, view_id: int) -> HttpResponse:
    """Remove one of the viewer's own views."""
    drop_view(view_id, viewer=staff(request))
    messages.success(request, _("视图已删除，事件不受影响。"))
    return HttpResponseRedirect(safe_next(request, reverse("desk:worklist")))
