"""What a person wants to hear of, where, and when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import viewer_of_request
from linli.doors.inbox.views import frame_of
from linli.kernel.errors import NotFound, Refused
from linli.rooms.messages import actions, queries, rules
from linli.rooms.messages.models import Choice
from linli.rooms.people.actions.accounts import phone_of
from linli.rooms.people.rights import Viewer


def _clock(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class ChoicesForm(forms.Form):
    """When. What and where is a table of check boxes beside it, named "pick:<topic>:<channel>"."""

    use_required_attribute = False
    quiet = forms.BooleanField(label=gettext_lazy("夜里不打扰"), required=False)
    quiet_from = _clock(gettext_lazy("从"))
    quiet_to = _clock(gettext_lazy("到"))
    digest = forms.ChoiceField(label=gettext_lazy("怎样发送"), choices=Choice.Digest.choices, required=False)
    digest_at = _clock(gettext_lazy("每天几点发"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("quiet") and not (cleaned.get("quiet_from") and cleaned.get("quiet_to")):
            self.add_error("quiet_from", _("请填从几点到几点，例如 21:30 到 07:30。"))
        return cleaned


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def choices(request: HttpRequest) -> HttpResponseBase:
    """One page: a table of topics and channels, addresses, times."""
    viewer = viewer_of_request(request)
    choice = queries.choice_of(viewer)
    start = {
        "quiet": choice.quiet_from is not None,
        "quiet_from": choice.quiet_from or rules.DEFAULT_HABITS.quiet_from,
        "quiet_to": choice.quiet_to,
        "digest": choice.digest,
        "digest_at": choice.digest_at,
    }
    form = ChoicesForm(typed(request), initial=start)
    channels = [rules.INBOX, *queries.open_channels()]
    if request.method == "POST" and form.is_valid():
        picks = {
            topic: {channel: f"pick:{topic}:{channel}" in request.POST for channel in channels}
            for topic in queries.topics_of(viewer)
        }
        # What is said of a channel that is closed for now is kept.
        for topic, known in choice.picks.items():
            if topic in picks:
                picks[topic] = {**known, **picks[topic]}
        given = form.cleaned_data
        night: tuple[dt.time, dt.time] | None = (given["quiet_from"], given["quiet_to"]) if given["quiet"] else None
        done = carry_out(
            form,
            lambda: actions.choose(
                picks,
                quiet=night,
                digest=given["digest"],
                digest_at=given["digest_at"] or rules.DEFAULT_HABITS.digest_at,
                viewer=viewer,
            ),
        )
        if done:
            messages.success(request, _("已按您的选择设置。"))
            return redirect("inbox:choices")
    return _show(request, viewer, choice, form)


def _show(
    request: HttpRequest, viewer: Viewer, choice: Choice, form: forms.Form, errors: dict[str, str] | None = None
) -> HttpResponse:
    opened = queries.open_channels()
    known = queries.addresses_of(viewer)
    columns = [(rules.INBOX, _("站内消息")), *[(code, rules.CHANNELS[code]) for code in opened]]
    rows = [
        {
            "label": topic.label,
            "hint": topic.hint,
            "cells": [(f"pick:{code}:{channel}", rules.wants(code, channel, choice.picks)) for channel, _l in columns],
        }
        for code, topic in queries.topics_of(viewer).items()
    ]
    addresses = [
        {
            "channel": code,
            "label": rules.CHANNELS[code],
            "known": known.get(code),
            "robot": code in rules.ROBOTS,
            "secret": code == "dingtalk",
            "error": (errors or {}).get(code, ""),
            "typed": request.POST.get("address", "") if errors and code in errors else "",
        }
        for code in opened
        if code != "sms"
    ]
    context = {
        "frame": frame_of(viewer),
        "form": form,
        "columns": columns,
        "rows": rows,
        "addresses": addresses,
        "sms": "sms" in opened,
        "has_phone": bool(phone_of(request.user)) if "sms" in opened else False,  # type: ignore[arg-type]
    }
    return render(request, "inbox/choices.html", context, status=422 if errors else status_of(form))


@require_POST
@never_cache
@login_required
def address(request: HttpRequest, channel: str) -> HttpResponseBase:
    """Set or forget the viewer's own address in a channel."""
    viewer = viewer_of_request(request)
    if channel not in rules.CHANNELS or channel == "sms":
        raise NotFound(code="notices.no_such_channel")
    if request.POST.get("drop") == "1":
        actions.drop_address(channel, viewer=viewer)
        messages.success(request, _("地址已删除，不再从这里发给您。"))
        return redirect("inbox:choices")
    text = request.POST.get("address", "")[:500]
    try:
        actions.set_address(channel, text, viewer=viewer, secret=request.POST.get("secret", "")[:200])
    except Refused as refused:
        choice = queries.choice_of(viewer)
        form = ChoicesForm(
            initial={
                "quiet": choice.quiet_from is not None,
                "quiet_from": choice.quiet_from or rules.DEFAULT_HABITS.quiet_from,
                "quiet_to": choice.quiet_to,
                "digest": choice.digest,
                "digest_at": choice.digest_at,
            }
        )
        return _show(request, viewer, choice, form, {channel: str(refused.message)})
    if channel == "mail":
        messages.success(request, _("确认邮件已发出。请打开邮件里的链接，三天内有效。"))
    else:
        messages.success(request, _("地址已保存。"))
    return redirect("inbox:choices")
