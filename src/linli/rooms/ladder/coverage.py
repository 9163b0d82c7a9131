"""Where a ladder has holes: grids in which nobody bears one of its tiers today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from linli.rooms.ladder.bearers import Spot, bearers
from linli.rooms.ladder.models import Tier
from linli.rooms.places import atlas
from linli.rooms.places.atlas import Facts


@dataclass(frozen=True, slots=True)
class Coverage:
    """One tier: in how many of the grids somebody bears it, and the grids where nobody does."""

    tier: Tier
    grids: int
    empty: tuple[Facts, ...]

    @property
    def held(self) -> int:
        return self.grids - len(self.empty)


def coverage(tiers: Sequence[Tier], district_id: int, at: dt.datetime) -> dict[str, Coverage]:
    """By code of tier; at most five queries for any number of grids. A first port (level 0) may be missing anywhere:
    where it is, everyday matters begin on the first tier, so it is left out."""
    places = atlas.current().places.values()
    grids = [facts for facts in places if facts.kind == "grid" and district_id in facts.lineage]
    grids.sort(key=lambda facts: facts.sort_key)
    rungs = [tier for tier in tiers if tier.level > 0]
    found = bearers([(Spot(grid.id, grid.lineage), tier) for tier in rungs for grid in grids], at)
    return {
        tier.code: Coverage(tier, len(grids), tuple(grid for grid in grids if (grid.id, tier.code) not in found))
        for tier in rungs
    }
