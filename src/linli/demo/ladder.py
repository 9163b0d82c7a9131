"""四级联动 in the demo town (LK-7): cases on every tier, moved up by clock and by people, assigned down, late on top.

The ladder has been in force for as long as the town's cases go back; those follow it by their own events. The cases of
this chapter are told besides, each with its whole way and the words of those who bore it.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from linli.demo.people_told import Cast
from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import LinliError
from linli.kernel.outbox.models import OutboxEvent
from linli.kernel.outbox.registry import StoredEvent
from linli.rooms.cases.actions.intake import Intake, report_problem
from linli.rooms.cases.actions.steps import take
from linli.rooms.catalogue.queries import default_rule
from linli.rooms.ladder import actions, following, marks
from linli.rooms.ladder.editing import draft_ladder
from linli.rooms.ladder.models import Ladder, Stay
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas

log = logging.getLogger(__name__)
IN_FORCE = dt.timedelta(days=125)
"""How long before now the ladder took force: before the first case of the town was given out."""
_PLAIN = "M06010"


@dataclass(frozen=True, slots=True)
class _Tale:
    """One case: to whom it was given ("committee" or the key of a department), how many working days ago, the hour."""

    unit: str
    item: str
    words: str
    address: str
    ago: int
    hour: int
    way: Callable[[_Teller, int], None]
    at_home: bool = False  # told by naming the building


class _Teller:
    """The people of one grid, and the days that lie behind."""

    def __init__(
        self, cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime, grid: str, first: bool
    ) -> None:
        self.cast, self.places, self.units, self.now = cast, places, units, now
        self.grid, self.first = grid, first
        self.rng = random.Random(f"20261122|{grid}")
        self.key_of = {pk: key for key, pk in units.items()}
        posts = cast.staffing.posts
        self.chief = next(p.username for p in posts if p.kind == "grid_chief" and p.place_key == grid)
        cadre = next(p for p in posts if p.kind == "community_cadre" and p.place_key == grid)
        self.cadre, self.committee = cadre.username, units[cadre.unit_key]
        self.days = _working_days(now)

    def ago(self, days: int, hour: int, minute: int = 0) -> dt.datetime:
        """So many working days before now, at this hour; never later than now."""
        at = dt.datetime.combine(self.days[days], dt.time(hour, minute), CIVIL)
        return min(at, self.now - dt.timedelta(minutes=30))

    def unit_viewer(self, unit_id: int) -> Viewer:
        if unit_id == self.committee:
            return self.cast.viewer(self.cadre)
        return self.cast.viewer(self.cast.holders("unit_contact", self.key_of[unit_id])[0])

    def bearer(self, stay: Stay) -> Viewer:
        """Who bears the duty: the unit's contact, or who holds the post."""
        if stay.unit_id is not None:
            return self.unit_viewer(stay.unit_id)
        assert stay.post is not None
        names = {pk: name for name, pk in self.cast.ids.items()}
        return self.cast.viewer(names[stay.post.holder_id])

    def stay(self, case_id: int) -> Stay:
        return Stay.objects.select_related("post").get(case=case_id, left_at=None)

    def tell(self, number: int, tale: _Tale) -> None:
        """Report, file and give out the case, then let it go its way."""
        moment = self.ago(tale.ago, tale.hour, self.rng.randrange(50))
        clerk, dispatcher = self.cast.viewer("intake01"), self.cast.viewer("dispatcher01")
        facts = atlas.current().places[self.places[self.grid]]
        intake = Intake(
            key=f"demo-ladder-{self.grid}-{number}",
            channel="walk_in",
            words=tale.words,
            address=tale.address,
        )
        home = self._home() if tale.at_home else None
        if home is not None:
            intake.place_id = home
        elif facts.lng is not None and facts.lat is not None:
            intake.lng, intake.lat = facts.lng + self.rng.uniform(-4e-4, 4e-4), facts.lat
        with clock.at(moment):
            told = report_problem(intake, viewer=clerk)
            item, rule = tale.item, default_rule(tale.item)
            if rule is None:
                item, rule = _PLAIN, default_rule(_PLAIN)
            take(told.case_id, "accept", {"item": item}, viewer=clerk)
            assert rule is not None
            take(told.case_id, "register", {"rule": rule.id}, viewer=dispatcher)
            unit = self.committee if tale.unit == "committee" else self.units[tale.unit]
            take(told.case_id, "dispatch", {"unit": str(unit)}, viewer=dispatcher)
            _follow(told.case_id)
        tale.way(self, told.case_id)

    def _home(self) -> int | None:
        """A building of this grid with a head."""
        heads = [p.place_key for p in self.cast.staffing.posts if p.kind == "building_head"]
        known, inside = atlas.current().places, self.places[self.grid]
        return next(
            (
                self.places[key]
                for key in heads
                if self.places[key] in known and inside in known[self.places[key]].lineage
            ),
            self.places[heads[0]] if self.first and heads else None,
        )

    # ── What may happen ────────────────────────────────────────────────────────────────────────────

    def receive(self, case_id: int, after: dt.timedelta = dt.timedelta(hours=1, minutes=20)) -> None:
        stay = self.stay(case_id)
        with clock.at(min(stay.entered_at + after, self.now)):
            actions.receive(case_id, self.bearer(stay))
            _follow(case_id)

    def up(self, case_id: int, days: int, hour: int, tried: str, why: str) -> None:
        with clock.at(max(self.ago(days, hour), self.stay(case_id).entered_at + dt.timedelta(hours=1))):
            actions.climb(case_id, self.bearer(self.stay(case_id)), tried, why)

    def run(self, case_id: int, until: dt.datetime) -> None:
        """Let the clock do its work on this case: warnings, reminders, and moves at their own moments."""
        for _move in range(6):
            stay = self.stay(case_id)
            due = sorted(
                (at, n, work)
                for n, (at, work) in enumerate(
                    (
                        (None if stay.warned_at else stay.warn_at, actions.warn),
                        (None if stay.received_at or stay.reminded_at else stay.receive_due_at, actions.remind),
                        (None if stay.overdue_at else stay.due_at, actions.sweep),
                    )
                )
                if at is not None and at <= until
            )
            for at, _n, work in due:
                with clock.at(at):
                    work([case_id])
            if self.stay(case_id).pk == stay.pk:
                return

    def down(self, case_id: int, days: int, hour: int, level: int, words: str, unit: str, limit: TimeLimit) -> None:
        stay = self.stay(case_id)
        with clock.at(max(self.ago(days, hour), stay.entered_at + dt.timedelta(hours=1))):
            actions.assign_down(case_id, self.bearer(stay), level, words, unit_id=self.units[unit], limit=limit)

    def mark(self, case_id: int, reason: str) -> None:
        with clock.at(self.ago(1, 11)):
            given = {"legacy": "1", "major": "1", "reason": reason}
            take(case_id, "mark", given, viewer=self.cast.viewer("supervisor01"))


