"""What the clock does on the ladder: it warns, asks for receipts, and moves up what nobody settled in time.

Each stay is acted on exactly once however many workers run: a batch takes case and stay under lock and leaves out what
others hold; what moves and the mark that it was done are one transaction, so that a worker killed in the middle has
done all of a batch or nothing of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction

from linli.kernel import clock
from linli.kernel.journal.actions import Draft, record_many
from linli.kernel.outbox import Event
from linli.rooms.cases.actions.duty import RUNNING
from linli.rooms.cases.actions.steps import SYSTEM
from linli.rooms.cases.models import Case
from linli.rooms.ladder import rules
from linli.rooms.ladder.bearers import Bearer, Spot
from linli.rooms.ladder.following import retime, settle
from linli.rooms.ladder.models import Stay
from linli.rooms.ladder.moving import Move, address, hears, move_all
from linli.rooms.ladder.ways import Found, Way, find_ways, in_force

AT_ONCE = 200
"""Stays in one transaction."""

_DUE = "s.left_at IS NULL AND NOT s.stands AND s.overdue_at IS NULL AND s.due_at <= %(now)s"
_WARN = "s.left_at IS NULL AND NOT s.stands AND s.warned_at IS NULL AND s.warn_at <= %(now)s AND s.due_at > %(now)s"
_RECEIPT = (
    "s.left_at IS NULL AND NOT s.stands AND s.received_at IS NULL AND s.reminded_at IS NULL"
    " AND s.receive_due_at <= %(now)s"
)
_TAKE = """
SELECT s.id, s.case_id FROM ladder_stay s JOIN cases_case c ON c.id = s.case_id
WHERE {which}{only} ORDER BY s.{by} LIMIT %(most)s FOR NO KEY UPDATE OF c, s SKIP LOCKED
"""
_HEAVY = (
    *("grams", "description", "routing", "public_words", "candidates", "address"),
    *("item__synonyms", "item__grams"),
)

Batch = list[tuple[Case, Stay]]


def sweep(case_ids: Sequence[int] | None = None) -> int:
    """Move up every case whose limit on its tier has run out; on top, or where the tier does not climb by itself, it
    stays and is marked as overdue, once. case_ids: only these. Returns how many stays were acted on."""
    return _all(_DUE, "due_at", _climb, case_ids)


def warn(case_ids: Sequence[int] | None = None) -> int:
    """Warn bearer and the one above, once for each stay, when only the warning share of the limit is left."""
    return _all(_WARN, "warn_at", _warn, case_ids)


def remind(case_ids: Sequence[int] | None = None) -> int:
    """Say once, to bearer and the one above, that a case has not been received in time."""
    return _all(_RECEIPT, "receive_due_at", _remind, case_ids)


def next_due() -> dt.datetime | None:
    """When the next limit runs out."""
    return _first("due_at", "overdue_at IS NULL")


def next_warning() -> dt.datetime | None:
    """When the next warning is due; a limit that has run out is not warned of any more."""
    return _first("warn_at", "warned_at IS NULL AND due_at > %(now)s")


def next_receipt() -> dt.datetime | None:
    """When the next receipt is due."""
    return _first("receive_due_at", "received_at IS NULL AND reminded_at IS NULL")


def _first(column: str, which: str) -> dt.datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM ladder_stay WHERE left_at IS NULL AND NOT stands AND {column} IS NOT NULL"
            f" AND {which} ORDER BY {column} LIMIT 1",
            {"now": clock.now()},
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _all(which: str, by: str, act: Callable[[Batch, dt.datetime], None], case_ids: Sequence[int] | None = None) -> int:
    done = 0
    while count := _batch(which, by, act, case_ids):
        done += count
        if count < AT_ONCE:
            break  # what others hold is theirs, or comes with the next beat
    return done


def _batch(which: str, by: str, act: Callable[[Batch, dt.datetime], None], case_ids: Sequence[int] | None) -> int:
    """Take so many under lock, bring each in line with its case, and act on those for which it is still time."""
    now = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            only = "" if case_ids is None else " AND s.case_id = ANY(%(only)s)"
            given: dict[str, Any] = {"now": now, "most": AT_ONCE, "only": list(case_ids or ())}
            cursor.execute(_TAKE.format(which=which, only=only, by=by), given)
            taken = cursor.fetchall()
        if not taken:
            return 0
        rows = Case.objects.select_related("item").defer(*_HEAVY).filter(pk__in=[case_id for _s, case_id in taken])
        cases = {case.pk: case for case in rows}
        stays = Stay.objects.filter(pk__in=[stay_id for stay_id, _c in taken]).order_by("case_id")
        ready: Batch = []
        for stay in stays:
            case = cases[stay.case_id]
            if case.state not in RUNNING:
                # Its clock stands or it has ended; the event that says so is still on its way.
                if settle(case, stay) and not stay.stands:
                    ready.append((case, stay))
            elif stay.unit_id is not None and stay.unit_id != case.unit_id:
                settle(case, stay)
            elif not _moved(case, stay, by, now):
                ready.append((case, stay))
        act(ready, now)
    return len(taken)


def _moved(case: Case, stay: Stay, by: str, now: dt.datetime) -> bool:
    """Whether the moment has moved on: the clock stood meanwhile, and the event that says so is on its way."""
    if rules.pauses_within(case.pauses, stay.clock_from) == stay.pauses:
        return False
    retime(case, stay)
    moment = getattr(stay, by)
    return stay.stands or moment is None or moment > now


def upwards(batch: Sequence[tuple[Case, Stay]], at: dt.datetime) -> list[Found]:
    """The next tier above each stay, on the ladder in force, that somebody bears; nothing where nobody is above."""
    ladders = in_force({case.lineage[0] for case, _stay in batch})
    ways = []
    for case, stay in batch:
        ladder = ladders.get(case.lineage[0])
        higher = rules.above(ladder.tiers, stay.tier_code, stay.level) if ladder is not None else []
        ways.append(Way(Spot.of(case), higher, not_unit=stay.unit_id))
    return find_ways(ways, at)


def _climb(batch: Batch, now: dt.datetime) -> None:
    ladders = in_force({case.lineage[0] for case, _stay in batch})
    moves, staying = [], []
    for (case, stay), found in zip(batch, upwards(batch, now), strict=True):
        ladder = ladders.get(case.lineage[0])
        own = ladder.tier(stay.tier_code) if ladder is not None else None
        if found.move is None or (own is not None and not own.climbs_alone):
            staying.append((case, stay))
            continue
        tier, bearer = found.move
        moves.append(
            Move(
                case,
                stay,
                tier,
                bearer,
                Stay.How.SWEPT,
                "duty.swept",
                now,
                outcome=Stay.Outcome.SWEPT,
                skipped=found.skipped,
                limit=None,
                facts={"was_due_at": stay.due_at.isoformat() if stay.due_at else None},
            )
        )
    move_all(moves)
    _mark(staying, "overdue_at", "duty.overdue", now, [None] * len(staying))


def _warn(batch: Batch, now: dt.datetime) -> None:
    _mark(batch, "warned_at", "duty.warned", now, [found.bearer for found in upwards(batch, now)])


def _remind(batch: Batch, now: dt.datetime) -> None:
    _mark(batch, "reminded_at", "duty.receipt_late", now, [found.bearer for found in upwards(batch, now)])


def _mark(batch: Batch, column: str, kind: str, now: dt.datetime, above: Sequence[Bearer | None]) -> None:
    """Note on the stays that it was done, and tell the bearers (and the ones above)."""
    if not batch:
        return
    Stay.objects.filter(pk__in=[stay.pk for _case, stay in batch]).update(**{column: now})
    drafts = []
    for (case, stay), higher in zip(batch, above, strict=True):
        facts = {
            "case_id": case.pk,
            "number": case.number,
            "tier": stay.tier_code,
            "level": stay.level,
            "due_at": stay.due_at.isoformat() if stay.due_at else None,
        }
        told = {**facts, **hears(stay, higher), "path": address(case)}
        drafts.append(
            Draft(
                action=kind,
                actor=SYSTEM,
                object_type="stay",
                object_id=stay.pk,
                after=facts,
                place_ids=case.lineage,
                events=[Event(kind, "case", case.pk, told)],
            )
        )
    record_many(drafts)
