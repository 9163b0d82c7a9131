"""Figures in the demo town: counted from what was told; scorecards in force and in trial, appeals, a week of storms."""

from __future__ import annotations

import datetime as dt
import random

from django.db import transaction

from linli.demo.people_told import Cast
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError
from linli.rooms.cases.models import Case
from linli.rooms.insight.actions.appeals import ask_appeal, review_appeal
from linli.rooms.insight.actions.exclusions import decide_exclusion
from linli.rooms.insight.actions.recount import rebuild
from linli.rooms.insight.actions.scorecards import (
    approve_scorecard,
    draft_scorecard,
    edit_scorecard,
    keep_result,
    try_scorecard,
)
from linli.rooms.insight.models import Appeal, CaseFact
from linli.rooms.people.models import Post
from linli.rooms.people.rights import Viewer

DAY = dt.timedelta(days=1)
_LINES = {
    1: (("in_time", 35, 0.95, 0.5), ("handled", 15, 1, 0.7), ("accurate", 10, 0.98, 0.8), ("reworked", 10, 0, 0.2),
        ("solved", 15, 0.95, 0.6), ("satisfied", 15, 0.95, 0.6)),
    2: (("in_time", 30, 0.95, 0.5), ("handled", 10, 1, 0.7), ("responded", 10, 1, 0.6), ("reworked", 10, 0, 0.2),
        ("solved", 20, 0.95, 0.6), ("satisfied", 10, 0.95, 0.6), ("righted", 5, 1, 0.5), ("score_came", 5, 1, 0.5)),
}  # fmt: skip
_REASONS = (
    "连续暴雨，地下管沟积水无法下井作业，已附气象预警截图和现场照片。",
    "需要采购专用配件，厂家到货晚于处置时限，附采购单和物流记录。",
    "产权单位停业无法联系，已三次上门并张贴通知，附通知照片。",
    "现场道路被占用施工，交警部门要求错峰，处置时间推迟两天。",
    "处置人员请假，班组人手不足，没有及时安排。",
    "处置当天断电，设备无法使用，附供电公司停电通知。",
)
_YES = "情况属实，证据齐全，不计入超期。"
_NO = "人手安排是本单位的事，不属于不可抗力，不予认定。"


def tell_insight(cast: Cast, places: dict[str, int], units: dict[str, int], now: dt.datetime) -> None:
    """Count everything told so far, then appeals, exclusions and scorecards of the last two months."""
    rng = random.Random(20261122)
    rebuild()
    with transaction.atomic():
        _storm(cast, places, now)
        _appeals(cast, now, rng)
    rebuild()
    with transaction.atomic():
        _scorecards(cast, now)


def _first(cast: Cast, kind: str) -> Viewer:
    return cast.viewer(cast.holders(kind)[0])


def _storm(cast: Cast, places: dict[str, int], now: dt.datetime) -> None:
    """Three days of heavy rain in one town, a good month ago."""
    begin = (now.astimezone(CIVIL) - 38 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    with clock.at(begin + 4 * DAY + dt.timedelta(hours=9)):
        decide_exclusion(
            viewer=_first(cast, "leader"),
            cause="weather",
            reason="暴雨橙色预警 渌气象〔41 号〕，低洼处无法作业；区防汛办通知暂停户外处置。",
            place_id=places["430212100"] if "430212100" in places else next(iter(places.values())),
            since=begin,
            until=begin + 3 * DAY,
        )


def _contacts() -> dict[int, int]:
    """unit → who speaks for it."""
    found = Post.objects.filter(kind__duties__contains=["appeal.ask"], unit__isnull=False).order_by("-pk")
    return dict(found.values_list("unit_id", "holder_id"))


def _appeals(cast: Cast, now: dt.datetime, rng: random.Random) -> None:
    """Six late cases: upheld, refused at once, refused at second sight, half way, and just asked."""
    by_id = {pk: name for name, pk in cast.ids.items()}
    contacts = _contacts()
    late = CaseFact.objects.filter(state="closed", handled__isnull=False, out="", unit_id__in=list(contacts))
    ids = list(late.extra(where=["handled > due"]).order_by("-closed").values_list("case_id", flat=True)[:60])
    shown = cast.viewer("unit.contact01")
    cases = sorted(Case.objects.filter(pk__in=ids), key=lambda case: (case.unit_id not in shown.own_units, -case.pk))
    # One case is left to the unit that the sign-in page offers, so that it has something to appeal.
    plays = ((True, True), (True, True), (False,), (True, False), (True,), ())
    for number, (case, verdicts) in enumerate(zip(cases[1:], plays, strict=False)):
        assert case.closed_at is not None and case.unit_id is not None
        moment = min(case.closed_at + DAY + dt.timedelta(hours=rng.randint(0, 4)), now - dt.timedelta(hours=6))
        try:
            with clock.at(moment):
                asked = ask_appeal(
                    case.pk, viewer=cast.viewer(by_id[contacts[case.unit_id]]), reason=_REASONS[number % len(_REASONS)]
                )
            for step, upheld in enumerate(verdicts, 1):
                _review(cast, asked, upheld, step, min(moment + step * dt.timedelta(hours=5), now))
        except LinliError:
            continue


def _review(cast: Cast, asked: Appeal, upheld: bool, step: int, moment: dt.datetime) -> None:
    reviewer = _first(cast, "supervisor") if step == 1 else _first(cast, "leader")
    with clock.at(moment):
        review_appeal(asked.pk, viewer=reviewer, upheld=upheld, words=_YES if upheld else _NO)


def _scorecards(cast: Cast, now: dt.datetime) -> None:
    """One edition for units in force with the last two months' results, the next one tried; one for communities."""
    local = now.astimezone(CIVIL)
    this = local.date().replace(day=1)
    last = (this - DAY).replace(day=1)
    before = (last - DAY).replace(day=1)
    supervisor, leader = _first(cast, "supervisor"), _first(cast, "leader")
    for subject, name, english in (
        ("unit", "责任单位月度考核", "Monthly scorecard of units"),
        ("community", "社区月度考核", "Monthly scorecard of communities"),
    ):
        drafted = dt.datetime.combine(before - 9 * DAY, dt.time(10), CIVIL)
        with clock.at(drafted):
            card = draft_scorecard(viewer=supervisor, subject=subject, name_zh=name, name_en=english)
            _write(card.pk, supervisor, name, english, 1)
            try_scorecard(card.pk, viewer=supervisor, since=drafted.date() - 31 * DAY, until=drafted.date())
        with clock.at(drafted + 2 * DAY):
            approve_scorecard(card.pk, viewer=leader, from_day=before)
        for since, until in ((before, last), (last, this)):
            with clock.at(dt.datetime.combine(until, dt.time(8), CIVIL)):
                keep_result(card.pk, since, until)
    with clock.at(now - 2 * DAY):
        name, english = (
            "责任单位月度考核（加入群众评价和吹哨）",
            "Monthly scorecard of units, with ratings and whistles",
        )
        card = draft_scorecard(viewer=supervisor, subject="unit", name_zh=name, name_en=english)
        _write(card.pk, supervisor, name, english, 2)
        try_scorecard(card.pk, viewer=supervisor, since=last, until=this)


def _write(card_id: int, viewer: Viewer, name: str, english: str, edition: int) -> None:
    lines = [
        {"code": code, "weight": weight, "full": full, "zero": zero} for code, weight, full, zero in _LINES[edition]
    ]
    edit_scorecard(
        card_id,
        viewer=viewer,
        version=None,
        name_zh=name,
        name_en=english,
        lines=lines,
        min_base=3,
        published=True,
    )
