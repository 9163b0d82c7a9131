"""Meetings in the demo town: a month's meeting that was held, with its minutes; the next one, being prepared."""

from __future__ import annotations

import datetime as dt

from linli.demo.people_told import Cast
from linli.demo.staffing import TOWN_CENTRE
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import LinliError
from linli.rooms.cases.models import Case
from linli.rooms.ladder.models import Stay
from linli.rooms.oversight.actions import agenda, closing, meetings
from linli.rooms.oversight.actions.numbering import set_prefix
from linli.rooms.oversight.actions.steps import take
from linli.rooms.oversight.models import AgendaItem, Meeting
from linli.rooms.oversight.rhythm import Rhythm
from linli.rooms.oversight.rules import civil_year

DISTRICT = "430212"
PEOPLE = (
    ("区城市管理局", "分管副局长", True),
    ("区住房和城乡建设局", "分管副局长", True),
    ("交警大队渌口中队", "中队长", True),
    ("渌口镇", "镇长", True),
    ("区消防救援大队", "监督科长", False),
)
DECISIONS = (
    "由{unit}牵头，按期整改到位，镇里派人盯守两周，防止反弹。",
    "由{unit}先采取临时措施，两周内报出根治方案和资金来源。",
    "由{unit}会同社区听取居民意见，一个月内试行，效果报下次会议。",
    "由{unit}一周内完成检修，动工前在小区张贴公告。",
)


