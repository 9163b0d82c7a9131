"""Following a report by its code, and answering: rate, ask to reopen, withdraw."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.portal import remembered
from linli.doors.portal.views.home import own_reports
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.flow import say
from linli.kernel.identifiers import normalise_tracking_code, read_tracking_code, show_tracking_code
from linli.rooms.cases.actions.reading import notices_read
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Rating
from linli.rooms.cases.queries.public import Followed
from linli.rooms.cases.queries.public import follow as follow_report
from linli.rooms.messages.queries import may_wish
from linli.rooms.people.rights import Viewer

REPORTER_STEPS = frozenset({"rate", "reopen", "withdraw"})


class CodeForm(forms.Form):
    use_required_attribute = False
    code = forms.CharField(
        label=gettext_lazy("查询码"),
        max_length=40,
        error_messages={"required": gettext_lazy("请输入查询码。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "placeholder": "7K2M-9QXD-4TBN"}
        ),
    )


@require_http_methods(["GET", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Type the code from the receipt."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            code = read_tracking_code(form.cleaned_data["code"])
            follow_report(code, request.viewer)  # type: ignore[attr-defined]
        except NotFound:
            form.add_error("code", _("没有这个查询码。请对照上报成功时显示的 12 位查询码再输一次。"))
        except LinliError as error:
            form.add_error("code", " ".join(str(p) for p in (error.message, error.what_next) if p))
        else:
            return HttpResponseRedirect(reverse("portal:follow", args=[code]))
    return render(request, "portal/track.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """The report's story and what its reporter may do now."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    found = follow_report(code, viewer)
    news = [] if request.GET.get("new") == "1" else _news(found)
    answer = _show(request, found, news=news)
    if any(notice.read_at is None for notice in found.notices):
        notices_read(found.report.pk)
    remembered.remember(request, answer, found.report.tracking_code)
    return answer


def _news(found: Followed) -> list[dict[str, Any]]:
    """What happened since the last look, newest first."""
    said = {step.event: step for step in FLOW.steps if step.event}
    return [
        {"at": notice.at, "words": say(said[notice.kind].words) or say(said[notice.kind].label)}
        for notice in found.notices
        if notice.read_at is None and notice.kind in said
    ]


def _show(request: HttpRequest, found: Followed, status: int = 200, **more: object) -> HttpResponse:
    return render(
        request,
        "portal/follow.html",
        {
            "found": found,
            "case": found.public.case,
            "shown_code": show_tracking_code(found.report.tracking_code),
            "is_new": request.GET.get("new") == "1",
            "sms": may_wish(found.report),
            "levels": sorted(Rating.Level.choices, reverse=True),
            "solved": Rating.Solved.choices,
            "link": request.build_absolute_uri(reverse("portal:follow", args=[found.report.tracking_code])),
            **more,
        },
        status=status,
    )


@require_POST
def answer(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One of the reporter's own steps."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if step not in REPORTER_STEPS:
        raise NotFound(code="flow.no_such_step")
    found = follow_report(code, viewer)
    given = {name: request.POST.get(name, "") for name in ("solved", "level", "words", "reason")}
    key = request.POST.get("key", "")[:60]
    try:
        take(
            found.public.case.pk,
            step,
            given,
            viewer=viewer,
            report=found.report,
            request_key=f"report:{found.report.pk}:{step}:{key}" if key else None,
        )
    except LinliError as error:
        message = " ".join(str(part) for part in (error.message, error.what_next) if part)
        return _show(request, found, status=error.status, error=message, typed=given, step=step)
    messages.success(request, _DONE[step]())
    return HttpResponseRedirect(reverse("portal:follow", args=[normalise_tracking_code(code)]))


_DONE = {
    "rate": lambda: _("谢谢，您的评价已记下。"),
    "reopen": lambda: _("已重新办理，并报处置单位的上级知道。"),
    "withdraw": lambda: _("已撤回。"),
}


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """My reports: of this account, or of this phone."""
    return render(request, "portal/mine.html", {"reports": own_reports(request)})