def _working_days(now: dt.datetime) -> list[dt.date]:
    """The working days that lie behind, the latest first."""
    known, day = calendar(), now.astimezone(CIVIL).date()
    found: list[dt.date] = []
    while len(found) < 60:
        at = dt.datetime.combine(day, dt.time(10), CIVIL)
        if known.is_working(at) and at < now:
            found.append(day)
        day -= dt.timedelta(days=1)
    return found


def _follow(case_id: int) -> None:
    """Let the ladder hear at once of what the worker will deliver again, which then changes nothing."""
    rows = OutboxEvent.objects.filter(object_type="case", object_id=case_id, kind__in=following.FOLLOWED)
    for row in rows.order_by("id"):
        following.follow(StoredEvent(row.pk, row.at, row.kind, "case", case_id, row.data, row.entry_id, 1))


# ── The ways ───────────────────────────────────────────────────────────────────────────────────────


def _waits(t: _Teller, case_id: int) -> None:
    """Just come in."""


def _taken(t: _Teller, case_id: int) -> None:
    t.receive(case_id)
    t.run(case_id, t.now)


def _not_received(t: _Teller, case_id: int) -> None:
    t.run(case_id, t.now)


def _from_the_door(t: _Teller, case_id: int) -> None:
    """The building head has tried and passes it up."""
    t.receive(case_id)
    t.up(
        case_id, 1, 16,
        "上门三次，和 402、502 两户都谈过，约好晚上十点后不出声，只管了两天。",
        "两家都不让步，要社区出面调解。",
    )  # fmt: skip
    t.receive(case_id)


def _to_the_chief(t: _Teller, case_id: int) -> None:
    """The unit says what it cannot do alone."""
    t.receive(case_id)
    t.up(
        case_id, 4, 15,
        "派人看过两次，疏通车打通了 30 米，往下是铁路涵洞，设备进不去。",
        "管线分属三家，涵洞图纸不在我单位，一家挖开谁也不敢签字。",
    )  # fmt: skip
    t.receive(case_id)


def _to_the_group(t: _Teller, case_id: int) -> None:
    """By decision up to the top: it goes to the next meeting of the leading group."""
    _to_the_chief(t, case_id)
    t.up(
        case_id, 2, 10,
        "上周召集城管、市政、街道现场会一次，方案定了：改道 60 米。",
        "改道要 38 万元，没有资金渠道，需要区里定。",
    )  # fmt: skip
    t.receive(case_id)


