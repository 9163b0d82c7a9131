"""One step of a case's life: `take`. Everything else a step brings about is in `effects`."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import Conflict, NotFound
from linli.kernel.flow import Step, require
from linli.kernel.journal import queries as stories
from linli.kernel.outbox import Event
from linli.rooms.cases.actions.effects import EFFECTS, Outcome
from linli.rooms.cases.actions.given import Given, resolve
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.judgement import Situation, context
from linli.rooms.cases.models import Case, Extension, Photo, Report
from linli.rooms.cases.rules import StepLimits, run_clocks
from linli.rooms.people.rights import Viewer

# What the journal keeps of a case before and after a step.
TRACKED = (
    "state",
    "item_id",
    "place_id",
    "unit_id",
    "filing_rule_id",
    "limit_amount",
    "limit_unit",
    "due_at",
    "urgent",
    "legacy",
    "major",
    "owner_post_id",
    "is_public",
    "public_words",
    "address",
    "merged_into_id",
    "suspended_until",
    "handler_id",
    "extended",
    "reworked",
    "returned",
    "reopened",
    "solved",
    "level",
)


def take(
    case_id: int,
    step_code: str,
    given: Mapping[str, Any],
    *,
    viewer: Viewer,
    version: int | None = None,
    report: Report | None = None,
    request_key: str | None = None,
    system: bool = False,
    instead: Mapping[str, str] | None = None,
    limit: TimeLimit | None = None,
) -> Case:
    """Take one step on a case and return the case as it is afterwards.

    version: the version of the case the person saw; another one by now raises Conflict with what changed
    meanwhile
    and what was typed. report: the report through which a reporter acts. request_key: made by the client; a
    repeated call with the same key changes nothing and returns the case. system: the worker acts, not a
    person. instead, limit: see `Situation`; for actions that walk several steps of their own.
    Raises NotFound, NotAllowed, Refused, Conflict.
    """
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
        if case is None:
            raise NotFound(_("没有这个事件。"), code="case.not_found")
        if request_key and stories.by_request_key(request_key) is not None:
            return case
        if version is not None and version != case.version:
            raise Conflict(
                _("您填写的时候，这个事件已经变了。"),
                code="case.changed",
                what_next=_("请看看有什么变化。您填写的内容都在，可以改好再交。"),
                changes=changes_since(case, version),
                typed=dict(given),
            )
        situation = situate(case, viewer, clock.now(), report=report, system=system)
        situation.instead, situation.limit = instead or {}, limit
        step = require(FLOW, case.state, step_code, context(situation), given)
        resolved = resolve(step, given)
        return _carry_out(case, step, resolved, situation, request_key)


def situate(
    case: Case, viewer: Viewer, now: dt.datetime, *, report: Report | None = None, system: bool = False
) -> Situation:
    """Load what the guards of the case's present state may ask."""
    situation = Situation(case=case, viewer=viewer, now=now, report=report, system=system)
    if case.state == "handling":
        situation.asked_extension = Extension.objects.filter(case=case, state=Extension.State.ASKED).first()
        situation.was_suspended = hasattr(case, "suspension")
    elif case.state == "closed":
        if report is not None:
            situation.already_rated = report.ratings.filter(round=case.reopened).exists()
    elif case.is_open and case.state != "dispatched":
        situation.open_assists = case.assists.filter(is_open=True).count()
    return situation


def _carry_out(case: Case, step: Step, given: Given, situation: Situation, request_key: str | None) -> Case:
    before = _tracked(case)
    came_from = case.state
    now = situation.now
    was_due = case.current_due_at
    case.state = step.target(came_from)
    outcome = Outcome()
    EFFECTS[step.code](case, given, situation, outcome)
    if case.state != came_from:
        case.state_since = now
        ended = FLOW.state(case.state).kind == "ended"
        case.is_open, case.ended_at = not ended, now if ended else None
    run_clocks(case, step, now, calendar(), step_limits(), granted(case))
    case.version += 1
    case.photo_count += len(given.photos)
    case.save()
    if given.photos:
        _attach(given.photos, case, outcome)
    after = _tracked(case)
    post = situation.post_for(step.who)
    actor = SYSTEM if situation.system else situation.viewer.acting(post)
    changed = [name for name in TRACKED if before[name] != after[name]]
    journal.record(
        action=f"case.{step.code}",
        actor=actor,
        object_type="case",
        object_id=case.pk,
        before={"version": case.version - 1, **{name: before[name] for name in changed}},
        after={
            "version": case.version,
            **{name: after[name] for name in changed},
            **outcome.facts,
            "late": bool(was_due and now > was_due),
        },
        words=outcome.words,
        note=outcome.note,
        evidence=[str(photo.uid) for photo in given.photos],
        place_ids=case.lineage,
        request_key=request_key,
        events=[
            Event(
                step.event,
                "case",
                case.pk,
                {
                    "number": case.number,
                    "state": case.state,
                    "from": came_from,
                    "step": step.code,
                    "version": case.version,
                    **outcome.event,
                },
            ),
        ],
    )
    return case


SYSTEM = journal.Actor(account_id=None, name="", post_id=None, post_name="", kind="system")


def _tracked(case: Case) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in ((name, getattr(case, name)) for name in TRACKED)
    }


def granted(case: Case) -> list[TimeLimit]:
    """The extensions granted in the present run of the handling clock."""
    if not case.extended:
        return []
    return [
        TimeLimit(row.amount, row.unit)  # type: ignore[arg-type]
        for row in case.extensions.filter(state=Extension.State.GRANTED, asked_at__gte=case.clock_from)
    ]


def _attach(photos: list[Photo], case: Case, outcome: Outcome) -> None:
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(
        case=case, phase=outcome.phase, round=case.reworked + case.reopened
    )


def changes_since(case: Case, version: int) -> list[dict[str, Any]]:
    """What happened to a case after the version somebody saw, for the page that says so."""
    found = []
    for entry in stories.of("case", case.pk):
        if (entry.after or {}).get("version", 0) <= version:
            continue
        step = FLOW.by_step.get(entry.action.removeprefix("case."))
        found.append(
            {
                "what": str(step.label) if step else entry.action,
                "before": entry.before or {},
                "after": entry.after or {},
                "by": " ".join(part for part in (entry.post_name, entry.actor_name) if part),
                "at": entry.at,
                "words": entry.words,
            }
        )
    return found


def step_limits() -> StepLimits:
    """The limits of the steps, cached for each revision of the table."""
    return _step_limits(_limits_mark())


def _limits_mark() -> int:
    return int(time.monotonic())  # a second's staleness is allowed everywhere in the house


@lru_cache(maxsize=4)
def _step_limits(mark: int) -> StepLimits:
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, urgent, amount, unit FROM cases_steplimit")
        return {(state, urgent): TimeLimit(amount, unit) for state, urgent, amount, unit in cursor.fetchall()}
