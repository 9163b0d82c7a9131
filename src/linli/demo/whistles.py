"""吹哨报到 in the demo town: whistles answered, refused, decided, late, scored; one with a meeting tomorrow (LK-7)."""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from linli.demo import album
from linli.demo.people_told import Cast
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import LinliError
from linli.rooms.cases.actions.intake import Intake, report_problem
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.catalogue.queries import default_rule
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.whistles import actions
from linli.rooms.whistles.actions import Blow, sweeping
from linli.rooms.whistles.models import Call, Whistle

log = logging.getLogger(__name__)
# (department that leads, item, words, address): what one department cannot solve alone. The drain comes first.
_PROBLEMS = (
    (
        "sz",
        "M06996",
        "菜市场后门下水道堵了，污水返到人行道上，餐馆还在往里倒油，路面也开始下沉，老人小孩绕着走。",
        "菜市场后门",
    ),
    ("sz", "M06986", "人行道塌了一个坑，旁边路灯杆也歪了，井盖不知道是哪家的。", "滨江路公交站旁"),
    ("sz", "M10999", "小区门口一下雨就积水，沟是堵的，路又低，车子过去溅一身。", "小区东门"),
    ("cg", "M06030", "洗车店的脏水横流，流到盲道上，晚上还占着消防通道。", "临街洗车店前"),
    ("sz", "M01004", "雨水箅子堵死了，绿化带的泥全冲到路上，骑车摔了两个人。", "学校围墙外"),
    ("sz", "M10999", "老家属院地势低，下雨水漫进一楼，排水管归谁修说不清。", "老家属院 3 栋"),
    ("cg", "M09012", "夜市把消防通道堵死了，油烟和噪音也大，三个部门都来过，没有管住。", "夜市街口"),
    ("sz", "M01002", "污水井盖松动，车一压就响，井边路面也碎了。", "农贸市场路口"),
    ("cg", "M06030", "烧烤摊的油水倒进雨水口，绿化带也死了一片，夜里没有人管。", "体育馆西侧"),
    ("sz", "M01004", "学校门口的雨水箅子不见了，用木板盖着，孩子放学都从上面过。", "小学门口"),
)
# Departments whose people appear by name, by what they may be whistled for beside the leading one.
_BESIDE = ("cg", "sz", "gs", "hw", "pcs", "jjzd", "ws", "zj", "yl", "fc")
_WHY = (
    "这一处几家各管一段，来回派了几次都没有办下来，请到现场一次定清分工和期限。",
    "一家办不了：要管线、执法、保洁一起动手，请各带能拍板的人来。",
    "居民已经反映三次，每次都说不归本单位。请到现场看清权属，当场认领。",
)
_TASKS = ("派两人清理并复查一周", "更换破损部件，恢复原状", "协调施工方限期撤除围挡", "出动吸污车疏通，拍照留存")
_NOT_OURS = "这一段不在我单位管护范围内，移交清单上没有。"


class _Days:
    """Moments so many working days before now, in working hours."""

    def __init__(self, now: dt.datetime) -> None:
        self.now, known = now, calendar()
        day = now.astimezone(CIVIL).date()
        self.days: list[dt.date] = []
        while len(self.days) < 40:
            noonish = dt.datetime.combine(day, dt.time(10), CIVIL)
            if known.is_working(noonish) and noonish < now:
                self.days.append(day)
            day -= dt.timedelta(days=1)

    def ago(self, whole: int, hour: int, minute: int = 0) -> dt.datetime:
        at = dt.datetime.combine(self.days[whole], dt.time(hour, minute), CIVIL)
        return min(at, self.now - dt.timedelta(minutes=40))

    def ahead(self, hour: int) -> dt.datetime:
        """This hour on the next working day."""
        day, known = self.now.astimezone(CIVIL).date() + dt.timedelta(days=1), calendar()
        while not known.is_working(dt.datetime.combine(day, dt.time(10), CIVIL)):
            day += dt.timedelta(days=1)
        return dt.datetime.combine(day, dt.time(hour), CIVIL)


