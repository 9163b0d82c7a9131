"""What editors and approvers do: write, count anew, hand in, send back, issue, withdraw, correct."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.doors.common.formwork import put_into, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.gazette.forms import EditForm
from linli.doors.gazette.frames import frame_of
from linli.doors.gazette.showing import shown
from linli.doors.gazette.views.reading import show_issue
from linli.kernel.errors import Conflict, LinliError, NotAllowed, NotFound, Refused
from linli.rooms.bulletins.actions import steps
from linli.rooms.bulletins.models import Issue
from linli.rooms.bulletins.page import page_of
from linli.rooms.bulletins.queries import issues
from linli.rooms.bulletins.queries.comparing import recounted
from linli.rooms.bulletins.sections import SECTIONS, cell_words, language
from linli.rooms.messages.links import public_url
from linli.rooms.people.rights import Viewer

DRAFTS, APPROVES = "bulletin.draft", "bulletin.approve"


@require_http_methods(["GET", "HEAD", "POST"])
@opens(DRAFTS)
def edit(request: HttpRequest, issue_id: int) -> HttpResponse:
    """The editor's page: words, notes, photo pairs, readers. A conflict gives everything typed back."""
    viewer = viewer_of_request(request)
    found = issues.open_issue(issue_id, viewer)
    form = EditForm(found, typed(request))
    changed: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        try:
            saved = steps.edit(
                found.pk,
                form.given(),
                viewer=viewer,
                version=form.cleaned_data["version"],
                request_key=f"bulletin:{found.pk}:edit:{key}" if key else None,
            )
            if "submit" in request.POST:
                return _submit(request, saved, viewer)
            messages.success(request, _("已保存。"))
            return redirect("gazette:issue", found.pk)
        except Conflict as conflict:
            changed = conflict.changes
            found = issues.open_issue(issue_id, viewer)
            # What was typed stays in the form, which is ready to be sent again over what others wrote.
            data = request.POST.copy()
            data["version"] = str(found.version)
            form = EditForm(found, data)
            form.is_valid()
            put_into(form, conflict)
        except Refused as refused:
            put_into(form, refused)
    elif request.method != "POST" and found.state != "draft":
        return redirect("gazette:issue", found.pk)
    return render(request, "gazette/edit.html", _editor(found, form, changed, viewer), status=status_of(form))


def _submit(request: HttpRequest, saved: Issue, viewer: Viewer) -> HttpResponse:
    try:
        steps.submit(saved.pk, viewer=viewer, version=saved.version)
        messages.success(request, _("已送签，签发人会收到通知。"))
    except LinliError as error:
        messages.error(request, f"{_('已保存，但还没有送签：')}{error.message} {error.what_next or ''}")
    return redirect("gazette:issue", saved.pk)


def _editor(found: Issue, form: EditForm, changed: list[dict[str, Any]], viewer: Viewer) -> dict[str, Any]:
    numbers = {section["code"]: section for section in shown(page_of(found), found.pk)["sections"]}
    chosen = set(form["pairs"].value() or ())
    sections = [
        {
            "code": code,
            "title": cell_words(SECTIONS[code].title, language()),
            "words": form[f"text_{code}"],
            "numbers": numbers.get(code) if SECTIONS[code].counted else None,
            "pairs": _offered(found, chosen) if code == "pairs" else [],
            "named": [form[f"named_{number}"] for number in form.overdue] if code == "overdue" else [],
        }
        for code in SECTIONS
        if code in found.sections
    ]
    return {
        "issue": found,
        "form": form,
        "sections": sections,
        "changes": changed,
        "readers": form["reader_kinds"],
        **frame_of(viewer),
    }


def _offered(found: Issue, chosen: set[str]) -> list[dict[str, Any]]:
    """Every pair an editor may choose from."""
    offered = []
    for each in found.numbers.get("pairs", {}).get("pool", ()):
        names = [f"{each['case_id']}-{side}.jpg" for side in ("before", "after")]
        words = [cell_words(each[name], language()) for name in ("title", "place", "unit")]
        offered.append(
            {
                "id": str(each["case_id"]),
                "chosen": str(each["case_id"]) in chosen,
                "words": " · ".join(word for word in (*words, each["number"]) if word),
                "before": reverse("gazette:picture", args=[found.pk, names[0]]),
                "after": reverse("gazette:picture", args=[found.pk, names[1]]),
            }
        )
    return offered


