"""The form for what was found, on a patrol or under a question of an inspection; and whose it is."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.photos import photo_url
from linli.doors.rounds.forms import FindingForm, number_of
from linli.doors.rounds.views.phone import taken_in
from linli.kernel import clock
from linli.kernel.errors import LinliError, NotAllowed, NotFound, Refused
from linli.kernel.geo import read_point
from linli.rooms.cases.queries.photos import photos_of
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.fieldwork.actions.findings import FindingWords, file_on_patrol, file_on_visit
from linli.rooms.fieldwork.models import Finding
from linli.rooms.fieldwork.queries.inspections import visit_page
from linli.rooms.fieldwork.queries.patrols import patrol_page
from linli.rooms.people.queries import answerable
from linli.rooms.places import atlas
from linli.rooms.places.queries import locate

# What the page's script says, in the page's language.
_TEXTS = {
    "located": gettext_lazy("已用手机定位，误差约 {n} 米"),
    "not_located": gettext_lazy("没有拿到手机位置，按所在网格登记。"),
    "whose": gettext_lazy("按责任清单归：{unit}"),
    "album": gettext_lazy("从相册选"),
}


@require_http_methods(["GET", "POST"])
@opens("patrol.walk")
def on_patrol(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found on a patrol, at the point `stop` or beside the points."""
    viewer = viewer_of_request(request)
    page = patrol_page(pk, viewer)
    sequence = number_of(request.GET.get("stop"))
    stop = next((s for s in page.stops if s.sequence == sequence), None)
    initial: dict[str, Any] = {}
    if stop is not None:
        initial = {"item": stop.item_key, "words": "", "address": "" if stop.again else stop.name}
        if stop.again:
            initial.update(address=stop.again.case.address, unit=str(stop.again.unit_id))
    about = {
        "title": stop.name if stop else _("点以外的问题"),
        "hint": stop.check_words if stop else "",
        "source": page.patrol.plan.name,
        "place": page.patrol.place,
        "open": page.may_walk,
        "back": reverse("rounds:patrol", args=[pk]),
        "draft": f"finding-p{pk}-{sequence or 0}",
    }
    return _form(
        request,
        initial,
        about,
        lambda words: file_on_patrol(pk, words, viewer=viewer, sequence=stop.sequence if stop else None),
    )


@require_http_methods(["GET", "POST"])
@opens("inspection.check")
def on_visit(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found under the question `item`, or beside the questions."""
    viewer = viewer_of_request(request)
    page = visit_page(pk, viewer)
    item_id = number_of(request.GET.get("item"))
    line = next((one for one in page.lines if one.item.pk == item_id), None)
    initial: dict[str, Any] = {}
    if line is not None:
        item = line.item
        initial = {"item": item.item_key, "words": line.answer.words if line.answer else "", "unit": item.unit_id or ""}
    about = {
        "title": f"{line.item.sequence}. {line.item.text}" if line else _("检查表以外的问题"),
        "hint": "",
        "source": page.visit.inspection.theme,
        "place": page.visit.place,
        "open": page.may_answer,
        "back": reverse("rounds:visit", args=[pk]),
        "draft": f"finding-v{pk}-{item_id or 0}",
        "limit": line.item if line and line.item.limit_amount else None,
    }
    return _form(
        request,
        initial,
        about,
        lambda words: file_on_visit(pk, words, viewer=viewer, item_id=line.item.pk if line else None),
    )


def _form(
    request: HttpRequest, initial: dict[str, Any], about: dict[str, Any], file: Callable[[FindingWords], Finding]
) -> HttpResponse:
    if request.method == "GET":
        return _show(request, FindingForm(initial={"key": uuid.uuid4().hex, **initial}), about, [], [])
    viewer = viewer_of_request(request)
    form = FindingForm(request.POST)
    uids = [uid for uid in request.POST.getlist("photo_ids") if uid][:20]
    after = [uid for uid in request.POST.getlist("after_ids") if uid][:20]
    if not form.is_valid():
        return _show(request, form, about, uids, after, status=422)
    try:
        uids = taken_in(request, viewer)
        after = taken_in(request, viewer, "after_photos", "after_ids")
        found = file(form.words_of(uids, after))
    except (NotFound, NotAllowed) as error:
        if error.field is None:
            raise
        form.add_error(None, f"{error.message} {error.what_next or ''}".strip())
        return _show(request, form, about, uids, after, status=error.status)
    except LinliError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, f"{error.message} {error.what_next or ''}".strip())
        return _show(request, form, about, uids, after, status=error.status)
    text = (
        _("已登记 %(number)s，当场处置，等另一人核查。")
        if found.righted
        else _("已立案并派给%(unit)s，编号 %(number)s。")
    )
    messages.success(request, text % {"number": found.case.number, "unit": found.unit.name})
    return HttpResponseRedirect(f"{about['back']}?done={about['draft']}#next")


def _show(
    request: HttpRequest, form: FindingForm, about: dict[str, Any], uids: list[str], after: list[str], status: int = 200
) -> HttpResponse:
    def kept(wanted: list[str]) -> list[dict[str, str]]:
        return [{"id": str(p.uid), "thumb_url": photo_url(p, thumb=True)} for p in photos_of(wanted)] if wanted else []

    form.fields["item"].required = True  # so it is shown; a question of a checklist may say it instead
    return render(
        request,
        "rounds/finding.html",
        {
            "form": form,
            "about": about,
            "kept": kept(uids),
            "kept_after": kept(after),
            "texts": {name: str(words) for name, words in _TEXTS.items()},
        },
        status=status,
    )


@require_GET
@opens("patrol.walk", "inspection.check")
def whose(request: HttpRequest) -> JsonResponse:
    """Whose a matter is by the matrix: `item` at `lng`, `lat` or in `place` → {unit, name}."""
    entry = catalogue().items.get(request.GET.get("item", "")[:12])
    lineage: tuple[int, ...] = ()
    with contextlib.suppress(Refused):
        lineage = locate(*read_point(request.GET.get("lng"), request.GET.get("lat"))).lineage
    facts = atlas.current().places.get(number_of(request.GET.get("place")) or 0)
    lineage = lineage or (facts.lineage if facts else ())
    if entry is None or not lineage:
        return JsonResponse({})
    found = answerable(entry.key, entry.class_key, lineage, clock.now())
    return JsonResponse({"unit": found.unit_id, "name": found.unit_name} if found.unit_id else {})
