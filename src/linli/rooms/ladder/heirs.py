"""When a unit is dissolved or a post ends: what it bore goes on with whoever comes after, or to the next one above.

A unit that ends on a later day bears its cases until that day begins. Its successor goes on with the time that was
left; without one the tier is asked again who bears it, then the tiers above, each step on record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.journal.actions import Draft, record_many
from linli.rooms.cases.actions.duty import HandOver, hand_over
from linli.rooms.cases.actions.steps import SYSTEM
from linli.rooms.cases.models import Case
from linli.rooms.ladder import rules
from linli.rooms.ladder.bearers import Bearer, Spot
from linli.rooms.ladder.following import retime
from linli.rooms.ladder.models import Stay
from linli.rooms.ladder.moving import Move, move_all
from linli.rooms.ladder.ways import InForce, Way, find_ways, in_force
from linli.rooms.people.models import Unit
from linli.rooms.people.queries.answering import answering_units

AT_ONCE = 200

# Units that are no more and still lead cases which somebody can take over; `stuck` names those nobody could.
_UNITS = """
SELECT u.id, u.valid_to FROM people_unit u
WHERE u.valid_to IS NOT NULL AND EXISTS (
    SELECT FROM cases_case c WHERE c.unit_id = u.id AND c.is_open
      AND c.state IN ('dispatched', 'handling', 'suspended', 'confirming', 'verifying', 'closing'))
ORDER BY u.valid_to, u.id
"""
_POSTS = """
SELECT o.id, o.valid_to FROM people_post o
WHERE o.valid_to IS NOT NULL AND EXISTS (
    SELECT FROM ladder_stay s WHERE s.post_id = o.id AND s.left_at IS NULL)
