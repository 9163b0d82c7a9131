"""The map of one day, in memory: every boundary in force, the names around it, the index to find them.

One atlas serves a span of days between two changes. Each process looks at the revision row at most
once a second, so that a published grid set is used everywhere within two seconds, without restart.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import shapely
from django.conf import settings
from django.db import connection
from django.utils.translation import get_language
from shapely.geometry.base import BaseGeometry

from linli.kernel import clock
from linli.kernel.geo.index import Entry, LocateIndex

# Which polygon is more specific where several cover a point.
RANKS = {"district": 1, "street": 2, "community": 3, "grid": 4, "special": 5, "micro": 6}
GRID_RANK = RANKS["grid"]
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_KEEP = 6  # spans of days kept in memory


def today() -> dt.date:
    """The civil day in China."""
    return clock.now().astimezone(_SHANGHAI).date()


@dataclass(frozen=True, slots=True)
class Facts:
    """What pages and rules need to know of a place without asking the database."""

    id: int
    kind: str
    code: str
    local_code: str
    name_zh: str
    name_en: str
    parent_id: int | None
    lineage: tuple[int, ...]
    sort_key: str
    lng: float | None
    lat: float | None


@dataclass
class Atlas:
    """Everything that is in force in a span of days. Read only."""

    revision: int
    places: dict[int, Facts]
    shapes: dict[int, BaseGeometry]
    areas: dict[int, float]
    index: LocateIndex
    tree: shapely.STRtree
    tree_keys: list[int]
    simplified: dict[tuple[int, float], bytes] = field(default_factory=dict)

    def rank(self, place_id: int) -> int:
        """How specific the place is; 0 when unknown."""
        facts = self.places.get(place_id)
        return RANKS.get(facts.kind, 0) if facts else 0


@dataclass
class _Shelf:
    """What this process holds: the revision it knows, the days on which something changes, the atlases."""

    revision: int = -1
    checked: float = 0.0
    days: list[dt.date] = field(default_factory=list)
    atlases: dict[int, Atlas] = field(default_factory=dict)


_shelf = _Shelf()
_lock = threading.RLock()


def forget() -> None:
    """Drop everything held in memory; the next look-up reads the database (after a publish, in tests)."""
    global _shelf
    with _lock:
        _shelf = _Shelf()


def current(at: dt.date | None = None) -> Atlas:
    """The atlas in force on that civil day (today when not given)."""
    day = at or today()
    shelf = _fresh_shelf()
    span = bisect_right(shelf.days, day)
    found = shelf.atlases.get(span)
    if found is None:
        with _lock:
            found = shelf.atlases.get(span)
            if found is None:
                found = _load(shelf.revision, day)
                if len(shelf.atlases) >= _KEEP:
                    shelf.atlases.pop(next(iter(shelf.atlases)))
                shelf.atlases[span] = found
    return found


def _fresh_shelf() -> _Shelf:
    """The shelf of the revision in the database, asked for at most once a second."""
    global _shelf
    shelf = _shelf
    patience = float(getattr(settings, "PLACES_REVISION_SECONDS", 1.0))
    if shelf.revision >= 0 and time.monotonic() - shelf.checked < patience:
        return shelf
    with _lock:
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM places_revision WHERE id = 1")
            row = cursor.fetchone()
            revision = int(row[0]) if row else 0
            if revision != _shelf.revision:
                cursor.execute(
                    "SELECT valid_from FROM places_boundary UNION SELECT valid_to FROM places_boundary"
                    " WHERE valid_to IS NOT NULL UNION SELECT valid_from FROM places_place WHERE level <= 3"
                    " UNION SELECT valid_to FROM places_place WHERE level <= 3 AND valid_to IS NOT NULL"
                )
                _shelf = _Shelf(revision=revision, days=sorted(day for (day,) in cursor.fetchall()))
        _shelf.checked = time.monotonic()
        return _shelf


def localized(facts: Facts) -> str:
    """The place's name in the reader's language."""
    if facts.name_en and (get_language() or "zh").startswith("en"):
        return facts.name_en
    return facts.name_zh


def division_above(here: Atlas, lineage: Iterable[int]) -> int | None:
    """The lowest division of a lineage: its community, or what there is above."""
    found = None
    for place_id in lineage:
        facts = here.places.get(place_id)
        if facts and facts.kind in ("district", "street", "community"):
            found = place_id
    return found


_PLACES_SQL = """
    SELECT p.id, p.kind, p.code, p.local_code, p.name_zh, p.name_en, p.parent_id, p.lineage, p.sort_key,
           p.lng, p.lat, b.polygon, b.area_m2
    FROM places_place p
    LEFT JOIN places_boundary b ON b.place_id = p.id
         AND b.valid_from <= %(day)s AND (b.valid_to IS NULL OR b.valid_to > %(day)s)
    WHERE p.level <= 5 AND p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s)
    ORDER BY p.id
"""


def _load(revision: int, day: dt.date) -> Atlas:
    with connection.cursor() as cursor:
        cursor.execute(_PLACES_SQL, {"day": day})
        rows = cursor.fetchall()
    places: dict[int, Facts] = {}
    keys: list[int] = []
    blobs: list[bytes] = []
    areas: dict[int, float] = {}
    for row in rows:
        place_id, kind, code, local_code, name_zh, name_en, parent_id, lineage, sort_key, lng, lat = row[:11]
        facts = Facts(
            place_id,
            kind,
            code,
            local_code,
            name_zh,
            name_en,
            parent_id,
            tuple(lineage),
            sort_key,
            lng,
            lat,
        )
        places[facts.id] = facts
        if row[11] is not None:
            keys.append(facts.id)
            blobs.append(bytes(row[11]))
            areas[facts.id] = float(row[12])
    polygons = shapely.from_wkb(blobs) if blobs else []
    shapes = dict(zip(keys, polygons, strict=True))
    entries = [Entry(key, RANKS[places[key].kind], shape) for key, shape in shapes.items()]
    return Atlas(
        revision=revision,
        places=places,
        shapes=shapes,
        areas=areas,
        index=LocateIndex(entries, revision),
        tree=shapely.STRtree(list(shapes.values())),
        tree_keys=keys,
    )
