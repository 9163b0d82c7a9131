"""Every other step of a whistle and of its calls: one form each, back to the whistle's page when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from linli.doors.common.formwork import LinliForm, put_into, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.whistle import forms
from linli.doors.whistle.frames import show
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.flow import say
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized
from linli.rooms.whistles import actions, queries
from linli.rooms.whistles.flow import CALL, WHISTLE
from linli.rooms.whistles.queries.page import CallView, WhistlePage

Do = Callable[[WhistlePage, CallView | None, dict[str, Any], Viewer, str | None], Any]


@dataclass(frozen=True, slots=True)
class Way:
    """A step's form and the action it goes to."""

    form: Callable[..., LinliForm]
    do: Do
    done: Any
    danger: bool = False


def _words(label: Any = "", help_text: Any = "") -> Callable[..., LinliForm]:
    return lambda *args, **kwargs: forms.WordsForm(*args, label=label, help_text=help_text, **kwargs)


def _decide(page: WhistlePage, one: CallView | None, given: dict[str, Any], viewer: Viewer, key: str | None) -> Any:
    assert one is not None
    return actions.decide(
        page.whistle.pk,
        one.call.pk,
        given["outcome"],
        given["words"],
        viewer=viewer,
        unit_id=given["unit"],
        place_id=given["place"] or None,
        request_key=key,
    )


def _score(page: WhistlePage, one: CallView | None, given: dict[str, Any], viewer: Viewer, key: str | None) -> Any:
    assert one is not None
    return actions.score(
        page.whistle.pk,
        one.call.pk,
        came=given["came"] == "yes",
        in_time=given["in_time"] == "yes",
        solved=given["solved"],
        words=given["words"],
        viewer=viewer,
        request_key=key,
    )


def _move(page: WhistlePage, one: CallView | None, given: dict[str, Any], viewer: Viewer, key: str | None) -> Any:
    return actions.move_meeting(
        page.whistle.pk,
        given["at"],
        given["words"],
        viewer=viewer,
        place_words=given["place_words"],
        version=given["version"],
        request_key=key,
    )


