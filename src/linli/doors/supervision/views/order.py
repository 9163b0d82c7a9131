"""One supervision order: its page, its steps, its printed sheet, its proof."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.photos import photo_url
from linli.doors.common.steps import with_files
from linli.doors.common.widgets import PhotoPicker
from linli.doors.supervision.apps import USERS
from linli.doors.supervision.forms import StepForm
from linli.doors.supervision.showing import documents, evidence_url, frame, left_words, story, strip
from linli.kernel.errors import Conflict, LinliError, NotFound, Refused
from linli.kernel.flow import say
from linli.rooms.cases.queries.photos import photos_of
from linli.rooms.oversight.actions.effects import EFFECTS
from linli.rooms.oversight.actions.evidence import keep_file
from linli.rooms.oversight.actions.steps import take
from linli.rooms.oversight.flow import ORDER
from linli.rooms.oversight.models import Order
from linli.rooms.oversight.queries.order import evidence_file, open_order, order_page, steps_for
from linli.rooms.oversight.rules import standing

# The step that usually comes next stands first; what is done beside the road stands in a menu.
STRAIGHT = ("sign", "answer", "pass", "back", "contest", "uphold", "reassign")
ASIDE = ("raise", "remind", "extend", "revoke", "note")


@require_GET
@opens(*USERS)
def show(request: HttpRequest, order_id: int) -> HttpResponse:
    """The order: what is asked, of whom, until when, what came of it, what can be done now."""
    return render(request, "supervision/order.html", _context(request, order_id))


def _context(request: HttpRequest, order_id: int) -> dict[str, Any]:
    viewer = viewer_of_request(request)
    page = order_page(order_id, viewer)
    order = page.order
    offers = sorted(
        (offer for offer in page.possible if offer.step.code not in ASIDE and offer.step.code in EFFECTS),
        key=lambda offer: STRAIGHT.index(offer.step.code) if offer.step.code in STRAIGHT else 9,
    )
    answers = [
        {
            "answer": answer,
            "photos": strip(order, answer),
            "files": [
                {"name": one.name, "url": evidence_url(order, one), "size": one.size} for one in documents(answer)
            ],
        }
        for answer in page.answers
    ]
    return {
        "frame": frame(request),
        "page": page,
        "order": order,
        "offers": [offer for offer in offers if not (order.state == "signed" and offer.step.code == "reassign")
                   or order.contested],
        "more": [offer for offer in page.possible if offer.step.code in ASIDE
                 or (offer.step.code == "reassign" and order.state == "signed" and not order.contested)],
        "may_send": order.state == "drafted" and any(o.step.code == "issue" and o.allowed for o in page.offers),
        "left": left_words(order.current_due_at, order.is_open and not standing(order)),
        "answers": answers,
        "story": story(page),
        "waits": {
            "issued": _("签收期限"),
            "signed": _("回复期限"),
            "answered": _("核查期限"),
        }.get(order.state, ""),
    }  # fmt: skip


@require_GET
@opens(*USERS)
def sheet(request: HttpRequest, order_id: int) -> HttpResponse:
    """The order as an official document, A4."""
    context = _context(request, order_id)
    address = request.build_absolute_uri(reverse("supervision:order", args=[order_id]))
    return render(request, "supervision/sheet.html", {**context, "address": address})


@require_safe
@opens(*USERS)
def evidence(request: HttpRequest, order_id: int, uid: uuid.UUID) -> FileResponse:
    """A picture (shown) or a document (always taken as a file), for whoever may see the order."""
    found = evidence_file(order_id, uid, viewer_of_request(request))
    photo = found.kind == "photo"
    relative = found.thumb_path if photo and request.GET.get("thumb") and found.thumb_path else found.path
    path = Path(settings.MEDIA_ROOT) / relative
    if not path.exists():
        raise NotFound(code="evidence.not_found")
    return FileResponse(
        path.open("rb"), content_type=found.media_type, as_attachment=not photo, filename="" if photo else found.name
    )


@require_http_methods(["GET", "HEAD", "POST"])
@opens(*USERS)
def step(request: HttpRequest, order_id: int, step: str) -> HttpResponse:
    """GET: the form of one step. POST: take it; a refusal or a conflict gives back what was typed."""
    viewer = viewer_of_request(request)
    order = open_order(order_id, viewer)
    if step not in EFFECTS:
        raise NotFound(code="flow.no_such_step")
    found = ORDER.by_step[step]
    if request.method != "POST":
        return _show(request, StepForm(found, order))
    data, refusal = with_files(request, viewer)
    data, refused = _with_documents(request, data)
    refusal = refusal or refused
    form = StepForm(found, order, data, request.FILES)
    if not form.is_valid() or refusal:
        if refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, " ".join(str(part) for part in (refusal.message, refusal.what_next) if part))
        return _show(request, form, 422)
    try:
        order = take(
            order.pk,
            step,
            {**form.given(), "files": data.getlist("file_ids")},
            viewer=viewer,
            version=form.cleaned_data["version"],
            request_key=f"order-step:{order.pk}:{form.cleaned_data['key']}",
        )
    except (Refused, Conflict) as error:
        return _refused(request, form, data, error)
    messages.success(
        request,
        _("%(number)s：%(step)s，现在是“%(state)s”。")
        % {
            "number": order.number or order.title,
            "step": say(found.label),
            "state": say(ORDER.state(order.state).label),
        },
    )
    # Who has contested or handed on may see it no longer.
    try:
        open_order(order.pk, viewer)
    except NotFound:
        return HttpResponseRedirect(reverse("supervision:register"))
    return HttpResponseRedirect(reverse("supervision:order", args=[order.pk]))


def _with_documents(request: HttpRequest, data: QueryDict) -> tuple[QueryDict, Refused | None]:
    refusal = None
    for file in request.FILES.getlist("files")[:5]:
        try:
            data.appendlist(
                "file_ids", str(keep_file(file.read(), file.name or "", viewer=viewer_of_request(request)).uid)
            )
        except Refused as error:
            refusal = error
    return data, refusal


def _refused(request: HttpRequest, sent: StepForm, data: QueryDict, error: LinliError) -> HttpResponse:
    order = open_order(sent.order.pk, viewer_of_request(request))
    changes = error.changes if isinstance(error, Conflict) else []
    if isinstance(error, Conflict):
        data["version"] = str(order.version)
    form = StepForm(sent.step, order, data, request.FILES)
    form.is_valid()
    if not changes:
        field = error.field if error.field in form.fields else None
        form.add_error(field, " ".join(str(part) for part in (error.message, error.what_next) if part))
    return _show(request, form, error.status, changes)


def _show(request: HttpRequest, form: StepForm, status: int = 200, changes: Any = ()) -> HttpResponse:
    viewer = viewer_of_request(request)
    order: Order = form.order
    offers = steps_for(order, viewer)
    mine = next((offer for offer in offers if offer.step.code == form.step.code), None)
    for field in form.fields.values():
        if isinstance(field.widget, PhotoPicker) and form.is_bound:
            field.widget.kept = [
                {"id": str(photo.uid), "thumb_url": photo_url(photo, thumb=True), "url": photo_url(photo)}
                for photo in photos_of(form.data.getlist("photo_ids"))  # type: ignore[attr-defined]
            ]
    possible = mine is not None and mine.allowed
    return render(
        request,
        "supervision/step.html",
        {
            "frame": frame(request),
            "order": order,
            "form": form,
            "step": form.step,
            "changes": changes,
            "possible": possible,
            "why_not": _why_not(order, form.step.code, mine),
            "kept_files": form.data.getlist("file_ids") if form.is_bound else [],  # type: ignore[attr-defined]
            "typed": {}
            if possible or not form.is_bound
            else {say(need.label): form.data.get(need.name, "") for need in form.step.needs if need.kind == "text"},
            "state_label": say(ORDER.state(order.state).label),
            "others": [offer for offer in offers if offer.allowed and offer.step.code in EFFECTS],
        },
        status=status,
    )


def _why_not(order: Order, code: str, offer: Any) -> str:
    if offer is not None:
        return str(offer.why_not)
    step = ORDER.by_step[code]
    if order.state not in step.from_states:
        return _("现在是“%(state)s”，不能“%(step)s”。") % {
            "state": say(ORDER.state(order.state).label),
            "step": say(step.label),
        }
    return _("您的岗位不办这一步。")
