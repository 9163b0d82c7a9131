"""What the page of a case shows of the ladder: where it stands, since when, what was tried, and what I may do."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse

from linli.doors.common.gate import viewer_of_request
from linli.doors.duty.standing import bearer_words, clock_words, rungs, standing_of, stay_light, story
from linli.kernel import clock
from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case


def render(request: HttpRequest, case: Case) -> str:
    """The tiers with the case on one of them; "" for a case that never was on a ladder. Two queries."""
    if case.dispatched_at is None or case.parent_id is not None:
        return ""
    viewer = viewer_of_request(request)
    found = standing_of(case, viewer)
    if not found.stays:
        return ""
    now = clock.now()
    stay = found.stay
    if stay is not None and stay.unit_id and case.state == "dispatched":
        # The unit's own step 接收 stands on the page already and is the receipt, too.
        found.may.receive = found.may.receive and not viewer.may("case.receive", target_of(case)).ok
    context = {
        "case": case,
        "stay": stay,
        "may": found.may,
        "rungs": rungs(found),
        "story": story(found, now),
        "tier_name": found.names.get(stay.ladder_id, stay.tier_code) if stay else "",
        "bearer": bearer_words(stay, now) if stay else "",
        "light": stay_light(stay, now) if stay else "done",
        "left": clock_words(stay, now) if stay else "",
        "receipt_late": bool(stay and stay.received_at is None and stay.receive_due_at and stay.receive_due_at < now),
        "next": _back(request, case),
    }
    return render_to_string("duty/_panel.html", context, request)


def _back(request: HttpRequest, case: Case) -> str:
    """Where a move leads back to: the page it was made on; from the drawer, the list with the case open in it."""
    if not request.headers.get("HX-Request"):
        return request.get_full_path()
    try:
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return ""
    if here.path != reverse("desk:worklist"):
        return ""
    query = QueryDict(here.query[:2000], mutable=True)
    query["case"] = case.number or ""
    return f"{here.path}?{query.urlencode()}"