def _down_again(t: _Teller, case_id: int) -> None:
    """Nobody settled it in time; the leading group assigned it with a day of its own."""
    t.run(case_id, t.ago(8, 9))
    if t.stay(case_id).level < 4:
        t.run(case_id, t.ago(3, 9))
    t.down(
        case_id, 2, 15, 2,
        "住建局牵头，五个工作日内完成加固并报照片；产权单位配合腾空一楼。每天下班前报进度。",
        "zj", TimeLimit(5, "working_days"),
    )  # fmt: skip
    t.receive(case_id)


def _overdue_on_top(t: _Teller, case_id: int) -> None:
    """Years old; on top, and late there too."""
    t.run(case_id, t.now)
    t.mark(case_id, "2019 年起多次反映，涉及产权、资金两头，列为历史遗留和重大问题，报领导小组包案。")


def _chief_assigns(t: _Teller, case_id: int) -> None:
    """The chief takes it at once past the unit, and gives it out among the departments."""
    with clock.at(t.ago(5, 11)):
        tried = "和社区书记一起看过现场，沿街八家餐馆都在用这条沟。"
        actions.climb(case_id, t.cast.viewer(t.chief), tried, "社区没有执法权，直接联办。", to_level=3)
    t.receive(case_id)
    t.down(
        case_id, 4, 10, 2,
        "城管执法中队五个工作日内约谈八家餐馆，加装隔油池，逾期不装的立案。",
        "cg", TimeLimit(5, "working_days"),
    )  # fmt: skip
    t.receive(case_id)


_TALES: tuple[_Tale, ...] = (
    _Tale("committee", "M06999", "三楼楼道堆满纸箱和旧柜子，电动车也推进来了，怕着火。", "", 0, 9, _taken, True),
    _Tale("committee", "M06998", "楼上半夜拖椅子，楼下老人睡不着，已经吵过两次。", "", 2, 9, _from_the_door, True),
    _Tale("committee", "M06010", "巷子口垃圾堆了三天没人收，野狗扒得到处都是。", "后街巷口", 1, 15, _taken),
    _Tale("committee", "M06036", "围墙边堆着拆下来的门窗木料，占了半条路。", "老供销社围墙边", 5, 10, _not_received),
    _Tale("sz", "M06013", "路口破损一大片，雨天积水，摩托车摔过人。", "十字路口西侧", 9, 9, _taken),
    _Tale("sz", "M06996", "地下管网堵死，每逢下雨污水从井里冒出来，流进小学门口。", "小学门前", 6, 9, _to_the_chief),
    _Tale("sz", "M10999", "老街排水沟断头，一下雨半条街泡在水里，商户反映四年了。", "老街中段", 9, 14, _to_the_group),
    _Tale("cg", "M06990", "临街老楼外墙掉块，下面就是公交站，围挡倒了没人管。", "临街五层楼", 24, 9, _down_again),
    _Tale(
        "fc",
        "M06989",
        "单位宿舍楼裂缝有两指宽，产权单位早就破产，没人签字维修。",
        "机械厂宿舍 2 栋",
        34,
        9,
        _overdue_on_top,
    ),
    _Tale("committee", "M06030", "餐馆后厨污水直排雨水沟，夏天臭得开不了窗。", "美食街背后", 6, 9, _chief_assigns),
)
_ELSEWHERE = (3, 4, 5, 9, 2, 7, 6, 8)


def tell_ladder(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
    """Put the ladder in force long ago, and tell of cases on every tier of it."""
    by = SystemAuthority("系统初始化")
    district = places["430212"]
    if not Ladder.objects.filter(district=district).exists():
        with clock.at(now - IN_FORCE):
            actions.activate_ladder(by, draft_ladder(by, district, source="lukou").pk)
    posts = cast.staffing.posts
    first = next(p.place_key for p in posts if p.username == "cadre.community01")
    t = _Teller(cast, places, units, now, first, True)
    for number, tale in enumerate(_TALES):
        with _told(tale):
            t.tell(number, tale)
    grids = list(dict.fromkeys(p.place_key for p in posts if p.kind == "community_cadre" and p.place_key != first))
    led = {p.place_key for p in posts if p.kind == "grid_chief"}
    for k, grid in enumerate([grid for grid in grids if grid in led][: len(_ELSEWHERE)]):
        tale = _TALES[_ELSEWHERE[k]]
        with _told(tale):
            _Teller(cast, places, units, now, grid, False).tell(k, tale)
    with clock.at(now):
        told = Stay.objects.filter(left_at=None, level__gte=3).values_list("case_id", flat=True)
        for case_id in list(told):
            marks.mark_by_level(case_id)


@contextmanager
def _told(tale: _Tale) -> Iterator[None]:
    """A tale that the house does not let happen in this town is left out, and said in the log."""
    try:
        yield
    except (LinliError, StopIteration) as refused:
        log.info("%s was not told: %s", tale.address or tale.item, refused)
