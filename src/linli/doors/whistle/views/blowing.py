"""Blowing the whistle for a case: where and when, why, and which departments, suggested with the reasons."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.doors.common.formwork import Done, put_into, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.whistle.forms import BlowForm, meeting_time
from linli.doors.whistle.frames import case_url, show
from linli.kernel import clock
from linli.kernel.errors import Conflict, Refused
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.page import open_case
from linli.rooms.whistles import queries
from linli.rooms.whistles.actions import Blow, blow, may_blow
from linli.rooms.whistles.actions.telling import confirm_limit

FIELDS = {"units": "more"}


@require_http_methods(["GET", "HEAD", "POST"])
@opens("whistle.blow")
def blow_form(request: HttpRequest, number: str) -> HttpResponse:
    """The form, and the whistle."""
    viewer = viewer_of_request(request)
    case = open_case(number, viewer)
    now = clock.now()
    running = case.whistles.filter(state__in=("blown", "working")).first()
    if running is not None and request.method != "POST":
        messages.info(request, _("这个事件已经有一次吹哨在进行，需要更多单位请在这里再叫。"))
        return redirect("whistle:page", running.pk)
    suggested = queries.suggestions(case, now)
    limits = (str(confirm_limit(False)), str(confirm_limit(True)))
    initial = {
        "mode": "on_site",
        "at": meeting_time(now),
        "place_words": case.address,
        "lng": case.lng,
        "lat": case.lat,
        "urgent": case.urgent,
    }
    form = BlowForm(typed(request), initial=initial, limits=limits)
    status = 200
    if request.method == "POST":
        made = _blow(request, form, case.pk) if form.is_valid() else None
        if made is not None:
            messages.success(request, _("哨已吹响，被叫的单位都会收到通知。"))
            return redirect("whistle:page", made.value.pk)
        status = getattr(form, "status", 422)
    sent = request.POST if form.is_bound else None
    chosen = [str(one.unit_id) for one in suggested if one.ticked] if sent is None else sent.getlist("units")
    lead = form.data.get("lead", "") if form.is_bound else next((str(one.unit_id) for one in suggested if one.lead), "")
    context: dict[str, Any] = {
        "case": case,
        "form": form,
        "back": case_url(viewer, case.number),
        "suggested": suggested,
        "chosen": chosen,
        "lead": lead,
        "pin": _pin(form, case),
        "may": may_blow(case, viewer),
        "late": case.due_at is not None and case.due_at < now,
    }
    return show(request, "blow.html", context, status)


def _pin(form: BlowForm, case: Case) -> tuple[float, float] | None:
    """Where the meeting point stands on the map: where it was put, else where the case is."""
    given = getattr(form, "cleaned_data", {})
    lng, lat = given.get("lng"), given.get("lat")
    if lng is None or lat is None:
        lng, lat = case.lng, case.lat
    return None if lng is None or lat is None else (lng, lat)


def _blow(request: HttpRequest, form: BlowForm, case_id: int) -> Done[Any] | None:
    given = form.cleaned_data
    try:
        return Done(
            blow(
                case_id,
                Blow(
                    mode=given["mode"],
                    at=given["at"],
                    why=given["why"],
                    units=form.called(),
                    lead=form.lead_unit(),
                    place_words=given["place_words"],
                    lng=given["lng"],
                    lat=given["lat"] if given["lng"] is not None else None,
                    urgent=given["urgent"],
                ),
                viewer=viewer_of_request(request),
                request_key=f"whistle:{case_id}:{given['key']}" if given["key"] else None,
            )
        )
    except (Refused, Conflict) as error:
        put_into(form, error, FIELDS)
        return None
