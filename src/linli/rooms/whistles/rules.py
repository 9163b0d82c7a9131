"""Small rules of 吹哨报到 that need no database: limits, where one may check in, what scores are worth. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from linli.kernel.clock import TimeLimit
from linli.kernel.clock.rules import light
from linli.kernel.errors import Refused
from linli.kernel.geo.metres import distance_m

Light = Literal["on_track", "near", "overdue", "suspended", "done"]

# How long a called department has to confirm, general and urgent; rows of `ConfirmLimit` replace them.
DEFAULT_LIMITS: dict[bool, TimeLimit] = {False: TimeLimit(1, "working_days"), True: TimeLimit(2, "working_hours")}

NEAR_SHARE = 0.25
"""The share of a limit that is left when the department is reminded and the light turns."""
MEETING_REMINDER = dt.timedelta(hours=1)
CHECK_IN_BEFORE = dt.timedelta(hours=2)
LATE_AFTER = dt.timedelta(minutes=15)
"""Who checks in later than this after the meeting time came late."""
WITHIN_M = 150
"""How near the meeting point a phone must be, in metres, beside its own inaccuracy."""
BELIEVED_M = 100
"""How much of a phone's inaccuracy is allowed for: 100 m is what phones manage between houses."""
USELESS_M = 1000
"""A position less accurate than this proves nothing."""
CODE_FRESH = dt.timedelta(minutes=10)
"""How long a QR code on the screen lets people check in; a photograph of it sent on is soon worth nothing."""
MEET_WITHIN = dt.timedelta(days=30)
PROMISE_WITHIN = dt.timedelta(days=180)

SOLVED_POINTS: Mapping[str, int] = {"yes": 100, "partly": 50, "no": 0}


@dataclass(frozen=True, slots=True)
class Nearness:
    """Where a phone was when somebody checked in: distance from the meeting point and claimed accuracy, in metres."""

    distance_m: float
    accuracy_m: float


def judge_position(point: tuple[float, float] | None, lng: float, lat: float, accuracy_m: float | None) -> Nearness:
    """Whether a phone is at the meeting point. Raises Refused with plain words, and what to do instead.

    A phone's accuracy is the radius it is in with 68 %; up to `BELIEVED_M` of it counts in the person's favour.
    """
    scan = _("也可以扫吹哨人屏幕上的二维码签到。")
    if point is None:
        raise Refused(_("这次吹哨没有在地图上标集合点，请扫码签到。"), "whistle.no_point")
    accuracy = 0.0 if accuracy_m is None else max(accuracy_m, 0.0)
    if accuracy > USELESS_M:
        raise Refused(
            _("手机定位误差有 %(metres)d 米，看不出您是否到了。") % {"metres": round(accuracy)},
            "whistle.vague",
            what_next=_("请打开卫星定位、走到空旷处再试。") + scan,
        )
    metres = distance_m(lng, lat, *point)
    if metres - min(accuracy, BELIEVED_M) > WITHIN_M:
        raise Refused(
            _("您离集合点还有约 %(metres)s，到 %(near)d 米以内才能签到。") % {"metres": _far(metres), "near": WITHIN_M},
            "whistle.too_far",
            what_next=scan,
        )
    return Nearness(round(metres, 1), round(accuracy, 1))


def _far(metres: float) -> str:
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{round(metres)} m"


def may_check_in(now: dt.datetime, meet_at: dt.datetime | None) -> bool:
    """Whether people may already check in; afterwards they may as long as the whistle runs."""
    return meet_at is not None and now >= meet_at - CHECK_IN_BEFORE


def came_late(at: dt.datetime, meet_at: dt.datetime | None) -> bool:
    return meet_at is not None and at > meet_at + LATE_AFTER


def next_moment(
    state: str,
    due_at: dt.datetime | None,
    meet_at: dt.datetime | None,
    answer_by: dt.datetime | None,
    promised_due: dt.datetime | None,
) -> dt.datetime | None:
    """The deadline that counts for a call in this state: confirming, then the meeting or the answer, then the task."""
    if state == "called":
        return due_at
    if state == "confirmed":
        return meet_at + LATE_AFTER if meet_at is not None else answer_by
    if state == "promised":
        return promised_due
    return None


def call_light(state: str, since: dt.datetime, next_due: dt.datetime | None, now: dt.datetime) -> Light:
    """The light of a call. Who was called away or replaced has none of the three colours any more."""
    if state in ("replaced", "withdrawn"):
        return "suspended"
    if state == "absent":
        return "overdue"
    if state == "done":
        return "done"
    if next_due is None:
        return "near"  # present without a promise, or refused without a decision: somebody owes a word
    return light(now, since, next_due, NEAR_SHARE)


def check_times(mode: str, at: dt.datetime, now: dt.datetime) -> None:
    """Whether a meeting or an answer can be asked for at this time. Raises Refused."""
    if at <= now:
        raise Refused(_("时间已经过了，请选以后的时间。"), "whistle.past", "at")
    if at - now > MEET_WITHIN:
        raise Refused(_("最多约到 30 天以内。"), "whistle.far_off", "at")


def check_promise(due: dt.datetime, now: dt.datetime) -> None:
    """Whether a promise may run until `due`. Raises Refused.

    It may run beyond the case's own deadline, which stays: pages and the journal say so. What is whistled for is
    often late already, and a true day is worth more than one that fits.
    """
    if due <= now:
        raise Refused(_("完成时间已经过了，请选以后的时间。"), "whistle.promise_past", "due")
    if due - now > PROMISE_WITHIN:
        raise Refused(_("承诺的期限最多半年。"), "whistle.promise_long", "due")


def points(came: bool, in_time: bool, solved: str) -> int:
    """A score as one number, 0–100: a third each for coming, being in time, and solving (half for part of it)."""
    return round((100 * came + 100 * in_time + SOLVED_POINTS[solved]) / 3)
