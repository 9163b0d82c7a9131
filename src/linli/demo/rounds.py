"""三级督查 in the demo town (LK-8, EQ-6): two weeks of patrols, a special inspection under way, a joint one over."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from django.db import transaction
from shapely.geometry import Point

from linli.demo.people_told import Cast
from linli.demo.rounds_cast import Teller, handle, middle, photo, told
from linli.demo.rounds_inspections import joint, night, special
from linli.demo.rounds_words import AT_ONCE, DAY, FIRE, LANE, NIGHT, POINTS, THREE_DAYS, WORDS
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar, held
from linli.rooms.cases.actions.intake import Intake
from linli.rooms.cases.actions.on_the_spot import Righted
from linli.rooms.fieldwork.actions import patrols
from linli.rooms.fieldwork.actions.findings import FindingWords, file_on_patrol
from linli.rooms.fieldwork.actions.plans import PlanWords, PointWords, save_plan
from linli.rooms.fieldwork.actions.telling import Where
from linli.rooms.fieldwork.models import Patrol, PatrolPlan
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas

DAYS = 14
OTHER_GRIDS, OTHER_DAYS = 4, 4


def tell_rounds(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
    """Play the patrols of the last two weeks up to now, and the two inspections."""
    t = Teller(cast, places, units, now, random.Random(f"rounds-{now:%Y%m%d}"))
    today = now.astimezone(CIVIL).date()
    keys = _grid_keys(t)
    with transaction.atomic(), held(calendar()):
        _tell(t, keys, today)


def _tell(t: Teller, keys: list[str], today: dt.date) -> None:
    with told():
        _plans(t, keys[:1], today - dt.timedelta(days=DAYS))
    for back in range(DAYS, 0, -1):
        if back == OTHER_DAYS:
            with told():
                _plans(t, keys[1:], today - dt.timedelta(days=back))
        _day(t, today - dt.timedelta(days=back), back)
    _today(t, today)
    with told():
        special(t, keys, today)
    with told():
        night(t, keys, today)
    with told():
        joint(t, keys, today)


def _grid_keys(t: Teller) -> list[str]:
    """The showcase grid first, then some with a worker and a cadre of their own."""
    first = next(p.place_key for p in t.cast.staffing.posts if p.username == "grid.worker01")
    known = {p.place_key for p in t.cast.staffing.posts if p.kind == "grid_worker"}
    others = [p.place_key for p in t.cast.staffing.posts if p.kind == "community_cadre" and p.place_key in known]
    return list(dict.fromkeys([first, *others]))[: OTHER_GRIDS + 1]


def _points(t: Teller, key: str, rows: Sequence[tuple[str, str, str, tuple[float, float]]]) -> list[PointWords]:
    facts, lng, lat = middle(t, key)
    shape = atlas.current().shapes[facts.id]
    found = []
    for name, check, item, (east, north) in rows:
        at = (lng + east * 0.0008, lat + north * 0.0007)
        x, y = at if shape.contains(Point(*at)) else (lng, lat)
        found.append(PointWords(name, check, lng=round(x, 6), lat=round(y, 6), item_key=item))
    return found


def _plans(t: Teller, keys: list[str], since: dt.date) -> None:
    """A daily list for each grid, an evening one and a morning one for the showcase grid."""
    moment = dt.datetime.combine(since - dt.timedelta(days=1), dt.time(15), CIVIL)
    for number, key in enumerate(keys):
        cadre = t.holder("community_cadre", key)
        if cadre is None:
            continue
        with clock.at(moment + dt.timedelta(minutes=number)):
            first = key == _grid_keys(t)[0]
            save_plan(
                PlanWords(
                    "消防通道和充电棚日查",
                    t.places[key],
                    _points(t, key, POINTS),
                    window_from=dt.time(8, 30),
                    window_to=dt.time(10, 0),
                    days=PatrolPlan.Days.EVERY_DAY if first else PatrolPlan.Days.WORKDAYS,
                ),
                viewer=cadre,
            )
            if first:
                for name, begins, ends in (
                    ("早市秩序巡查", dt.time(7), dt.time(8)),
                    ("夜市和商场夜查", dt.time(19), dt.time(20, 30)),
                ):
                    words = PlanWords(
                        name, t.places[key], _points(t, key, NIGHT), window_from=begins, window_to=ends,
                        days=PatrolPlan.Days.EVERY_DAY,
                    )  # fmt: skip
                    save_plan(words, viewer=cadre)


def _day(t: Teller, day: dt.date, back: int) -> None:
    """One day of the past: made in the morning, walked by most, missed by some, closed at its end."""
    with clock.at(dt.datetime.combine(day, dt.time(6), CIVIL)):
        patrols.make_due()
    for patrol in Patrol.objects.filter(day=day).select_related("expected", "plan").order_by("window_from", "pk"):
        viewer = _walker(t, patrol)
        if viewer is None or t.rng.random() < 0.08:
            continue
        begin = patrol.window_from + dt.timedelta(minutes=t.rng.randint(5, 70))
        left_out = 1 if t.rng.random() < 0.15 else 0
        with told():
            find = back in (12, 10, 8, 6, 4, 3, 2, 1) and "日查" in patrol.plan.name
            _walk(t, patrol, viewer, begin, patrol.points_due - left_out, find=find)
    with clock.at(dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), CIVIL)):
        patrols.close_due()


def _walker(t: Teller, patrol: Patrol) -> Viewer | None:
    return t.cast.viewer(patrol.expected.username) if patrol.expected is not None else None


def _walk(
    t: Teller, patrol: Patrol, viewer: Viewer, begin: dt.datetime, points: int, *, find: bool = False, end: bool = True
) -> None:
    moment = begin
    bad = t.rng.randrange(1, patrol.points_due + 1) if find else 0
    for stop in list(patrol.stops.all())[:points]:
        moment = min(moment + dt.timedelta(minutes=t.rng.randint(2, 9)), t.now - dt.timedelta(seconds=30))
        where = (
            Where(stop.lng, stop.lat, float(t.rng.randint(4, 30)))
            if stop.lng is not None and stop.lat is not None
            else None
        )
        with clock.at(moment):
            if stop.sequence == bad and stop.again_id is None:
                _find_on_patrol(t, patrol, stop.sequence, stop.item_key or LANE, viewer, stop.lng, stop.lat, stop.name)
            else:
                patrols.mark(patrol.pk, stop.sequence, "ok", viewer=viewer, where=where)
    if end:
        with clock.at(min(moment + dt.timedelta(minutes=3), t.now)):
            patrols.finish(patrol.pk, "雨大，改天补看" if points < patrol.points_due else "", viewer=viewer)


def _find_on_patrol(
    t: Teller,
    patrol: Patrol,
    sequence: int,
    item: str,
    viewer: Viewer,
    lng: float | None,
    lat: float | None,
    name: str,
) -> None:
    """Found at a point: mostly given to a unit, now and then put right by the finder."""
    x, y = (lng, lat) if lng is not None and lat is not None else (113.13, 27.7)
    number = next(t.serial)
    righted = None
    if number % 4 == 1:
        righted = Righted("请车主挪开，摆好锥桶，拍照留存。", [photo(t, item, viewer, x, y, "after")])
    words = FindingWords(
        Intake(
            key=f"demo-round-{t.now:%Y%m%d%H%M}-{number}", channel="field",
            words=WORDS.get(item, WORDS[FIRE]), lng=lng, lat=lat, address=name, item_key=item,
            photos=[photo(t, item, viewer, x, y)],
        ),
        unit_id=None if righted else t.units[t.rng.choice(("cg", "hw", "xf"))],
        limit=t.rng.choice((AT_ONCE, DAY, THREE_DAYS)),
        righted=righted,
    )  # fmt: skip
    found = file_on_patrol(patrol.pk, words, viewer=viewer, sequence=sequence)
    if not righted:
        handle(t, found, ("late", "in_time", "confirm", "in_time", "nothing")[number % 5])


def _today(t: Teller, today: dt.date) -> None:
    """Today: the showcase worker has one done, one under way and one ahead; others stand where the hour puts them."""
    morning = dt.datetime.combine(today, dt.time(6), CIVIL)
    if t.now <= morning + dt.timedelta(minutes=30):
        return
    with clock.at(morning):
        patrols.make_due()
    rows = list(Patrol.objects.filter(day=today).select_related("expected", "plan").order_by("window_from", "pk"))
    mine = t.cast.ids["grid.worker01"]
    done = False
    for patrol in rows:
        viewer = _walker(t, patrol)
        if viewer is None or patrol.window_from > t.now:
            continue
        begin = min(patrol.window_from + dt.timedelta(minutes=10), t.now - dt.timedelta(minutes=25))
        with told():
            if patrol.expected_id == mine and not done:
                _walk(t, patrol, viewer, begin, patrol.points_due)
                done = True
            elif patrol.expected_id == mine and "夜" not in patrol.plan.name:
                _walk(t, patrol, viewer, begin, 2, end=False)
            elif patrol.expected_id != mine and t.rng.random() < 0.6:
                _walk(t, patrol, viewer, begin, patrol.points_due, find=t.rng.random() < 0.3)