def tell_meetings(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
    """Hold the last monthly meeting, prepare the next one and the weekly ones."""
    leader, chief = cast.viewer("leader01"), cast.viewer("grid.chief01")
    if not Meeting.objects.filter(kind__code="leading").exists():
        hold_last(cast, places, units, now)
    # The grid of the chief that visitors try, and the whole town's small meetings are called in their weeks.
    with clock.at(now - dt.timedelta(days=9)):
        for post in chief.posts:
            if post.kind == "grid_chief" and post.place_id:
                meetings.hold_regularly("grid", post.place_id, viewer=chief, venue="网格服务站")
                break
        opinion = next((key for key in places if len(key) == 12 and key.startswith(TOWN_CENTRE)), "")
        if opinion:
            at = (now + dt.timedelta(days=6)).astimezone(CIVIL).replace(hour=19, minute=30, second=0, microsecond=0)
            meetings.call_meeting("opinion", places[opinion], at, viewer=leader, venue="社区议事厅")
    with clock.at(now - dt.timedelta(minutes=10)):
        _prepare_next(cast, places, now)
        meetings.create_due()


def last_meeting(now: dt.datetime) -> dt.datetime:
    """When the leading group met last."""
    return _last(Rhythm.parse("monthly 1 thu 15:00"), now)


def hold_last(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
    """The last monthly meeting, from its preparation to its minutes."""
    leader = cast.viewer("leader01")
    held = last_meeting(now)
    with clock.at(held - dt.timedelta(days=8)):
        set_prefix(cast.viewer("admin.system"), places[DISTRICT], "minutes", civil_year(now), "渌会纪")
        meetings.hold_regularly("leading", places[DISTRICT], viewer=leader, venue="区政府三楼会议室")
    with clock.at(held - dt.timedelta(days=7)):
        meetings.create_due()
    meeting = Meeting.objects.filter(kind__code="leading").order_by("pk").first()
    if meeting is not None:
        _hold(cast, meeting, units, held)


def _last(rhythm: Rhythm, now: dt.datetime) -> dt.datetime:
    """The last meeting before now."""
    found = rhythm.next_after(now - dt.timedelta(days=75), calendar())
    while (following := rhythm.next_after(found, calendar())) < now - dt.timedelta(days=1):
        found = following
    return found


def _hold(cast: Cast, meeting: Meeting, units: dict[str, int], at: dt.datetime) -> None:
    leader, clerk = cast.viewer("leader01"), cast.viewer("supervisor01")
    with clock.at(at - dt.timedelta(days=2)):
        meetings.plan_meeting(meeting.pk, viewer=clerk, chair="分管领导")
        for unit, role, _came in PEOPLE:
            meetings.attend(meeting.pk, role, unit, False, viewer=clerk)
        # What was hard then has been dealt with since: an open case goes its own way on the ladder.
        hard = Case.objects.filter(reported_at__lt=at, ended_at__gt=at, parent=None, unit_id__in=list(units.values()))
        for case in hard.order_by("-legacy", "reported_at")[:4]:
            _add(meeting, clerk, case_id=case.pk)
        _add(meeting, clerk, title="冬春火灾防控工作部署")
    with clock.at(at):
        meetings.open_meeting(meeting.pk, viewer=leader)
        for unit, role, came in PEOPLE:
            meetings.attend(meeting.pk, role, unit, came, viewer=clerk)
    items = list(meeting.items.select_related("case__unit").order_by("position", "id")[:6])
    for n, item in enumerate(items):
        with clock.at(at + dt.timedelta(minutes=9 * n + 5)):
            agenda.set_current(meeting.pk, item.pk, viewer=clerk)
            last = n == len(items) - 1
            if Stay.objects.filter(case=item.case_id, left_at=None).exists():
                # Still on top today: it was not settled then.
                undecided = "资金和产权还没有落实，方案再论证，下次会议定。"
                agenda.type_item(
                    meeting.pk, item.pk, viewer=clerk, version=item.version, decision=undecided, outcome="postponed"
                )
                continue
            agenda.type_item(
                meeting.pk,
                item.pk,
                viewer=clerk,
                version=item.version,
                decision="听取汇报，各单位照方案落实。" if last else _decision(n, item),
                outcome="noted" if last or not item.case else "decided",
                unit_id=item.case.unit_id if item.case and not last else None,
                due_on=None if last or not item.case else (at + dt.timedelta(days=21 + 7 * n)).astimezone(CIVIL).date(),
            )
    for item in meeting.items.order_by("position", "id")[6:]:
        with clock.at(at + dt.timedelta(minutes=70)):
            agenda.type_item(meeting.pk, item.pk, viewer=clerk, version=item.version, outcome="postponed")
    with clock.at(at + dt.timedelta(minutes=90)):
        closing.close_meeting(meeting.pk, viewer=clerk)
    _sign(cast, meeting, units, at + dt.timedelta(hours=18, minutes=30))


def _decision(n: int, item: AgendaItem) -> str:
    unit = item.case.unit.name_zh if item.case and item.case.unit else "责任单位"
    return DECISIONS[n % len(DECISIONS)].format(unit=unit)


def _sign(cast: Cast, meeting: Meeting, units: dict[str, int], at: dt.datetime) -> None:
    """The units sign for what they were given, and the first has done it."""
    keys = {pk: key for key, pk in units.items()}
    done = False
    for item in meeting.items.filter(order__isnull=False).select_related("order"):
        order = item.order
        people = cast.holders("unit_contact", keys.get(order.unit_id, "-")) if order else []
        if order is None or not people:
            continue
        with clock.at(at):
            take(order.pk, "sign", {}, viewer=cast.viewer(people[0]))
        if not done:
            with clock.at(at + dt.timedelta(days=5)):
                take(
                    order.pk,
                    "answer",
                    {"words": "已按会议要求清理到位，镇里安排了两周盯守。"},
                    viewer=cast.viewer(people[0]),
                )
            with clock.at(at + dt.timedelta(days=6)):
                take(order.pk, "pass", {"words": "现场看过，没有反弹。"}, viewer=cast.viewer("supervisor02"))
            done = True


def _add(meeting: Meeting, viewer: object, **what: object) -> None:
    try:
        agenda.add_item(meeting.pk, viewer=viewer, **what)  # type: ignore[arg-type]
    except LinliError:
        return  # it stands there already


def _prepare_next(cast: Cast, places: dict[str, int], now: dt.datetime) -> None:
    """The next monthly meeting is called early when its own day of preparation has not come yet."""
    if Meeting.objects.filter(kind__code="leading", state="planned").exists():
        return
    at = Rhythm.parse("monthly 1 thu 15:00").next_after(now, calendar())
    leader = cast.viewer("leader01")
    meeting = meetings.call_meeting("leading", places[DISTRICT], at, viewer=leader, venue="区政府三楼会议室")
    clerk = cast.viewer("supervisor01")
    hard = Case.objects.filter(is_open=True, parent=None, unit__isnull=False, current_due_at__lt=now)
    for case in hard.order_by("current_due_at")[:4]:
        _add(meeting, clerk, case_id=case.pk)
    _add(meeting, clerk, title="听取上月决定落实情况")
    for unit, role, _came in PEOPLE[:3]:
        meetings.attend(meeting.pk, role, unit, False, viewer=clerk)