OF_CALL: dict[str, Way] = {
    "confirm": Way(
        forms.PlainForm,
        lambda p, c, g, v, k: actions.confirm(p.whistle.pk, c.call.pk, viewer=v, request_key=k),  # type: ignore[union-attr]
        gettext_lazy("已确认，吹哨人会收到通知。"),
    ),
    "vouch": Way(
        _words(gettext_lazy("谁来的"), gettext_lazy("手机不方便签到时由吹哨人登记，例如：李工，手机没电。")),
        lambda p, c, g, v, k: actions.vouch(p.whistle.pk, c.call.pk, g["words"], viewer=v, request_key=k),  # type: ignore[union-attr]
        gettext_lazy("已登记到场。"),
    ),
    "promise": Way(
        forms.PromiseForm,
        lambda p, c, g, v, k: actions.promise(
            p.whistle.pk,
            c.call.pk,  # type: ignore[union-attr]
            g["task"],
            g["due"],
            viewer=v,
            request_key=k,
        ),
        gettext_lazy("已承诺，任务已列入本单位待办。"),
    ),
    "refuse": Way(
        forms.RefuseForm,
        lambda p, c, g, v, k: actions.refuse(
            p.whistle.pk,
            c.call.pk,  # type: ignore[union-attr]
            g["words"],
            g["unit"],
            viewer=v,
            request_key=k,
        ),
        gettext_lazy("已送派遣员裁定，裁定结果会通知您。"),
    ),
    "decide": Way(forms.DecideForm, _decide, gettext_lazy("已裁定，并留作先例。")),
    "release": Way(
        _words(gettext_lazy("会商结果"), gettext_lazy("这个单位到场会商即可，不再有后续任务。")),
        lambda p, c, g, v, k: actions.release(p.whistle.pk, c.call.pk, g["words"], viewer=v, request_key=k),  # type: ignore[union-attr]
        gettext_lazy("已记下，这个单位没有后续任务。"),
    ),
    "withdraw": Way(
        _words(),
        lambda p, c, g, v, k: actions.withdraw(p.whistle.pk, c.call.pk, g["words"], viewer=v, request_key=k),  # type: ignore[union-attr]
        gettext_lazy("已撤回，这个单位会收到通知。"),
        danger=True,
    ),
    "lead": Way(
        forms.PlainForm,
        lambda p, c, g, v, k: actions.make_lead(p.whistle.pk, c.call.pk, viewer=v, request_key=k),  # type: ignore[union-attr]
        gettext_lazy("已改由它牵头。"),
    ),
    "score": Way(forms.ScoreForm, _score, gettext_lazy("已评价。")),
}
OF_WHISTLE: dict[str, Way] = {
    "call": Way(
        forms.CallMoreForm,
        lambda p, c, g, v, k: actions.call_more(p.whistle.pk, g["unit"], g["words"], viewer=v, request_key=k),
        gettext_lazy("已叫，这个单位会收到通知。"),
    ),
    "move": Way(forms.MoveForm, _move, gettext_lazy("已改，各单位会收到通知。")),
    "end": Way(
        _words(gettext_lazy("结果"), gettext_lazy("还没有报到的单位会记为未到场。")),
        lambda p, c, g, v, k: actions.end(p.whistle.pk, g["words"], viewer=v, request_key=k),
        gettext_lazy("吹哨已结束，请逐个评价。"),
    ),
    "cancel": Way(
        _words(),
        lambda p, c, g, v, k: actions.cancel(p.whistle.pk, g["words"], viewer=v, request_key=k),
        gettext_lazy("已撤销，各单位会收到通知。"),
        danger=True,
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@opens("whistle.blow", "whistle.answer", "whistle.decide")
def of_whistle(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """A step of the whistle itself."""
    way = OF_WHISTLE.get(step)
    if way is None:
        raise NotFound(code="flow.no_such_step")
    page = queries.whistle_page(pk, viewer_of_request(request))
    return _take(request, page, None, step, way)


@require_http_methods(["GET", "HEAD", "POST"])
@opens("whistle.blow", "whistle.answer", "whistle.decide")
def of_call(request: HttpRequest, pk: int, call: int, step: str) -> HttpResponse:
    """A step of one called department."""
    way = OF_CALL.get(step)
    page = queries.whistle_page(pk, viewer_of_request(request))
    one = next((view for view in page.calls if view.call.pk == call), None)
    if way is None or one is None:
        raise NotFound(code="flow.no_such_step")
    return _take(request, page, one, step, way)


def _take(request: HttpRequest, page: WhistlePage, one: CallView | None, step: str, way: Way) -> HttpResponse:
    viewer = viewer_of_request(request)
    form = way.form(typed(request), initial=_initial(page, one, step))
    if step == "decide":
        form.fields["place"].choices = _reaches(page)  # type: ignore[attr-defined]
    status = 200
    if request.method == "POST":
        if form.is_valid():
            key = form.cleaned_data.get("key")
            name = f"whistle:{page.whistle.pk}:{one.call.pk if one else ''}:{step}:{key}" if key else None
            try:
                way.do(page, one, form.cleaned_data, viewer, name)
            except (Refused, Conflict) as error:
                put_into(form, error)
            else:
                messages.success(request, str(way.done))
                return redirect("whistle:page", page.whistle.pk)
        status = getattr(form, "status", 422)
    context = {
        "page": page,
        "whistle": page.whistle,
        "case": page.case,
        "one": one,
        "form": form,
        "step": step,
        "title": _title(step, one),
        "danger": way.danger,
        "why_not": _why_not(page, one, step) if request.method != "POST" else "",
        "precedents": queries.precedents_for(page.case) if step == "decide" else [],
    }
    return show(request, "decide.html" if step == "decide" else "step.html", context, status)


def _title(step: str, one: CallView | None) -> str:
    if step == "decide":
        return _("裁定：是不是它的事")
    if step == "lead":
        return _("改由它牵头")
    return say((CALL if one is not None else WHISTLE).step(step).label)


def _why_not(page: WhistlePage, one: CallView | None, step: str) -> str:
    """Why this cannot be done now, said before anything is typed; "" when it can."""
    offers = one.offers if one is not None else page.offers
    wanted = {"decide": ("must_come", "stands"), "lead": ()}.get(step, (step,))
    if step == "lead":
        offers, wanted = page.offers, ("call",)
    found = [offer for offer in offers if offer.step.code in wanted]
    if any(offer.allowed for offer in found):
        return ""
    return str(found[0].why_not) if found else _("现在不能办这一步，或者它不由您的岗位办。")


def _initial(page: WhistlePage, one: CallView | None, step: str) -> dict[str, Any]:
    if step == "move":
        return {
            "at": page.whistle.at.astimezone(CIVIL),
            "place_words": page.whistle.place_words,
            "version": page.whistle.version,
        }
    if step == "decide" and one is not None:
        return {"unit": one.call.whose_id or "", "place": page.case.lineage[0]}
    if step == "promise" and one is not None:
        return {"task": one.call.words}
    if step == "score" and one is not None:
        call = one.call
        late = call.came_late or call.late_confirm_at or call.late_task_at
        came = call.arrived_at is not None if page.whistle.on_site else call.confirmed_at is not None
        return {"came": "yes" if came else "no", "in_time": "no" if late or not came else "yes"}
    return {}


def _reaches(page: WhistlePage) -> list[tuple[int, str]]:
    known = atlas.current().places
    return [(pk, localized(known[pk])) for pk in page.case.lineage if pk in known]
