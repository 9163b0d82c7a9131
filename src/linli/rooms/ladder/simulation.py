"""What if the limits were these? Past cases replayed on a ladder (LK-7). Pure: no database, no clock.

Only the clock climbs here. What people decided (passing up before the time, assigning down) is not replayed: nobody
knows what they would have decided under other limits. So the ladder in force replayed over cases that nobody moved by
hand gives what the sweep did, and a longer limit never makes more cases climb.

A case stands on its first tier from the moment its duty began; when the tier's limit runs out it stands on the next
one from that very moment. The duty ends with the case's own end, wherever it stands then. Suspensions stop the clock
of the tier. The last tier has nobody above: there a case stays, late or not.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from linli.kernel.clock import Calendar, TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.rules import Pause, deadline

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier as the replay knows it. limit None: no clock runs here; climbs: a limit that runs out moves the case."""

    code: str
    limit: TimeLimit | None
    climbs: bool = True


@dataclass(frozen=True, slots=True)
class PastCase:
    """What a replay needs of a case; one that came onto the ladder anew (returned, reopened) is there several times.

    spot: what decides who bears each tier (place, unit …), the same for cases that have the same bearers.
    began, ended: the life of the duty; ended None: it still runs. path: the tiers that somebody bears for it, by index,
    from the one it began on; None: all of them.
    """

    id: int
    spot: Hashable
    began: dt.datetime
    ended: dt.datetime | None = None
    pauses: tuple[Pause, ...] = ()
    path: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stay on a tier: from – to (None: still there), and whether it went up because its time was over."""

    tier: int
    entered: dt.datetime
    left: dt.datetime | None
    climbed: bool
    due: dt.datetime | None


@dataclass(slots=True)
class TierLoad:
    """What one tier has to carry. days: calendar days of all stays together; late: stays that outlived their limit."""

    code: str
    cases: int = 0
    climbed: int = 0
    ended: int = 0
    late: int = 0
    days: float = 0.0
    peak: int = 0
    peak_at: dt.datetime | None = None
    spots: Counter[Hashable] = field(default_factory=Counter)

    @property
    def days_each(self) -> float | None:
        return self.days / self.cases if self.cases else None


@dataclass(slots=True)
class Result:
    """The whole replay. climbed: cases that went up at least once; moves: how often that happened in all.

    weeks: Monday of the week → tier index → how many cases arrived there by climbing.
    """

    cases: int = 0
    climbed: int = 0
    moves: int = 0
    tiers: list[TierLoad] = field(default_factory=list)
    weeks: dict[dt.date, Counter[int]] = field(default_factory=dict)


def walk(case: PastCase, rungs: Sequence[Rung], calendar: Calendar, until: dt.datetime) -> list[Passage]:
    """The stays of one case on a ladder, in order, as known at `until`."""
    found: list[Passage] = []
    path = case.path or range(len(rungs))
    stop = min(case.ended, until) if case.ended is not None else until
    entered = case.began
    for step, tier in enumerate(path):
        rung, due = rungs[tier], None
        if rung.limit is not None:
            by = deadline(entered, rung.limit, calendar, case.pauses)
            due = None if by.standing else by.at  # a case that is suspended for good is never due
        # What is handed in at the very moment of the limit is in time, and what ends then ends here.
        if due is None or due >= stop or not rung.climbs or step + 1 == len(path):
            found.append(Passage(tier, entered, case.ended if stop == case.ended else None, False, due))
            break
        found.append(Passage(tier, entered, due, True, due))
        entered = due
    return found


def replay(cases: Iterable[PastCase], rungs: Sequence[Rung], calendar: Calendar, until: dt.datetime) -> Result:
    """All cases on one ladder. until: what is not yet over then counts as standing."""
    if not rungs:
        return Result()
    walks = ((case.id, case.spot, walk(case, rungs, calendar, until)) for case in cases if case.began < until)
    return tally(walks, [rung.code for rung in rungs], until)


def tally(walks: Iterable[tuple[int, Hashable, Sequence[Passage]]], codes: Sequence[str], until: dt.datetime) -> Result:
    """Count stays, replayed or real: per tier, per week, at once. walks: (case, spot, its stays)."""
    result = Result(tiers=[TierLoad(code) for code in codes])
    edges: list[list[tuple[dt.datetime, int]]] = [[] for _ in codes]
    on_tier: list[set[int]] = [set() for _ in codes]
    seen: set[int] = set()
    moved: set[int] = set()
    for case_id, spot, passages in walks:
        seen.add(case_id)
        for number, passage in enumerate(passages):
            load = result.tiers[passage.tier]
            end = passage.left or until
            if case_id not in on_tier[passage.tier]:
                on_tier[passage.tier].add(case_id)
                load.spots[spot] += 1
            load.days += max((end - passage.entered) / DAY, 0.0)
            load.late += passage.due is not None and end > passage.due
            edges[passage.tier] += [(passage.entered, 1), (end, -1)]
            if passage.climbed:
                moved.add(case_id)
                load.climbed += 1
                result.moves += 1
                if number + 1 < len(passages):
                    result.weeks.setdefault(_monday(end), Counter())[passages[number + 1].tier] += 1
            elif passage.left is not None:
                load.ended += 1
    result.cases, result.climbed = len(seen), len(moved)
    for load, members, moments in zip(result.tiers, on_tier, edges, strict=True):
        load.cases = len(members)
        load.peak, load.peak_at = _most_at_once(moments)
    return result


def _monday(moment: dt.datetime) -> dt.date:
    day = moment.astimezone(CIVIL).date()
    return day - dt.timedelta(days=day.weekday())


def _most_at_once(edges: list[tuple[dt.datetime, int]]) -> tuple[int, dt.datetime | None]:
    """The largest number of stays at one moment and the first moment it was reached; who leaves makes room first."""
    edges.sort()
    now = most = 0
    at = None
    for moment, step in edges:
        now += step
        if now > most:
            most, at = now, moment
    return most, at
