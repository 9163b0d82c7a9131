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
    name = text.strip()
    if not name:
        return []
    exact = [facts.id for facts in atlas.current().places.values() if name in (facts.name_zh, facts.name_en)]
    if len(exact) == 1 and (place := place_of(str(exact[0]))) is not None:
        return [_told(place)]
    found = [_told(place) for place in search(name, limit=SHOWN)]
    same = [one for one in found if one["name"] == name]
    return same if len(same) == 1 else found


def _told(place: Place) -> dict[str, Any]:
    return {"id": place.pk, "name": place.name, "place": place, "within": " › ".join(path_of(place)[:-1])}


def town_bounds() -> str:
    """The box around all grids, for a map's first look: west,south,east,north; "" where nothing is drawn yet."""
    here = atlas.current()
    boxes = [shape.bounds for key, shape in here.shapes.items() if here.places[key].kind == "grid"]
    if not boxes:
        return ""
    west, south, east, north = zip(*boxes, strict=True)
    return f"{min(west):.5f},{min(south):.5f},{max(east):.5f},{max(north):.5f}"
