"""What if the limits were these? A ladder with other limits over the cases of a period, beside the one in force."""

from __future__ import annotations

import copy
import datetime as dt
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import NotAllowed
from linli.rooms.ladder import past as reading
from linli.rooms.ladder.bearers import Bearer
from linli.rooms.ladder.models import Ladder, Tier
from linli.rooms.ladder.simulation import Result, Rung, replay, tally
from linli.rooms.people.rights import Viewer

MAY = ("ladder.edit", "duty.assign")


@dataclass(frozen=True, slots=True)
class Change:
    """Another limit for a tier, and whether it climbs by itself."""

    limit: TimeLimit | None
    climbs_alone: bool


@dataclass(slots=True)
class Side:
    """One ladder over the period. bearers: by code of tier, whom it would have reached, with the number of cases."""

    ladder: Ladder
    tiers: list[Tier]
    result: Result
    bearers: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


@dataclass(slots=True)
class WhatIf:
    """The answer. before: the ladder in force (None: there is none); real: what happened to those that stood on it.

    by_hand: cases that somebody moved, which no replay repeats. cut: more cases than `past.AT_MOST`.
    """

    cases: int
    cut: bool
    by_hand: int
    after: Side
    before: Side | None
    real: Result | None


def what_if(
    viewer: Viewer,
    ladder: Ladder,
    changes: Mapping[str, Change],
    since: dt.datetime,
    until: dt.datetime,
    place: int | None = None,
    most_bearers: int = 6,
) -> WhatIf:
    """Replay the cases reported in [since, until) on `ladder` with other limits, and on the ladder in force.

    changes: by code of tier. Raises NotAllowed for who neither makes ladders nor assigns.
    """
    if not any(viewer.has(duty) for duty in MAY):
        raise NotAllowed(viewer.may(MAY[-1]).why)
    now = clock.now()
    found = reading.past(viewer, since, until, place)
    in_force = Ladder.objects.filter(district_id=ladder.district_id, state=Ladder.State.ACTIVE).first()
    tiers = _tiers(ladder)
    laid = reading.on_ladder(found.runs, ladder, tiers, now)
    after = _side(ladder, _changed(tiers, changes), laid, now, most_bearers)
    before = real = None
    if in_force is not None:
        if in_force == ladder:  # other limits lead past the same tiers and bearers
            before = _side(ladder, tiers, laid, now, 0) if changes else after
        else:
            others = _tiers(in_force)
            before = _side(in_force, others, reading.on_ladder(found.runs, in_force, others, now), now, 0)
        codes = [tier.code for tier in before.tiers]
        real = tally(reading.really(found.runs, codes), codes, now)
    by_hand = len({run.case_id for run in found.runs if run.by_hand})
    return WhatIf(found.cases, found.cut, by_hand, after, before, real)


def _tiers(ladder: Ladder) -> list[Tier]:
    return list(ladder.tiers.select_related("post_kind", "unit").order_by("level"))


def _changed(tiers: Sequence[Tier], changes: Mapping[str, Change]) -> list[Tier]:
    """Copies with the other limits; nothing is written."""
    found = []
    for tier in tiers:
        tier = copy.copy(tier)
        change = changes.get(tier.code)
        if change is not None:
            tier.limit_amount = change.limit.amount if change.limit else None
            tier.limit_unit = change.limit.unit if change.limit else ""
            tier.climbs_alone = change.climbs_alone
        found.append(tier)
    return found


def _side(ladder: Ladder, tiers: list[Tier], laid: reading.OnLadder, now: dt.datetime, most: int) -> Side:
    if not tiers:
        return Side(ladder, tiers, Result())
    rungs = [Rung(tier.code, tier.limit, tier.climbs_alone) for tier in tiers]
    side = Side(ladder, tiers, replay(laid.cases, rungs, calendar(), now))
    if most:
        counts = {load.code: _by_bearer(load.spots, load.code, laid.bearers) for load in side.result.tiers}
        shown = {code: count.most_common(most) for code, count in counts.items()}
        names = reading.names_of([bearer for rows in shown.values() for bearer, _n in rows])
        side.bearers = {code: [(names[bearer], n) for bearer, n in rows] for code, rows in shown.items()}
    return side


def _by_bearer(
    spots: Counter[Hashable], code: str, known: Mapping[tuple[reading.Spot, str], Bearer]
) -> Counter[Bearer]:
    found: Counter[Bearer] = Counter()
    for spot, n in spots.items():
        bearer = known.get((spot, code))  # type: ignore[arg-type]
        if bearer is not None:
            found[bearer] += n
    return found
