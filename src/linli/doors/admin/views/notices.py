"""Notices for the operator: channels and how they do, what is on its way, the words, units' groups."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.notices import (
    CHANNEL_FORMS,
    HouseForm,
    PickUnitForm,
    RobotForm,
    TryForm,
    TryRobotForm,
    WordsForm,
)
from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.errors import NotFound, Refused
from linli.kernel.web.context import house_name
from linli.rooms.cases.flow import FLOW
from linli.rooms.messages import actions, queries, rules
from linli.rooms.messages.actions.channels import gateway_secret
from linli.rooms.messages.models import Delivery
from linli.rooms.messages.texts import LANGUAGES
from linli.rooms.messages.wording import IN_SMS, PLACEHOLDERS, Words, filled

PAGE = 50
RIGHT = "notices.edit"


@require_http_methods(["GET", "POST"])
@opens(RIGHT)
def index(request: HttpRequest) -> HttpResponse:
    """Every channel at a glance, and the address that messages lead back to."""
    viewer = viewer_of_request(request)
    known = queries.house_url(viewer)
    guess = f"{request.scheme}://{request.get_host()}"
    form = HouseForm(typed(request), initial={"public_url": known or guess})
    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(form, lambda: actions.call_at(viewer, form.cleaned_data["public_url"]))
    ):
        messages.success(request, _("网址已保存。"))
        return redirect("admin_door:notices")
    context = {
        "form": form,
        "known": known,
        "channels": queries.channels(viewer),
        "told_groups": queries.units_with_addresses(viewer),
    }
    return render(request, "admin_door/notices.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@opens(RIGHT)
def channel(request: HttpRequest, code: str) -> HttpResponse:
    """Set one channel up and open it."""
    viewer = viewer_of_request(request)
    state = queries.channel(viewer, code)
    initial = {name: value for name, value in state.settings.items() if name not in ("password", "secret")}
    form = CHANNEL_FORMS.get(code, RobotForm)(typed(request), initial=initial or {"port": 587, "security": "starttls"})
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: actions.open_channel(viewer, code, form.cleaned_data))
        if done:
            messages.success(
                request, _("%(channel)s已开通。从现在起发生的事会从这里发出去。") % {"channel": state.label}
            )
            return redirect("admin_door:notice_channel", code)
    return _show_channel(request, state, form)


def _show_channel(request: HttpRequest, state: queries.ChannelState, form: Any, **more: Any) -> HttpResponse:
    context = {
        "state": state,
        "form": form,
        "test": TryRobotForm() if state.code == "dingtalk" else TryForm(),
        "robot": state.code in rules.ROBOTS,
        "no_url": not queries.house_url(viewer_of_request(request)),
        **more,
    }
    status = 422 if "error" in more else status_of(form)
    return render(request, "admin_door/notice_channel.html", context, status=status)


@require_POST
@opens(RIGHT)
def channel_change(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """Close it, try it, or see the gateway's secret."""
    viewer = viewer_of_request(request)
    state = queries.channel(viewer, code)
    if what == "close":
        actions.close_channel(viewer, code)
        messages.success(request, _("%(channel)s已关闭，等着发的不再发。") % {"channel": state.label})
        return redirect("admin_door:notice_channel", code)
    initial = {name: value for name, value in state.settings.items() if name not in ("password", "secret")}
    form = CHANNEL_FORMS.get(code, RobotForm)(initial=initial)
    if what == "secret" and code == "sms":
        return _show_channel(request, state, form, secret=gateway_secret(viewer))
    if what != "try":
        raise NotFound()
    test = (TryRobotForm if code == "dingtalk" else TryForm)(request.POST)
    if not test.is_valid():
        return _show_channel(request, state, form, test=test, error="")
    given = test.cleaned_data
    try:
        trouble = actions.try_channel(viewer, code, given["address"], given.get("secret", ""))
    except Refused as refused:
        test.add_error("address", str(refused.message))
        return _show_channel(request, state, form, test=test, error="")
    if trouble:
        return _show_channel(request, queries.channel(viewer, code), form, test=test, error=trouble)
    messages.success(request, _("测试消息发出去了，请到收件的地方看看。"))
    return redirect("admin_door:notice_channel", code)


@require_GET
@opens(RIGHT)
def deliveries(request: HttpRequest) -> HttpResponse:
    """What is on its way, what failed and why; recipients by name, never their addresses."""
    viewer = viewer_of_request(request)
    state, code, before = (request.GET.get(name, "") for name in ("state", "channel", "before"))
    rows = queries.deliveries(
        viewer,
        states=(state,) if state in Delivery.State.values else (),
        code=code if code in rules.CHANNELS else "",
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
        size=PAGE + 1,
    )
    context = {
        "rows": rows[:PAGE],
        "more": rows[PAGE - 1][0].pk if len(rows) > PAGE else None,
        "state": state,
        "states": Delivery.State.choices,
        "channel": code,
        "channels": queries.channels(viewer),
    }
    return render(request, "admin_door/notice_deliveries.html", context)


@require_POST
@opens(RIGHT)
def retry(request: HttpRequest) -> HttpResponse:
    """Send what failed again, now."""
    ids = [int(key) for key in request.POST.getlist("delivery") if key.isdecimal() and len(key) < 19]
    count = actions.retry(viewer_of_request(request), ids, everything=request.POST.get("all") == "1")
    messages.success(request, _("%(n)d 条消息马上再发。") % {"n": count})
    return redirect("admin_door:notice_deliveries")


