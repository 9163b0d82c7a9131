"""Supervision in the demo town: orders in every state and light, proposals that wait, reform tasks on their way."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from linli.demo.meetings import hold_last, last_meeting
from linli.demo.people_told import Cast
from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import LinliError
from linli.rooms.cases.models import Case, Rating
from linli.rooms.oversight.actions.follow import follow_case, look_at_cases, turn_lights, watch
from linli.rooms.oversight.actions.issuing import Writ, issue
from linli.rooms.oversight.actions.numbering import set_prefix
from linli.rooms.oversight.actions.proposals import (
    demand_for,
    dismiss,
    head_of,
    issue_proposal,
    propose_for_rating,
    record_callback,
)
from linli.rooms.oversight.actions.steps import take
from linli.rooms.oversight.actions.tasks import TaskWords, add_task, report_progress, turn_task_lights
from linli.rooms.oversight.models import Order, Proposal
from linli.rooms.oversight.rules import civil_year

DISTRICT = "430212"
# (working days ago, source, limit, steps after the issue as (working days ago, who, step, given)); see `_PEOPLE`.
Play = tuple[float, str, str, tuple[tuple[float, str, str, dict[str, Any]], ...]]
_DONE = "已组织力量处置完毕，现场恢复正常，并安排专人每周复查。"
PLAYS: tuple[Play, ...] = (
    (18, "light", "3个工作日", (
        (17.9, "unit", "sign", {}), (16, "unit", "answer", {"words": _DONE}),
        (15.5, "verifier", "pass", {"words": "现场看过，问题已经解决。"}),
    )),
    (15, "leader", "5个工作日", (
        (14.8, "unit", "sign", {}), (13, "unit", "answer", {"words": "已到现场查看，拟列入下月计划。"}),
        (12.5, "supervisor", "back", {"reason": "没有处置，只有计划。请先清理，再报长效办法。", "limit": "3个工作日"}),
        (10, "unit", "answer", {"words": "已清理完毕，并与社区签订了管护约定。"}),
        (9.5, "verifier", "pass", {"words": "已清理，约定已上墙。"}),
    )),
    (12, "complaint", "3个工作日", (
        (11.8, "unit", "sign", {}), (9, "supervisor", "remind", {"words": "上报人又来电询问，请尽快办理。"}),
        (6, "supervisor", "raise", {"reason": "超期三天没有回复，居民再次投诉。", "limit": "2个工作日"}),
        (5.8, "unit", "sign", {}),
    )),
    (6, "light", "3个工作日", ((5.9, "unit", "sign", {}),)),
    (3, "light", "5个工作日", ()),
    (4, "leader", "5个工作日", ((3.9, "unit", "sign", {}),)),
    (2.2, "light", "5个工作日", ((2.1, "unit", "sign", {}),)),
    (5, "recurring", "5个工作日", (
        (4.9, "unit", "sign", {}), (1, "unit", "answer", {"words": "已查明是排水管径偏小，先疏通，年内列入改造。"}),
    )),
    (1.5, "light", "3个工作日", (
        (1, "unit", "contest", {"reason": "这段路由镇里管护，不在本单位职责内。"}),
    )),
    (8, "hand", "3个工作日", ((7, "supervisor", "revoke", {"reason": "与另一份督办单重复。"}),)),
    (0.2, "light", "3个工作日", ()),
)  # fmt: skip
OWN = frozenset({6, 2.2, 0.2})
"""The plays whose order goes to the unit of the account that visitors try."""
_LEADER_WORDS = (
    "请城管部门牵头，一周内拿出办法，不要只清一次。",
    "群众反映多次，请督办室盯到底。",
)
AREAS: tuple[tuple[str, tuple[str, str, str, str]], ...] = (
    ("政务服务改革", ("一网通办", "帮办代办", "下放事项", "好差评")),
    ("城市更新", ("老旧小区", "背街小巷", "雨污分流", "停车设施")),
    ("基层治理", ("网格优化", "三长队伍", "居民自治", "矛盾调解")),
    ("民生保障", ("养老服务", "托育服务", "社区食堂", "无障碍")),
    ("安全生产", ("消防通道", "燃气安全", "自建房", "电动车充电")),
    ("生态环境", ("垃圾分类", "河长制", "扬尘治理", "餐饮油烟")),
)
_TASKS = ("摸清底数，建好台账", "出台实施办法", "完成试点并总结", "全面推开", "建立长效机制")


class _Days:
    """Moments in working time before now: `ago(1.5)` is one and a half working days ago."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        days: list[dt.date] = []
        day = now.astimezone(CIVIL).date()
        while len(days) < 60:
            if calendar().is_workday(day):
                days.append(day)
            day -= dt.timedelta(days=1)
        self.days = days

    def ago(self, length: float) -> dt.datetime:
        whole = int(length)
        # Through a working day backwards, from half past four to nine.
        at = dt.datetime.combine(self.days[whole], dt.time(16, 30), CIVIL) - dt.timedelta(hours=7.5 * (length - whole))
        return min(at, self.now - dt.timedelta(minutes=30))


