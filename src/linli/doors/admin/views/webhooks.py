"""Other systems that hear of cases: their addresses, what was sent to them, and sending it again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.webhooks import EndpointForm, ReplayForm, RotateForm, kind_words
from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import NotFound
from linli.rooms.places.atlas import today
from linli.rooms.webhooks import actions, queries
from linli.rooms.webhooks.models import Delivery, Endpoint
from linli.rooms.webhooks.rules import TEST

PAGE = 50
FIELDS = {"place": "place"}


@require_GET
@opens("webhooks.edit")
def index(request: HttpRequest) -> HttpResponse:
    """All endpoints and how they are doing."""
    return render(request, "admin_door/webhooks.html", {"rows": list(queries.endpoints(viewer_of_request(request)))})


@require_http_methods(["GET", "POST"])
@opens("webhooks.edit")
def create(request: HttpRequest) -> HttpResponse:
    """A new endpoint; its secret is shown on the answer and never again."""
    form = EndpointForm(typed(request), initial={"language": "zh-hans"})
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: actions.create_endpoint(viewer_of_request(request), **form.facts()), FIELDS)
        if done:
            return _secret(request, *done.value)
    context = {
        "form": form,
        "title": _("添加推送地址"),
        "submit": _("添加"),
        "one_column": True,
        "back_url": reverse("admin_door:webhooks"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@opens("webhooks.edit")
def show(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """One endpoint: its state, its messages, its wishes."""
    viewer = viewer_of_request(request)
    endpoint = queries.endpoint(viewer, endpoint_id)
    form = _form(typed(request), endpoint)
    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(form, lambda: actions.change_endpoint(viewer, endpoint_id, **form.facts()), FIELDS)
    ):
        messages.success(request, _("已保存。"))
        return redirect("admin_door:webhook", endpoint_id)
    return _show(request, endpoint, status_of(form), form=form)


@require_POST
@opens("webhooks.edit")
def change(request: HttpRequest, endpoint_id: int, what: str) -> HttpResponse:
    """Pause, resume, test, give a new secret, send again, delete."""
    viewer = viewer_of_request(request)
    if what == "rotate":
        return _rotate(request, endpoint_id)
    if what == "replay":
        return _replay(request, endpoint_id)
    if what == "test":
        _say_outcome(request, actions.send_test(viewer, endpoint_id))
    elif what == "pause":
        actions.pause_endpoint(viewer, endpoint_id)
        messages.success(request, _("已暂停。这期间的事件会排队等着。"))
    elif what == "resume":
        actions.resume_endpoint(viewer, endpoint_id)
        messages.success(request, _("已恢复推送，排队的消息先发。"))
    elif what == "delete":
        actions.delete_endpoint(viewer, endpoint_id)
        messages.success(request, _("推送地址已删除。"))
        return redirect("admin_door:webhooks")
    else:
        raise NotFound
    return redirect("admin_door:webhook", endpoint_id)


def _rotate(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    viewer = viewer_of_request(request)
    form = RotateForm(request.POST)
    if form.is_valid():
        overlap = dt.timedelta(hours=form.cleaned_data["hours"])
        done = carry_out(form, lambda: actions.rotate_secret(viewer, endpoint_id, overlap=overlap))
        if done:
            return _secret(request, *done.value)
    return _show(request, queries.endpoint(viewer, endpoint_id), status_of(form), rotate=form)


def _replay(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """The ticked messages, or all since a day."""
    viewer = viewer_of_request(request)
    ids = [int(key) for key in request.POST.getlist("delivery") if key.isdecimal() and len(key) < 19]
    if ids:
        count = actions.replay(viewer, endpoint_id, ids)
    else:
        form = ReplayForm(request.POST)
        done = None
        if form.is_valid():
            since = dt.datetime.combine(form.cleaned_data["since"], dt.time(), CIVIL)
            done = carry_out(
                form,
                lambda: actions.replay_since(viewer, endpoint_id, since, all_states=form.cleaned_data["everything"]),
            )
        if done is None:
            return _show(request, queries.endpoint(viewer, endpoint_id), status_of(form), replay=form)
        count = done.value
    messages.success(request, _("%(n)d 条消息已重新排队。") % {"n": count})
    return redirect("admin_door:webhook", endpoint_id)


def _secret(request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
    context = {"endpoint": endpoint, "secret": secret, "title": _("签名密钥")}
    return render(request, "admin_door/webhook_secret.html", context)


def _form(data: Any, endpoint: Endpoint) -> EndpointForm:
    names = ("url", "description", "place", "language", "kinds")
    return EndpointForm(data, initial={name: getattr(endpoint, name) for name in names})


def _show(request: HttpRequest, endpoint: Endpoint, status: int = 200, **forms: Any) -> HttpResponse:
    viewer = viewer_of_request(request)
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    state = state if state in Delivery.State.values else ""
    rows = queries.deliveries(
        viewer,
        endpoint.pk,
        state=state,
        before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
        size=PAGE + 1,
    )
    shown = [
        {
            "row": row,
            "kind": kind_words(row.kind),
            "trouble": queries.trouble_words(row),
            "again": row.state in (Delivery.State.DONE, Delivery.State.DEAD) and row.kind != TEST,
        }
        for row in rows[:PAGE]
    ]
    context = {
        "endpoint": endpoint,
        "rows": shown,
        "some_again": any(each["again"] for each in shown),
        "more": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "state": state,
        "states": Delivery.State.choices,
        "form": None,
        "rotate": RotateForm(),
        "replay": ReplayForm(initial={"since": today()}),
    }
    context |= {"form": _form(None, endpoint)} | forms
    return render(request, "admin_door/webhook.html", context, status=status)


def _say_outcome(request: HttpRequest, sent: Delivery) -> None:
    if sent.state == Delivery.State.DONE:
        words = _("对方收下了测试消息：HTTP %(status)d，%(ms)d 毫秒。") % {"status": sent.status, "ms": sent.took_ms}
        messages.success(request, words)
        return
    why = queries.trouble_words(sent) or f"HTTP {sent.status} {sent.words[:100]}"
    messages.error(request, _("测试消息没有送到：%(why)s") % {"why": why})
