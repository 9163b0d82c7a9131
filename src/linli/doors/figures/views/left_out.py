"""What is left out of the timed indicators: times that somebody decided, and appeals that were upheld."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.figures import naming
from linli.doors.figures.forms import ExclusionForm, WordsForm
from linli.rooms.insight.actions.exclusions import CAPABILITY, decide_exclusion, revoke_exclusion
from linli.rooms.insight.queries.leaving import times_left_out, upheld

_OPENS = ("insight.view", "appeal.ask")


@require_http_methods(["GET", "HEAD", "POST"])
@opens(*_OPENS)
def left_out(request: HttpRequest) -> HttpResponse:
    """The list, and the form for whoever may decide."""
    viewer = viewer_of_request(request)
    form = ExclusionForm(typed(request)) if viewer.has(CAPABILITY) else None
    if request.method == "POST":
        viewer.require(CAPABILITY)
        assert form is not None
        if form.is_valid():
            since, until = form.span
            data = form.cleaned_data
            done = carry_out(
                form,
                lambda: decide_exclusion(
                    viewer=viewer,
                    cause=data["cause"],
                    reason=data["reason"],
                    place_id=data["place"],
                    since=since,
                    until=until,
                    item_ids=data["items"],
                    request_key=request.POST.get("key") or None,
                ),
            )
            if done is not None:
                return redirect("figures:left_out")
    rows = times_left_out()
    places = naming.names("community", {row.exclusion.place_id for row in rows})
    return render(
        request,
        "figures/left_out.html",
        {
            "rows": [(row, places.get(row.exclusion.place_id, "")) for row in rows],
            "appeals": upheld(viewer),
            "form": form,
            "at_left": True,
        },
        status=status_of(form) if form else 200,
    )


@require_POST
@opens("scorecard.approve")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a time back."""
    form = WordsForm(request.POST)
    if form.is_valid():
        words, version = form.cleaned_data["words"], request.POST.get("version", "")
        viewer = viewer_of_request(request)
        done = carry_out(
            form,
            lambda: revoke_exclusion(
                pk, viewer=viewer, why=words, version=int(version) if version.isdigit() and len(version) < 9 else None
            ),
        )
        if done is not None:
            return redirect("figures:left_out")
    return render(
        request,
        "figures/words.html",
        {"form": form, "title": _("撤销不计入时段"), "submit": _("撤销"), "at_left": True},
        status=status_of(form),
    )
