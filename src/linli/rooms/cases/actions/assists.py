"""Joint handling: the sub-case of an assisting unit (协办), with its own task and, where it gave one, its own deadline.

The main case goes on only when all of them are done (guard `assists_done` of the flow).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from linli.kernel import journal
from linli.kernel.outbox import Event
from linli.rooms.cases.models import Case


def open_assist(
    case: Case,
    unit_id: int,
    *,
    now: dt.datetime,
    actor: journal.Actor,
    task: str = "",
    due_at: dt.datetime | None = None,
) -> Case:
    """A sub-case for an assisting unit: the same problem, its own handling, never rated or closed by itself.

    case: the main case, locked by the caller, who also saves it (`tokens` grow by the unit). task: what this
    unit has to do; it leads the description, so that worklists show it. due_at: the day it promised; then the
    sub-case has this deadline for good, and no time limit that could be extended. Without it the main case's
    limit and deadline hold.
    """
    own = due_at is not None
    sub = Case.objects.create(
        state="dispatched",
        channel=case.channel,
        item_id=case.item_id,
        matter_class=case.matter_class,
        description=f"{task}\n{case.description}" if task else case.description,
        address=case.address,
        is_public=False,
        legacy=case.legacy,
        urgent=case.urgent,
        grams=case.grams,
        lng=case.lng,
        lat=case.lat,
        accuracy_m=case.accuracy_m,
        place_id=case.place_id,
        lineage=case.lineage,
        located=case.located,
        unit_id=unit_id,
        parent=case,
        tokens=sorted({*case.lineage, -unit_id}),
        filing_rule_id=case.filing_rule_id,
        limit_amount=None if own else case.limit_amount,
        limit_unit="" if own else case.limit_unit,
        due_at=due_at if own else case.due_at,
        due_provisional=False if own else case.due_provisional,
        current_due_at=due_at if own else case.due_at,
        clock_from=now if own else case.clock_from,
        reported_at=case.reported_at,
        state_since=now,
        accepted_at=case.accepted_at,
        registered_at=case.registered_at or (now if own else None),
        dispatched_at=now,
        report_count=0,
    )
    case.tokens = sorted({*case.tokens, -unit_id})
    after = {"version": 1, "state": sub.state, "parent": case.number, "unit_id": unit_id}
    if own:
        assert due_at is not None
        after["due_at"] = due_at.isoformat()
    journal.record(
        action="case.assist_opened",
        actor=actor,
        object_type="case",
        object_id=sub.pk,
        before=None,
        after=after,
        note=task,
        place_ids=case.lineage,
        events=[Event("case.assist_opened", "case", sub.pk, {"parent": case.pk, "unit_id": unit_id})],
    )
    return sub


def let_see(case_id: int, unit_ids: Collection[int]) -> None:
    """Let units see a case that they are called to, before they have any part in it. In the caller's transaction."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
    tokens = sorted({*case.tokens, *(-unit for unit in unit_ids)})
    if tokens != case.tokens:
        case.tokens = tokens
        case.save(update_fields=["tokens"])
