"""Checking in on the spot: by the code on the whistler's screen, or by where the phone is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.whistle.forms import PlainForm, PositionForm
from linli.doors.whistle.frames import show
from linli.kernel import clock
from linli.kernel.errors import Conflict, LinliError, NotAllowed, NotFound, Refused
from linli.rooms.whistles import codes, queries
from linli.rooms.whistles.actions import check_in_by_code, check_in_by_place
from linli.rooms.whistles.queries.page import CallView, WhistlePage


@require_http_methods(["GET", "HEAD", "POST"])
@opens("case.view")
def check_in(request: HttpRequest, code: str) -> HttpResponse:
    """The page behind the QR code: whose call it is, and one button. Looking at it changes nothing."""
    viewer = viewer_of_request(request)
    trouble: LinliError | None = None
    found: WhistlePage | None = None
    mine: list[CallView] = []
    try:
        found = queries.whistle_page(codes.whistle_of(code, clock.now()), viewer)
        mine = mine_of(found)
        if request.method == "POST":
            call_id = request.POST.get("call", "")
            named = [one.call for one in mine if str(one.call.pk) == call_id]
            call = next(iter(named or [one.call for one in mine if len(mine) == 1 and not call_id]), None)
            if call is None:
                raise NotAllowed(_("这次吹哨没有叫您的单位。"))
            form = PlainForm(request.POST)
            key = form.data.get("key", "")[:64]
            check_in_by_code(code, call.pk, viewer=viewer, request_key=f"whistle:in:{call.pk}:{key}" if key else None)
            return _thanks(request, found.whistle.pk, call.unit.name)
    except (Refused, Conflict) as error:
        trouble = error
    context = {"code": code, "page": found, "mine": mine, "trouble": trouble, "key": PlainForm()["key"]}
    return show(request, "check_in.html", context, trouble.status if trouble else 200)


def mine_of(found: WhistlePage) -> list[CallView]:
    """The calls that the viewer may check in for, or has: those of the viewer's units."""
    return [
        one
        for one in found.counting
        if any(offer.step.who == "whistle.answer" for offer in one.offers) or (one.mine and one.call.arrived_at)
    ]


def _thanks(request: HttpRequest, whistle_id: int, unit: str) -> HttpResponse:
    messages.success(request, _("%(unit)s已签到。接着说做什么、何时做完。") % {"unit": unit})
    return redirect("whistle:page", whistle_id)


@require_http_methods(["GET", "HEAD", "POST"])
@opens("whistle.answer")
def by_place(request: HttpRequest, pk: int, call: int) -> HttpResponse:
    """Check in by where the phone is."""
    viewer = viewer_of_request(request)
    found = queries.whistle_page(pk, viewer)
    one = next((view for view in found.counting if view.call.pk == call), None)
    if one is None:
        raise NotFound(code="whistle.no_call")
    form = PositionForm(request.POST if request.method == "POST" else None)
    trouble: LinliError | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if given["lng"] is None or given["lat"] is None:
                raise Refused(
                    _("手机没有给出位置。"),
                    "whistle.no_position",
                    what_next=_("请允许浏览器使用位置，或扫吹哨人屏幕上的二维码签到。"),
                )
            done = check_in_by_place(
                pk,
                call,
                given["lng"],
                given["lat"],
                given["accuracy"],
                viewer=viewer,
                request_key=f"whistle:in:{call}:{given['key']}" if given["key"] else None,
            )
            return _thanks(request, pk, done.unit.name)
        except (Refused, Conflict) as error:
            trouble = error
    context = {"page": found, "whistle": found.whistle, "one": one, "form": PositionForm(), "trouble": trouble}
    return show(request, "by_place.html", context, trouble.status if trouble else (422 if form.errors else 200))
