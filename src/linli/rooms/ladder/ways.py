"""Which tier a case goes to: the ladder in force, and the first tier on the way that somebody bears."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from linli.rooms.ladder.bearers import Bearer, Spot, bearers
from linli.rooms.ladder.models import Ladder, Tier


@dataclass(frozen=True, slots=True)
class InForce:
    """A district's ladder in force with its tiers, lowest first."""

    ladder: Ladder
    tiers: tuple[Tier, ...]

    def tier(self, code: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.code == code), None)


def in_force(district_ids: Iterable[int]) -> dict[int, InForce]:
    """The ladders in force, by district; two queries."""
    ladders = Ladder.objects.filter(district__in=set(district_ids), state=Ladder.State.ACTIVE)
    found = ladders.prefetch_related("tiers__post_kind", "tiers__unit")
    return {
        ladder.district_id: InForce(ladder, tuple(sorted(ladder.tiers.all(), key=lambda tier: tier.level)))
        for ladder in found
    }


def has_ladder_since(district_id: int, at: dt.datetime) -> bool:
    """Whether any ladder of the district had taken force by a moment."""
    return Ladder.objects.filter(district=district_id, activated_at__lte=at).exists()


@dataclass(slots=True)
class Way:
    """A search: the tiers that come into question, nearest first.

    given: the unit that has been given the case already and bears any tier of units; not_unit: the unit that bears
    the duty now, which cannot hand it to itself.
    """

    spot: Spot
    tiers: Sequence[Tier]
    given: int | None = None
    not_unit: int | None = None


@dataclass(slots=True)
class Found:
    """Where a way leads: tier and bearer, and the tiers that were passed by because nobody bears them."""

    tier: Tier | None = None
    bearer: Bearer | None = None
    skipped: list[dict[str, Any]] = field(default_factory=list)

    @property
    def move(self) -> tuple[Tier, Bearer] | None:
        return (self.tier, self.bearer) if self.tier is not None and self.bearer is not None else None


def find_ways(ways: Sequence[Way], at: dt.datetime) -> list[Found]:
    """The first tier of each way that somebody bears at a moment, in the order of the ways.

    A tier that nobody bears (no chief, no unit) is passed by and named in `skipped`, so is one whose unit is the one
    that has the duty already: nothing is lost, and the record says why.
    """
    found = [Found() for _ in ways]
    pending = [(n, 0) for n in range(len(ways))]
    while pending:
        asked = [(n, step) for n, step in pending if step < len(ways[n].tiers)]
        wanted = [(ways[n].spot, ways[n].tiers[step]) for n, step in asked if not _is_given(ways[n], step)]
        known = bearers(wanted, at)
        pending = []
        for n, step in asked:
            way, tier = ways[n], ways[n].tiers[step]
            bearer = Bearer(way.given) if _is_given(way, step) else known.get((way.spot.case_id, tier.code))
            if bearer is None:
                found[n].skipped.append({"code": tier.code, "why": "vacant"})
            elif bearer.unit_id is not None and bearer.unit_id == way.not_unit:
                found[n].skipped.append({"code": tier.code, "why": "same"})
            else:
                found[n].tier, found[n].bearer = tier, bearer
                continue
            pending.append((n, step + 1))
    return found


def _is_given(way: Way, step: int) -> bool:
    return way.given is not None and way.tiers[step].bearer == Tier.Bearer.UNIT
