"""Handing the duty for cases over: to another unit, which then has to receive them, or to another post.

One implementation for one case and for thousands. Whether the duty may be moved, and why, is judged by whoever
calls (`ladder`); that the flow allows it in the state the case is in, is judged here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection, transaction

from linli.kernel import clock, journal
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.queries import calendar
from linli.kernel.flow import Step, require
from linli.kernel.journal.actions import Draft, record_many
from linli.kernel.outbox import Event
from linli.rooms.cases.actions.steps import SYSTEM, step_limits
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.judgement import Situation, context
from linli.rooms.cases.models import Case, Extension
from linli.rooms.cases.rules import run_clocks
from linli.rooms.people.rights import NOBODY

RUNNING = FLOW.by_step["hand_over"].from_states
"""The states in which a case may change hands by a move of duty."""
_ENTRUSTED = FLOW.by_step["entrust"].from_states


@dataclass(frozen=True, slots=True)
class HandOver:
    """One move of duty. unit_id: becomes the lead unit; post_id: becomes the post that owns the case.

    words: for the public, besides the step's own sentence; note: for the staff. facts: for the journal.
    data: what subscribers of the step's event are told besides; events: further events of whoever moves.
    request_key: the same move asked for twice raises `journal.actions.Repeated`.
    """

    case_id: int
    unit_id: int | None = None
    post_id: int | None = None
    actor: journal.Actor = SYSTEM
    words: str = ""
    note: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Event] = ()
    request_key: str | None = None


def lock_cases(case_ids: Sequence[int]) -> dict[int, Case]:
    """The cases, locked in the order of their ids: whoever locks several does it in this order."""
    rows = Case.objects.select_for_update(of=("self",)).filter(pk__in=case_ids).order_by("pk")
    return {case.pk: case for case in rows}


def hand_over(moves: Sequence[HandOver], locked: Mapping[int, Case] | None = None) -> list[Case]:
    """Move the duty of these cases, at most one move for each, and return the cases that were moved.

    locked: the cases, when the caller has locked them (`lock_cases`); they are changed in place. A case that has
    meanwhile reached a state in which it cannot be handed over is left out; the handling deadline of its filing
    rule runs on as it was. A unit that is given a case has to receive it; a post gets it in the state it is in.
    """
    now = clock.now()
    with transaction.atomic():
        cases = lock_cases([move.case_id for move in moves]) if locked is None else locked
        granted = _granted([case for case in cases.values() if case.extended])
        done: list[tuple[HandOver, Case, Step, dict[str, Any]]] = []
        for move in moves:
            case = cases.get(move.case_id)
            step = _step_for(move, case) if case is not None else None
            if case is None or step is None:
                continue
            require(FLOW, case.state, step.code, context(Situation(case, NOBODY, now, duty=True)))
            done.append((move, case, step, _move(move, case, step, now, granted.get(case.pk, ()))))
        _write([case for _move_, case, _step, _before in done])
        record_many([_draft(move, case, step, before) for move, case, step, before in done])
    return [case for _move_, case, _step, _before in done]


def _step_for(move: HandOver, case: Case) -> Step | None:
    """Which step of the flow this move is; None when the case is in no state for it."""
    unit_changes = move.unit_id is not None and move.unit_id != case.unit_id
    if unit_changes and case.parent_id is None and case.state in RUNNING:
        return FLOW.step("hand_over")
    # Resting or being checked, a case changes its unit without going back; so does an assisting unit's part.
    return FLOW.step("entrust") if case.state in _ENTRUSTED else None


def _move(move: HandOver, case: Case, step: Step, now: dt.datetime, granted: Sequence[TimeLimit]) -> dict[str, Any]:
    """Change the case in memory; returns what the journal keeps of before."""
    before = {name: getattr(case, name) for name in ("version", "state", "unit_id", "owner_post_id")}
    if move.unit_id is not None and move.unit_id != case.unit_id:
        case.unit_id = move.unit_id
        case.tokens = sorted({*case.tokens, -move.unit_id})
        case.handler_id = case.barred_id = None
    if move.post_id is not None or move.unit_id is not None:
        case.owner_post_id = move.post_id
    if step.code == "hand_over":
        case.state = step.target(case.state)
        case.state_since = case.dispatched_at = now
        case.received_at = None
    run_clocks(case, step, now, calendar(), step_limits(), granted)
    case.version += 1
    return before


def _granted(extended: Sequence[Case]) -> dict[int, list[TimeLimit]]:
    """The extensions granted in the present run of each case's clock, as `steps.granted` has them for one."""
    found: dict[int, list[TimeLimit]] = {}
    if not extended:
        return found
    since = {case.pk: case.clock_from for case in extended}
    for row in Extension.objects.filter(case__in=list(since), state=Extension.State.GRANTED).order_by("sequence"):
        start = since[row.case_id]
        if start is None or row.asked_at >= start:
            found.setdefault(row.case_id, []).append(TimeLimit(row.amount, row.unit))  # type: ignore[arg-type]
    return found


_WRITE = """
UPDATE cases_case c SET
    state = v.state, state_since = v.state_since, unit_id = v.unit_id, owner_post_id = v.owner_post_id,
    handler_id = v.handler_id, barred_id = v.barred_id,
    tokens = ARRAY(SELECT jsonb_array_elements_text(v.tokens)::bigint), dispatched_at = v.dispatched_at,
    received_at = v.received_at, step_due_at = v.step_due_at, due_at = v.due_at,
    due_provisional = v.due_provisional, current_due_at = v.current_due_at, version = v.version
FROM unnest(%s::bigint[], %s::varchar[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::jsonb[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::boolean[],
            %s::timestamptz[], %s::integer[])
    AS v(id, state, state_since, unit_id, owner_post_id, handler_id, barred_id, tokens, dispatched_at, received_at,
         step_due_at, due_at, due_provisional, current_due_at, version)
WHERE c.id = v.id
"""


def _write(cases: Sequence[Case]) -> None:
    """All of them in one statement."""
    if not cases:
        return
    names = ("pk", "state", "state_since", "unit_id", "owner_post_id", "handler_id", "barred_id")
    later = ("dispatched_at", "received_at", "step_due_at", "due_at", "due_provisional", "current_due_at", "version")
    columns = [[getattr(case, name) for case in cases] for name in names]
    columns.append([orjson.dumps(case.tokens).decode() for case in cases])
    columns += [[getattr(case, name) for case in cases] for name in later]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, columns)


def _draft(move: HandOver, case: Case, step: Step, before: dict[str, Any]) -> Draft:
    after = {name: getattr(case, name) for name in before}
    changed = {name: value for name, value in before.items() if name == "version" or after[name] != value}
    told = {
        "number": case.number,
        "state": case.state,
        "from": before["state"],
        "step": step.code,
        "version": case.version,
        "unit_id": case.unit_id,
        **move.data,
    }
    return Draft(
        action=f"case.{step.code}",
        actor=move.actor,
        object_type="case",
        object_id=case.pk,
        before=changed,
        after={**{name: after[name] for name in changed}, **move.facts},
        words=move.words,
        note=move.note,
        place_ids=case.lineage,
        request_key=move.request_key,
        events=[Event(step.event, "case", case.pk, told), *move.events],
    )
