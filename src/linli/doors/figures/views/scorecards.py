"""Scorecards: editions, drafting, trial, approval, and results as they were kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.figures import naming
from linli.doors.figures.forms import ApproveForm, CardForm, DraftForm, TrialForm, first_values
from linli.kernel.errors import NotFound
from linli.rooms.insight.actions.scorecards import (
    approve_scorecard,
    draft_scorecard,
    edit_scorecard,
    keep_result,
    try_scorecard,
)
from linli.rooms.insight.models import Result, Scorecard
from linli.rooms.insight.queries.scope import scope_of
from linli.rooms.insight.queries.scorecards import results, trial
from linli.rooms.insight.rules import INDICATORS
from linli.rooms.people.rights import Viewer
from linli.rooms.places.atlas import today

_OPENS = ("insight.view", "scorecard.edit", "scorecard.approve")
DAY = dt.timedelta(days=1)


def _readable(viewer: Viewer, card: Scorecard) -> bool:
    """Drafts are read by who drafts and approves, approved ones by all who see figures if they are published."""
    if viewer.has("scorecard.edit") or viewer.has("scorecard.approve"):
        return True
    return card.state != Scorecard.State.DRAFT and card.published


def _card(viewer: Viewer, pk: int) -> Scorecard:
    card = Scorecard.objects.select_related("drafted_by", "approved_by").filter(pk=pk).first()
    if card is None or not _readable(viewer, card):
        raise NotFound(code="scorecard.not_found")
    return card


@require_http_methods(["GET", "HEAD", "POST"])
@opens(*_OPENS)
def scorecards(request: HttpRequest) -> HttpResponse:
    """Editions and kept results; the form to begin a draft."""
    viewer = viewer_of_request(request)
    form = DraftForm(typed(request)) if viewer.has("scorecard.edit") else None
    if request.method == "POST":
        viewer.require("scorecard.edit")
        assert form is not None
        if form.is_valid():
            data, key = form.cleaned_data, request.POST.get("key") or None
            done = carry_out(form, lambda: draft_scorecard(viewer=viewer, request_key=key, **data))
            if done is not None:
                return redirect("figures:scorecard", pk=done.value.pk)
    cards = [card for card in Scorecard.objects.all() if _readable(viewer, card)]
    kept = [result for result in results()[:60] if _readable(viewer, result.scorecard)]
    return render(
        request,
        "figures/scorecards.html",
        {"cards": cards, "results": kept, "form": form, "today": today(), "at_cards": True},
        status=status_of(form) if form else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@opens(*_OPENS)
def scorecard(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition: its formula; for a draft the form, its trial, and approval."""
    viewer = viewer_of_request(request)
    card = _card(viewer, pk)
    editable = card.state == Scorecard.State.DRAFT and viewer.has("scorecard.edit")
    form = CardForm(typed(request), initial=first_values(card)) if editable else None
    if request.method == "POST":
        viewer.require("scorecard.edit")
        if form is None:
            raise NotFound(code="scorecard.not_found")
        if form.is_valid():
            data = form.cleaned_data
            done = carry_out(
                form,
                lambda: edit_scorecard(
                    pk,
                    viewer=viewer,
                    version=data["version"],
                    name_zh=data["name_zh"],
                    name_en=data["name_en"],
                    lines=form.lines(),
                    min_base=data["min_base"],
                    published=data["published"],
                ),
            )
            if done is not None:
                return redirect("figures:scorecard", pk=pk)
    return _show(request, viewer, card, form)


