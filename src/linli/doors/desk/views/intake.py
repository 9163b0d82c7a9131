"""Taking in what residents say: many demands one after another, each saved at once (LS-5)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.doors.desk.intake_form import CHANNELS, IntakeForm
from linli.doors.desk.views.worklist import staff
from linli.kernel.errors import LinliError
from linli.rooms.cases.actions.intake import Receipt, join_case, report_problem
from linli.rooms.cases.queries.taken import taken_lately


@require_http_methods(["GET", "HEAD", "POST"])
def intake(request: HttpRequest) -> HttpResponse:
    """GET: the form and what was taken in lately. POST: one demand; the answer is the next empty form."""
    viewer = staff(request)
    viewer.require("case.intake")
    fragment = bool(request.headers.get("HX-Request"))
    if request.method != "POST":
        initial = {
            "channel": request.GET.get("channel") if request.GET.get("channel") in CHANNELS else "hotline",
            "occasion": request.GET.get("occasion", "")[:100],
            "place": request.GET.get("place", ""),
            "keep_place": bool(request.GET.get("place")),
        }
        # Lists of everything are for browsers without scripts only; their link asks for them.
        return _show(request, IntakeForm(initial=initial, scripts="plain" not in request.GET), fragment=False)
    form = IntakeForm(request.POST, scripts=fragment or "plain" not in request.GET)
    if not form.is_valid():
        return _show(request, form, fragment=fragment, status=422)
    try:
        wanted = form.intake()
        joined = request.POST.get("join", "")
        if joined.isdigit() and len(joined) < 18:
            receipt = join_case(int(joined), wanted, viewer=viewer)
        else:
            receipt = report_problem(wanted, viewer=viewer)
    except LinliError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, " ".join(str(part) for part in (error.message, error.what_next) if part))
        return _show(request, form, fragment=fragment, status=error.status)
    following = form.following()
    if fragment:
        return _next(request, following, receipt, wanted.words)
    messages.success(request, _saved(receipt))
    kept = {name: str(following[name]) for name in ("channel", "occasion", "place") if following.get(name)}
    if "plain" in request.GET:
        kept["plain"] = "1"
    return HttpResponseRedirect(f"{reverse('desk:intake')}?{urlencode(kept)}")


def _saved(receipt: Receipt) -> str:
    words = _("已加入 %(number)s。") if receipt.joined else _("已登记 %(number)s。")
    return words % {"number": receipt.number}


def _next(request: HttpRequest, following: dict[str, Any], receipt: Receipt, words: str) -> HttpResponse:
    """The next empty form, and the new line of the running list."""
    form = IntakeForm(initial=following, scripts=True)
    row = next((one for one in taken_lately(request.viewer, limit=5) if one["id"] == receipt.report_id), None)  # type: ignore[attr-defined]
    answer = render(
        request,
        "desk/_intake_form.html",
        {"form": form, "saved": _saved(receipt), "fresh": row if not receipt.repeated else None},
    )
    answer["HX-Trigger"] = '{"linli:draft-clear": {"id": "intake"}, "linli:taken": ""}'
    return answer


def _show(request: HttpRequest, form: IntakeForm, *, fragment: bool, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "plain": "plain" in request.GET}
    if not fragment:
        rows = taken_lately(request.viewer)  # type: ignore[attr-defined]
        occasions = list(dict.fromkeys(row["occasion"] for row in rows if row["occasion"]))
        context.update(rows=rows, occasions=occasions)
    name = "desk/_intake_form.html" if fragment else "desk/intake.html"
    return render(request, name, context, status=status)
