"""How the house runs: workers and regular work, deliveries, seals, checks, sizes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.doors.admin import running
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.beats import queries as beats
from linli.kernel.journal import queries as journal
from linli.kernel.outbox import actions, queries

PAGE = 50
STATES = ("pending", "running", "dead", "done")


@require_GET
@opens("operations.view")
def index(request: HttpRequest) -> HttpResponse:
    """The house at a glance; `?check=1` also runs the checks of `./linli check`."""
    checked = request.GET.get("check") == "1"
    context = {
        "workers": beats.workers(),
        "beats": beats.beats(),
        "owed": queries.summary(),
        "waiting_for_seal": journal.waiting_for_seal(),
        "database": running.database_facts(),
        "release": running.release(),
        "findings": running.findings() if checked else None,
    }
    return render(request, "admin_door/operations.html", context)


def state_words() -> dict[str, str]:
    """The states of a delivery."""
    return {"pending": _("等待投递"), "running": _("正在投递"), "dead": _("失败，不再重试"), "done": _("已送达")}


@require_GET
@opens("house.retry_deliveries")
def deliveries(request: HttpRequest) -> HttpResponse:
    """Deliveries with their tries, last error and next try."""
    state = request.GET.get("state", "")
    before = request.GET.get("before", "")
    rows = queries.deliveries(
        states=(state,) if state in STATES else STATES[:3],
        subscriber=request.GET.get("subscriber", "")[:100],
        before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
        size=PAGE + 1,
    )
    words = state_words()
    context = {
        "rows": [(row, words.get(row.state, row.state)) for row in rows[:PAGE]],
        "more": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "state": state,
        "states": list(words.items()),
        "owed": queries.summary(),
    }
    return render(request, "admin_door/deliveries.html", context)


@require_POST
@opens("house.retry_deliveries")
def retry(request: HttpRequest) -> HttpResponse:
    """Send dead deliveries on their way again."""
    ids = [int(key) for key in request.POST.getlist("delivery") if key.isdecimal() and len(key) < 19]
    if not ids and request.POST.get("all") == "1":
        ids = [row.pk for row in queries.deliveries(states=("dead",), size=1000)]
    count = actions.retry(ids, viewer_of_request(request))
    messages.success(request, _("%(n)d 条消息已重新排队。") % {"n": count})
    return redirect("admin_door:deliveries")
