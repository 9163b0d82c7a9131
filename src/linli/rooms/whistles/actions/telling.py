"""What every action of the room does around its change: lock, judge, move, write down, tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.queries import calendar
from linli.kernel.clock.rules import deadline, near_at
from linli.kernel.errors import NotFound
from linli.kernel.flow import Step, require
from linli.kernel.identifiers import clean_text
from linli.kernel.outbox import Event
from linli.rooms.people.queries.carriers import carriers
from linli.rooms.people.rights import Viewer
from linli.rooms.whistles import rules
from linli.rooms.whistles.flow import CALL, WHISTLE
from linli.rooms.whistles.judgement import OVER, Situation, context, target_of
from linli.rooms.whistles.models import Call, ConfirmLimit, Whistle

SYSTEM = journal.Actor(account_id=None, name="", post_id=None, post_name="", kind="system")
WORDS = 2000


def lock(whistle_id: int, viewer: Viewer, *, call_id: int | None = None, system: bool = False) -> Situation:
    """The whistle, locked, with all its calls, as this viewer meets it now. Every change begins here.

    Raises NotFound also where the viewer may not see it: guessing finds nothing.
    """
    whistle = Whistle.objects.select_for_update(of=("self",)).select_related("case").filter(pk=whistle_id).first()
    if whistle is None or not (system or _sees(whistle, viewer)):
        raise NotFound(_("没有这次吹哨。"), code="whistle.not_found")
    calls = list(whistle.calls.select_related("unit", "score").order_by("pk"))
    call = next((one for one in calls if one.pk == call_id), None)
    if call_id is not None and call is None:
        raise NotFound(_("没有叫过这个单位。"), code="whistle.no_call")
    return Situation(whistle, calls, viewer, clock.now(), call=call, system=system)


def _sees(whistle: Whistle, viewer: Viewer) -> bool:
    tokens = set(whistle.tokens)
    reach = viewer.reach("case.view")
    return bool(tokens & set(reach.free)) or any(
        token in tokens and whistle.matter_class in classes for token, classes in reach.limited
    )


def move_call(s: Situation, step_code: str, given: Mapping[str, Any]) -> Step:
    """Take a step of the call's flow, without writing yet. Raises Conflict, NotAllowed, Refused."""
    assert s.call is not None
    step = require(CALL, s.call.state, step_code, context(s), given)
    target = step.target(s.call.state)
    if target != s.call.state:
        s.call.state, s.call.state_since = target, s.now
        s.call.is_open = CALL.state(target).kind != "ended"
    return step


def move_whistle(s: Situation, step_code: str, given: Mapping[str, Any]) -> Step:
    """Take a step of the whistle's flow, without writing yet."""
    step = require(WHISTLE, s.whistle.state, step_code, context(s), given)
    s.whistle.state = step.target(s.whistle.state)
    if WHISTLE.state(s.whistle.state).kind == "ended":
        s.whistle.is_open, s.whistle.ended_at, s.whistle.remind_at = False, s.now, None
    return step


def confirm_limit(urgent: bool) -> TimeLimit:
    """How long a called department has to confirm."""
    row = ConfirmLimit.objects.filter(urgent=urgent).first()
    return TimeLimit(row.amount, row.unit) if row else rules.DEFAULT_LIMITS[urgent]  # type: ignore[arg-type]


def start_clock(call: Call, limit: TimeLimit, now: dt.datetime) -> None:
    """Start the limit for confirming."""
    due = deadline(now, limit, calendar())
    call.limit_amount, call.limit_unit = limit.amount, limit.unit
    call.due_at, call.due_provisional = due.at, due.provisional
    call.called_at = call.state_since = now


def set_moments(whistle: Whistle, call: Call, now: dt.datetime) -> None:
    """When this call is next due, and when to remind of it, in the state it is in now."""
    call.next_due_at = rules.next_moment(
        call.state, call.due_at, whistle.meet_at, whistle.answer_by, call.promise_due_at
    )
    call.told_overdue, call.remind_at = False, None
    due = call.next_due_at
    if due is None or due <= now:
        return
    if call.state == "confirmed" and whistle.on_site:
        remind = whistle.at - rules.MEETING_REMINDER
    elif call.state == "called":
        remind = near_at(call.called_at, due, rules.NEAR_SHARE, call.limit_unit, calendar())  # type: ignore[arg-type]
    else:
        remind = near_at(now, due, rules.NEAR_SHARE, "working_hours", calendar())
    call.remind_at = remind if now < remind < due else None


