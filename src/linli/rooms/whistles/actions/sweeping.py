"""What the worker does for whistles when a moment comes: reminds, notes who is late, calls successors, ends tasks.

A whistle is worked on under its own lock by one worker at a time; what has been done is looked at again there, so
that nothing is told twice however many workers run.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar
from linli.kernel.clock.rules import deadline
from linli.rooms.cases.actions.duty import HandOver, hand_over
from linli.rooms.people.models import Unit
from linli.rooms.people.rights import NOBODY
from linli.rooms.whistles.actions.blowing import add_call
from linli.rooms.whistles.actions.ending import close_calls, let_go
from linli.rooms.whistles.actions.telling import Situation, lock, move_call, move_whistle, set_moments, settle, tell
from linli.rooms.whistles.judgement import CAME, OVER
from linli.rooms.whistles.models import Call, Whistle
from linli.rooms.whistles.queries.suggesting import answering

AT_ONCE = 200

# The day of a unit's end begins at civil midnight.
_NEXT = """
SELECT least(
  (SELECT min(remind_at) FROM whistles_call WHERE remind_at IS NOT NULL),
  (SELECT min(next_due_at) FROM whistles_call WHERE is_open AND NOT told_overdue),
  (SELECT min(remind_at) FROM whistles_whistle WHERE remind_at IS NOT NULL),
  (SELECT min(u.valid_to)::timestamp AT TIME ZONE 'Asia/Shanghai'
     FROM whistles_call c JOIN people_unit u ON u.id = c.unit_id WHERE c.is_open AND u.valid_to IS NOT NULL))
"""
_DUE = """
SELECT whistle_id FROM whistles_call WHERE remind_at <= %(now)s
UNION SELECT whistle_id FROM whistles_call WHERE is_open AND NOT told_overdue AND next_due_at <= %(now)s
UNION SELECT id FROM whistles_whistle WHERE remind_at <= %(now)s
UNION SELECT c.whistle_id FROM whistles_call c JOIN people_unit u ON u.id = c.unit_id
      WHERE c.is_open AND u.valid_to <= %(day)s
