"""What the worker does for cases: tells reporters, teaches the classifier, wakes suspended cases, mends deadlines."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Min

from linli.kernel import clock, journal
from linli.kernel.beats import beat
from linli.kernel.clock.queries import calendar
from linli.kernel.outbox import Event, StoredEvent, subscriber
from linli.rooms.cases.actions.photo_links import fetch_due
from linli.rooms.cases.actions.photos import drop_unused
from linli.rooms.cases.actions.steps import SYSTEM, granted, take
from linli.rooms.cases.models import Case, Notice, Report
from linli.rooms.cases.rules import set_due
from linli.rooms.catalogue.actions import learn
from linli.rooms.people.rights import NOBODY

# What reporters hear of without asking.
TOLD = frozenset(
    {
        "case.accepted",
        "case.refused",
        "case.dispatched",
        "case.suspended",
        "case.closed",
        "case.reopened",
        "case.merged",
    }
)
MEND_AT_ONCE = 500


@subscriber("cases.tell_reporters", kinds=TOLD)
def tell_reporters(event: StoredEvent) -> None:
    """One notice for each report behind the case; the pair (report, event) is unique, so twice is once."""
    case = Case.objects.filter(pk=event.object_id).first()
    if case is None:
        return
    # The reports of a merged case live on with the case it was merged into.
    case_id = case.merged_into_id if event.kind == "case.merged" and case.merged_into_id else case.pk
    reports = Report.objects.filter(case_id=case_id, withdrawn_at=None).values_list("pk", flat=True)
    Notice.objects.bulk_create(
        [
            Notice(report_id=pk, event_id=event.id, kind=event.kind, data=event.data, at=event.at)
            for pk in reports
        ],
        ignore_conflicts=True,
    )


@subscriber("cases.teach_suggestions", kinds={"case.accepted"})
def teach_suggestions(event: StoredEvent) -> None:
    """What a dispatcher confirmed becomes an example; `learn` counts a case once."""
    case = Case.objects.filter(pk=event.object_id).values("description", "item__key").first()
    if case and case["item__key"]:
        learn(f"case:{event.object_id}", case["description"], case["item__key"])


def next_waking() -> dt.datetime | None:
    """When the next suspension runs out."""
    found: dict[str, dt.datetime | None] = Case.objects.filter(state="suspended").aggregate(at=Min("suspended_until"))
    return found["at"]


@beat("cases.wake_suspended", every=30, falls_due=next_waking)
def wake_suspended() -> None:
    """Take up again the cases whose suspension has run out; each by the flow's own step."""
    due = Case.objects.filter(state="suspended", suspended_until__lte=clock.now()).values_list(
        "pk", flat=True
    )[:200]
    for pk in list(due):
        with transaction.atomic():
            case = (
                Case.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(pk=pk, state="suspended")
                .first()
            )
            if case is not None:
                take(pk, "resume", {}, viewer=NOBODY, system=True)


@subscriber("cases.calendar_changed", kinds={"clock.calendar_changed"})
def calendar_changed(event: StoredEvent) -> None:
    """A year was imported or a day moved: every running deadline is computed anew."""
    recompute_deadlines(Case.objects.filter(is_open=True, due_at__isnull=False).values_list("pk", flat=True))


@beat("cases.mend_provisional", every=300)
def mend_provisional() -> None:
    """Deadlines that were counted without an official calendar, once there is one."""
    provisional = Case.objects.filter(is_open=True, due_provisional=True).order_by("due_at")
    recompute_deadlines(provisional.values_list("pk", flat=True)[:MEND_AT_ONCE])


@beat("cases.drop_unused_photos", every=3600)
def drop_unused_photos() -> None:
    """Forget pictures whose form was never sent."""
    drop_unused(clock.now())


@beat("cases.fetch_photo_links", every=5)
def fetch_photo_links() -> None:
    """Pictures that machines named by an address."""
    fetch_due()


def recompute_deadlines(case_ids: object) -> int:
    """Count the handling deadlines of these cases anew; journals the ones that moved. Returns how many did."""
    moved = 0
    for pk in list(case_ids):  # type: ignore[call-overload]
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).filter(pk=pk, is_open=True).first()
            if case is None:
                continue
            before = (case.due_at, case.due_provisional)
            set_due(case, calendar(), granted(case))
            if (case.due_at, case.due_provisional) == before:
                continue
            case.version += 1
            case.save(update_fields=["due_at", "due_provisional", "current_due_at", "version"])
            journal.record(
                action="case.deadline_moved",
                actor=SYSTEM,
                object_type="case",
                object_id=case.pk,
                before={"version": case.version - 1, "due_at": before[0].isoformat() if before[0] else None},
                after={
                    "version": case.version,
                    "due_at": case.due_at.isoformat() if case.due_at else None,
                    "provisional": case.due_provisional,
                },
                place_ids=case.lineage,
                events=[Event("case.deadline_moved", "case", case.pk, {"number": case.number})],
            )
            moved += 1
    return moved