ORDER BY o.valid_to, o.id
"""


def _ends(sql: str) -> list[tuple[int, dt.date]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def midnight(day: dt.date) -> dt.datetime:
    """When a day begins in China."""
    return dt.datetime.combine(day, dt.time(), CIVIL)


def next_end() -> dt.datetime | None:
    """When the next unit or post ends that still bears something which somebody else can bear."""
    now = clock.now()
    ends = [(midnight(day), _takes_over_unit(unit_id)) for unit_id, day in _ends(_UNITS)]
    ends += [(midnight(day), _takes_over_post(post_id)) for post_id, day in _ends(_POSTS)]
    return min((at for at, possible in ends if at > now or possible), default=None)


def _takes_over_unit(unit_id: int) -> bool:
    return bool(_heirs_of_unit(unit_id, 1))


def _takes_over_post(post_id: int) -> bool:
    return bool(_heirs_of_post(post_id, 1))


def succeed() -> int:
    """Hand over what ended units and posts still bear; returns how many cases went to somebody else."""
    now, done = clock.now(), 0
    for unit_id, day in _ends(_UNITS):
        if midnight(day) <= now:
            done += _until_nothing(unit_id, _heirs_of_unit)
    for post_id, day in _ends(_POSTS):
        if midnight(day) <= now:
            done += _until_nothing(post_id, _heirs_of_post)
    return done


Plan = list[tuple[Case, Stay | None, Move | HandOver]]


def _until_nothing(key: int, plan: Callable[[int, int], Plan]) -> int:
    done = 0
    while True:
        with transaction.atomic():
            planned = plan(key, AT_ONCE)
            moves = [move for _case, _stay, move in planned if isinstance(move, Move)]
            hands = [move for _case, _stay, move in planned if isinstance(move, HandOver)]
            move_all(moves)
            if hands:
                hand_over(hands)
        done += len(planned)
        if len(planned) < AT_ONCE:
            return done


def successor_of(unit_id: int, day: dt.date) -> int | None:
    """Who came after a unit, and after that one, that exists on a day."""
    seen: set[int] = set()
    unit = Unit.objects.filter(pk=unit_id).first()
    while unit is not None and unit.successor_id is not None and unit.successor_id not in seen:
        seen.add(unit.successor_id)
        unit = unit.successor
        if unit is not None and (unit.valid_to is None or unit.valid_to > day):
            return unit.pk
    return None


def _locked(**which: object) -> list[Case]:
    rows = Case.objects.select_for_update(of=("self",)) if connection.in_atomic_block else Case.objects.all()
    return list(rows.select_related("item").filter(is_open=True, **which).order_by("pk"))


def _heirs_of_unit(unit_id: int, most: int) -> Plan:
    """Up to so many cases of an ended unit, each with the move that takes it to somebody else."""
    now = clock.now()
    heir = successor_of(unit_id, now.astimezone(CIVIL).date())
    in_hand = ("dispatched", "handling", "suspended", "confirming", "verifying", "closing")
    # Those whom nobody can take over stay at the head of the line: look past them.
    ids = list(
        Case.objects.filter(unit=unit_id, is_open=True, state__in=in_hand).order_by("pk").values_list("pk", flat=True)
    )
    found: Plan = []
    for start in range(0, len(ids), AT_ONCE):
        cases = [case for case in _locked(pk__in=ids[start : start + AT_ONCE]) if case.unit_id == unit_id]
        found += _plan_units(cases, unit_id, heir, now)
        if len(found) >= most:
            break
    return found[:most]


def _plan_units(cases: Sequence[Case], unit_id: int, heir: int | None, now: dt.datetime) -> Plan:
    stays = {stay.case_id: stay for stay in Stay.objects.filter(case__in=cases, left_at=None)}
    ladders = in_force({case.lineage[0] for case in cases})
    answers = {} if heir is not None else _answers(cases, now)
    found: Plan = []
    climbing: list[tuple[Case, Stay]] = []
    for case in cases:
        stay = stays.get(case.pk)
        if stay is not None and stay.unit_id == unit_id:
            if heir is None:
                climbing.append((case, stay))
                continue
            move = _inherit(case, stay, Bearer(unit_id=heir), ladders.get(case.lineage[0]), now)
            if move is not None:
                found.append((case, stay, move))
                continue
        # Led by the unit, borne by somebody else or by no tier: only the lead changes.
        lead = heir if heir is not None else answers.get(case.pk)
        if lead is not None and lead != unit_id:
            post_id = stay.post_id if stay is not None else case.owner_post_id
            found.append((case, stay, HandOver(case.pk, unit_id=lead, post_id=post_id, facts={"ended_unit": unit_id})))
    return [*found, *_upwards(climbing, ladders, now, unit_id)]


def _answers(cases: Sequence[Case], now: dt.datetime) -> dict[int, int | None]:
    """Whom the matrix names now, by case."""
    asked = {c.pk: (c.item.key if c.item is not None else "", c.matter_class, tuple(c.lineage)) for c in cases}
    answers = answering_units(asked.values(), now)
    return {pk: answers.get(question) for pk, question in asked.items()}


def _heirs_of_post(post_id: int, most: int) -> Plan:
    """Up to so many stays of an ended post: whoever holds the chair now, else the next one above."""
    now = clock.now()
    ids = list(Stay.objects.filter(post=post_id, left_at=None).order_by("case_id").values_list("case_id", flat=True))
    found: Plan = []
    for start in range(0, len(ids), AT_ONCE):
        cases = _locked(pk__in=ids[start : start + AT_ONCE])
        stays = {stay.case_id: stay for stay in Stay.objects.filter(case__in=cases, left_at=None, post=post_id)}
        pairs = [(case, stays[case.pk]) for case in cases if case.pk in stays]
        found += _upwards(pairs, in_force({case.lineage[0] for case, _s in pairs}), now, None)
        if len(found) >= most:
            break
    return found[:most]


def _upwards(
    pairs: Sequence[tuple[Case, Stay]], ladders: dict[int, InForce], now: dt.datetime, not_unit: int | None
) -> Plan:
    """Whoever bears the same tier now, else the next one above, for stays whose bearer is no more."""
    ways, asked = [], []
    for case, stay in pairs:
        ladder = ladders.get(case.lineage[0])
        if ladder is None:
            continue
        here = rules.level_in_force(ladder.tiers, stay.tier_code, stay.level)
        asked.append((case, stay, here))
        ways.append(Way(Spot.of(case), [tier for tier in ladder.tiers if tier.level >= here], not_unit=not_unit))
    found: Plan = []
    for (case, stay, here), way in zip(asked, find_ways(ways, now), strict=True):
        if way.move is None or (way.move[1].post_id is not None and way.move[1].post_id == stay.post_id):
            continue
        tier, bearer = way.move
        same = tier.level == here
        move = Move(
            case,
            stay,
            tier,
            bearer,
            Stay.How.SUCCEEDED,
            "duty.succeeded",
            now,
            outcome=Stay.Outcome.SUCCEEDED,
            skipped=way.skipped,
            heir=same,
        )
        found.append((case, stay, move))
    return found


def _inherit(case: Case, stay: Stay, bearer: Bearer, ladder: InForce | None, now: dt.datetime) -> Move | None:
    """The same tier, the same clock, another bearer."""
    tier = ladder.tier(stay.tier_code) if ladder is not None else None
    if tier is None:
        tier = stay.ladder.tiers.filter(code=stay.tier_code).select_related("post_kind", "unit").first()
    if tier is None:
        return None
    return Move(
        case,
        stay,
        tier,
        bearer,
        Stay.How.SUCCEEDED,
        "duty.succeeded",
        now,
        outcome=Stay.Outcome.SUCCEEDED,
        heir=True,
    )


def recount(case_ids: Sequence[int]) -> int:
    """Count the clocks of these cases' open stays anew (the calendar changed); returns how many moved."""
    with transaction.atomic():
        cases = {case.pk: case for case in _locked(pk__in=list(case_ids))}
        stays = Stay.objects.filter(case__in=list(cases), left_at=None).order_by("case_id")
        drafts = []
        for stay in stays:
            case, was = cases[stay.case_id], stay.due_at
            if retime(case, stay) and stay.due_at != was:
                drafts.append(
                    Draft(
                        action="duty.deadline_moved",
                        actor=SYSTEM,
                        object_type="stay",
                        object_id=stay.pk,
                        before={"due_at": was.isoformat() if was else None},
                        after={
                            "due_at": stay.due_at.isoformat() if stay.due_at else None,
                            "provisional": stay.provisional,
                        },
                        place_ids=case.lineage,
                    )
                )
        record_many(drafts)
        return len(drafts)
