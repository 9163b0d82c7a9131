"""Where something is that came with words only: an address, or the number of a building."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from linli.rooms.cases.list_places import FoundPlace, PlaceFinder
from linli.rooms.people.rights import NOBODY
from linli.rooms.places import atlas
from linli.rooms.places.models import Kind, Place
from linli.rooms.places.queries import valid

_local = threading.local()


def place_of_address(address: str, within: int | None = None) -> int | None:
    """The place an address names: a building, a grid, a community.

    Where several are called so, what they lie in together; where nothing is found, `within`, else the district: the
    territory answers (属地兜底), and who accepts the case looks at the words.
    """
    found = _finder().find("", address)
    if within is not None:
        found = [one for one in found if within in one.lineage]
    shared = _shared(found)
    if shared:
        return shared[-1]
    return within if within is not None else _district()


def building_of(text: str) -> int | None:
    """The building with this id or local code."""
    buildings = valid().filter(kind=Kind.BUILDING)
    if text.isdigit() and len(text) < 18:
        found = buildings.filter(pk=int(text)).values_list("pk", flat=True).first()
        if found is not None:
            return found
    return buildings.filter(local_code=text[:40]).values_list("pk", flat=True).first() if text else None


def _finder() -> PlaceFinder:
    """Built once for each state of the map and thread; it holds every name of the district."""
    here = atlas.current()
    held: tuple[atlas.Atlas, PlaceFinder, int] | None = getattr(_local, "held", None)
    if held is None or held[0] is not here or held[2] > 500:
        held = (here, PlaceFinder(NOBODY), 0)
    _local.held = (held[0], held[1], held[2] + 1)
    return held[1]


def _shared(found: Sequence[FoundPlace]) -> tuple[int, ...]:
    """The beginning that the lineages have in common."""
    if not found:
        return ()
    shared = found[0].lineage
    for one in found[1:]:
        length = 0
        while length < min(len(shared), len(one.lineage)) and shared[length] == one.lineage[length]:
            length += 1
        shared = shared[:length]
    return shared


def _district() -> int | None:
    roots = [facts.id for facts in atlas.current().places.values() if facts.kind == "district"]
    return (
        roots[0] if roots else Place.objects.filter(kind="district", valid_to=None).values_list("pk", flat=True).first()
    )
