"""Appeals: what may be appealed, asking, reviewing by two."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.figures.forms import ReviewForm, WordsForm
from linli.kernel.errors import NotFound
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.scope import may_see
from linli.rooms.insight.actions.appeals import ask_appeal, cannot_ask, cannot_review, review_appeal
from linli.rooms.insight.queries import leaving

_OPENS = ("insight.view", "appeal.ask", "appeal.review")
SIZE = 100


@require_GET
@opens(*_OPENS)
def appeals(request: HttpRequest) -> HttpResponse:
    """All that concern the viewer, and for units the late cases that may be appealed."""
    viewer = viewer_of_request(request)
    return render(
        request,
        "figures/appeals.html",
        {
            "appeals": list(leaving.appeals(viewer)[:SIZE]),
            "late": leaving.to_ask(viewer),
            "asks": viewer.has("appeal.ask"),
            "at_appeals": True,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@opens("appeal.ask")
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """The form of the unit."""
    viewer = viewer_of_request(request)
    case = Case.objects.select_related("item", "unit").filter(number=number).first()
    if case is None or not may_see(viewer, case):
        raise NotFound(code="case.not_found")
    form = WordsForm(typed(request))
    if request.method == "POST" and form.is_valid():
        words, key = form.cleaned_data["words"], request.POST.get("key") or None
        done = carry_out(
            form, lambda: ask_appeal(case.pk, viewer=viewer, reason=words, request_key=key), {"reason": "words"}
        )
        if done is not None:
            return redirect("figures:appeal", pk=done.value.pk)
    context = {"form": form, "case": case, "why_not": cannot_ask(case), "at_appeals": True}
    return render(request, "figures/ask.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@opens(*_OPENS)
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal with its reviews, and the form for whoever may review it."""
    viewer = viewer_of_request(request)
    one = leaving.appeal(viewer, pk)
    duty = leaving.may_review(viewer, one)
    why_not = cannot_review(one, viewer) if duty else ""
    form = ReviewForm(typed(request), initial={"version": one.version})
    if request.method == "POST" and form.is_valid():
        data, key = form.cleaned_data, request.POST.get("key") or None
        done = carry_out(
            form,
            lambda: review_appeal(
                pk,
                viewer=viewer,
                upheld=data["upheld"] == "yes",
                words=data["words"],
                version=data["version"],
                request_key=key,
            ),
        )
        if done is not None:
            return redirect("figures:appeal", pk=pk)
    context = {"one": one, "form": form if duty and not why_not else None, "why_not": why_not, "at_appeals": True}
    return render(request, "figures/appeal.html", context, status=status_of(form))
