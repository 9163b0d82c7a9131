"""The steps about units and posts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from linli.doors.common.gate import viewer_of_request
from linli.doors.setup import keeper, rows, steps
from linli.doors.setup.forms import (
    PostRows,
    SheetForm,
    UnitRows,
)
from linli.doors.setup.views.wizard import goes_on, show
from linli.kernel.errors import Conflict, LinliError, Refused
from linli.rooms.people import actions as people_actions
from linli.rooms.people import queries as people_queries
from linli.rooms.people.models import SheetDraft, Unit
from linli.rooms.places import queries as places_queries
from linli.rooms.places.models import Kind

TERRITORIAL = {Kind.DISTRICT: "district", Kind.STREET: "street", Kind.COMMUNITY: "community"}


def _take_sheet(
    request: HttpRequest, kind: str, name: str, data: bytes
) -> tuple[SheetDraft | None, dict[str, Any] | None, LinliError | None]:
    """Read and confirm a sheet in one go; with problems nothing is taken in."""
    by = keeper.authority(viewer_of_request(request))
    draft: SheetDraft | None = None
    try:
        draft = people_actions.read_sheet(by, kind, name, data)
        if draft.problems:
            people_actions.discard_sheet(by, draft.pk)
            return draft, None, None
        return draft, people_actions.confirm_sheet(by, draft.pk), None
    except (Refused, Conflict) as error:
        return draft, None, error


@require_http_methods(["GET", "POST"])
@goes_on
def units(request: HttpRequest) -> HttpResponse:
    """Units: one for each division as the fallback, a few by hand, or a sheet."""
    what = request.POST.get("what", "")
    formset = UnitRows(request.POST if what == "rows" else None, prefix="units")
    sheet = SheetForm(request.POST if what == "sheet" else None, request.FILES if what == "sheet" else None)
    problems: list[dict[str, Any]] = []
    error: LinliError | None = None
    data = b""
    if what == "territory":
        made = _territorial_units(request)
        words = ngettext("已为 %(n)d 个区划各建一个单位。", "已为 %(n)d 个区划各建一个单位。", made) % {"n": made}
        messages.success(request, words)
        return redirect("setup:units")
    name = _("手写")
    if what == "rows" and formset.is_valid():
        data = rows.units_sheet(formset)
    elif what == "sheet" and sheet.is_valid():
        name, data = sheet.cleaned_data["file"]
    if data:
        draft, done, error = _take_sheet(request, "units", name, data)
        if done:
            words = ngettext("已添加 %(n)d 个单位。", "已添加 %(n)d 个单位。", done["rows"]) % {"n": done["rows"]}
            messages.success(request, words)
            return redirect("setup:units")
        problems = list(draft.problems) if draft else []
    found = people_queries.units()
    context = {
        "formset": formset,
        "sheet": sheet,
        "problems": problems,
        "error": error,
        "units": list(found[:12]),
        "count": found.count(),
        "without": _without_unit(),
    }
    bad = bool(problems or error or (what and (sheet.errors or (formset.is_bound and not formset.is_valid()))))
    return show(request, "units", context, 422 if bad else 200)


def _without_unit() -> int:
    covered = set(people_queries.units().filter(kind__in=TERRITORIAL.values()).values_list("place_id", flat=True))
    return places_queries.valid().filter(kind__in=list(TERRITORIAL)).exclude(id__in=covered).count()


def _territorial_units(request: HttpRequest) -> int:
    """One unit for each division that has none: it answers for what nobody else does (属地兜底)."""
    covered = set(people_queries.units().filter(kind__in=TERRITORIAL.values()).values_list("place_id", flat=True))
    wanted = [
        [place.code, place.name_zh, place.name_en, TERRITORIAL[Kind(place.kind)], place.code]
        for place in places_queries.tree(kinds=[str(kind) for kind in TERRITORIAL])
        if place.id not in covered
    ]
    if not wanted:
        return 0
    data = rows.as_sheet(["编号", "名称", "英文名称", "类别", "地方编码"], wanted)
    _draft, done, error = _take_sheet(request, "units", _("属地单位"), data)
    if error is not None:
        raise error
    return int(done["rows"]) if done else 0


@require_http_methods(["GET", "POST"])
@goes_on
def posts(request: HttpRequest) -> HttpResponse:
    """Who does what: a clerk, a dispatcher, a verifier and a grid worker at least."""
    what = request.POST.get("what", "")
    formset = PostRows(request.POST if what == "rows" else None, prefix="posts", initial=_suggested_posts())
    sheet = SheetForm(request.POST if what == "sheet" else None, request.FILES if what == "sheet" else None)
    problems: list[dict[str, Any]] = []
    error: LinliError | None = None
    passwords: list[tuple[str, str]] = []
    name, data = _("手写"), b""
    if what == "rows" and formset.is_valid():
        data = rows.posts_sheet(formset)
    elif what == "sheet" and sheet.is_valid():
        name, data = sheet.cleaned_data["file"]
    if data:
        draft, done, error = _take_sheet(request, "posts", name, data)
        if done:
            passwords = sorted(done["passwords"].items())
            if not passwords:
                messages.success(request, _("已任命。"))
                return redirect("setup:posts")
        problems = list(draft.problems) if draft and not done else []
    names = {kind.code: kind.name for kind in people_queries.kinds()}
    context = {
        "formset": formset,
        "sheet": sheet,
        "problems": problems,
        "error": error,
        "passwords": passwords,
        "held": [(names.get(code, code), count) for code, count in steps.posts_held().items()],
        "missing": steps.missing_posts(),
    }
    bad = bool(problems or error or (what and (sheet.errors or (formset.is_bound and not formset.is_valid()))))
    return show(request, "posts", context, 422 if bad else 200)


def _suggested_posts() -> list[dict[str, Any]]:
    """Rows to begin with: what is still needed, for the district or the first grid."""
    root = steps.district()
    known = steps.posts_held()
    small = (
        places_queries.valid().filter(kind__in=("grid", "special")).order_by("sort_key").first()
        or places_queries.valid().filter(kind=Kind.COMMUNITY).order_by("sort_key").first()
        or root
    )
    unit = people_queries.units().exclude(kind__in=TERRITORIAL.values()).first() or people_queries.units().first()
    home = Unit.objects.filter(place_id__in=small.lineage).order_by("-place__level").first() if small else None
    wanted: list[dict[str, Any]] = [
        {"kind": code, "place": root} for code in ("intake_clerk", "dispatcher", "verifier") if code not in known
    ]
    if "grid_worker" not in known:
        wanted.append({"kind": "grid_worker", "place": small, "unit": home})
    wanted += [{"kind": code, "unit": unit} for code in ("unit_contact", "unit_handler") if code not in known]
    return wanted or [{"kind": "grid_worker", "place": small, "unit": home}]