def tell_oversight(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
    """Play the last weeks of supervision up to now."""
    days = _Days(now)
    keys = {pk: key for key, pk in units.items()}
    boss, system = cast.viewer("supervisor01"), cast.viewer("admin.system")
    with clock.at(days.ago(40)):
        set_prefix(system, places[DISTRICT], "order", civil_year(now), "渌督")
    told = _Telling(cast, keys, days)
    acts: list[tuple[dt.datetime, Callable[[], None]]] = [
        (days.ago(play[0]), partial(told.play, play)) for play in PLAYS
    ]
    acts += [
        (last_meeting(now), partial(hold_last, cast, places, units, now)),
        (days.ago(0.3), told.draft),
        (days.ago(0.4), partial(_proposals, boss, days, now)),
    ]
    case = Case.objects.select_related("item").filter(state="suspended", unit__isnull=False, parent=None).first()
    if case is not None and cast.holders("unit_contact", keys.get(case.unit_id or 0, "-")):
        acts.append((_before_suspension(case), partial(_suspended, boss, case)))
    # In the order of their moments: numbers are given one after another.
    for _moment, act in sorted(acts, key=lambda one: one[0]):
        act()
    _tasks(cast, units, days, small=len(places) < 900)
    with clock.at(now):
        turn_lights()
        turn_task_lights()


def _take(
    cast: Cast, order: Order, keys: dict[int, str], who: str, step: str, given: dict[str, Any], moment: dt.datetime
) -> None:
    name = {
        "unit": lambda: cast.holders("unit_contact", keys[order.unit_id])[0],
        "verifier": lambda: cast.holders("verifier")[0],
        "supervisor": lambda: "supervisor01",
    }[who]()
    with clock.at(moment):
        turn_lights()
        try:
            take(order.pk, step, given, viewer=cast.viewer(name))
        except LinliError:  # a checker of another place: the supervisor checks
            take(order.pk, step, given, viewer=cast.viewer("supervisor02"))


def _title(case: Case) -> str:
    words = " ".join(case.description.split())
    return f"{head_of(case)}：{words[:40]}" if case.item else words[:60]


class _Choice:
    """Cases for orders: given to a unit that has a contact, under way at the moment the order was issued."""

    def __init__(self, cast: Cast, keys: dict[int, str]) -> None:
        held = {pk for pk, key in keys.items() if cast.holders("unit_contact", key)}
        self.own = {pk for pk, key in keys.items() if key == "cg"}
        self.rows = list(
            Case.objects.filter(unit_id__in=held, parent=None, due_at__isnull=False, dispatched_at__isnull=False)
            .exclude(state="suspended")
            .select_related("item")
            .order_by("due_at", "id")
        )
        self.taken: set[int] = set()

    def at(self, moment: dt.datetime, *, own: bool = False, several: bool = False, long: bool = True) -> list[Case]:
        """The case that was longest overdue then; own: of the unit whose account visitors try."""

        def under_way(case: Case) -> bool:
            assert case.dispatched_at is not None
            return (
                case.pk not in self.taken
                and case.dispatched_at < moment
                and (case.is_open or bool(long and case.ended_at and case.ended_at > moment))
            )

        found = [case for case in self.rows if under_way(case)]
        found.sort(key=lambda case: (own and case.unit_id not in self.own, not case.is_open, case.due_at))
        if not found:
            return []
        first = found[0]
        group = [first]
        if several:
            group += [one for one in found[1:] if one.item_id == first.item_id and one.unit_id == first.unit_id][:2]
        self.taken.update(one.pk for one in group)
        return group


def _before_suspension(case: Case) -> dt.datetime:
    return max(case.dispatched_at or case.state_since, case.state_since - dt.timedelta(hours=30))


def _suspended(boss: Any, case: Case) -> None:
    """An order whose clock stands with its case's."""
    with clock.at(_before_suspension(case)):
        limit = TimeLimit(5, "working_days")
        issue(Writ(case.unit_id, _title(case), demand_for("light"), "light", [case.pk], limit=limit), viewer=boss)
    with clock.at(case.state_since + dt.timedelta(minutes=1)):
        follow_case(case.pk, -case.pk, "case.suspended", {"number": case.number})


class _Telling:
    """Issues the orders of the plays and lets everybody take their steps."""

    def __init__(self, cast: Cast, keys: dict[int, str], days: _Days) -> None:
        self.cast, self.keys, self.days = cast, keys, days
        self.chosen = _Choice(cast, keys)
        self.boss = cast.viewer("supervisor01")
        self.notes = iter(_LEADER_WORDS * 5)

    def play(self, play: Play) -> None:
        issued, source, limit, steps = play
        at = self.days.ago(issued)
        some = self.chosen.at(at, own=issued in OWN, several=source == "recurring", long=len(steps) != 1)
        if not some:
            return
        leader = source == "leader"
        with clock.at(at):
            order = issue(
                Writ(
                    unit_id=some[0].unit_id,
                    title=_title(some[0]),
                    demand=demand_for(source),
                    source=source,
                    case_ids=[one.pk for one in some],
                    leader_name="分管领导" if leader else "",
                    leader_words=next(self.notes) if leader else "",
                    limit=TimeLimit.parse(limit),
                    in_step=False,
                ),
                viewer=self.boss,
            )
        for moment, who, step, given in steps:
            _take(self.cast, order, self.keys, who, step, given, self.days.ago(moment))

    def draft(self) -> None:
        at = self.days.ago(0.3)
        rest = self.chosen.at(at)
        if rest:
            with clock.at(at):
                words = Writ(rest[0].unit_id, _title(rest[0]), "请查明情况后报告。", "inspection", [rest[0].pk])
                issue(words, viewer=self.boss, draft=True)


def _proposals(boss: Any, days: _Days, now: dt.datetime) -> None:
    """Bad ratings, called back or waiting; cases that turned red; a few were decided."""
    bad = [
        rating
        for rating in Rating.objects.select_related("report__case__item").order_by("at")
        if rating.at <= now and (rating.solved == "no" or (rating.level or 5) <= 2)
    ][-8:]
    for rating in bad:
        with clock.at(min(rating.at + dt.timedelta(minutes=1), now)):
            propose_for_rating(rating.report.case, rating.report_id, rating.solved, rating.level)
    found = list(Proposal.objects.filter(source="rating", state="waiting").order_by("found_at", "pk"))
    with clock.at(days.ago(0.4)):
        for n, one in enumerate(found[:-1]):
            reached = n % 4 != 3
            words = "上报人说夜里仍有异味，希望再来看一次。" if reached else "电话三次无人接听，改日再打。"
            record_callback(one.pk, reached, words, viewer=boss)
            if n == 0 and one.unit_id:
                issue_proposal(one.pk, viewer=boss)
            elif n == 1:
                dismiss(one.pk, "上报人说已经解决，是误点。", viewer=boss)
    supervised = set(Order.objects.filter(is_open=True).values_list("links__case_id", flat=True))
    open_cases = Case.objects.filter(is_open=True, due_at__isnull=False, parent=None)
    for pk in open_cases.order_by("due_at").values_list("pk", flat=True)[:60]:
        if pk not in supervised:
            with clock.at(now):
                watch(pk)
    with clock.at(now - dt.timedelta(minutes=20)):
        look_at_cases()


def _tasks(cast: Cast, units: dict[str, int], days: _Days, *, small: bool) -> None:
    """Six areas with four aspects each and 105 tasks (LS-14); a smaller town has fewer."""
    rng = random.Random(105)
    boss = cast.viewer("supervisor01")
    owners = [key for key in ("cg", "zj", "mz", "xf", "sthj", "jt", "scjg", "t_lukou", "ws") if key in units]
    wanted = [
        (area, aspect, f"{aspect}：{_TASKS[n]}", n) for area, aspects in AREAS for aspect in aspects for n in range(5)
    ]
    wanted = [one for k, one in enumerate(wanted) if k % 8 != 7]  # 105 of 120
    if small:
        wanted = [one for one in wanted if one[3] < 2]
    today = days.days[0]
    for k, (area, aspect, name, n) in enumerate(wanted):
        key = owners[k % len(owners)]
        begins = today - dt.timedelta(days=rng.randint(50, 80))
        due = today + dt.timedelta(days=rng.choice((-9, 8, 20, 60, 120)) + 12 * n)
        with clock.at(days.ago(38)):
            task = add_task(
                TaskWords(
                    area, aspect, name, units[key], begins, due,
                    goal="有方案、有台账、有成效，群众看得见。",
                    milestones=[("完成方案", begins + dt.timedelta(days=14))] if n == 0 else (),
                ),
                viewer=boss,
            )  # fmt: skip
        _reports(cast, task, key, k, days, rng)


_PROGRESS: Sequence[str] = (
    "方案已经主要领导同意，正在征求各镇意见。",
    "已在两个社区先行，共走访 120 户。",
    "台账建好，正在核对数据，下周开推进会。",
)


def _reports(cast: Cast, task: Any, key: str, k: int, days: _Days, rng: random.Random) -> None:
    people = cast.holders("unit_contact", key)
    if not people or k % 5 == 4:  # some owners have not said anything yet
        return
    viewer = cast.viewer(people[0])
    done = k % 3 == 0
    for moment, percent in ((24, 30), (9, 100 if done else rng.choice((50, 60, 80)))):
        with clock.at(days.ago(moment + rng.random())):
            milestones = list(task.milestones.filter(done_at=None).values_list("pk", flat=True))
            words = "任务完成，资料已归档。" if percent == 100 else rng.choice(_PROGRESS)
            report_progress(task.pk, words, percent, viewer=viewer, milestones=milestones)
