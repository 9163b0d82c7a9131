"""What the worker does for the figures: after each event the fact of the case is derived anew."""

from __future__ import annotations

import datetime as dt

from linli.kernel import clock
from linli.kernel.beats import beat
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.outbox import StoredEvent, subscriber
from linli.rooms.cases.flow import FLOW
from linli.rooms.fieldwork.models import Patrol
from linli.rooms.insight.actions.facts import recount_cases
from linli.rooms.insight.actions.scorecards import keep_result
from linli.rooms.insight.actions.tallies import recount_tallies
from linli.rooms.insight.models import CaseFact
from linli.rooms.insight.queries.scorecards import next_result
from linli.rooms.insight.telling import SOURCES
from linli.rooms.ladder.models import Stay
from linli.rooms.whistles.flow import CALL, WHISTLE
from linli.rooms.whistles.models import Call

_SAY_NOTHING = frozenset({"case.noted", "case.published", "case.joined", "case.check_requested"})
_IN_TURN = frozenset(step.event for step in FLOW.steps if step.event) - _SAY_NOTHING
"""Steps of the flow: written under the lock of the case, so that later entries have higher numbers."""
CASE_KINDS = _IN_TURN | {
    "case.deadline_moved",
    "case.contact_shown",
    "appeal.asked",
    "appeal.reviewed",
    "appeal.decided",
}


@subscriber("insight.cases", kinds=CASE_KINDS)
def case_moved(event: StoredEvent) -> None:
    """Derive the fact of the case, unless an event before has read this entry of the journal already."""
    case_id = int(event.data.get("case_id") or event.object_id)
    recount_cases([case_id], unless_known=event.entry_id if event.kind in _IN_TURN else 0)


@subscriber("insight.windows", kinds={"exclusion.decided", "exclusion.revoked"})
def window_changed(event: StoredEvent) -> None:
    """A time to leave out was decided or taken back: the cases whose clock ran in it, and those it had left out."""
    since, until, place_id = event.data["since"], event.data["until"], event.data["place_id"]
    touched = CaseFact.objects.filter(lineage__contains=[place_id], due__gte=since, reported__lt=until)
    left = CaseFact.objects.filter(out="window", out_ref=event.object_id)
    recount_cases(sorted({*touched.values_list("case_id", flat=True), *left.values_list("case_id", flat=True)}))


@subscriber("insight.calendar", kinds={"clock.calendar_changed"})
def calendar_changed(event: StoredEvent) -> None:
    """Fifteen working days after a bad rating may be another day now."""
    recount_cases(
        list(CaseFact.objects.filter(bad_at__isnull=False).order_by("case_id").values_list("case_id", flat=True))
    )


@subscriber("insight.whistles", kinds={step.event for step in (*WHISTLE.steps, *CALL.steps) if step.event})
def whistle_moved(event: StoredEvent) -> None:
    """The calls of the whistle; departments that were called away count no longer."""
    assert "whistle" in SOURCES
    recount_tallies("whistle", list(Call.objects.filter(whistle_id=event.object_id).values_list("pk", flat=True)))


@subscriber(
    "insight.stays",
    kinds={
        *("duty.entered", "duty.climbed", "duty.swept", "duty.assigned", "duty.succeeded", "duty.received"),
        *("case.received", "case.amended", "case.accepted"),
    },
)
def duty_moved(event: StoredEvent) -> None:
    """The stays of the case on the ladder."""
    case_id = int(event.data.get("case_id") or event.object_id)
    recount_tallies("stay", list(Stay.objects.filter(case_id=case_id).values_list("pk", flat=True)))


@subscriber(
    "insight.patrols",
    kinds={"patrol.due", "patrol.unstaffed", "patrol.started", "patrol.finished", "patrol.partial", "patrol.missed"},
)
def patrol_moved(event: StoredEvent) -> None:
    """The round."""
    recount_tallies("patrol", list(Patrol.objects.filter(pk=event.object_id).values_list("pk", flat=True)))


def results_due() -> dt.datetime | None:
    """When the next month of a scorecard in force is over and its result is not kept yet."""
    found = next_result()
    return None if found is None else dt.datetime.combine(found[2], RESULTS_AT, CIVIL)


RESULTS_AT = dt.time(6)
"""In the morning of the first of a month: what happened at the month's end has been counted by then."""


@beat("insight.results", every=600, falls_due=results_due)
def keep_results() -> None:
    """Keep the result of each month that is over, of every scorecard that was in force in all of it, in order."""
    while (found := next_result()) is not None and dt.datetime.combine(found[2], RESULTS_AT, CIVIL) <= clock.now():
        keep_result(*found)
