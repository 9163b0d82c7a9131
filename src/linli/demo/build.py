"""Builds the demo town in an empty, migrated house: everything is told through the rooms' own actions.

The clock is injected, so that the town looks lived in: it was set up seven months ago, its cases fill the last
120 days and end now. The same size, seed and moment give the same town and the same stories.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Protocol

from django.db import transaction

from linli.demo import ground_laid, people_told
from linli.demo.basemap import write_basemap
from linli.demo.staffing import staff
from linli.demo.town import Size, build_town
from linli.kernel import clock, journal, outbox
from linli.kernel.authority import SystemAuthority
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.journal.jobs import seal
from linli.kernel.web.views import maps_folder

SET_UP = dt.timedelta(days=210)
"""How long before now the house was set up."""


class Progress(Protocol):
    def __call__(self, words: str, done: int = 0, total: int = 0) -> None: ...


def build(size: Size, seed: int, progress: Progress, *, moment: dt.datetime | None = None, home: str = "") -> None:
    """Build the whole town. moment: what counts as now (aware); the real now when not given.

    home: the folder that the demo passwords are bound to; this process's home when not given.
    """
    from linli.house.home import Home

    now = moment or dt.datetime.now(dt.UTC)
    founded = (now - SET_UP).astimezone(CIVIL).replace(hour=9, minute=0, second=0, microsecond=0)
    day = founded.date()
    by = SystemAuthority("系统初始化")
    progress("Drawing the town …")
    town = build_town(size, seed)
    progress("Drawing the base map …")
    write_basemap(town, maps_folder() / "base.pmtiles")
    with transaction.atomic(), clock.at(founded):
        progress("Laying out divisions and grids …")
        ground_laid.lay_divisions(by, town)
        ground_laid.lay_grids(by, town, day)
        progress("Putting up the buildings …")
        ground_laid.lay_buildings(by, town, day)
        places = ground_laid.place_ids(town)
        progress("Bringing in people and units …")
        staffing = staff(town)
        units = people_told.found_units(by, staffing, places, day)
        ids = people_told.settle_people(
            by, staffing, places, units, day, seed=seed, home=home or str(Home.current().folder)
        )
        progress("Setting who answers for what …")
        people_told.set_matrix(by, town, places, units)
    seal()