def tell(
    s: Situation,
    action: str,
    *,
    kind: str = "",
    call: Call | None = None,
    who: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
    event: Mapping[str, Any] | None = None,
    units: tuple[int, ...] = (),
    whistler: bool = False,
    deciders: bool = False,
    called: Sequence[Call] = (),
    request_key: str | None = None,
) -> None:
    """Write the entry of an action and its event.

    units, whistler, deciders: who must hear of it; nobody is told what they did themselves by being left out here.
    called: calls made by it, each of which its unit hears of by an event of its own.
    """
    whistle, case = s.whistle, s.whistle.case
    posts = [whistle.blown_post_id] if whistler and whistle.blown_post_id else []
    if deciders:
        posts += _deciders(whistle, s.now)
    data: dict[str, Any] = {
        "case_id": case.pk,
        "number": case.number,
        "whistle_id": whistle.pk,
        "path": f"/whistles/{whistle.pk}/",
        "posts": posts,
        "units": list(units),
        "accounts": [whistle.blown_by_id] if whistler and not whistle.blown_post_id else [],
    }
    facts: dict[str, Any] = {"state": whistle.state, "case": case.number}
    if call is not None:
        data |= {"call_id": call.pk, "unit_id": call.unit_id, "unit": call.unit.name_zh}
        facts |= {"call": call.pk, "unit": call.unit.name_zh, "call_state": call.state}
    events = [Event(kind, "whistle", whistle.pk, {**data, **(event or {})})] if kind else []
    events += [Event("whistle.called", "whistle", whistle.pk, {**data, **_call_facts(whistle, one)}) for one in called]
    post = s.post_for(who) if who else None
    journal.record(
        action=action,
        actor=SYSTEM if s.system else s.viewer.acting(post),
        object_type="whistle",
        object_id=whistle.pk,
        before=before,
        after={**facts, **(after or {})},
        note=note,
        place_ids=whistle.lineage,
        request_key=request_key,
        events=events,
    )


def _call_facts(whistle: Whistle, call: Call) -> dict[str, Any]:
    """What a called unit is told: by when to confirm, where and when to come, what it is asked to do."""
    return {
        "posts": [],
        "units": [call.unit_id],
        "accounts": [],
        "call_id": call.pk,
        "unit_id": call.unit_id,
        "unit": call.unit.name_zh,
        "due_at": call.due_at.isoformat(),
        "at": whistle.at.isoformat(),
        "mode": whistle.mode,
        "words": (call.words or whistle.why)[:200],
        "urgent": whistle.urgent,
    }


def _deciders(whistle: Whistle, now: dt.datetime) -> list[int]:
    """The posts that may decide here, dispatchers above all."""
    target = target_of(whistle)
    found = carriers(whistle.lineage, [], now)
    return [one.post.id for one in found if one.post.covers("whistle.decide", target)]


def settle(s: Situation) -> None:
    """Move the whistle on when its calls have: all promised, all done, all scored. Saves it in any case."""
    system = Situation(s.whistle, s.calls, s.viewer, s.now, system=True)
    counting = [call for call in s.calls if call.state not in OVER]
    answered = not any(CALL.state(call.state).kind == "open" for call in counting)
    if s.whistle.state in ("blown", "working") and answered:
        if any(call.state == "promised" for call in counting):
            if s.whistle.state == "blown":
                step = move_whistle(system, "settle", {})
                tell(system, "whistle.settle", kind=step.event, whistler=True)
        elif counting:
            step = move_whistle(system, "finish", {})
            tell(system, "whistle.finish", kind=step.event, whistler=True)
        else:
            step = move_whistle(system, "cancel", {"words": "-"})
            tell(system, "whistle.cancel", kind=step.event, whistler=True)
    if s.whistle.state == "scoring" and all(hasattr(call, "score") for call in counting if not call.is_open):
        step = move_whistle(system, "close", {})
        tell(system, "whistle.close", kind=step.event)
    s.whistle.version += 1
    s.whistle.save()


def words_of(text: str, field: str = "words", limit: int = WORDS) -> str:
    """What somebody typed, as it is kept. Raises Refused when it is too long."""
    return clean_text(str(text or ""), limit, field)


def case_tokens(whistle: Whistle, unit_ids: list[int]) -> None:
    """Let the called units see the whistle; the case they see by `cases.actions.assists.let_see`."""
    whistle.tokens = sorted({*whistle.tokens, *(-unit for unit in unit_ids)})
