"""The demo's bulletins: two half-monthly ones and a weekly schedule issued and read, a monthly review to be issued.

Told through the actions at their moments: the worker drafts, a supervisor writes, a leader issues, readers open.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from linli.demo.people_told import Cast
from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar
from linli.rooms.bulletins.actions import steps
from linli.rooms.bulletins.actions.drafting import draft_due
from linli.rooms.bulletins.actions.kinds import change_kind
from linli.rooms.bulletins.actions.reading import opened
from linli.rooms.bulletins.models import Issue, Kind
from linli.rooms.bulletins.queries.issues import to_read
from linli.rooms.bulletins.rhythm import Period, Rhythm

HOUSE = "渌口区网格化治理工作领导小组办公室"
HOUR = dt.timedelta(hours=1)
# Kind, name, prefix, how many were issued or wait, the number to go on from.
_KINDS = (
    ("weekly", "一周工作调度", "渌网调", 1, 45),
    ("half-monthly", "网格化治理工作半月通报", "渌网通", 2, 20),
    ("monthly", "网格化治理工作一月点评", "渌网评", 1, 10),
)
_NEXT = {
    "weekly": "1. 各责任单位对照清单，本周内把超期事件办结或说明原因。\n2. 下周一上午调度时逐件过。",
    "half-monthly": "1. 排名靠后的单位三个工作日内报整改措施。\n"
    "2. 社区能办的先办，办不了的及时吹哨，不要等到期自动上升。\n3. 返工的事件由核查员逐件回访。",
    "monthly": "1. 历史遗留问题每件明确牵头单位和完成时间，列入下月现场会。\n2. 冬季路灯、供暖和积水点提前排查。",
}
_NOTES = ("已约谈责任单位", "材料已到，本周施工", "需与管线单位会商，已约定现场时间", "已列入下次现场会")
_READERS = (
    "dispatcher01", "grid.chief01", "unit.contact01", "cadre.community01", "cadre.town01", "liaison.city01",
)  # fmt: skip


def tell_bulletins(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
    """Play the bulletins that fell due last."""
    rng = random.Random("bulletins")
    acts: list[tuple[dt.datetime, Callable[[], object]]] = []
    for code, name, prefix, count, serial in _KINDS:
        kind = Kind.objects.get(code=code)
        periods = _last(kind.rhythm, count, now - 8 * HOUR)
        given = {
            "name_zh": name,
            "house_zh": HOUSE,
            "prefix": prefix,
            "first_serial": serial,
            "first_year": now.astimezone(CIVIL).year,
        }
        first = kind.rhythm.moment(periods[0], calendar())
        acts.append((first - HOUR, partial(_settle, code, given)))
        for period in periods:
            due = kind.rhythm.moment(period, calendar())
            acts.append((due, draft_due))
            acts.append((due + 2 * HOUR, partial(_write, code, period, cast, rng)))
            if code != "monthly":
                acts.append((due + 5 * HOUR, partial(_issue, code, period, cast)))
                acts.append((due + 7 * HOUR, partial(_read, code, period, cast, rng)))
    for moment, act in sorted(acts, key=lambda each: each[0]):
        with clock.at(moment):
            act()


def _last(rhythm: Rhythm, count: int, before: dt.datetime) -> list[Period]:
    """The last periods whose drafts fell due by a moment, the earliest first."""
    period = rhythm.period_of(before.astimezone(CIVIL).date())
    found: list[Period] = []
    while len(found) < count:
        if rhythm.moment(period, calendar()) <= before:
            found.append(period)
        period = rhythm.period_of(period.start - dt.timedelta(days=1))
    return found[::-1]


def _settle(code: str, given: dict[str, Any]) -> None:
    change_kind(SystemAuthority("系统初始化"), code, given)


def _of(code: str, period: Period) -> Issue:
    return Issue.objects.get(kind__code=code, starts_on=period.start, corrects=None)


def _write(code: str, period: Period, cast: Cast, rng: random.Random) -> None:
    issue = _of(code, period)
    viewer = cast.viewer("supervisor01")
    overdue = [row[0] for row in issue.numbers.get("overdue", {}).get("rows", ())]
    given = {
        "texts": {"lead": _lead(issue), "next": _NEXT[code]},
        "named": {number: rng.choice(_NOTES) for number in overdue[:3]},
    }
    issue = steps.edit(issue.pk, given, viewer=viewer, version=issue.version)
    steps.submit(issue.pk, viewer=viewer, version=issue.version)


def _lead(issue: Issue) -> str:
    """A summary that says what the numbers say."""
    figures = {figure["code"]: figure for figure in issue.numbers.get("totals", {}).get("figures", ())}
    words = [
        f"{_day(issue.starts_on)}至{_day(issue.last_day)}，全区共上报问题 {figures['reported']['value']} 件，"
        f"立案 {figures['registered']['value']} 件，结案 {figures['closed']['value']} 件。"
    ]
    if figures["in_time"].get("rate") is not None:
        moved = figures["in_time"].get("change", {}).get("zh", "")
        words.append(
            f"按期处置率 {figures['in_time']['value']}（{figures['in_time']['base']}）{'，' + moved if moved else ''}。"
        )
    words.append(
        f"目前正在办 {figures['open']['value']} 件，其中超期未办 {figures['late']['base'].partition('/')[0]} 件。"
    )
    return "".join(words)


def _day(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"


def _issue(code: str, period: Period, cast: Cast) -> None:
    issue = _of(code, period)
    steps.issue(issue.pk, viewer=cast.viewer("leader01"), version=issue.version)


def _read(code: str, period: Period, cast: Cast, rng: random.Random) -> None:
    issue = _of(code, period)
    for username in _READERS:
        viewer = cast.viewer(username)
        if rng.random() < 0.6 and to_read(viewer).filter(pk=issue.pk).exists():
            opened(issue, viewer)