def _show(
    request: HttpRequest,
    viewer: Viewer,
    card: Scorecard,
    form: CardForm | None,
    try_form: TrialForm | None = None,
    approve_form: ApproveForm | None = None,
) -> HttpResponse:
    since, until = _last_month()
    context: dict[str, Any] = {"card": card, "form": form, "lines": _lines(card), "at_cards": True}
    draft = card.state == Scorecard.State.DRAFT
    if draft and viewer.has("scorecard.edit"):
        first = {
            "since": card.tried_since or since,
            "until": (card.tried_until or until) - DAY,
            "version": card.version,
        }
        context["try_form"] = try_form or TrialForm(initial=first)
    if card.tried_at and card.tried_since and card.tried_until and draft:
        tried = trial(card, card.tried_since, card.tried_until)
        named = naming.names(card.subject, [row.id for row in tried.rows])
        context |= {
            "tried": [(row, named.get(row.id, f"#{row.id}"), tried.moved.get(row.id)) for row in tried.rows],
            "against": tried.against,
            "sways": [(INDICATORS[sway.code], sway) for sway in tried.sways],
            "tried_last": card.tried_until - DAY,
        }
    if draft and card.tried_at and viewer.has("scorecard.approve"):
        context["own"] = card.drafted_by_id == viewer.account_id
        context["approve_form"] = approve_form or ApproveForm(
            initial={"from_day": (today().replace(day=28) + 4 * DAY).replace(day=1), "version": card.version}
        )
    if card.state == Scorecard.State.APPROVED and viewer.has("scorecard.edit"):
        context["result_form"] = TrialForm(initial={"since": since, "until": until - DAY})
    context["results"] = list(card.results.all()[:24])
    forms = [each for each in (form, try_form, approve_form) if each is not None]
    return render(
        request, "figures/scorecard.html", context, status=max((status_of(each) for each in forms), default=200)
    )


def _last_month() -> tuple[dt.date, dt.date]:
    end = today().replace(day=1)
    return (end - DAY).replace(day=1), end


def _lines(card: Scorecard) -> list[dict[str, Any]]:
    """The formula in words: weight, full marks and none, in percent."""
    return [
        {
            "indicator": INDICATORS[line["code"]],
            "weight": f"{line['weight']:g}",
            "full": f"{line['full'] * 100:g}",
            "zero": f"{line['zero'] * 100:g}",
        }
        for line in card.lines
        if line["code"] in INDICATORS
    ]


@require_POST
@opens("scorecard.edit")
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a draft on a past period."""
    viewer = viewer_of_request(request)
    card = _card(viewer, pk)
    form = TrialForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        done = carry_out(
            form,
            lambda: try_scorecard(
                pk, viewer=viewer, since=data["since"], until=data["until"] + DAY, version=data["version"]
            ),
            {"lines": ""},
        )
        if done is not None:
            return redirect("figures:scorecard", pk=pk)
    edit = CardForm(initial=first_values(card)) if card.state == Scorecard.State.DRAFT else None
    return _show(request, viewer, card, edit, try_form=form)


@require_POST
@opens("scorecard.approve")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft in force."""
    viewer = viewer_of_request(request)
    card = _card(viewer, pk)
    form = ApproveForm(request.POST)
    if form.is_valid():
        data, key = form.cleaned_data, request.POST.get("key") or None
        done = carry_out(
            form,
            lambda: approve_scorecard(
                pk, viewer=viewer, from_day=data["from_day"], version=data["version"], request_key=key
            ),
        )
        if done is not None:
            return redirect("figures:scorecard", pk=pk)
    return _show(request, viewer, card, None, approve_form=form)


@require_POST
@opens("scorecard.edit")
def compute(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute and keep the result of a period."""
    viewer = viewer_of_request(request)
    _card(viewer, pk)
    form = TrialForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        done = carry_out(form, lambda: keep_result(pk, data["since"], data["until"] + DAY, viewer=viewer))
        if done is not None:
            return redirect("figures:result", pk=done.value.pk)
    return render(
        request,
        "figures/words.html",
        {"form": form, "title": _("出一期结果"), "submit": _("计算并留存"), "at_cards": True},
        status=status_of(form),
    )


@require_GET
@opens(*_OPENS)
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """A kept result with its formula; the viewer's own unit is marked."""
    viewer = viewer_of_request(request)
    kept = Result.objects.select_related("scorecard").filter(pk=pk).first()
    if kept is None or not _readable(viewer, kept.scorecard):
        raise NotFound(code="scorecard.not_found")
    subject = kept.scorecard.subject
    named = naming.names(subject, [row["id"] for row in kept.rows])
    own = set(scope_of(viewer).units) if subject == "unit" else set()
    return render(
        request,
        "figures/result.html",
        {
            "result": kept,
            "card": kept.scorecard,
            "last": kept.until - DAY,
            "columns": [INDICATORS[line["code"]] for line in kept.formula["lines"] if line["code"] in INDICATORS],
            "lines": _lines(Scorecard(lines=kept.formula["lines"])),
            "rows": [(row, named.get(row["id"], f"#{row['id']}"), row["id"] in own) for row in kept.rows],
            "at_cards": True,
        },
    )
