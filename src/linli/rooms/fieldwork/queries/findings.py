"""What was found: lists, the record of a unit and of a place, the note on a case."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.rooms.cases.flow import FLOW
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.fieldwork import rules
from linli.rooms.fieldwork.models import Finding, Level
from linli.rooms.fieldwork.queries.scope import findings
from linli.rooms.people.models import Unit, in_language
from linli.rooms.people.rights import Viewer
from linli.rooms.places.queries import names

PUT_RIGHT = ("verifying", "closing", "closed")
FATES = {
    "in_time": _("按期整改"),
    "late": _("超期"),
    "running": _("整改中"),
    "ended": _("已作别的处理"),
}
FATE_LIGHTS = {"in_time": "done", "late": "overdue", "running": "on_track", "ended": "suspended"}


@dataclass(slots=True)
class Row:
    """One finding as a list shows it."""

    id: int
    number: str
    words: str
    address: str
    level: str
    item_key: str
    item: str
    place_id: int
    place: str
    unit_id: int
    unit: str
    found_at: dt.datetime
    due_at: dt.datetime | None
    state: str
    fate: str
    righted: bool
    repeat: bool
    look_again: bool
    looked: str
    patrol_id: int | None
    visit_id: int | None
    inspection_id: int | None
    stop_id: int | None
    check_item_id: int | None
    source: str

    @property
    def level_label(self) -> str:
        return str(Level(self.level).label)

    @property
    def state_label(self) -> str:
        return str(FLOW.state(self.state).label)

    @property
    def fate_label(self) -> str:
        return str(FATES[self.fate])

    @property
    def light(self) -> str:
        return FATE_LIGHTS[self.fate]


_COLUMNS = (
    "pk", "case__number", "case__description", "case__address", "level", "item_key", "place_id", "unit_id",
    "unit__name_zh", "unit__name_en", "found_at", "case__due_at", "case__state", "case__is_open",
    "case__confirmed_at", "righted", "before_id", "look_again", "looked", "patrol_id", "visit_id",
    "visit__inspection_id", "stop_id", "check_item_id", "patrol__plan__name", "visit__inspection__theme",
)  # fmt: skip


def fate(
    state: str, is_open: bool, due_at: dt.datetime | None, confirmed_at: dt.datetime | None, now: dt.datetime
) -> str:
    """in_time | late | running | ended (withdrawn, merged, refused). A rework counts as not yet put right."""
    right = confirmed_at if state in PUT_RIGHT else None
    kept = rules.kept_in_time(is_open, due_at, right, now)
    if kept is not None:
        return "in_time" if kept else "late"
    return "running" if is_open else "ended"


def rows_of(found: QuerySet[Finding], limit: int = 500) -> list[Row]:
    """These findings as rows, the latest first; one query, and one for places that are no more."""
    now = clock.now()
    known = catalogue().items
    values = list(found.order_by("-found_at", "-pk").values(*_COLUMNS)[:limit])
    places = names({row["place_id"] for row in values})
    return [
        Row(
            id=row["pk"],
            number=row["case__number"],
            words=row["case__description"],
            address=row["case__address"],
            level=row["level"],
            item_key=row["item_key"],
            item=known[row["item_key"]].name if row["item_key"] in known else row["item_key"],
            place_id=row["place_id"],
            place=places.get(row["place_id"], ""),
            unit_id=row["unit_id"],
            unit=in_language(row["unit__name_zh"], row["unit__name_en"]),
            found_at=row["found_at"],
            due_at=row["case__due_at"],
            state=row["case__state"],
            fate=fate(row["case__state"], row["case__is_open"], row["case__due_at"], row["case__confirmed_at"], now),
            righted=row["righted"],
            repeat=row["before_id"] is not None,
            look_again=row["look_again"],
            looked=row["looked"],
            patrol_id=row["patrol_id"],
            visit_id=row["visit_id"],
            inspection_id=row["visit__inspection_id"],
            stop_id=row["stop_id"],
            check_item_id=row["check_item_id"],
            source=row["patrol__plan__name"] or row["visit__inspection__theme"] or "",
        )
        for row in values
    ]


@dataclass(slots=True)
class Tally:
    """How findings went: of `decided` (in time or late) so many in time; `running` are in neither."""

    total: int = 0
    in_time: int = 0
    late: int = 0
    running: int = 0
    repeats: int = 0

    @property
    def decided(self) -> int:
        return self.in_time + self.late

    @property
    def percent(self) -> float | None:
        return round(100 * self.in_time / self.decided, 1) if self.decided else None


def tally(rows: Iterable[Row]) -> Tally:
    """Of these findings together."""
    found = Tally()
    for row in rows:
        found.total += 1
        found.in_time += row.fate == "in_time"
        found.late += row.fate == "late"
        found.running += row.fate == "running"
        found.repeats += row.repeat
    return found


@dataclass(slots=True)
class Record:
    """The findings of a unit or a place: all, by level, and matters found more than once in the same grid."""

    rows: list[Row]
    total: Tally
    levels: list[tuple[str, Tally]]
    repeated: list[tuple[str, str, int]]
    units: list[tuple[int, str, Tally]] = field(default_factory=list)


def record(rows: list[Row]) -> Record:
    """What these findings come to."""
    twice = Counter((row.place, row.item) for row in rows)
    units = {row.unit_id: row.unit for row in rows}
    return Record(
        rows=rows,
        total=tally(rows),
        levels=[(str(level.label), tally(r for r in rows if r.level == level)) for level in Level],
        repeated=[(place, item, n) for (place, item), n in twice.most_common(12) if n > 1],
        units=sorted(
            ((pk, name, tally(r for r in rows if r.unit_id == pk)) for pk, name in units.items()),
            key=lambda row: (-row[2].total, row[1]),
        ),
    )


def listed(
    viewer: Viewer, level: str = "", fate_code: str = "", unit_id: int | None = None, place_id: int | None = None
) -> list[Row]:
    """The findings that the viewer may see, narrowed; the latest 500."""
    found = findings(viewer)
    if level in Level.values:
        found = found.filter(level=level)
    if unit_id is not None:
        found = found.filter(unit_id=unit_id)
    if place_id is not None:
        found = found.filter(tokens__contains=[place_id])
    rows = rows_of(found)
    return [row for row in rows if row.fate == fate_code] if fate_code in FATES else rows


def unit_record(unit_id: int, viewer: Viewer) -> tuple[Unit, Record]:
    """What was found with a unit in the last year, as far as the viewer may see it. Raises NotFound."""
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(code="people.no_unit")
    since = clock.now() - dt.timedelta(days=365)
    return unit, record(rows_of(findings(viewer).filter(unit_id=unit_id, found_at__gte=since), 2000))


def place_record(place_id: int, viewer: Viewer) -> Record:
    """What was found in a place and below it in the last year, as far as the viewer may see it."""
    since = clock.now() - dt.timedelta(days=365)
    return record(rows_of(findings(viewer).filter(tokens__contains=[place_id], found_at__gte=since), 2000))


def of_case(case_id: int) -> Finding | None:
    """The finding behind a case that the viewer may see already; one query."""
    return (
        Finding.objects.select_related(
            "patrol__plan", "stop", "visit__inspection", "check_item", "found_by", "before__case"
        )
        .filter(case_id=case_id)
        .first()
    )