def _event_words() -> dict[str, Any]:
    """What an event is called, for people."""
    named = {step.event: step.label for step in FLOW.steps if step.event}
    return {
        **named,
        "case.assist_opened": _("请单位协办"),
        "deadline.near": _("快到期"),
        "deadline.overdue": _("已超期"),
        rules.CONFIRM: _("确认邮箱"),
    }


@require_GET
@opens(RIGHT)
def wordings(request: HttpRequest) -> HttpResponse:
    """Every text, for reporters and for staff."""
    language = request.GET.get("language", "")
    language = language if language in LANGUAGES else LANGUAGES[0]
    named = _event_words()
    rows = [
        {"kind": kind, "name": named.get(kind, kind), "reporter": reporter, "words": words, "own": own}
        for kind, reporter, spoken, words, own in queries.wordings(viewer_of_request(request))
        if spoken == language
    ]
    return render(request, "admin_door/notice_wordings.html", {"rows": rows, "language": language})


@require_http_methods(["GET", "POST"])
@opens(RIGHT)
def wording(request: HttpRequest, kind: str, side: str, language: str) -> HttpResponse:
    """One text: seen as it will read before it is kept."""
    viewer = viewer_of_request(request)
    reporter = side == "reporter"
    found = next(
        (row for row in queries.wordings(viewer) if row[:3] == (kind, reporter, language) and side in _SIDES), None
    )
    if found is None:
        raise NotFound(_("没有这一种消息。"), code="notices.no_such_words")
    words, own = found[3], found[4]
    if request.method == "POST" and request.POST.get("do") == "restore":
        actions.restore_words(viewer, kind, reporter, language)
        messages.success(request, _("已恢复原来的文字。"))
        return redirect("admin_door:notice_wording", kind, side, language)
    form = WordsForm(typed(request), initial={"title": words.title, "body": words.body, "short": words.short})
    if request.method == "POST" and form.is_valid():
        words = Words(**form.cleaned_data)
        if request.POST.get("do") == "preview":
            carry_out(form, lambda: actions.check_words(words))
        elif carry_out(form, lambda: actions.reword(viewer, kind, reporter, language, words)):
            messages.success(request, _("已保存，从下一条消息起用新的文字。"))
            return redirect("admin_door:notice_wording", kind, side, language)
    context = {
        "form": form,
        "name": _event_words().get(kind, kind),
        "reporter": reporter,
        "language": language,
        "own": own,
        "preview": filled(words, _example(language)),
        "placeholders": [(f"{{{name}}}", label, name in IN_SMS) for name, label in PLACEHOLDERS.items()],
    }
    return render(request, "admin_door/notice_wording.html", context, status=status_of(form))


_SIDES = ("reporter", "staff")


def _example(language: str) -> dict[str, str]:
    """Made-up values for a preview."""
    english = language == "en"
    return {
        "number": "20261122-00001",
        "link": "https://linli.example/track/7K2M9QXD4TBN/",
        "house": house_name(),
        "item": "Street lamp out" if english else "路灯不亮",
        "place": "Demo community" if english else "演示社区",
        "unit": "Lighting office" if english else "路灯所",
        "due": "by 25 Nov 18:00" if english else " 11 月 25 日 18:00 前",
        "words": "The lamp was replaced." if english else "已更换灯泡，路灯恢复照明。",
        "other": "20261120-00007",
    }


@require_http_methods(["GET", "POST"])
@opens(RIGHT)
def pick_unit(request: HttpRequest) -> HttpResponse:
    """Whose group is to be told."""
    pick = PickUnitForm(typed(request))
    if request.method == "POST" and pick.is_valid():
        return redirect("admin_door:notice_unit", pick.cleaned_data["unit"].pk)
    context = {"form": pick, "title": _("选一个单位"), "submit": _("下一步")}
    return render(request, "admin_door/form.html", context, status=status_of(pick))


@require_http_methods(["GET", "POST"])
@opens(RIGHT)
def unit_groups(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The robots of a unit's groups."""
    viewer = viewer_of_request(request)
    unit, known = queries.unit_addresses(viewer, unit_id)
    error, failing = "", request.POST.get("channel", "")
    if request.method == "POST" and failing in rules.ROBOTS:
        if request.POST.get("drop") == "1":
            actions.drop_unit_address(viewer, unit_id, failing)
            messages.success(request, _("不再告诉这个群。"))
            return redirect("admin_door:notice_unit", unit_id)
        try:
            text, secret = request.POST.get("address", "")[:500], request.POST.get("secret", "")[:200]
            actions.set_unit_address(viewer, unit_id, failing, text, secret)
        except Refused as refused:
            error = str(refused.message)
        else:
            messages.success(request, _("已保存。派给这个单位的事会告诉这个群。"))
            return redirect("admin_door:notice_unit", unit_id)
    rows = [
        {
            "channel": code,
            "label": rules.CHANNELS[code],
            "known": known.get(code),
            "secret": code == "dingtalk",
            "error": error if code == failing else "",
        }
        for code in rules.ROBOTS
    ]
    opened = queries.open_channels()
    context = {"unit": unit, "rows": rows, "opened": opened, "typed": request.POST if error else {}}
    return render(request, "admin_door/notice_unit.html", context, status=422 if error else 200)
