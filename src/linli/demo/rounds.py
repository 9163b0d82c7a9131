"""三级督查 in the demo town (LK-8, EQ-6): two weeks of patrols, a special inspection under way, a joint one over."""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction
from shapely.geometry import Point

from linli.demo import album
from linli.demo.people_told import Cast
from linli.demo.rounds_words import (
    AT_ONCE,
    CHECK,
    CLUTTER,
    DAY,
    FIRE,
    LANE,
    NIGHT,
    NOT_MET,
    POINTS,
    SCENE,
    THREE_DAYS,
    WORDS,
)  # fmt: skip
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar, held
from linli.kernel.errors import LinliError
from linli.rooms.cases.actions.intake import Intake
from linli.rooms.cases.actions.on_the_spot import Righted
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.fieldwork.actions import patrols, visits
from linli.rooms.fieldwork.actions.findings import FindingWords, file_on_patrol, file_on_visit
from linli.rooms.fieldwork.actions.inspections import (
    InspectionWords,
    ItemWords,
    finish_inspection,
    open_inspection,
    save_inspection,
)
from linli.rooms.fieldwork.actions.plans import PlanWords, PointWords, save_plan
from linli.rooms.fieldwork.actions.telling import Where
from linli.rooms.fieldwork.models import Finding, Inspection, Patrol, PatrolPlan, Visit
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.atlas import Facts

log = logging.getLogger(__name__)
DAYS = 14
OTHER_GRIDS, OTHER_DAYS = 4, 4


@dataclass
class _Teller:
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
def _told() -> Iterator[None]:
    """What a town has no people or units for is left out."""
    try:
        yield
    except LinliError as error:
        log.info("a round of the demo could not be told further: %s", error)


def tell_rounds(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
    """Play the patrols of the last two weeks up to now, and the two inspections."""
    t = _Teller(cast, places, units, now, random.Random(f"rounds-{now:%Y%m%d}"))
    today = now.astimezone(CIVIL).date()
    keys = _grid_keys(t)
    with transaction.atomic(), held(calendar()):
        _tell(t, keys, today)


def _tell(t: _Teller, keys: list[str], today: dt.date) -> None:
    with _told():
        _plans(t, keys[:1], today - dt.timedelta(days=DAYS))
    for back in range(DAYS, 0, -1):
        if back == OTHER_DAYS:
            with _told():
                _plans(t, keys[1:], today - dt.timedelta(days=back))
        _day(t, today - dt.timedelta(days=back), back)
    _today(t, today)
    with _told():
        _special(t, keys, today)
    with _told():
        _night(t, keys, today)
    with _told():
        _joint(t, keys, today)


def _grid_keys(t: _Teller) -> list[str]:
    """The showcase grid first, then some with a worker and a cadre of their own."""
    first = next(p.place_key for p in t.cast.staffing.posts if p.username == "grid.worker01")
    known = {p.place_key for p in t.cast.staffing.posts if p.kind == "grid_worker"}
    others = [p.place_key for p in t.cast.staffing.posts if p.kind == "community_cadre" and p.place_key in known]
    return list(dict.fromkeys([first, *others]))[: OTHER_GRIDS + 1]


def _middle(t: _Teller, key: str) -> tuple[Facts, float, float]:
    here = atlas.current()
    facts = here.places[t.places[key]]
    point = here.shapes[facts.id].representative_point()
    return facts, point.x, point.y


def _points(t: _Teller, key: str, rows: Sequence[tuple[str, str, str, tuple[float, float]]]) -> list[PointWords]:
    facts, lng, lat = _middle(t, key)
    shape = atlas.current().shapes[facts.id]
    found = []
    for name, check, item, (east, north) in rows:
        at = (lng + east * 0.0008, lat + north * 0.0007)
        x, y = at if shape.contains(Point(*at)) else (lng, lat)
        found.append(PointWords(name, check, lng=round(x, 6), lat=round(y, 6), item_key=item))
    return found


def _plans(t: _Teller, keys: list[str], since: dt.date) -> None:
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


def _day(t: _Teller, day: dt.date, back: int) -> None:
    """One day of the past: made in the morning, walked by most, missed by some, closed at its end."""
    with clock.at(dt.datetime.combine(day, dt.time(6), CIVIL)):
        patrols.make_due()
    for patrol in Patrol.objects.filter(day=day).select_related("expected", "plan").order_by("window_from", "pk"):
        viewer = _walker(t, patrol)
        if viewer is None or t.rng.random() < 0.08:
            continue
        begin = patrol.window_from + dt.timedelta(minutes=t.rng.randint(5, 70))
        left_out = 1 if t.rng.random() < 0.15 else 0
        with _told():
            find = back in (11, 8, 5, 3, 1) and "日查" in patrol.plan.name
            _walk(t, patrol, viewer, begin, patrol.points_due - left_out, find=find)
    with clock.at(dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), CIVIL)):
        patrols.close_due()


