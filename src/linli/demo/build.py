"""Builds the demo town in an empty, migrated house: everything is told through the rooms' own actions.

The clock is injected, so that the town looks lived in: it was set up seven months ago, its cases fill the last
120 days and end now. The same size, seed and moment give the same town and the same stories.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Protocol

from django.conf import settings
from django.db import transaction

from linli.demo import album, chapters, ground_laid, open_work, people_told
from linli.demo.basemap import write_basemap
from linli.demo.mass import bulk_cases
from linli.demo.people_told import Cast
from linli.demo.scripts import plan
from linli.demo.staffing import Staffing, staff
from linli.demo.stage import Stage
from linli.demo.town import Size, Town, build_town
from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar, held
from linli.kernel.journal.jobs import seal
from linli.kernel.outbox.jobs import drain
from linli.kernel.web.views import maps_folder
from linli.rooms.cases.actions.steps import step_limits
from linli.rooms.catalogue.queries import catalogue, default_rule

log = logging.getLogger(__name__)
CASES: dict[str, tuple[int, int]] = {"small": (80, 16), "district": (450, 90), "city": (450, 90)}
"""How many cases are told, and how many of them are old problems (LK-7)."""
SET_UP = dt.timedelta(days=210)
"""How long before now the house was set up."""


class Progress(Protocol):
    def __call__(self, words: str, done: int = 0, total: int = 0) -> None: ...


def build(
    size: Size,
    seed: int,
    progress: Progress,
    *,
    moment: dt.datetime | None = None,
    home: str = "",
    cases: int = 0,
) -> None:
    """Build the whole town. moment: what counts as now (aware); the real now when not given.

    home: the folder that the demo passwords are bound to; this process's home when not given.
    cases: how many more cases a city gets in bulk.
    """
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
            by, staffing, places, units, day, seed=seed, home=home or str(settings.LINLI_HOME)
        )
        progress("Setting who answers for what …")
        people_told.set_matrix(by, town, places, units)
    tell_cases(town, staffing, units, ids, places, now, progress)
    if size == "city" and cases:
        for step in bulk_cases(cases, seed=seed, moment=now):
            progress(step)
    if size == "small":
        # In larger towns the worker does this in the minute after the start, as it does every day.
        progress("Telling reporters and learning from what was decided …")
        drain()
    progress("Sealing the journal …")
    seal()


def tell_cases(
    town: Town,
    staffing: Staffing,
    units: dict[str, int],
    ids: dict[str, int],
    places: dict[str, int],
    now: dt.datetime,
    progress: Progress,
) -> None:
    """Play the town's cases of the last 120 days."""
    count, legacy = CASES[town.size]
    days = calendar()
    scripts = plan(town, count, legacy, days, _limit_of, step_limits(), now)
    cast = Cast(staffing, ids, now)
    stage = Stage(cast, units, places, scenes=1 if town.size == "small" else 3)
    with held(days):
        for done, total in stage.play(scripts, now):
            progress("Telling what happened in the town …", done, total)
    album.forget()
    progress("Leaving some work on the desks …")
    with transaction.atomic(), clock.at(now - dt.timedelta(minutes=2)):
        open_work.keep_views(cast)
        open_work.bring_list(cast, town)
        open_work.draw_new_borders(cast, town)
        open_work.rethink_matrix(cast, town, places, units)
        open_work.plan_leave(cast)
    for number, step, why in stage.refused:
        log.info("case %s of the demo could not take the step %s: %s", number, step, why)
    for words in chapters.tell(cast, places, units, now):
        progress(words)


def _limit_of(item_key: str) -> tuple[TimeLimit, bool]:
    rule, entry = default_rule(item_key), catalogue().items[item_key]
    return (rule.limit if rule else TimeLimit(5, "working_days")), entry.danger
