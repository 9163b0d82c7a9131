"""Finding the place that a row of a sheet means: by the name it gives, by a name inside its address, by a building."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from linli.kernel.text import fold
from linli.rooms.people.rights import Target, Viewer
from linli.rooms.places import atlas
from linli.rooms.places import queries as places
from linli.rooms.places.models import LEVELS

_ENDINGS = ("居委会", "村委会", "社区居委会", "社区", "居民委员会", "村民委员会")


@dataclass(frozen=True, slots=True)
class FoundPlace:
    id: int
    lineage: tuple[int, ...]


class PlaceFinder:
    """Looks places up for many rows: names from memory, buildings once for each text."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._places = atlas.current().places
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for place_id, facts in self._places.items():
            if facts.kind == "district":
                continue
            names = {facts.name_zh, facts.code, facts.local_code, *(self._short(facts.name_zh))}
            for name in names - {""}:
                self._by_name[fold(name)].append(place_id)
        self._long_names = sorted((n for n in self._by_name if len(n) >= 2 and not n.isdigit()), key=len, reverse=True)
        self._buildings: dict[str, list[FoundPlace]] = {}
        self._chosen: dict[int, list[FoundPlace]] = {}

    @staticmethod
    def _short(name: str) -> set[str]:
        """松西子社区居委会 is also called 松西子社区 and 松西子."""
        found = set()
        for ending in _ENDINGS:
            if name.endswith(ending) and len(name) - len(ending) >= 2:
                stem = name.removesuffix(ending)
                found |= {stem, f"{stem}社区"} if "社区" in ending or ending == "居委会" else {stem, f"{stem}村"}
        return found

    def find(self, text: str, address: str) -> list[FoundPlace]:
        """The place meant by a name and an address: none, one, or the several that are called so."""
        named = self._named(text) if text.strip() else []
        inside = named[0].id if len(named) == 1 else None
        if address.strip():
            building = self._building(address, inside)
            if len(building) == 1:
                return building
            if not named:
                return self._in_words(address) or building
        return named

    def chosen(self, place_id: int) -> list[FoundPlace]:
        """A place that somebody chose by its id, a building too."""
        if place_id in self._places:
            return [FoundPlace(place_id, tuple(self._places[place_id].lineage))]
        if place_id not in self._chosen:
            row = places.valid().filter(pk=place_id).first()
            self._chosen[place_id] = [FoundPlace(row.pk, tuple(row.lineage))] if row else []
        return self._chosen[place_id]

    def path(self, lineage: Sequence[int]) -> str:
        """The names below the district, joined."""
        names = [places.localized(self._places[pk]) for pk in lineage[1:] if pk in self._places]
        last = lineage[-1] if lineage else None
        if last is not None and last not in self._places:
            names += places.names([last]).values()
        return " › ".join(names)

    def within_reach(self, lineage: Sequence[int]) -> bool:
        """Whether the viewer imports for this place."""
        return self._viewer.may("case.import", Target(lineage=lineage)).ok

    def _named(self, text: str) -> list[FoundPlace]:
        exact = self._by_name.get(fold(text.strip()))
        return self._found(exact) if exact else self._in_words(text)

    def _in_words(self, text: str) -> list[FoundPlace]:
        """The deepest place whose name stands in the words; a name inside a longer one that matched is not asked."""
        words = fold(text)
        hits: list[int] = []
        for name in self._long_names:
            if name in words:
                hits += self._by_name[name]
                words = words.replace(name, " ")
        if not hits:
            return []
        deepest = max(LEVELS[self._places[pk].kind] for pk in hits)
        return self._found([pk for pk in dict.fromkeys(hits) if LEVELS[self._places[pk].kind] == deepest], hits)

    def _found(self, ids: Sequence[int], context: Sequence[int] = ()) -> list[FoundPlace]:
        """Of places with one name, those that lie in another place named beside it."""
        found = [FoundPlace(pk, tuple(self._places[pk].lineage)) for pk in ids]
        others = set(context) - set(ids)
        if len(found) > 1 and others:
            narrowed = [one for one in found if others & set(one.lineage)]
            found = narrowed or found
        return found

    def _building(self, address: str, inside: int | None) -> list[FoundPlace]:
        text = address.strip()[:60]
        if text not in self._buildings:
            rows = places.search(text, limit=6, kinds=["building"])
            self._buildings[text] = [FoundPlace(row.pk, tuple(row.lineage)) for row in rows]
        found = self._buildings[text]
        return [one for one in found if inside in one.lineage] if inside is not None else found
