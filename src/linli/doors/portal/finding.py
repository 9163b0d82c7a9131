"""Finding a place that somebody wrote by hand: its number, its exact name, or the few that sound like it."""

from __future__ import annotations

from typing import Any

from linli.rooms.places import atlas
from linli.rooms.places.models import Place
from linli.rooms.places.queries import localized, search, valid

SHOWN = 8


def place_of(number: str) -> Place | None:
    """The place in force of that number; None for anything else."""
    if not number.isdigit() or len(number) > 17:
        return None
    return valid().select_related("building").filter(pk=int(number)).first()


def path_of(place: Place) -> list[str]:
    """The names from the street down to the place itself."""
    known = atlas.current().places
    return [localized(known[above]) for above in place.lineage[1:-1] if above in known] + [place.name]


def found_by_name(text: str) -> list[dict[str, Any]]:
    """Places of that name: the only one of exactly this name alone, else all that hold the words."""
    if not text.strip():
        return []
    found = [
        {
            "id": place.pk,
            "name": place.name,
            "place": place,
            "within": " › ".join(path_of(place)[:-1]),
        }
        for place in search(text, limit=SHOWN)
    ]
    same = [one for one in found if one["name"] == text.strip()]
    return same if len(same) == 1 else found