@require_safe
@opens(DRAFTS, APPROVES)
def changes(request: HttpRequest, issue_id: int) -> HttpResponse:
    """What a count of now would change; nothing is changed by looking."""
    viewer = viewer_of_request(request)
    found = issues.open_issue(issue_id, viewer)
    if found.state not in ("draft", "submitted"):
        raise NotFound(_("印发以后数字不再变化。"), code="bulletin.frozen")
    rows = [{**row, "section": cell_words(row["section"], language()), "what": cell_words(row["what"], language())}
            for row in recounted(found)]  # fmt: skip
    offers = {offer.step.code for offer in issues.steps_for(found, viewer)}
    context = {"issue": found, "rows": rows, "may_recount": "recount" in offers, **frame_of(viewer)}
    return render(request, "gazette/changes.html", context)


@require_POST
@opens(DRAFTS, APPROVES)
def step(request: HttpRequest, issue_id: int, step: str) -> HttpResponse:
    """Take one step; a refusal shows the issue again with the reason and what was typed."""
    viewer = viewer_of_request(request)
    found = issues.open_issue(issue_id, viewer)
    act = _ACTS.get(step)
    if act is None:
        raise NotFound(code="flow.no_such_step")
    why, key = request.POST.get("why", "")[:2000], request.POST.get("key", "")[:40]
    version = request.POST.get("version", "")
    try:
        after, said = act(
            request,
            found,
            why,
            {
                "viewer": viewer,
                "version": int(version) if version.isdigit() and len(version) < 9 else -1,
                "request_key": f"bulletin:{found.pk}:{step}:{key}" if key else None,
            },
        )
    except NotAllowed:
        raise
    except LinliError as error:
        found = issues.open_issue(issue_id, viewer)
        rows = error.changes if isinstance(error, Conflict) else []
        more = {"error": error, "error_step": step, "why": why, "changes": rows}
        return show_issue(request, found, viewer, status=error.status, **more)
    messages.success(request, said)
    return redirect("gazette:issue", after.pk)


Act = Callable[[HttpRequest, Issue, str, dict[str, Any]], tuple[Issue, str]]


def _issue(request: HttpRequest, found: Issue, why: str, more: dict[str, Any]) -> tuple[Issue, str]:
    path = reverse("gazette:issue", args=[found.pk])
    base = public_url()
    address = f"{base}{path}" if base else request.build_absolute_uri(path)
    after = steps.issue(found.pk, address=address, **more)
    return after, _("已签发：%(number)s。读者会收到通知。") % {"number": after.number}


def _recount(request: HttpRequest, found: Issue, why: str, more: dict[str, Any]) -> tuple[Issue, str]:
    return steps.recount(found.pk, **more), _("数字已按现在的情况重新取好。")


def _hand_in(request: HttpRequest, found: Issue, why: str, more: dict[str, Any]) -> tuple[Issue, str]:
    return steps.submit(found.pk, **more), _("已送签，签发人会收到通知。")


def _send_back(request: HttpRequest, found: Issue, why: str, more: dict[str, Any]) -> tuple[Issue, str]:
    return steps.send_back(found.pk, why, **more), _("已退回，起草人会收到通知。")


def _drop(request: HttpRequest, found: Issue, why: str, more: dict[str, Any]) -> tuple[Issue, str]:
    return steps.drop(found.pk, why, **more), _("这一期不发了，原因已记下。")


def _withdraw(request: HttpRequest, found: Issue, why: str, more: dict[str, Any]) -> tuple[Issue, str]:
    return steps.withdraw(found.pk, why, **more), _("已撤回，读者会看到原因。")


def _correct(request: HttpRequest, found: Issue, why: str, more: dict[str, Any]) -> tuple[Issue, str]:
    new = steps.correct(found.pk, viewer=more["viewer"], request_key=more["request_key"])
    return new, _("已起草更正，数字按现在重新取好。改好后送签。")


_ACTS: dict[str, Act] = {
    "issue": _issue,
    "recount": _recount,
    "submit": _hand_in,
    "send_back": _send_back,
    "drop": _drop,
    "withdraw": _withdraw,
    "correct": _correct,
}
