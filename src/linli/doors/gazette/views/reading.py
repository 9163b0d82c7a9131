"""What readers see: the list, an issue, its files and pictures; for publishers, who has opened it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.doors.common.gate import viewer_of_request
from linli.doors.gazette.frames import FRAMES, frame_of
from linli.doors.gazette.showing import shown, tone_of
from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.kernel.flow import say
from linli.rooms.bulletins import paper
from linli.rooms.bulletins.actions.reading import opened
from linli.rooms.bulletins.flow import BULLETIN
from linli.rooms.bulletins.judgement import publishes
from linli.rooms.bulletins.models import Issue
from linli.rooms.bulletins.pictures import pictures_of
from linli.rooms.bulletins.queries import issues
from linli.rooms.bulletins.queries.readers import readers_of
from linli.rooms.bulletins.sections import language
from linli.rooms.people.rights import Viewer

PAGE = 20
View = Callable[..., HttpResponse]
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Shown as buttons of their own page or form, in this order.
WITH_WORDS = ("send_back", "drop", "withdraw")


def for_readers(view: View) -> View:
    """A page of an issue. Who follows the link of a notice without being signed in is led to the sign-in."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotFound:
            if viewer_of_request(request).signed_in:
                raise
            return redirect_to_login(request.get_full_path())

    return guarded


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Bulletins at work and those issued that this viewer reads; strangers see what is public."""
    viewer = viewer_of_request(request)
    kind, year = request.GET.get("kind", "")[:30], request.GET.get("year", "")
    found = issues.to_read(viewer, kind, int(year) if year.isdigit() and len(year) == 4 else None)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    known = issues.kinds()
    drafts, approves = viewer.has("bulletin.draft"), viewer.has("bulletin.approve")
    at_work = issues.at_work(viewer) if drafts or approves else []
    first = "submitted" if approves else "draft"  # what waits for this viewer stands first
    context = {
        "page": page,
        "rows": [{"issue": row, "unread": _unread(row, viewer)} for row in page.object_list],
        "at_work": [
            {"issue": row, "label": say(BULLETIN.state(row.state).label), "tone": tone_of(row.state)}
            for row in sorted(at_work, key=lambda row: row.state != first)
        ],
        "publisher": drafts or approves,
        "kinds": known,
        "kind": kind,
        "next": [each for each in known if each.active and each.next_at] if drafts else [],
        "filtered": bool(kind or year),
        **frame_of(viewer),
    }
    return render(request, "gazette/home.html", context)


def _unread(row: Issue, viewer: Viewer) -> bool:
    return viewer.signed_in and row.state == "issued" and not getattr(row, "opened", False)


@require_safe
@for_readers
def issue(request: HttpRequest, issue_id: int) -> HttpResponse:
    """One issue: as it was issued for readers, as it would look for those who make it, with what they may do next."""
    viewer = viewer_of_request(request)
    found = issues.open_issue(issue_id, viewer)
    opened(found, viewer)
    return show_issue(request, found, viewer)


def show_issue(request: HttpRequest, found: Issue, viewer: Viewer, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of an issue; `more`: an error of a step with what was typed."""
    offers = {offer.step.code: offer for offer in issues.steps_for(found, viewer)}
    correction = issues.correction_of(found) if found.issued_at else None
    if correction is not None and not issues.to_read(viewer).filter(pk=correction.pk).exists():
        correction = None
    context = {
        "issue": found,
        "shown": shown(issues.page_for(found), found.pk),
        "state": say(BULLETIN.state(found.state).label),
        "meaning": say(BULLETIN.state(found.state).meaning),
        "tone": tone_of(found.state),
        "offers": offers,
        "worded": [offers[code] for code in WITH_WORDS if code in offers],
        "publisher": publishes(found, viewer),
        "correction": correction,
        **frame_of(viewer),
        **more,
    }
    if "wall" in request.GET and viewer.posts:  # for a meeting: large, without the desk around it
        context |= {"wall": True, "publisher": False, "frame": FRAMES["command"]}
    return render(request, "gazette/issue.html", context, status=status)


@require_safe
@for_readers
def pdf(request: HttpRequest, issue_id: int) -> HttpResponse:
    """The PDF as issued; of a draft one that says so across the page."""
    viewer = viewer_of_request(request)
    found = issues.open_issue(issue_id, viewer)
    opened(found, viewer)
    if found.issued_at:
        data = issues.file_of(found, "pdf")
    else:
        data = paper.pdf(issues.page_for(found), pictures_of(found), language=language(), draft=_("草稿，未印发"))
    return _file(data, "application/pdf", found, "pdf", inline=True)


@require_safe
@for_readers
def xlsx(request: HttpRequest, issue_id: int) -> HttpResponse:
    """The workbook as issued, or of a draft as it is."""
    viewer = viewer_of_request(request)
    found = issues.open_issue(issue_id, viewer)
    opened(found, viewer)
    if found.issued_at:
        data = issues.file_of(found, "xlsx")
    else:
        data = paper.xlsx(issues.page_for(found), language=language())
    return _file(data, SHEET, found, "xlsx")


def _file(data: bytes, media: str, found: Issue, suffix: str, *, inline: bool = False) -> HttpResponse:
    answer = HttpResponse(data, content_type=media)
    name = f"{found.kind.code}-{found.starts_on:%Y%m%d}{'' if found.issued_at else '-draft'}.{suffix}"
    answer["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    return answer


@require_safe
@for_readers
def picture(request: HttpRequest, issue_id: int, name: str) -> HttpResponse:
    """A picture of an issue for whoever may see the issue."""
    found = issues.open_issue(issue_id, viewer_of_request(request))
    return HttpResponse(issues.picture_of(found, name[:40]), content_type="image/jpeg")


@require_safe
@for_readers
def readers(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Whom it went to and who has opened it: for those who publish it."""
    viewer = viewer_of_request(request)
    found = issues.open_issue(issue_id, viewer)
    if not publishes(found, viewer):
        raise NotFound(_("没有这份通报，或者没有发给您。"), code="bulletin.not_found")
    rows = readers_of(found, clock.now())
    context = {
        "issue": found,
        "rows": [
            {"reader": row, "post": row.kind_en if language() == "en" and row.kind_en else row.kind_zh} for row in rows
        ],
        "read": sum(row.read_at is not None for row in rows),
        "total": len(rows),
        "back": reverse("gazette:issue", args=[found.pk]),
        **frame_of(viewer),
    }
    return render(request, "gazette/readers.html", context)
