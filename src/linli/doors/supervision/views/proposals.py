"""What waits for a decision: one click makes an order of it, a reason puts it aside, bad ratings are called back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.steps import safe_next
from linli.doors.supervision.showing import frame
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.rooms.oversight.actions.proposals import dismiss, issue_proposal, record_callback
from linli.rooms.oversight.models import Source
from linli.rooms.oversight.queries import proposals as reads


@require_GET
@opens("case.supervise")
def index(request: HttpRequest) -> HttpResponse:
    """Waiting proposals, the newest first; `decided=1` shows what became of earlier ones."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    viewer = viewer_of_request(request)
    source, decided = request.GET.get("source", ""), request.GET.get("decided") == "1"
    offset = request.GET.get("from", "")
    start = int(offset) if offset.isdecimal() and len(offset) < 7 else 0
    rows, following = reads.waiting(viewer, source, decided, start)
    counted = reads.counts(viewer)
    called, base = reads.called_back(viewer)
    context = {
        "frame": frame(request),
        "rows": rows,
        "decided": decided,
        "source": source,
        "chips": [
            {"label": _("全部"), "url": "?", "active": not source and not decided, "count": counted[""]},
            *(
                {"label": label, "url": f"?source={code}", "active": code == source, "count": counted[code]}
                for code, label in Source.choices
                if counted.get(code)
            ),
            {"label": _("已处理"), "url": "?decided=1", "active": decided, "count": None},
        ],
        "called": called,
        "called_base": base,
        "next": f"?source={source}&decided={int(decided)}&from={following}" if following else "",
        **more,
    }
    return render(request, "supervision/proposals.html", context, status=status)


@require_POST
@opens("case.supervise")
def decide(request: HttpRequest, proposal_id: int, what: str) -> HttpResponse:
    """issue, dismiss or call; a refusal stands at its proposal with what was typed."""
    viewer = viewer_of_request(request)
    words = request.POST.get("words", "")[:12_000]
    if what not in ("issue", "dismiss", "call"):
        raise NotFound()
    try:
        if what == "issue":
            order = issue_proposal(
                proposal_id, viewer=viewer, request_key=f"proposal:{proposal_id}:{request.POST.get('key', '')[:60]}"
            )
            messages.success(
                request, _("%(number)s 已发给%(unit)s。") % {"number": order.number, "unit": order.unit.name}
            )
        elif what == "dismiss":
            dismiss(proposal_id, words, viewer=viewer)
            messages.success(request, _("已记下：不督办。"))
        else:
            record_callback(proposal_id, request.POST.get("reached") == "yes", words, viewer=viewer)
            messages.success(request, _("回访结果已记下，现在可以决定是否督办。"))
    except (Refused, Conflict) as error:
        said = " ".join(str(part) for part in (error.message, error.what_next) if part)
        return _page(request, error.status, error_at=proposal_id, error_words=said, error_what=what, typed=words)
    return HttpResponseRedirect(safe_next(request, reverse("supervision:proposals")))
