"""Which grids a plan or an inspection is about on a day: the grid itself, those below a division, their successors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from linli.rooms.places import atlas
from linli.rooms.places.atlas import Facts
from linli.rooms.places.models import GRID_KINDS
from linli.rooms.places.queries import successors_of

KINDS = tuple(str(kind) for kind in GRID_KINDS)


def grids_of(place_id: int, kinds: Sequence[str], day: dt.date) -> tuple[list[Facts], bool]:
    """The grids of that day in the order of the map, and whether the place is no more (then its successors are meant).

    kinds: which kinds of grid below a division; a grid stands for itself.
    """
    known = atlas.current(day).places
    roots = [known[place_id]] if place_id in known else []
    ended = not roots
    if ended:
        roots = [known[place.pk] for place in successors_of(place_id, day) if place.pk in known]
    found: dict[int, Facts] = {}
    for root in roots:
        if root.kind in KINDS:
            found[root.id] = root
            continue
        wanted = set(kinds or KINDS[:2])
        found.update({f.id: f for f in known.values() if f.kind in wanted and root.id in f.lineage})
    return sorted(found.values(), key=lambda facts: (facts.sort_key, facts.id)), ended


def code_of(facts: Facts) -> str:
    """What a grid is called in a draw: its code, or its id where it has none."""
    return facts.code or f"#{facts.id}"
