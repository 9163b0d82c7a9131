"""What an OpenStreetMap object becomes on the base map, by its tags. Pure.

The layers, kinds and ranks are those of `linli.kernel.web.base_layers`. What is not named here is not drawn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from linli.kernel.geo.tiling import Value
from linli.kernel.web.base_layers import ROAD_ZOOM

Tags = Mapping[str, str]
Facts = dict[str, Value]

NODE_KEYS = ("place", "amenity", "shop", "railway", "station", "leisure", "office", "healthcare")
"""A node without any of these carries no label."""
AREA_KEYS = (
    *("natural", "water", "waterway", "landuse", "leisure", "amenity", "building", "place", "highway"),
    *("man_made", "public_transport", "shop", "office", "railway"),
)
"""A multipolygon without any of these is not drawn."""

_ROADS = {
    "main": ("motorway", "trunk", "primary", "secondary"),
    "street": ("tertiary", "unclassified"),
    "lane": ("residential", "living_street", "service", "track", "road", "busway"),
    "path": ("footway", "path", "steps", "cycleway", "pedestrian", "bridleway"),
}
_ROAD_KIND = {value: kind for kind, values in _ROADS.items() for value in values}
_LATER = {"secondary": 11, "track": 14, "service": 13}
"""Roads that come later than their kind."""
_RAILS = {"rail": 9, "light_rail": 12, "narrow_gauge": 12, "tram": 13, "subway": 12}

_LAND: dict[tuple[str, str], str] = {
    (key, value): kind
    for kind, found in {
        "school": {"amenity": "school university college kindergarten", "landuse": "education"},
        "hospital": {"amenity": "hospital clinic"},
        "market": {"amenity": "marketplace"},
        "station": {"amenity": "bus_station", "landuse": "railway", "public_transport": "station"},
        "civic": {"amenity": "townhall community_centre courthouse", "landuse": "institutional civic_admin"},
        "plaza": {"place": "square", "highway": "pedestrian"},
        "park": {"leisure": "park garden"},
        "green": {
            "leisure": "golf_course pitch playground stadium sports_centre",
            "landuse": "grass meadow village_green recreation_ground cemetery flowerbed",
            "natural": "grassland scrub heath wetland",
        },
        "farmland": {"landuse": "farmland orchard vineyard greenhouse_horticulture plant_nursery paddy farmyard"},
        "forest": {"landuse": "forest", "natural": "wood"},
        "residential": {"landuse": "residential"},
        "commercial": {"landuse": "commercial retail"},
        "industrial": {"landuse": "industrial quarry port depot", "man_made": "wastewater_plant works"},
    }.items()
    for key, values in found.items()
    for value in values.split()
}
_LAND_KEYS = ("amenity", "public_transport", "place", "highway", "leisure", "man_made", "landuse", "natural")

_BUILDINGS: dict[str, str] = {
    value: kind
    for kind, values in {
        "shop": "retail commercial supermarket kiosk shop mall hotel restaurant office",
        "public": "public civic government school university college kindergarten hospital train_station "
        "transportation temple church mosque museum library sports_hall stadium fire_station",
        "plant": "industrial warehouse factory manufacture hangar",
        "shed": "shed garage garages carport roof hut barn farm_auxiliary greenhouse toilets service",
    }.items()
    for value in values.split()
}

_PLACES = {
    "city": ("district", 1),
    "county": ("district", 1),
    "district": ("district", 1),
    "borough": ("district", 1),
    "town": ("town", 2),
    "township": ("town", 2),
    "suburb": ("town", 2),
    "village": ("village", 3),
    "hamlet": ("village", 5),
    "isolated_dwelling": ("village", 6),
    "neighbourhood": ("community", 4),
    "quarter": ("community", 4),
    "square": ("civic", 5),
}
_MARKS: dict[tuple[str, str], tuple[str, int]] = {
    ("amenity", "university"): ("school", 3),
    ("amenity", "college"): ("school", 4),
    ("amenity", "school"): ("school", 4),
    ("amenity", "kindergarten"): ("school", 6),
    ("amenity", "hospital"): ("hospital", 3),
    ("amenity", "clinic"): ("hospital", 6),
    ("amenity", "marketplace"): ("market", 5),
    ("amenity", "bus_station"): ("station", 4),
    ("amenity", "townhall"): ("civic", 4),
    ("amenity", "police"): ("civic", 5),
    ("amenity", "courthouse"): ("civic", 5),
    ("amenity", "community_centre"): ("civic", 5),
    ("amenity", "library"): ("civic", 5),
    ("amenity", "post_office"): ("civic", 6),
    ("office", "government"): ("civic", 5),
    ("railway", "station"): ("station", 3),
    ("railway", "halt"): ("station", 4),
    ("station", "subway"): ("station", 4),
    ("shop", "mall"): ("mall", 4),
    ("shop", "department_store"): ("mall", 4),
    ("shop", "supermarket"): ("market", 6),
    ("leisure", "park"): ("park", 4),
    ("landuse", "residential"): ("compound", 6),
}
_MARK_KEYS = ("amenity", "office", "station", "railway", "shop", "leisure", "landuse")
_METRES = re.compile(r"\s*(\d{1,4}(?:[.,]\d+)?)\s*(?:m|米)?\s*")


def names(tags: Tags) -> Facts:
    """``name`` in Chinese where it is known, ``name_en`` where it is known."""
    found: Facts = {}
    name = tags.get("name:zh-Hans") or tags.get("name:zh") or tags.get("name")
    if name:
        found["name"] = name[:120]
    if english := tags.get("name:en"):
        found["name_en"] = english[:120]
    return found


def road(tags: Tags) -> tuple[Facts, int] | None:
    """Attributes and first zoom of a line that is a road or a railway above the ground."""
    value = tags.get("highway", "").removesuffix("_link")
    kind, zoom = _ROAD_KIND.get(value), 0
    if kind:
        zoom = _LATER.get(value, ROAD_ZOOM[kind])
        if tags.get("area") == "yes" or tags.get("indoor") == "yes":
            return None
    elif tags.get("railway") in _RAILS:
        if tags.get("tunnel", "no") != "no":
            return None
        kind, zoom = "rail", _RAILS[tags["railway"]] if tags.get("service") is None else 14
    else:
        return None
    facts: Facts = {"kind": kind, **names(tags)}
    if tags.get("bridge", "no") != "no":
        facts["bridge"] = 1
    return facts, zoom


def water_area(tags: Tags) -> Facts | None:
    """Attributes of an area of water."""
    kind = tags.get("water", "")
    if tags.get("waterway") in ("riverbank", "dock") or tags.get("landuse") in ("reservoir", "basin"):
        found = "river" if tags.get("waterway") == "riverbank" else "pond"
        found = "lake" if tags.get("landuse") == "reservoir" else found
    elif tags.get("natural") == "water":
        found = (
            "river"
            if kind in ("river", "canal", "stream", "ditch", "oxbow")
            else "pond"
            if kind in ("pond", "basin", "wastewater", "fishpond", "moat")
            else "lake"
        )
    elif tags.get("landuse") == "aquaculture":
        found = "pond"
    else:
        return None
    return {"kind": found, **names(tags)}


def watercourse(tags: Tags) -> tuple[Facts, float, int] | None:
    """Attributes, width in metres and first zoom of a watercourse mapped as a line."""
    usual = {"river": (15.0, 11), "canal": (8.0, 13), "stream": (3.0, 14)}.get(tags.get("waterway", ""))
    if usual is None or tags.get("tunnel", "no") != "no":
        return None
    return {"kind": "river", **names(tags)}, metres(tags.get("width")) or usual[0], usual[1]


def land(tags: Tags) -> Facts | None:
    """Attributes of a piece of land; the most telling tag decides."""
    for key in _LAND_KEYS:
        if key in tags and (kind := _LAND.get((key, tags[key]))):
            return {"kind": kind, **names(tags)}
    return None


def building(tags: Tags) -> Facts | None:
    """Attributes of a building; its height when mapped, or from its storeys at three metres each."""
    value = tags.get("building", "no")
    if value == "no" or tags.get("location") == "underground":
        return None
    kind = _BUILDINGS.get(value, "home")
    if value == "yes":
        if "shop" in tags:
            kind = "shop"
        elif "amenity" in tags or "office" in tags or "healthcare" in tags:
            kind = "public"
        elif "man_made" in tags or "industrial" in tags:
            kind = "plant"
    facts: Facts = {"kind": kind}
    storeys = metres(tags.get("building:levels"))
    height = metres(tags.get("height")) or (storeys * 3 if storeys else None)
    if height:
        facts["height"] = round(min(height, 900.0), 1)
    return facts


def label(tags: Tags) -> Facts | None:
    """Attributes of a name on the map; None for what has no name or none worth a place."""
    named = names(tags)
    if "name" not in named:
        return None
    found = _PLACES.get(tags.get("place", ""))
    for key in _MARK_KEYS:
        if found is None and key in tags:
            found = _MARKS.get((key, tags[key]))
    if found is None and tags.get("natural") == "water":
        found = ("river", 4)
    if found is None:
        return None
    return {"kind": found[0], **named, "rank": found[1]}


def border(tags: Tags) -> str | None:
    """The level of an administrative boundary: in China 4 to 6 are counties and above, 10 villages."""
    if tags.get("boundary") != "administrative":
        return None
    level = tags.get("admin_level", "")
    if level in ("2", "3", "4", "5", "6"):
        return "county"
    return {"7": "town", "8": "town", "9": "community", "10": "community"}.get(level)


def metres(text: str | None) -> float | None:
    """A tagged length in metres, or a plain number; None when it is not one or nothing."""
    found = _METRES.fullmatch(text or "")
    return (float(found[1].replace(",", ".")) or None) if found else None