class _Teller:
    def __init__(self, cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
        self.cast, self.places, self.units, self.now = cast, places, units, now
        self.key_of = {pk: key for key, pk in units.items()}
        self.days, self.rng = _Days(now), random.Random(20261122)
        self.used: set[int] = set()
        self.first = 0
        self.problems = iter(_PROBLEMS * 2)

    def contact(self, unit_id: int) -> Viewer:
        return self.cast.viewer(self.cast.holders("unit_contact", self.key_of[unit_id])[0])

    def handler(self, unit_id: int) -> Viewer:
        return self.cast.viewer(self.cast.holders("unit_handler", self.key_of[unit_id])[0])

    def staffed(self, unit_id: int | None) -> bool:
        return unit_id is not None and bool(self.cast.holders("unit_contact", self.key_of.get(unit_id, "-")))

    def case(self, place_id: int, before: dt.datetime, anew: bool) -> Case | None:
        """An open case at a place that rests with a department since before a moment and was not whistled for.

        anew: where there is none, a new one is told.
        """
        rows = Case.objects.filter(
            is_open=True,
            parent=None,
            lineage__contains=[place_id],
            state__in=("dispatched", "handling"),
            state_since__lt=before,
            whistles=None,
        ).order_by("pk")
        found = next((case for case in rows if self.staffed(case.unit_id) and case.pk not in self.used), None)
        return found or (self.new_case(place_id, before) if anew else None)

    def new_case(self, place_id: int, moment: dt.datetime) -> Case:
        """A problem that one department cannot solve alone, taken in, filed and given out."""
        key, item, words, address = next(self.problems)
        facts = atlas.current().places[place_id]
        clerk, dispatcher = self.cast.viewer("intake01"), self.cast.viewer("dispatcher02")
        with clock.at(moment):
            told = report_problem(
                Intake(
                    key=f"demo-whistle-{self.now:%Y%m%d%H%M%S}-{place_id}-{len(self.used)}",
                    channel="walk_in",
                    words=words,
                    lng=None if facts.lng is None else facts.lng + self.rng.uniform(-4e-4, 4e-4),
                    lat=facts.lat,
                    address=address,
                ),
                viewer=clerk,
            )
            take(told.case_id, "accept", {"item": item}, viewer=clerk)
            rule = default_rule(item)
            if rule is not None:
                take(told.case_id, "register", {"rule": rule.id}, viewer=dispatcher)
            take(told.case_id, "dispatch", {"unit": str(self.units[key])}, viewer=dispatcher)
            take(told.case_id, "receive", {}, viewer=self.contact(self.units[key]))
        return Case.objects.get(pk=told.case_id)

    def blow(self, who: Viewer, case: Case, moment: dt.datetime, **more: Any) -> Whistle:
        """The whistle at a moment, the case's unit leading, two departments beside it unless said otherwise."""
        self.used.add(case.pk)
        beside = [self.units[key] for key in self.rng.sample(_BESIDE, 3)]
        called = [case.unit_id, *[unit for unit in beside if unit != case.unit_id][:2]]
        given: dict[str, Any] = {
            "mode": "on_site",
            "at": moment + dt.timedelta(days=1),
            "why": self.rng.choice(_WHY),
            "units": called,
            "lead": called[0],
            "place_words": case.address or "事发地点",
            "lng": case.lng,
            "lat": case.lat,
            **more,
        }
        with clock.at(moment):
            return actions.blow(case.pk, Blow(**given), viewer=who)

    def calls(self, whistle: Whistle) -> list[Call]:
        return list(whistle.calls.order_by("pk"))

    def come(self, whistle: Whistle, call: Call, minutes: int) -> None:
        """Confirmed the afternoon before, checked in by place at the meeting."""
        viewer = self.contact(call.unit_id)
        with clock.at(whistle.blown_at + dt.timedelta(hours=2)):
            actions.confirm(whistle.pk, call.pk, viewer=viewer)
        with clock.at(whistle.at + dt.timedelta(minutes=minutes)):
            if whistle.lng is not None and whistle.lat is not None:
                off = self.rng.uniform(1e-4, 6e-4)
                actions.check_in_by_place(
                    whistle.pk, call.pk, whistle.lng + off, whistle.lat, self.rng.randint(8, 40), viewer=viewer
                )
            else:
                actions.vouch(
                    whistle.pk, call.pk, f"{viewer.name}，现场签名", viewer=self.cast.viewer(_name(self, whistle))
                )

    def promise(self, whistle: Whistle, call: Call, days: int = 3) -> Call:
        with clock.at(whistle.at + dt.timedelta(minutes=45)):
            return actions.promise(
                whistle.pk,
                call.pk,
                self.rng.choice(_TASKS),
                whistle.at.astimezone(CIVIL).replace(hour=17, minute=0) + dt.timedelta(days=days),
                viewer=self.contact(call.unit_id),
            )

    def keep(self, call: Call, at: dt.datetime) -> None:
        """The sub-case is worked on and done."""
        assert call.sub_id is not None
        contact, handler = self.contact(call.unit_id), self.handler(call.unit_id)
        with clock.at(at - dt.timedelta(hours=2)):
            take(call.sub_id, "receive", {}, viewer=contact)
        with clock.at(at - dt.timedelta(hours=1)):
            sub = Case.objects.get(pk=call.sub_id)
            photo = album.keep("sewage", 0, "handle", clock.now(), sub.lng or 0, sub.lat or 0, handler)
            take(sub.pk, "handle", {"words": "按现场商定的做完了。", "photos": [photo]}, viewer=handler)
        with clock.at(at):
            take(call.sub_id, "finish_assist", {}, viewer=contact)
            sweeping.tasks_done(call.sub_id)


def _name(t: _Teller, whistle: Whistle) -> str:
    names = {pk: name for name, pk in t.cast.ids.items()}
    return names[whistle.blown_by_id]


def tell_whistles(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
    """Play the whistles of the last weeks up to now."""
    t = _Teller(cast, places, units, now)
    first = next(p.place_key for p in cast.staffing.posts if p.username == "cadre.community01")
    grid = t.first = places[first]
    cadre, chief = cast.viewer("cadre.community01"), cast.viewer("grid.chief01")
    tellings = (
        (_drain, cadre, 0), (_scored, chief, 12), (_undecided, chief, 1), (_late, cadre, 2), (_to_score, cadre, 8),
        (_must_come, chief, 9), (_working, chief, 4), (_remote, cadre, 5), (_cancelled, chief, 6),
    )  # fmt: skip
    for tell, who, ago in tellings:
        with _told():
            tell(t, who, grid, ago)
    chiefs = [p for p in cast.staffing.posts if p.kind == "grid_chief" and p.place_key != first]
    again = (_scored, _working, _undecided, _must_come, _late, _scored, _working, _to_score)
    for k, post in enumerate(chiefs[:16]):
        with _told():
            again[k % len(again)](t, cast.viewer(post.username), places[post.place_key], 2 + (3 * k) % 14)
    with clock.at(now):
        while sweeping.sweep():
            pass


@contextmanager
def _told() -> Iterator[None]:
    """A town may have no case for a telling, or a unit nobody holds: then it is left out."""
    try:
        yield
    except LinliError as error:
        log.info("a whistle of the demo could not be told further: %s", error)


def _drain(t: _Teller, cadre: Viewer, grid: int, ago: int) -> None:
    """A blocked drain that needs three departments: the meeting is tomorrow, one has confirmed, two owe a word."""
    case = t.new_case(grid, t.days.ago(ago + 1, 9))
    whistle = t.blow(
        cadre,
        case,
        t.days.ago(ago, 14),
        at=t.days.ahead(10),
        why="下水道堵、餐馆倒油、路面下沉，三家各管一段。请到现场一起看，定谁疏通、谁查油、谁补路面。",
        units=[t.units["sz"], t.units["cg"], t.units["hw"]],
        lead=t.units["sz"],
        place_words="菜市场后门垃圾站旁",
    )
    with clock.at(min(t.now - dt.timedelta(minutes=10), whistle.blown_at + dt.timedelta(minutes=25))):
        actions.confirm(whistle.pk, t.calls(whistle)[0].pk, viewer=t.contact(t.units["sz"]))


def _scored(t: _Teller, who: Viewer, place: int, ago: int) -> None:
    """Everybody came, the others did what they promised, the leading one goes on with the case; scored."""
    case = t.case(place, t.days.ago(ago, 9), t.first == place)
    if case is None or case.lng is None:
        return
    whistle = t.blow(who, case, t.days.ago(ago, 10), at=t.days.ago(ago - 1, 10))
    lead, *others = t.calls(whistle)
    for k, call in enumerate((lead, *others)):
        t.come(whistle, call, -5 + 12 * k)
    for k, call in enumerate(others):
        t.keep(t.promise(whistle, call, 3), t.days.ago(max(ago - 2 - k, 0), 16))
    with clock.at(t.days.ago(max(ago - 4, 0), 16, 10)):
        actions.release(whistle.pk, lead.pk, "由主办单位按原定方案继续办，不另定任务。", viewer=who)
        for k, call in enumerate((lead, *others)):
            actions.score(
                whistle.pk,
                call.pk,
                came=True,
                in_time=k != 2,
                solved=("yes", "yes", "partly")[k % 3],
                words="" if k != 2 else "来晚了，也只做了一半",
                viewer=who,
            )


def _working(t: _Teller, who: Viewer, place: int, ago: int) -> None:
    """All came and promised; the tasks are being done, one of them beyond its day."""
    case = t.case(place, t.days.ago(ago, 9), t.first == place)
    if case is None or case.lng is None:
        return
    whistle = t.blow(who, case, t.days.ago(ago, 10), at=t.days.ago(max(ago - 1, 0), 10))
    for k, call in enumerate(t.calls(whistle)):
        t.come(whistle, call, 3 * k)
        t.promise(whistle, call, 1 + 4 * k)


def _undecided(t: _Teller, who: Viewer, place: int, ago: int) -> None:
    """One says "not ours": the dispatcher has to decide; the others have confirmed."""
    case = t.case(place, t.days.ago(ago, 9), t.first == place)
    if case is None:
        return
    whistle = t.blow(who, case, t.days.ago(ago, 15), at=t.days.ahead(15))
    lead, second, *_rest = t.calls(whistle)
    with clock.at(whistle.blown_at + dt.timedelta(minutes=50)):
        actions.confirm(whistle.pk, lead.pk, viewer=t.contact(lead.unit_id))
        named = next(t.units[key] for key in ("gs", "zj", "ws") if t.units[key] not in (second.unit_id, lead.unit_id))
        actions.refuse(whistle.pk, second.pk, _NOT_OURS, named, viewer=t.contact(second.unit_id))


def _must_come(t: _Teller, who: Viewer, place: int, ago: int) -> None:
    """Two refusals decided, one each way; both precedents stay. The whistle ended well."""
    case = t.case(place, t.days.ago(ago, 9), t.first == place)
    if case is None or case.lng is None:
        return
    whistle = t.blow(who, case, t.days.ago(ago, 9, 30), at=t.days.ago(ago - 2, 10))
    lead, second, third = t.calls(whistle)
    used = {call.unit_id for call in (lead, second, third)}
    named = next(t.units[key] for key in ("gs", "zj", "ws", "yl", "fc") if t.units[key] not in used)
    with clock.at(t.days.ago(ago, 11)):
        actions.refuse(whistle.pk, second.pk, _NOT_OURS, named, viewer=t.contact(second.unit_id))
        actions.refuse(
            whistle.pk, third.pk, "属地管理，应由主办单位自行解决。", lead.unit_id, viewer=t.contact(third.unit_id)
        )
    decider = t.cast.viewer("dispatcher02")
    with clock.at(t.days.ago(ago, 15)):
        actions.decide(
            whistle.pk, second.pk, "stands", "查移交清单，这一段确已移交，改由接管单位到场。", viewer=decider
        )
        actions.decide(whistle.pk, third.pk, "must_come", "执法权在该单位，属地没有处罚权，须到场。", viewer=decider)
    with clock.at(t.days.ago(ago - 2, 11)):
        for call in whistle.calls.filter(is_open=True):
            actions.vouch(whistle.pk, call.pk, "现场签名", viewer=who)
    with clock.at(t.days.ago(ago - 2, 12)):
        actions.end(whistle.pk, "现场商定由主办单位牵头，其余单位按职责配合，当场办结。", viewer=who)
        for call in whistle.calls.filter(state="done"):
            actions.score(whistle.pk, call.pk, came=True, in_time=call.pk != third.pk, solved="yes", viewer=who)


def _late(t: _Teller, who: Viewer, place: int, ago: int) -> None:
    """One has not answered in time: reminded, late, to be seen by everybody."""
    case = t.case(place, t.days.ago(ago, 9), t.first == place)
    if case is None:
        return
    whistle = t.blow(who, case, t.days.ago(ago, 10), at=t.days.ahead(9))
    lead, second, *_rest = t.calls(whistle)
    with clock.at(whistle.blown_at + dt.timedelta(hours=3)):
        actions.confirm(whistle.pk, lead.pk, viewer=t.contact(lead.unit_id))
        actions.confirm(whistle.pk, second.pk, viewer=t.contact(second.unit_id))


def _to_score(t: _Teller, who: Viewer, place: int, ago: int) -> None:
    """Ended with one that never came: the whistler has to score."""
    case = t.case(place, t.days.ago(ago, 9), t.first == place)
    if case is None or case.lng is None:
        return
    whistle = t.blow(who, case, t.days.ago(ago, 10), at=t.days.ago(ago - 1, 10))
    lead, second, *_rest = t.calls(whistle)
    t.come(whistle, lead, 2)
    t.come(whistle, second, 25)
    with clock.at(t.days.ago(ago - 1, 15)):
        actions.end(whistle.pk, "到场的两家当场商定了办法，另一家没有来，另行督促。", viewer=who)


def _remote(t: _Teller, who: Viewer, place: int, ago: int) -> None:
    """Answered from afar: no meeting, a task by a day."""
    case = t.case(place, t.days.ago(ago, 9), t.first == place)
    if case is None or case.unit_id is None:
        return
    at = t.days.ago(ago, 9, 30)
    whistle = t.blow(who, case, at, mode="remote", at=at + dt.timedelta(hours=6), units=[case.unit_id], urgent=True)
    with clock.at(at + dt.timedelta(hours=1)):
        (call,) = t.calls(whistle)
        actions.promise(
            whistle.pk, call.pk, "今天派人上门看，后天前办好", t.days.ahead(17), viewer=t.contact(call.unit_id)
        )


def _cancelled(t: _Teller, who: Viewer, place: int, ago: int) -> None:
    """Taken back before anybody came."""
    case = t.case(place, t.days.ago(ago, 9), t.first == place)
    if case is None:
        return
    whistle = t.blow(who, case, t.days.ago(ago, 10), at=t.days.ago(ago - 1, 10))
    with clock.at(t.days.ago(ago, 14)):
        actions.cancel(whistle.pk, "主办单位当天已经处置好，不用再碰头。", viewer=who)