def _walker(t: _Teller, patrol: Patrol) -> Viewer | None:
    return t.cast.viewer(patrol.expected.username) if patrol.expected is not None else None


def _walk(
    t: _Teller, patrol: Patrol, viewer: Viewer, begin: dt.datetime, points: int, *, find: bool = False, end: bool = True
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


def _photo(t: _Teller, item: str, viewer: Viewer, lng: float, lat: float, phase: str = "before") -> str:
    return album.keep(SCENE.get(item, "clutter"), 0, phase, clock.now(), lng, lat, viewer)


def _find_on_patrol(
    t: _Teller,
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
    righted = (
        Righted("请车主挪开，摆好锥桶，拍照留存。", [_photo(t, item, viewer, x, y, "after")])
        if t.rng.random() < 0.3
        else None
    )
    words = FindingWords(
        Intake(
            key=f"demo-round-{t.now:%Y%m%d%H%M}-{next(t.serial)}", channel="field",
            words=WORDS.get(item, WORDS[FIRE]), lng=lng, lat=lat, address=name, item_key=item,
            photos=[_photo(t, item, viewer, x, y)],
        ),
        unit_id=None if righted else t.units[t.rng.choice(("cg", "hw", "xf"))],
        limit=t.rng.choice((AT_ONCE, DAY, THREE_DAYS)),
        righted=righted,
    )  # fmt: skip
    found = file_on_patrol(patrol.pk, words, viewer=viewer, sequence=sequence)
    if not righted:
        _handle(t, found, t.rng.choice(("late", "in_time", "in_time", "confirm", "nothing")))


def _handle(t: _Teller, found: Finding, how: str) -> None:
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
    road = (
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
    with _told():
        for step, viewer, given, moment in road:
            if moment >= t.now or viewer is None or (how == "confirm" and step == "verify_pass"):
                return
            with clock.at(moment):
                if "photos" in given:
                    phase = "verify" if step == "verify_pass" else "after"
                    given = {
                        **given,
                        "photos": [_photo(t, found.item_key, viewer, case.lng or 113.13, case.lat or 27.7, phase)],
                    }
                take(case.pk, step, given, viewer=viewer)


def _today(t: _Teller, today: dt.date) -> None:
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
        with _told():
            if patrol.expected_id == mine and not done:
                _walk(t, patrol, viewer, begin, patrol.points_due)
                done = True
            elif patrol.expected_id == mine and "夜" not in patrol.plan.name:
                _walk(t, patrol, viewer, begin, 2, end=False)
            elif patrol.expected_id != mine and t.rng.random() < 0.6:
                _walk(t, patrol, viewer, begin, patrol.points_due, find=t.rng.random() < 0.3)


def _items(t: _Teller) -> list[ItemWords]:
    return [
        ItemWords(text, proof, item, t.units.get(unit) if unit else None, limit, weight)
        for text, item, unit, limit, weight, proof in CHECK
    ]


def _visit(
    t: _Teller, visit: Visit, viewer: Viewer, begin: dt.datetime, no: Collection[int], *, close: bool = True
) -> list[Finding]:
    """Answer a checklist; the questions in `no` are not met and each becomes a finding."""
    moment, found = begin, []
    _facts, lng, lat = _middle(t, next(key for key, pk in t.places.items() if pk == visit.place_id))
    items = list(visit.inspection.items.all())
    for item in items if close else items[:3]:
        moment = min(moment + dt.timedelta(minutes=t.rng.randint(3, 8)), t.now - dt.timedelta(seconds=20))
        with clock.at(moment):
            if item.sequence in no:
                intake = Intake(
                    key=f"demo-visit-{t.now:%Y%m%d%H%M}-{next(t.serial)}", channel="field",
                    words=WORDS.get(item.item_key, WORDS[FIRE]), lng=lng, lat=lat, item_key=item.item_key,
                    photos=[_photo(t, item.item_key, viewer, lng, lat)],
                )  # fmt: skip
                unit = item.unit_id or t.units[t.rng.choice(("cg", "hw"))]
                found.append(
                    file_on_visit(visit.pk, FindingWords(intake, unit_id=unit), viewer=viewer, item_id=item.pk)
                )
            else:
                photos = [_photo(t, item.item_key, viewer, lng, lat, "after")] if item.proof == "always" else []
                visits.answer(visit.pk, item.pk, "yes", viewer=viewer, photos=photos, where=Where(lng, lat, 12.0))
    if close:
        with clock.at(min(moment + dt.timedelta(minutes=4), t.now)):
            visits.close_visit(visit.pk, "现场已向物业和商户说明要求。", viewer=viewer)
    return found


def _special(t: _Teller, keys: list[str], today: dt.date) -> None:
    """EQ-6: fire lanes and e-bike charging, grids drawn by lot in the town, half of them visited."""
    supervisor, street = t.cast.viewer("supervisor01"), _middle(t, keys[0])[0].lineage[1]
    size = min(
        max(len([f for f in atlas.current().places.values() if f.kind == "grid" and street in f.lineage]) // 2, 3), 12
    )
    begun = t.at(today - dt.timedelta(days=6), 9)
    mine = _opened(t, begun, supervisor, InspectionWords(
        "special", "消防通道和电动车充电专项检查", street, begun.astimezone(CIVIL).date(), today + dt.timedelta(days=6),
        _items(t), sample="random", sample_size=size, grid_kinds=("grid",),
        words="区创文办、消防救援大队联合部署：打通生命通道，整治飞线充电和进楼入户。",
    ))  # fmt: skip
    inspectors = [t.cast.viewer(name) for name in t.cast.holders("verifier", "")[:3]]
    sample = list(mine.visits.select_related("inspection").order_by("pk"))
    for number, visit in enumerate(sample[: (len(sample) + 1) // 2 + 1]):
        last = number == (len(sample) + 1) // 2
        begin = t.at(today - dt.timedelta(days=max(4 - number, 0)), 10)
        with _told():
            found = _visit(t, visit, inspectors[number % len(inspectors)], begin, NOT_MET[number % 4], close=not last)
            for one in found:
                _handle(t, one, ("in_time", "nothing", "late", "confirm")[number % 4])


def _night(t: _Teller, keys: list[str], today: dt.date) -> None:
    """A small one for chosen grids, with something to do for the showcase worker today."""
    supervisor, place = t.cast.viewer("supervisor01"), _middle(t, keys[0])[0]
    begun = t.at(today - dt.timedelta(days=1), 16)
    chosen = [place.id, *(t.places[key] for key in keys[1:3] if place.lineage[1] in _middle(t, key)[0].lineage)]
    _opened(t, begun, supervisor, InspectionWords(
        "special", "“九小”场所用火用电检查", place.lineage[1], begun.astimezone(CIVIL).date(),
        today + dt.timedelta(days=3),
        [ItemWords("灭火器在有效期内", "on_no", FIRE, t.units.get("xf"), THREE_DAYS),
         ItemWords("后门能打开，无堆物", "on_no", CLUTTER), ItemWords("插线板没有串接", "on_no", FIRE)],
        sample="chosen", chosen=chosen,
    ))  # fmt: skip


def _joint(t: _Teller, keys: list[str], today: dt.date) -> None:
    """The leading group's: three grids, signed by three, over; what was found stands in all states."""
    leader, second, supervisor = (t.cast.viewer(name) for name in ("leader01", "leader02", "supervisor01"))
    begun = t.at(today - dt.timedelta(days=12), 9)
    place = _middle(t, keys[0])[0]
    posts = [
        post.id for viewer in (leader, second, supervisor) for post in viewer.posts if "inspection.check" in post.duties
    ]
    mine = _opened(t, begun, leader, InspectionWords(
        "joint", "创文领导小组联合检查：背街小巷和集贸市场", place.lineage[0], begun.astimezone(CIVIL).date(),
        today - dt.timedelta(days=7), _items(t), sample="chosen", chosen=[t.places[key] for key in keys[:3]],
        post_ids=posts, signers=3, words="三级督查：领导小组联合检查，当场交办，限期整改，检查结果通报。",
    ))  # fmt: skip
    for number, visit in enumerate(mine.visits.select_related("inspection").order_by("pk")):
        begin = t.at(today - dt.timedelta(days=11 - number), 15)
        for one in _visit(t, visit, leader, begin, ({1, 3}, {2}, {1, 5})[number % 3]):
            _handle(t, one, ("in_time", "late", "nothing", "confirm", "in_time")[(number * 2 + one.pk) % 5])
        for viewer, hours in ((second, 2), (supervisor, 3)):
            with clock.at(begin + dt.timedelta(hours=hours)):
                visits.sign(visit.pk, viewer=viewer)
    with clock.at(t.at(today - dt.timedelta(days=7), 17)):
        finish_inspection(
            mine.pk,
            "三个网格总体有序，消防通道占用仍有反复。请城管局、消防救援大队牵头，一周内复查销号。",
            viewer=leader,
        )


def _opened(t: _Teller, moment: dt.datetime, viewer: Viewer, words: InspectionWords) -> Inspection:
    with clock.at(moment):
        mine = save_inspection(words, viewer=viewer)
    with clock.at(moment + dt.timedelta(minutes=20)):
        return open_inspection(mine.pk, viewer=viewer)
