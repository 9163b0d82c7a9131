"""The inbox: everybody's own, in the frame of the door they work at."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from linli.doors.common.gate import viewer_of_request
from linli.rooms.messages import actions, queries
from linli.rooms.messages.links import own_path
from linli.rooms.messages.models import Notice
from linli.rooms.people.rights import Viewer

_FRAMES = {"portal", "field", "desk", "command", "admin"}


def frame_of(viewer: Viewer) -> str:
    """The template whose frame the viewer is used to."""
    door = viewer.home_door
    return f"web/base_{door if door in _FRAMES else 'portal'}.html"


@require_GET
@never_cache
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """What is new, the latest first. `?all=1`: what was read, too; `?topic=`: one kind; `?before=`: the older ones."""
    viewer = viewer_of_request(request)
    before = request.GET.get("before", "")
    topic = request.GET.get("topic", "")
    every = request.GET.get("all") == "1"
    entries = queries.inbox(
        viewer,
        unread=not every,
        topic=topic,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    page = entries[: queries.PAGE]
    context = {
        "frame": frame_of(viewer),
        "entries": page,
        "more": page[-1].notice.pk if len(entries) > queries.PAGE else None,
        "topics": [(code, each.label) for code, each in queries.topics_of(viewer).items()],
        "topic": topic,
        "every": every,
        "is_first": not before,
        "resident": viewer.kind == "resident",
    }
    part = request.headers.get("HX-Request") == "true" and bool(before)
    return render(request, "inbox/_more.html" if part else "inbox/index.html", context)


@require_GET
@never_cache
@login_required
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponseBase:
    """Mark it as read and go to what it is about."""
    viewer = viewer_of_request(request)
    return redirect(_goal(actions.mark_read(notice_id, viewer=viewer), viewer))


def _goal(notice: Notice, viewer: Viewer) -> str:
    code, number = notice.data.get("code"), notice.data.get("number")
    if notice.reporter and code:
        return reverse("portal:follow", args=[code])
    if own_path(notice) and viewer.kind == "staff":
        return own_path(notice)
    if not number or viewer.kind != "staff" or viewer.admin_role:
        return reverse("inbox:index")
    return reverse("field:case" if viewer.home_door == "field" else "desk:case", args=[number])


@require_POST
@login_required
def read(request: HttpRequest, notice_id: int) -> HttpResponseBase:
    """Mark one as read where it stands in the list."""
    actions.mark_read(notice_id, viewer=viewer_of_request(request))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse("")
    return redirect("inbox:index")


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponseBase:
    """Mark everything as read that the page showed or that is older; what came since stays."""
    up_to = request.POST.get("up_to", "")
    count = actions.mark_all_read(
        int(up_to) if up_to.isdecimal() and len(up_to) < 19 else 0, viewer=viewer_of_request(request)
    )
    messages.success(request, _("%(n)d 条消息已标为已读。") % {"n": count})
    return redirect("inbox:index")
