"""What a viewer's duty to look at figures reaches: places with all below them, or units."""

from __future__ import annotations

from dataclasses import dataclass

from linli.kernel.errors import NotFound
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.models import Place


@dataclass(frozen=True, slots=True)
class Scope:
    """Places (the outermost ones) and units whose figures somebody may see. A place shows its units."""

    places: tuple[int, ...]
    units: tuple[int, ...]

    def place(self, place_id: int | None) -> int | None:
        """The place asked for, if it lies within; the first of the own ones for None. Raises NotFound for others."""
        if place_id is None:
            return self.places[0] if self.places else None
        if set(lineage_of(place_id)).isdisjoint(self.places):
            raise NotFound(code="insight.elsewhere")
        return place_id

    def unit(self, unit_id: int) -> int | None:
        """The place within which this unit's figures may be seen (None: everywhere). Raises NotFound."""
        if unit_id in self.units:
            return None
        if not self.places:
            raise NotFound(code="insight.elsewhere")
        return self.places[0]


def lineage_of(place_id: int) -> tuple[int, ...]:
    """The lineage of a place, also of one that has ended."""
    known = atlas.current().places.get(place_id)
    if known is not None:
        return known.lineage
    found = Place.objects.filter(pk=place_id).values_list("lineage", flat=True).first()
    return tuple(found or ())


def scope_of(viewer: Viewer) -> Scope:
    """The scope of a viewer by the duty `insight.view`."""
    tokens = viewer.reach("insight.view").free
    places = [token for token in tokens if token > 0]
    outermost = [p for p in places if not any(q != p and q in lineage_of(p) for q in places)]
    return Scope(tuple(outermost), tuple(-token for token in tokens if token < 0))