ORDER BY 1 LIMIT %(most)s
"""
_LATE = {"called": "late_confirm_at", "confirmed": "late_come_at", "promised": "late_task_at"}


def next_moment() -> dt.datetime | None:
    """When the sweep next finds something to do."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def sweep() -> int:
    """Tend every whistle that something falls due for; returns how many were."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "day": now.astimezone(CIVIL).date(), "most": AT_ONCE})
        ids = [row[0] for row in cursor.fetchall()]
    return sum(tend(whistle_id) for whistle_id in ids)


def tend(whistle_id: int) -> bool:
    """Do what is due for one whistle; False when another worker is at it."""
    with transaction.atomic():
        free = Whistle.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=whistle_id)
        if not free.exists():
            return False
        s = lock(whistle_id, NOBODY, system=True)
        _succeed(s)
        for call in s.calls:
            if call.is_open and not call.told_overdue and call.next_due_at is not None and call.next_due_at <= s.now:
                _overdue(s, call)
            elif call.remind_at is not None and call.remind_at <= s.now:
                _remind(s, call)
        if s.whistle.remind_at is not None and s.whistle.remind_at <= s.now:
            _meeting_soon(s)
        settle(s)
    return True


def _remind(s: Situation, call: Call) -> None:
    call.remind_at = None
    call.save(update_fields=["remind_at"])
    if call.is_open and call.next_due_at is not None:
        tell(
            s,
            "whistle.remind",
            kind="whistle.reminded",
            call=call,
            units=(call.unit_id,),
            event={
                "due_at": (s.whistle.at if call.state == "confirmed" else call.next_due_at).isoformat(),
                "state": call.state,
                "at": s.whistle.at.isoformat(),
            },
        )


def _overdue(s: Situation, call: Call) -> None:
    assert call.next_due_at is not None
    call.told_overdue, call.remind_at = True, None
    mark = _LATE.get(call.state)
    if mark and getattr(call, mark) is None:
        setattr(call, mark, call.next_due_at)
    call.save()
    tell(
        s,
        "whistle.overdue",
        kind="whistle.overdue",
        call=call,
        after={"due_at": call.next_due_at.isoformat()},
        event={"due_at": call.next_due_at.isoformat(), "state": call.state},
        units=(call.unit_id,),
        whistler=True,
        deciders=call.state == "called",
    )


def _meeting_soon(s: Situation) -> None:
    s.whistle.remind_at = None
    if s.whistle.state == "blown":
        tell(
            s,
            "whistle.meeting_soon",
            kind="whistle.meeting_soon",
            whistler=True,
            event={"at": s.whistle.at.isoformat(), "place": s.whistle.place_words},
        )


def _succeed(s: Situation) -> None:
    """Where a called unit has been dissolved, call the unit that took its place; what was promised goes with it."""
    today = s.now.astimezone(CIVIL).date()
    for call in list(s.calls):
        if not call.is_open or call.unit.valid_to is None or call.unit.valid_to > today:
            continue
        heir = _heir(call.unit)
        if heir is not None and heir.pk not in answering([heir.pk], s.whistle.lineage, s.now):
            heir = None
        was, lead = call.state, call.lead
        step = move_call(Situation(s.whistle, s.calls, NOBODY, s.now, call=call, system=True), "succeed", {})
        call.lead = False
        words = _("单位已撤销，由%(unit)s承接") % {"unit": heir.name_zh} if heir else _("单位已撤销，没有承接单位")
        let_go(s, call, words)
        if heir is not None:
            _pass_on(s, call, heir, was, lead)
        tell(
            s,
            "whistle.succeed",
            kind=step.event,
            call=call,
            note=words,
            called=[one for one in s.calls if one.instead_of_id == call.pk],
            whistler=True,
            deciders=heir is None,
            event={"heir": heir.name_zh if heir else "", "due_at": s.calls[-1].due_at.isoformat()},
        )


def _pass_on(s: Situation, call: Call, heir: Unit, was: str, lead: bool) -> None:
    standing = next((one for one in s.calls if one.unit_id == heir.pk and one.state not in OVER), None)
    if was == "promised":
        # The work is under way: the heir has it as it was promised, by the same day.
        part = call.sub_id or (s.whistle.case_id if lead else None)
        if part is not None:
            hand_over([HandOver(part, unit_id=heir.pk, note=call.outcome)])
            s.whistle.case.refresh_from_db()
    if standing is not None:
        if lead and standing.is_open:
            standing.lead = True
            standing.save(update_fields=["lead"])
        return
    new = add_call(s, heir.pk, words=call.words, reasons=[call.outcome], lead=lead, of=call)
    if was == "promised":
        new.state, new.task, new.sub_id = "promised", call.task, call.sub_id
        new.confirmed_at = new.promised_at = s.now
        new.promised_by_id, new.promise_due_at = call.promised_by_id, call.promise_due_at
        set_moments(s.whistle, new, s.now)
        new.save()


def _heir(unit: Unit) -> Unit | None:
    for _step in range(8):
        if unit.valid_to is None:
            return unit
        if unit.successor is None:
            return None
        unit = unit.successor
    return None


def tasks_done(case_id: int) -> None:
    """A sub-case is done, or the case was confirmed, or it ended: the promises that hang on it are kept."""
    parts = Call.objects.filter(sub_id=case_id, state="promised").values_list("whistle_id", flat=True)
    led = Call.objects.filter(whistle__case_id=case_id, lead=True, sub=None, state="promised")
    for whistle_id in sorted({*parts, *led.values_list("whistle_id", flat=True)}):
        with transaction.atomic():
            s = lock(whistle_id, NOBODY, system=True)
            for call in s.calls:
                mine = call.sub_id == case_id or (call.lead and call.sub_id is None and s.whistle.case_id == case_id)
                if mine and call.state == "promised":
                    _kept(s, call)
            settle(s)


def _kept(s: Situation, call: Call) -> None:
    part = call.sub or s.whistle.case
    step = move_call(Situation(s.whistle, s.calls, NOBODY, s.now, call=call, system=True), "finish", {})
    call.done_at = part.confirmed_at or s.now
    late = call.promise_due_at is not None and call.done_at > call.promise_due_at
    if late and call.late_task_at is None:
        call.late_task_at = call.promise_due_at
    set_moments(s.whistle, call, s.now)
    call.save()
    tell(
        s,
        "whistle.finish_task",
        kind=step.event,
        call=call,
        after={"late": late},
        event={"late": late, "task": call.task[:200]},
        whistler=True,
    )


def case_ended(case_id: int) -> None:
    """The case is over in some other way: a whistle that still runs ends with it."""
    for whistle_id in Whistle.objects.filter(case_id=case_id, state__in=("blown", "working")).values_list(
        "pk", flat=True
    ):
        with transaction.atomic():
            s = lock(whistle_id, NOBODY, system=True)
            if s.whistle.state not in ("blown", "working"):
                continue
            words = _("事件已办结，吹哨随之结束")
            for call in s.calls:
                if call.state == "promised":
                    _kept(s, call)
            step_code = "end" if any(call.state in CAME for call in s.calls) else "cancel"
            step = move_whistle(s, step_code, {"words": words})
            close_calls(s, step_code, words)
            s.whistle.outcome = words
            tell(
                s,
                f"whistle.{step_code}",
                kind=step.event,
                note=words,
                units=tuple(call.unit_id for call in s.calls),
                whistler=True,
                event={"outcome": words},
            )
            settle(s)


def calendar_changed() -> int:
    """Count the limits for confirming anew that still run; returns how many moved."""
    moved = 0
    ids = Call.objects.filter(state="called").values_list("whistle_id", flat=True).distinct()
    for whistle_id in list(ids):
        with transaction.atomic():
            s = lock(whistle_id, NOBODY, system=True)
            for call in s.calls:
                if call.state != "called":
                    continue
                limit = TimeLimit(call.limit_amount, call.limit_unit)  # type: ignore[arg-type]
                due = deadline(call.called_at, limit, calendar())
                if (due.at, due.provisional) == (call.due_at, call.due_provisional):
                    continue
                before = call.due_at
                call.due_at, call.due_provisional = due.at, due.provisional
                told = call.told_overdue and due.at <= s.now
                set_moments(s.whistle, call, s.now)
                call.told_overdue = told
                if call.late_confirm_at is not None and due.at > s.now:
                    call.late_confirm_at = None
                call.save()
                tell(
                    s,
                    "whistle.deadline_moved",
                    call=call,
                    before={"due_at": before.isoformat()},
                    after={"due_at": due.at.isoformat()},
                )
                moved += 1
    return moved
