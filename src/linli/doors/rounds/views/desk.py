"""The desk: a day's coverage, what was found, the records of units and places, a visit's sheet, the limits."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.rounds.forms import number_of, rows_of
from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import LinliError, NotAllowed, NotFound
from linli.rooms.fieldwork.actions.limits import LimitWords, set_rectify_limits
from linli.rooms.fieldwork.actions.telling import civil_day
from linli.rooms.fieldwork.models import Level
from linli.rooms.fieldwork.queries import findings, patrols
from linli.rooms.fieldwork.queries.inspections import visit_page
from linli.rooms.people.models import Unit
from linli.rooms.places.queries import breadcrumb

SEES = ("patrol.plan", "inspection.plan", "inspection.check", "patrol.walk")


@require_GET
@opens(*SEES)
def board(request: HttpRequest) -> HttpResponse:
    """One day's patrols with their coverage, and the fortnight before."""
    viewer = viewer_of_request(request)
    today = civil_day(clock.now())
    try:
        day = dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = today
    place_id = number_of(request.GET.get("place"))
    found = patrols.day_board(viewer, day, place_id)
    return render(
        request,
        "rounds/board.html",
        {
            "board": found,
            "today": today,
            "before": day - dt.timedelta(days=1) if day > dt.date(1950, 1, 1) else None,
            "after": day + dt.timedelta(days=1) if day < today else None,
            "days": patrols.days_before(viewer, day, place_id=place_id),
            "area": next((name for pk, name, _cover in found.areas if pk == place_id), ""),
            "place_id": place_id,
            "may_plan": viewer.has("patrol.plan"),
        },
    )


@require_GET
@opens("case.view")
def found(request: HttpRequest) -> HttpResponse:
    """What was found, narrowed by level, unit and how it went."""
    viewer = viewer_of_request(request)
    chosen = {
        "level": request.GET.get("level", ""),
        "fate": request.GET.get("fate", ""),
        "unit": number_of(request.GET.get("unit")),
        "place": number_of(request.GET.get("place")),
    }
    rows = findings.listed(viewer, str(chosen["level"]), str(chosen["fate"]), chosen["unit"], chosen["place"])  # type: ignore[arg-type]
    unit = Unit.objects.filter(pk=chosen["unit"]).first() if chosen["unit"] else None
    return render(
        request,
        "rounds/findings.html",
        {
            "rows": rows,
            "total": findings.tally(rows),
            "chosen": chosen,
            "unit": unit,
            "levels": Level.choices,
            "fates": [(code, label, findings.FATE_LIGHTS[code]) for code, label in findings.FATES.items()],
        },
    )


@require_GET
@opens("case.view")
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit's record: findings by level, in time and late, matters that came again."""
    who, record = findings.unit_record(pk, viewer_of_request(request))
    return render(request, "rounds/record.html", {"record": record, "title": who.name, "unit": who})


@require_GET
@opens("case.view")
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """A place's record, with its latest patrols."""
    viewer = viewer_of_request(request)
    path = breadcrumb(pk)
    if not path:
        raise NotFound(code="places.not_found")
    return render(
        request,
        "rounds/record.html",
        {
            "record": findings.place_record(pk, viewer),
            "title": path[-1].name,
            "path": path[1:],
            "patrols": patrols.of_place(pk, viewer),
        },
    )


@require_GET
@opens("inspection.check", "inspection.plan")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """A visit as a sheet for print: questions, answers, findings, signatures."""
    page = visit_page(pk, viewer_of_request(request))
    blank = range(max(page.visit.inspection.signers - len(page.signatures), 0))
    return render(request, "rounds/sheet.html", {"page": page, "visit": page.visit, "blank": blank, "now": clock.now()})


@require_http_methods(["GET", "POST"])
@opens("inspection.plan")
def limits(request: HttpRequest) -> HttpResponse:
    """The limits that inspectors choose from."""
    rows = [
        {
            "name_zh": row.name_zh,
            "name_en": row.name_en,
            "limit": str(TimeLimit(row.amount, row.unit)),  # type: ignore[arg-type]
        }
        for row in patrols.rectify_limits()
    ]
    error: LinliError | None = None
    if request.method == "POST":
        rows = rows_of(request.POST, ("name_zh", "name_en", "limit"))
        try:
            words = [LimitWords(row["name_zh"], row["name_en"], TimeLimit.parse(row["limit"])) for row in rows]
            set_rectify_limits(words, viewer=viewer_of_request(request))
        except (NotFound, NotAllowed):
            raise
        except LinliError as refused:
            error = refused
        else:
            messages.success(request, _("整改时限已保存。已立案的不受影响。"))
            return HttpResponseRedirect(reverse("rounds:limits"))
    return render(
        request, "rounds/limits.html", {"rows": [*rows, {}], "error": error}, status=error.status if error else 200
    )
