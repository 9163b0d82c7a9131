"""Reporting a problem in three steps; works as one plain form where there is no JavaScript."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from linli.doors.common.photos import photo_url
from linli.doors.portal import remembered
from linli.doors.portal.finding import path_of, place_of, town_bounds
from linli.doors.portal.forms import ReportForm
from linli.kernel import rates
from linli.kernel.errors import LinliError, Refused, TooMany
from linli.rooms.cases.actions.intake import join_case, report_problem
from linli.rooms.cases.actions.photos import keep_photo
from linli.rooms.cases.queries.photos import photos_of
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.people.rights import Viewer


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """GET: the empty form. POST: take it in, or show it again with the reason at its field."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if request.method == "GET":
        return _show(request, ReportForm(initial=_from_query(request)), [])
    form = ReportForm(request.POST)
    form.is_valid()  # only lengths and hidden fields: nothing here can be wrong by what a person typed
    photos: list[str] = []
    try:
        if not viewer.signed_in or viewer.kind == "resident":
            rates.count("report", request.META.get("REMOTE_ADDR", ""))
        photos, refusals = _photos(request, viewer)
        if refusals:
            raise refusals[0]
        intake = form.intake(photos)
        joined = request.POST.get("join", "")
        if joined.isdigit() and len(joined) < 18:
            receipt = join_case(int(joined), intake, viewer=viewer)
        else:
            receipt = report_problem(intake, viewer=viewer)
    except LinliError as error:
        field = error.field if error.field in form.fields else _FIELDS.get(error.field or "")
        form.add_error(field, " ".join(str(part) for part in (error.message, error.what_next) if part))
        answer: HttpResponse = _show(request, form, photos, status=error.status)
        if isinstance(error, TooMany):
            answer["Retry-After"] = str(error.retry_after)
        return answer
    answer = HttpResponseRedirect(reverse("portal:follow", args=[receipt.tracking_code]) + "?new=1")
    remembered.remember(request, answer, receipt.tracking_code)
    return answer


# Where a refusal of the action is shown on the form.
_FIELDS = {"lat": "place_name", "lng": "place_name", "place": "place_name", "system": "place_name"}


def _from_query(request: HttpRequest) -> dict[str, str]:
    """A sign board's QR code may carry the place; a link may carry an item."""
    found: dict[str, str] = {}
    place = place_of(request.GET.get("place", ""))
    if place is not None:
        found.update(place=str(place.pk), place_name=place.name)
    entry = catalogue.catalogue().resolve(request.GET.get("item", "")[:12]) if request.GET.get("item") else None
    if entry is not None:
        found.update(item=entry.key, item_name=entry.name)
    return found


def _photos(request: HttpRequest, viewer: Viewer) -> tuple[list[str], list[Refused]]:
    """The uids of pictures sent before, and of those that come with a form that has no script."""
    uids = [uid for uid in request.POST.getlist("photo_ids") if uid][:20]
    refusals: list[Refused] = []
    for file in request.FILES.getlist("photos")[:9]:
        try:
            uids.append(str(keep_photo(file.read(), file.name or "", viewer=viewer).uid))
        except Refused as refused:
            refused.field = "words"
            refusals.append(refused)
    return uids, refusals


# What the page's script says, in the page's language.
_TEXTS = {
    "say": _("请写一句发生了什么，或拍一张照片。"),
    "no_place": _("还不知道在哪里。请点“我就在这里”，或在地图上点，或写小区的名字。"),
    "locating": _("正在找您的位置…"),
    "not_located": _("没有拿到位置。请在地图上点，或写小区、楼栋的名字。"),
    "outside": _("这个位置不在本区范围内，请移动图钉。"),
    "here": _("位置：{}"),
    "point": _("位置已记下，连上网络后再核对。"),
    "no_grid": _("（不在任何网格里，由属地兜底）"),
    "duplicate": _("{n} 人已上报过，相距 {metres} 米"),
    "join": _("就是这件，一起上报"),
    "joining": _("✓ 发送后就加入"),
    "send": _("发送"),
    "send_join": _("一起上报"),
}


def _show(request: HttpRequest, form: ReportForm, photos: list[str], status: int = 200) -> HttpResponse:
    kept: list[dict[str, Any]] = [
        {"id": str(photo.uid), "thumb_url": photo_url(photo, thumb=True)} for photo in photos_of(photos)
    ]
    place = place_of(str(form["place"].value() or ""))
    return render(
        request,
        "portal/report.html",
        {
            "form": form,
            "kept": kept,
            "centre": place if place and place.lng else None,
            "bounds": town_bounds(),
            "where": str(_TEXTS["here"]).replace("{}", " › ".join(path_of(place))) if place else "",
            "texts": {name: str(words) for name, words in _TEXTS.items()},
        },
        status=status,
    )
