"""For the audit administrator: the journal with search, export and verification, and who read personal data."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.doors.common.formwork import DayField
from linli.doors.common.gate import opens
from linli.doors.common.picks import PlaceField
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.journal import checkpoint, queries
from linli.kernel.journal.models import Batch
from linli.kernel.journal.verify import verify as verify_journal
from linli.kernel.seal import queries as seal

PAGE = 50
EXPORT_ROWS = 50_000
VERIFY_HERE = 300_000
"""More sealed entries than this are verified at the command line: a page must not run for minutes."""


class SearchForm(forms.Form):
    """What the audit administrator asks the journal for."""

    words = forms.CharField(label=gettext_lazy("谁、岗位、说明或编号"), max_length=60, required=False)
    action = forms.CharField(
        label=gettext_lazy("动作"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("例如 case.closed；以点结尾表示一类，如 case."),
    )
    object_type = forms.CharField(label=gettext_lazy("对象"), max_length=40, required=False)
    object_id = forms.CharField(label=gettext_lazy("对象编号"), max_length=60, required=False)
    since = DayField(label=gettext_lazy("从"), required=False)
    until = DayField(label=gettext_lazy("到（含当天）"), required=False)
    place = PlaceField(label=gettext_lazy("地方"), required=False)

    def search(self) -> queries.Search:
        """The question as the journal takes it; what is unreadable asks nothing."""
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        since, until = given.get("since"), given.get("until")
        place = given.get("place")
        return queries.Search(
            object_type=given.get("object_type", ""),
            object_id=given.get("object_id", ""),
            action=given.get("action", ""),
            since=dt.datetime.combine(since, dt.time(), CIVIL) if since else None,
            until=dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), CIVIL) if until else None,
            place_id=place.id if place else None,
            words=given.get("words", "").replace("\x00", ""),
        )


@require_GET
@opens("journal.read")
def journal(request: HttpRequest) -> HttpResponse:
    """Entries that match, newest first."""
    form = SearchForm(request.GET)
    before = request.GET.get("before", "")
    what = form.search()
    page = queries.Page([], None)  # what cannot be read must not look like an answer
    if not form.errors:
        before_id = int(before) if before.isdecimal() and len(before) < 19 else None
        page = queries.search(what, before_id=before_id, size=PAGE)
    tip = Batch.objects.order_by("-number").only("number", "sealed_at", "total").first()
    query = request.GET.copy()
    query.pop("before", None)
    kept = query.urlencode()
    if page.next_before_id:
        query["before"] = str(page.next_before_id)
    context = {
        "form": form,
        "page": page,
        "next": f"?{query.urlencode()}" if page.next_before_id else "",
        "first": f"?{kept}" if before else "",
        "kept": kept,
        "tip": tip,
        "waiting": queries.waiting_for_seal(),
    }
    return render(request, "admin_door/journal.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@opens("journal.read")
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain and say whether anything was changed, removed or slipped in."""
    tip = Batch.objects.order_by("-number").first()
    too_many = tip is not None and tip.total > VERIFY_HERE
    report = verify_journal() if request.method == "POST" and not too_many else None
    line = (
        checkpoint.sign(checkpoint.Checkpoint.of(tip.number, bytes(tip.digest), tip.total, tip.sealed_at))
        if tip
        else ""
    )
    context = {
        "tip": tip,
        "too_many": too_many,
        "report": report,
        "waiting": queries.waiting_for_seal(),
        "checkpoint": line,
        "at": dt.datetime.now(dt.UTC),
    }
    return render(request, "admin_door/journal_verify.html", context)


class _Echo:
    def write(self, text: str) -> str:
        return text


@require_GET
@opens("journal.read")
def export(request: HttpRequest) -> HttpResponseBase:
    """What a search finds as CSV, newest first, at most 50,000 rows."""
    what = SearchForm(request.GET).search()
    answer = StreamingHttpResponse(_lines(what), content_type="text/csv; charset=utf-8")
    day = dt.datetime.now(CIVIL).date().isoformat()
    answer["Content-Disposition"] = f'attachment; filename="linli-journal-{day}.csv"'
    return answer


def _lines(what: queries.Search) -> Iterator[str]:
    writer = csv.writer(_Echo())
    heads = ("id", "at", "actor", "post", "action", "object_type", "object_id", "before", "after", "words", "note")
    yield "\ufeff" + writer.writerow(heads)
    before: int | None = None
    left = EXPORT_ROWS
    while left > 0:
        page = queries.search(what, before_id=before, size=min(1000, left))
        for entry in page.entries:
            yield writer.writerow([_safe(cell) for cell in _cells(entry)])
        left -= len(page.entries)
        before = page.next_before_id
        if before is None:
            return


def _cells(entry: Any) -> list[str]:
    return [
        str(entry.id),
        entry.at.astimezone(CIVIL).isoformat(timespec="seconds"),
        entry.actor_name,
        entry.post_name,
        entry.action,
        entry.object_type,
        entry.object_id,
        json.dumps(entry.before, ensure_ascii=False) if entry.before is not None else "",
        json.dumps(entry.after, ensure_ascii=False) if entry.after is not None else "",
        entry.words,
        entry.note,
    ]


def _safe(cell: str) -> str:
    """A cell that no sheet program takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


@require_GET
@opens("access.read")
def access(request: HttpRequest) -> HttpResponse:
    """Who has read personal data, for which post and what for."""
    before, actor = request.GET.get("before", ""), request.GET.get("actor", "")
    rows = seal.page(
        actor_id=int(actor) if actor.isdecimal() and len(actor) < 19 else None,
        before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
        size=PAGE + 1,
    )
    context: dict[str, Any] = {
        "rows": rows[:PAGE],
        "more": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "actor": actor,
        "what": {"cases_reporter": _("上报人联系方式"), "people_account": _("账号手机号")},
    }
    return render(request, "admin_door/access.html", context)
