"""Moving cases on the ladder: the one piece of code that opens and ends stays, for one case or two hundred.

Whoever calls has locked the cases and their open stays, and has judged that the move may be made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection
from django.db.models import Max

from linli.kernel import journal
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.queries import calendar
from linli.kernel.clock.rules import deadline
from linli.kernel.journal.actions import Draft, record_many
from linli.kernel.outbox import Event
from linli.rooms.cases.actions.duty import HandOver, hand_over
from linli.rooms.cases.actions.steps import SYSTEM
from linli.rooms.cases.models import Case
from linli.rooms.ladder import rules
from linli.rooms.ladder.bearers import Bearer
from linli.rooms.ladder.models import Stay, Tier

HOW_LONG = 60
"""Characters of what was tried and why, as the notice of a move repeats them."""


@dataclass(slots=True)
class Move:
    """One move. stay: where the case stands now, None when it only enters; at: when (the moment of the action).

    limit: another one than the tier's. heirs: the new stay goes on with the clock of the one before (a successor).
    """

    case: Case
    stay: Stay | None
    tier: Tier
    bearer: Bearer
    how: Stay.How
    kind: str
    at: dt.datetime
    outcome: Stay.Outcome | None = None
    actor: journal.Actor = SYSTEM
    account_id: int | None = None
    words: str = ""
    tried: str = ""
    why: str = ""
    skipped: Sequence[Mapping[str, Any]] = ()
    limit: TimeLimit | None = None
    heir: bool = False
    request_key: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def move_all(moves: Sequence[Move]) -> list[Stay]:
    """Make the moves: the duty of the cases changes hands, stays end, new ones begin. In one transaction of the caller.

    At most one move for each case. Returns the new stays in the order of the moves.
    """
    if not moves:
        return []
    for move in moves:
        if move.stay is not None:
            move.stay.pauses = rules.pauses_within(move.case.pauses, move.stay.clock_from)
    fresh = _fresh(moves)
    events = [_event(move, stay) for move, stay in zip(moves, fresh, strict=True)]
    handing = [_handing(move, event) for move, event in zip(moves, events, strict=True) if _changes_hands(move)]
    locked = {move.case.pk: move.case for move in moves}
    handed = {case.pk for case in hand_over(handing, locked)} if handing else set()
    leave(
        [
            (move.stay, move.outcome or Stay.Outcome.SUCCEEDED, move.at, move.tried, move.why)
            for move in moves
            if move.stay is not None
        ]
    )
    _insert(fresh)
    record_many(
        [
            Draft(
                action=move.kind,
                actor=move.actor,
                object_type="stay",
                object_id=stay.pk,
                after={"case_id": move.case.pk, "number": move.case.number, **_facts(move, stay)},
                note=move.words,
                place_ids=move.case.lineage,
                request_key=move.request_key,
                events=[event],
            )
            for move, stay, event in zip(moves, fresh, events, strict=True)
            if move.case.pk not in handed
        ]
    )
    return fresh


def _changes_hands(move: Move) -> bool:
    if move.bearer.unit_id is not None:
        return move.bearer.unit_id != move.case.unit_id or bool(move.stay and move.stay.post_id)
    return move.bearer.post_id != move.case.owner_post_id


def _fresh(moves: Sequence[Move]) -> list[Stay]:
    """The new stays, not written yet."""
    entering = [move.case.pk for move in moves if move.stay is None]
    last: dict[int, int] = {}
    if entering:
        rows = Stay.objects.filter(case__in=entering).values("case_id").annotate(last=Max("sequence"))
        last = {row["case_id"]: row["last"] for row in rows}
    days = calendar()
    counted: dict[tuple[dt.datetime, TimeLimit | None, float, str], rules.Times] = {}
    receipts: dict[tuple[dt.datetime, TimeLimit], dt.datetime] = {}
    found = []
    for move in moves:
        was, tier = move.stay, move.tier
        if move.heir and was is not None:
            clock_from, limit, share = was.clock_from, was.limit, was.warn_share
        else:
            clock_from, limit, share = move.at, move.limit or tier.limit, tier.warn_share
        pauses = rules.pauses_within(move.case.pauses, clock_from)
        # What moves at one moment under one limit falls due at one moment: counted once.
        question = (clock_from, limit, share, str(pauses))
        at = counted.get(question)
        if at is None:
            at = counted[question] = rules.times(clock_from, limit, share, pauses, days)
        receipt = tier.receipt
        if receipt is not None and (move.at, receipt) not in receipts:
            receipts[move.at, receipt] = deadline(move.at, receipt, days).at
        found.append(
            Stay(
                case=move.case,
                ladder_id=tier.ladder_id,
                sequence=(was.sequence if was is not None else last.get(move.case.pk, 0)) + 1,
                tier_code=tier.code,
                level=tier.level,
                unit_id=move.bearer.unit_id,
                post_id=move.bearer.post_id,
                how=move.how,
                words=move.words,
                skipped=list(move.skipped),
                moved_by_id=move.account_id,
                entered_at=move.at,
                clock_from=clock_from,
                limit_amount=limit.amount if limit else None,
                limit_unit=limit.unit if limit else "",
                due_at=at.due_at,
                provisional=at.provisional,
                pauses=pauses,
                stands=at.stands,
                warn_share=share,
                warn_at=at.warn_at,
                warned_at=was.warned_at if move.heir and was is not None else None,
                receive_due_at=receipts[move.at, receipt] if receipt else None,
            )
        )
    return found


def _facts(move: Move, stay: Stay) -> dict[str, Any]:
    """What journal and subscribers are told alike."""
    return {
        "how": str(move.how),
        "tier": stay.tier_code,
        "level": stay.level,
        "from_tier": move.stay.tier_code if move.stay else "",
        "from_level": move.stay.level if move.stay else None,
        "due_at": stay.due_at.isoformat() if stay.due_at else None,
        "skipped": list(move.skipped),
        **move.facts,
    }


def address(case: Case) -> str:
    """The page of a case."""
    return f"/desk/cases/{case.number}/"


def hears(*bearers: Bearer | Stay | None) -> dict[str, list[int]]:
    """Who must hear of something, as events say it."""
    posts = {bearer.post_id for bearer in bearers if bearer is not None and bearer.post_id is not None}
    units = {bearer.unit_id for bearer in bearers if bearer is not None and bearer.unit_id is not None}
    return {"posts": sorted(posts), "units": sorted(units)}


def _event(move: Move, stay: Stay) -> Event:
    # A unit hears of what it is given from the dispatch itself.
    heard = hears(move.bearer, move.stay) if move.stay is not None else hears(Bearer(post_id=move.bearer.post_id))
    words = "；".join(part[:HOW_LONG] for part in (move.tried, move.why, move.words) if part)
    data = {
        "case_id": move.case.pk,
        "number": move.case.number,
        **_facts(move, stay),
        "tier_name": move.tier.name_zh,
        "tier_name_en": move.tier.name_en,
        "words": words,
        "joint": move.tier.joint,
        "on_agenda": move.tier.on_agenda,
        **heard,
        "path": address(move.case),
    }
    return Event(move.kind, "case", move.case.pk, data)


def _handing(move: Move, event: Event) -> HandOver:
    note = "\n".join(part for part in (move.tried, move.why, move.words) if part)
    return HandOver(
        move.case.pk,
        unit_id=move.bearer.unit_id,
        post_id=move.bearer.post_id,
        actor=move.actor,
        note=note,
        facts={key: event.data[key] for key in ("how", "tier", "level", "from_tier", "from_level", "skipped")},
        data={key: event.data[key] for key in ("how", "tier", "level")},
        events=[event],
        request_key=move.request_key,
    )


_COLUMNS: dict[str, str] = {
    "case_id": "bigint",
    "ladder_id": "bigint",
    "sequence": "smallint",
    "tier_code": "varchar",
    "level": "smallint",
    "unit_id": "bigint",
    "post_id": "bigint",
    "how": "varchar",
    "words": "text",
    "skipped": "jsonb",
    "moved_by_id": "bigint",
    "entered_at": "timestamptz",
    "clock_from": "timestamptz",
    "limit_amount": "integer",
    "limit_unit": "varchar",
    "due_at": "timestamptz",
    "provisional": "boolean",
    "pauses": "jsonb",
    "stands": "boolean",
    "warn_share": "float8",
    "warn_at": "timestamptz",
    "warned_at": "timestamptz",
    "receive_due_at": "timestamptz",
}
_INSERT = (
    f"INSERT INTO ladder_stay ({', '.join(_COLUMNS)}, outcome, tried, why) SELECT v.*, '', '', ''"
    f" FROM unnest({', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())}) AS v RETURNING case_id, id"
)


def _insert(stays: Sequence[Stay]) -> None:
    """Write new stays with one statement and give them their ids; much cheaper than a row of values for each."""
    columns = [
        [orjson.dumps(value).decode() if kind == "jsonb" else value for value in (getattr(s, name) for s in stays)]
        for name, kind in _COLUMNS.items()
    ]
    columns[7] = [str(how) for how in columns[7]]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)
        ids = dict(cursor.fetchall())
    for stay in stays:
        stay.pk = ids[stay.case_id]
        stay._state.adding = False


_LEAVE = """
UPDATE ladder_stay s SET left_at = v.left_at, outcome = v.outcome, tried = v.tried, why = v.why, days = v.days,
                         pauses = v.pauses, stands = false
FROM unnest(%s::bigint[], %s::timestamptz[], %s::varchar[], %s::text[], %s::text[], %s::float8[], %s::jsonb[])
    AS v(id, left_at, outcome, tried, why, days, pauses)
WHERE s.id = v.id AND s.left_at IS NULL
"""


def leave(stays: Sequence[tuple[Stay, Stay.Outcome, dt.datetime, str, str]]) -> int:
    """End open stays: (stay, outcome, when, what was tried, why it failed). Returns how many were still open."""
    if not stays:
        return 0
    days = calendar()
    columns: list[list[Any]] = [[], [], [], [], [], [], []]
    for stay, outcome, at, tried, why in stays:
        left = max(at, stay.entered_at)
        used = rules.days_used(stay.entered_at, left, stay.pauses, days)
        stay.left_at, stay.outcome, stay.tried, stay.why, stay.days = left, outcome, tried, why, used
        pauses = [[start, end or left.isoformat()] for start, end in stay.pauses]
        row = (stay.pk, left, str(outcome), tried, why, used, orjson.dumps(pauses).decode())
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE, columns)
        return int(cursor.rowcount)
