"""Who plays in the rounds of the demo town, and what becomes of what they find."""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from linli.demo import album
from linli.demo.people_told import Cast
from linli.demo.rounds_words import SCENE
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.fieldwork.models import Finding
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.atlas import Facts

log = logging.getLogger(__name__)


@dataclass
class Teller:
    cast: Cast
    places: dict[str, int]
    units: dict[str, int]
    now: dt.datetime
    rng: random.Random
    serial: Iterator[int] = field(default_factory=lambda: iter(range(10**6)))

    def holder(self, kind: str, key: str) -> Viewer | None:
        names = self.cast.holders(kind, key)
        return self.cast.viewer(names[0]) if names else None

    def at(self, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
        """This time of a day, or just now if that is still ahead."""
        wanted = dt.datetime.combine(day, dt.time(hour, minute), CIVIL)
        return min(wanted, self.now - dt.timedelta(minutes=1))


@contextmanager
def told() -> Iterator[None]:
    """What a town has no people or units for is left out."""
    try:
        yield
    except LinliError as error:
        log.info("a round of the demo could not be told further: %s", error)


def middle(t: Teller, key: str) -> tuple[Facts, float, float]:
    here = atlas.current()
    facts = here.places[t.places[key]]
    point = here.shapes[facts.id].representative_point()
    return facts, point.x, point.y


def photo(t: Teller, item: str, viewer: Viewer, lng: float, lat: float, phase: str = "before") -> str:
    return album.keep(SCENE.get(item, "clutter"), 0, phase, clock.now(), lng, lat, viewer)


def handle(t: Teller, found: Finding, how: str) -> None:
    """What the unit does with a finding: in time up to closing, late, handled and waiting, or nothing yet."""
    case = Case.objects.get(pk=found.case_id)
    key = next((key for key, pk in t.units.items() if pk == case.unit_id), "")
    contact, handler = t.holder("unit_contact", key), t.holder("unit_handler", key)
    if how == "nothing" or contact is None or handler is None or case.due_at is None:
        return
    length = case.due_at - found.found_at
    late = dt.timedelta(hours=30) if how == "late" else -length * 0.4
    dispatcher, verifier = t.cast.viewer("dispatcher02"), t.holder("verifier", "")
    photos = {"photos": [], "words": "已清理到位，向业主和商户说明了要求。"}
    road: tuple[tuple[str, Viewer | None, dict[str, Any], dt.datetime], ...] = (
        ("receive", contact, {}, found.found_at + length * 0.1),
        ("handle", handler, photos, case.due_at + late),
        ("confirm", contact, {}, case.due_at + late + dt.timedelta(minutes=20)),
        (
            "verify_pass",
            verifier,
            {"photos": [], "words": "现场看过，已恢复。"},
            case.due_at + late + dt.timedelta(hours=3),
        ),
        (
            "close",
            dispatcher,
            {"words": "检查发现的问题已整改，感谢配合。"},
            case.due_at + late + dt.timedelta(hours=5),
        ),
    )
    with told():
        for step, viewer, given, moment in road:
            if moment >= t.now or viewer is None or (how == "confirm" and step == "verify_pass"):
                return
            with clock.at(moment):
                if "photos" in given:
                    phase = "verify" if step == "verify_pass" else "after"
                    given = {
                        **given,
                        "photos": [photo(t, found.item_key, viewer, case.lng or 113.13, case.lat or 27.7, phase)],
                    }
                take(case.pk, step, given, viewer=viewer)
