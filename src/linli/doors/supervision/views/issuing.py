"""Writing and issuing an order: from a case, a task, a proposal or by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.supervision.forms import IssueForm
from linli.doors.supervision.showing import frame
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.page import open_case
from linli.rooms.oversight.actions.issuing import Writ, issue, issue_draft
from linli.rooms.oversight.actions.proposals import demand_for
from linli.rooms.oversight.models import Order, Source
from linli.rooms.oversight.queries.order import level_names
from linli.rooms.oversight.queries.scope import visible_proposals
from linli.rooms.oversight.queries.tasks import open_task

_FIELDS = {"cases": "cases"}


@require_http_methods(["GET", "HEAD", "POST"])
@opens("case.supervise")
def create(request: HttpRequest) -> HttpResponse:
    """The form, filled in from `case`, `proposal` or `task` of the address."""
    viewer = viewer_of_request(request)
    start = _start(request)
    form = IssueForm(typed(request), initial=start["initial"], levels=level_names())
    if start["task"]:
        form.fields["source"].choices = [(Source.TASK, Source.TASK.label)]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        draft = request.POST.get("as") == "draft"

        def act() -> Order:
            unit = given["unit"]
            if not unit.isdecimal() or len(unit) > 17:
                raise Refused(_("没有这个单位，请从建议中选择。"), "order.no_unit", "unit")
            place = given["place"]
            return issue(
                Writ(
                    unit_id=int(unit),
                    title=given["title"],
                    demand=given["demand"],
                    source=given["source"],
                    case_ids=_case_ids(request, given["cases"]),
                    proposal_ids=[start["proposal"].pk] if start["proposal"] and not draft else (),
                    task_id=start["task"].pk if start["task"] else None,
                    place_id=int(place) if place.isdecimal() and len(place) < 18 else None,
                    leader_name=given["leader_name"],
                    leader_words=given["leader_words"],
                    limit=given["limit"],
                    in_step=given["in_step"],
                    level=given["level"],
                ),
                viewer=viewer,
                draft=draft,
                request_key=f"order-issue:{viewer.account_id}:{given['key']}",
            )

        done = carry_out(form, act, _FIELDS)
        if done:
            order = done.value
            _say_issued(request, order)
            return HttpResponseRedirect(reverse("supervision:order", args=[order.pk]))
    context = {"frame": frame(request), "form": form, **start}
    return render(request, "supervision/new.html", context, status=status_of(form))


def _say_issued(request: HttpRequest, order: Order) -> None:
    if order.number is None:
        messages.success(request, _("草稿已保存，还没有编号，也没有发给单位。"))
        return
    messages.success(
        request,
        _("%(number)s 已发给%(unit)s，%(due)s前签收。")
        % {
            "number": order.number,
            "unit": order.unit.name,
            "due": f"{order.sign_due_at.astimezone(CIVIL):%m-%d %H:%M}" if order.sign_due_at else "",
        },
    )


def _case_ids(request: HttpRequest, text: str) -> list[int]:
    numbers = list(dict.fromkeys(text.replace(",", " ").replace("，", " ").replace("、", " ").split()))[:30]
    found = []
    for number in numbers:
        try:
            found.append(open_case(number[:24], viewer_of_request(request)).pk)
        except NotFound:
            raise Refused(
                _("没有编号为“%(number)s”的事件，请核对。") % {"number": number[:24]}, "order.no_case", "cases"
            ) from None
    return found


def _start(request: HttpRequest) -> dict[str, Any]:
    """What the form begins with, and where it came from."""
    viewer = viewer_of_request(request)
    found: dict[str, Any] = {"proposal": None, "task": None, "case": None, "initial": {"source": Source.HAND}}
    initial = found["initial"]
    if number := request.GET.get("case", "")[:24]:
        case = open_case(number, viewer)
        found["case"] = case
        initial.update(_of_case(case), cases=case.number)
    elif (key := request.GET.get("proposal", "")).isdecimal() and len(key) < 18:
        proposal = visible_proposals(viewer).filter(pk=int(key), state="waiting").first()
        if proposal is None:
            raise NotFound(code="proposal.not_found")
        found["proposal"] = proposal
        numbers = Case.objects.filter(pk__in=proposal.case_ids).order_by("pk").values_list("number", flat=True)
        initial.update(
            source=proposal.source,
            title=proposal.title,
            demand=demand_for(proposal.source),
            unit=str(proposal.unit_id or ""),
            cases=" ".join(number or "" for number in numbers),
        )
    elif (key := request.GET.get("task", "")).isdecimal() and len(key) < 18:
        task = open_task(int(key), viewer)
        found["task"] = task
        initial.update(source=Source.TASK, title=task.name, unit=str(task.unit_id), demand=demand_for(Source.TASK))
    return found


def _of_case(case: Case) -> dict[str, Any]:
    item = case.item.name_zh if case.item else ""
    return {
        "title": (f"{item}：" if item else "") + " ".join(case.description.split())[:60],
        "demand": demand_for(Source.HAND),
        "unit": str(case.unit_id or case.proposed_unit_id or ""),
    }


@require_POST
@opens("case.supervise")
def send(request: HttpRequest, order_id: int) -> HttpResponse:
    """Send a draft out."""
    version = request.POST.get("version", "")
    try:
        order = issue_draft(
            order_id,
            viewer=viewer_of_request(request),
            version=int(version) if version.isdecimal() and len(version) < 10 else None,
        )
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        _say_issued(request, order)
    return HttpResponseRedirect(reverse("supervision:order", args=[order_id]))
