"""One whistle as a page shows it: departments with lights and next steps, the story, what the viewer may do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.kernel.flow import Offer, say
from linli.kernel.journal import queries as stories
from linli.kernel.web.when import exact
from linli.rooms.cases.models import Case
from linli.rooms.people.rights import Viewer
from linli.rooms.whistles.flow import CALL, WHISTLE
from linli.rooms.whistles.judgement import OVER, Situation, is_whistler, steps_of_call, steps_of_whistle
from linli.rooms.whistles.models import Call, Whistle
from linli.rooms.whistles.queries.listing import visible
from linli.rooms.whistles.rules import call_light

# How the story names what happened; what is no step of a flow, or needs another word.
_TOLD: dict[str, Any] = {
    "whistle.settle": None,
    "whistle.finish": None,
    "whistle.close": None,
    "whistle.meeting_soon": None,
    "whistle.deadline_moved": None,
}


@dataclass(slots=True)
class CallView:
    """One called department: its light, what comes next and by when, and what this viewer may do."""

    call: Call
    light: str
    state_label: str
    next_words: str
    mine: bool
    offers: list[Offer] = field(default_factory=list)

    @property
    def possible(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.allowed]

    @property
    def over(self) -> bool:
        return self.call.state in OVER


@dataclass(slots=True)
class Moment:
    at: dt.datetime
    code: str
    title: str
    unit: str
    who: str
    post: str
    note: str
    facts: dict[str, Any]


@dataclass(slots=True)
class WhistlePage:
    whistle: Whistle
    case: Case
    calls: list[CallView]
    offers: list[Offer]
    moments: list[Moment]
    whistler: bool

    @property
    def counting(self) -> list[CallView]:
        return [one for one in self.calls if not one.over]

    @property
    def came(self) -> int:
        return sum(1 for one in self.counting if one.call.arrived_at is not None)

    @property
    def answered(self) -> int:
        return sum(1 for one in self.counting if one.call.confirmed_at is not None)

    @property
    def state_label(self) -> str:
        return say(WHISTLE.state(self.whistle.state).label)

    @property
    def possible(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.allowed]


def open_whistle(whistle_id: int, viewer: Viewer) -> Whistle:
    """The whistle if this viewer may see it. Raises NotFound otherwise."""
    found = visible(viewer).select_related("case", "case__item", "case__unit", "blown_by").filter(pk=whistle_id).first()
    if found is None:
        raise NotFound(_("没有这次吹哨，或者它不在您负责的范围内。"), code="whistle.not_found")
    return found


def whistle_page(whistle_id: int, viewer: Viewer) -> WhistlePage:
    """Everything the page shows, in a fixed number of queries. Raises NotFound."""
    whistle = open_whistle(whistle_id, viewer)
    calls = sorted(calls_of(whistle), key=lambda call: call.unit_id not in viewer.own_units or call.state in OVER)
    now = clock.now()
    return WhistlePage(
        whistle=whistle,
        case=whistle.case,
        calls=[view_of(whistle, calls, call, viewer, now) for call in calls],
        offers=steps_of_whistle(Situation(whistle, calls, viewer, now)),
        moments=moments(whistle, {call.pk: call.unit.name for call in calls}),
        whistler=is_whistler(whistle, viewer),
    )


def calls_of(whistle: Whistle) -> list[Call]:
    """The calls of a whistle, the leading department first, those called away last."""
    rows = whistle.calls.select_related(
        "unit", "whose", "score", "sub", "arrived_by", "promised_by", "refused_by", "instead_of__unit"
    ).order_by("pk")
    return sorted(rows, key=lambda call: (call.state in OVER, not call.lead, call.pk))


def view_of(whistle: Whistle, calls: Sequence[Call], call: Call, viewer: Viewer, now: dt.datetime) -> CallView:
    """A call as this viewer meets it."""
    s = Situation(whistle, calls, viewer, now, call=call)
    return CallView(
        call=call,
        light=call_light(call.state, call.state_since, call.next_due_at, now),
        state_label=say(CALL.state(call.state).label),
        next_words=next_words(whistle, call, now),
        mine=call.unit_id in viewer.own_units,
        offers=steps_of_call(s),
    )


def next_words(whistle: Whistle, call: Call, now: dt.datetime) -> str:
    """What this department owes next, and by when, in one line."""
    due = exact(call.next_due_at) if call.next_due_at else ""
    late = call.next_due_at is not None and call.next_due_at < now
    match call.state:
        case "called":
            words = _("应在 %(due)s 前确认，现在还没有") if late else _("等确认，%(due)s 前")
            return words % {"due": due}
        case "confirmed" if whistle.on_site:
            words = _("说好 %(at)s 到场，还没有来") if late else _("答应来，%(at)s 集合")
            return words % {"at": exact(whistle.at)}
        case "confirmed":
            words = _("应在 %(at)s 前答复，现在还没有") if late else _("等答复，%(at)s 前")
            return words % {"at": exact(whistle.at)}
        case "present":
            return _("在现场，等它说做什么、何时做完")
        case "refused":
            return _("称应归%(unit)s，等派遣员裁定") % {"unit": call.whose.name if call.whose else "—"}
        case "promised":
            words = _("应在 %(due)s 前做完，现在还没有") if late else _("%(due)s 前做完")
            return words % {"due": due}
        case "done":
            if call.task and call.done_at is not None:
                kept = call.promise_due_at is None or call.done_at <= call.promise_due_at
                words = _("%(at)s 按期做完") if kept else _("%(at)s 做完，晚于承诺")
                return words % {"at": exact(call.done_at)}
            return _("会商即可，没有后续任务")
        case "absent":
            return _("到结束也没有来")
        case _other:
            return call.outcome


def moments(whistle: Whistle, names: dict[int, str]) -> list[Moment]:
    """The story from the journal, oldest first. names: of the called units in the reader's language, by call."""
    labels = {f"whistle.{step.code}": step.label for flow in (CALL, WHISTLE) for step in flow.steps}
    labels |= {
        "whistle.remind": _("系统提醒"),
        "whistle.overdue": _("逾期"),
        "whistle.lead": _("改由它牵头"),
        "whistle.finish_task": _("任务完成"),
        "whistle.decide": _("裁定"),
        **_TOLD,
    }
    found = []
    for entry in stories.of("whistle", whistle.pk):
        label = labels.get(entry.action)
        if label is None:
            continue
        facts = entry.after or {}
        found.append(
            Moment(
                at=entry.at,
                code=entry.action.removeprefix("whistle."),
                title=_decided(facts) if entry.action == "whistle.decide" else say(label),
                unit=names.get(facts.get("call", 0), ""),
                who=entry.actor_name if entry.actor_id is not None else "",
                post=entry.post_name,
                note=entry.note,
                facts=facts,
            )
        )
    return sorted(found, key=lambda moment: moment.at)


def _decided(facts: dict[str, Any]) -> str:
    if facts.get("outcome") == "must_come":
        return _("裁定：须到场")
    return _("裁定：不属该单位，改叫%(unit)s") % {"unit": facts.get("instead") or "—"}
