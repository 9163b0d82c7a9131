"""Lists: whistles that wait for the viewer, precedents, and the operator's limits for confirming."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.step_forms import unit_label
from linli.doors.whistle.apps import USERS
from linli.doors.whistle.forms import LimitsForm
from linli.doors.whistle.frames import show
from linli.kernel.clock import TimeLimit
from linli.rooms.whistles import queries
from linli.rooms.whistles.actions import set_confirm_limit
from linli.rooms.whistles.actions.telling import confirm_limit
from linli.rooms.whistles.queries.listing import STATES, Filters

PAGE = 25


@require_GET
@opens(*USERS)
def whistles(request: HttpRequest) -> HttpResponse:
    """The viewer's lists; without a choice, the first in which something waits."""
    viewer = viewer_of_request(request)
    counts = queries.counts(viewer)
    waiting = next((view for view in queries.VIEWS if counts.get(view)), "all")
    filters = _read(request, waiting)
    found = queries.listed(viewer, filters)
    tabs = [
        (view, label, counts.get(view), view == filters.view) for view, label in _labels() if view in (*counts, "all")
    ]
    context: dict[str, Any] = {
        "tabs": tabs,
        "filters": filters,
        "rows": found.rows,
        "total": found.total,
        "states": [(code, label, code == filters.state) for code, label in _state_labels()],
        "unit_name": unit_label(str(filters.unit)) if filters.unit else "",
        "filtered": bool(filters.state or filters.words or filters.unit or filters.late),
        "pager": _pager(request, filters.page, found.pages, found.total),
        "may_blow": viewer.has("whistle.blow"),
        "may_read_precedents": any(viewer.has(duty) for duty in READERS),
    }
    return show(request, "list.html", context)


def _labels() -> list[tuple[str, str]]:
    return [("answer", _("待我单位报到")), ("decide", _("待裁定")), ("blown", _("我吹的")), ("all", _("全部"))]


def _state_labels() -> list[tuple[str, str]]:
    return [("", _("全部")), ("running", _("进行中")), ("scoring", _("待评价")), ("over", _("已结束"))]


def _read(request: HttpRequest, waiting: str) -> Filters:
    given = request.GET
    view, state, unit, page = (given.get(name, "") for name in ("view", "state", "unit", "page"))
    return Filters(
        view=view if view in queries.VIEWS else waiting,
        state=state if state in STATES else "",
        words=given.get("q", "").strip()[:60],
        unit=int(unit) if unit.isdecimal() and len(unit) < 18 else None,
        late=given.get("late") == "1",
        page=int(page) if page.isdecimal() and 0 < len(page) < 6 else 1,
    )


def _pager(request: HttpRequest, page: int, pages: int, total: int) -> dict[str, str]:
    def address(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "previous": address(page - 1) if page > 1 else "",
        "next": address(page + 1) if page < pages else "",
        "shown": _("第 %(page)d 页，共 %(pages)d 页，%(total)d 次") % {"page": page, "pages": pages, "total": total},
    }


READERS = ("matrix.edit", "matrix.view", "whistle.decide")


@require_GET
@opens(*READERS)
def precedents(request: HttpRequest) -> HttpResponse:
    """Decisions on "not ours", for dispatchers and whoever draws up the matrix."""
    viewer = viewer_of_request(request)
    words, matter = request.GET.get("q", "").strip()[:60], request.GET.get("matter", "").strip().upper()[:12]
    rows = queries.precedents(viewer, words=words, item_key=matter)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "words": words, "matter": matter, "may_open": viewer.has("case.view")}
    return show(request, "precedents.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@opens("clock.edit_calendar")
def limits(request: HttpRequest) -> HttpResponse:
    """How long called departments have to confirm."""
    viewer = viewer_of_request(request)
    initial = {"general": str(confirm_limit(False)), "urgent": str(confirm_limit(True))}
    form = LimitsForm(typed(request), initial=initial)
    if form.is_valid():
        done = all(
            carry_out(form, lambda name=name: _set(viewer, name, form.cleaned_data[name]), {"limit": name})  # type: ignore[misc]
            for name in ("general", "urgent")
        )
        if done:
            messages.success(request, _("已保存，以后吹的哨按新时限。"))
            return redirect("whistle:limits")
    return show(request, "limits.html", {"form": form}, status_of(form))


def _set(viewer: Any, name: str, words: str) -> bool:
    limit = TimeLimit.parse(words)
    if limit != confirm_limit(name == "urgent"):
        set_confirm_limit(viewer, name == "urgent", limit)
    return True
