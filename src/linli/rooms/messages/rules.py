"""Who hears of which event, through which channels unless a person chose otherwise, and when. Pure.

A row of `TABLE` is (audience, topic). Who belongs to an audience of a case is found in `audience`; what is said is in
`texts`. Persons choose by topic, not by event: seven questions can be answered, thirty cannot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from linli.kernel.clock.calendar import CIVIL

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CHANNELS: dict[str, _StrPromise] = {
    "mail": _("邮件"),
    "sms": _("短信"),
    "wecom": _("企业微信"),
    "dingtalk": _("钉钉"),
    "feishu": _("飞书"),
}
ROBOTS = ("wecom", "dingtalk", "feishu")
INBOX = "inbox"
CODES = (INBOX, *CHANNELS)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a person chooses about. `on`: the channels that carry it unless the person says otherwise."""

    label: _StrPromise
    hint: _StrPromise
    on: frozenset[str]
    staff: bool = True


TOPICS: dict[str, Topic] = {
    "progress": Topic(
        _("上报的进展"), _("受理、派遣、办理中的说明、挂账、合并、重开"), frozenset({INBOX, *ROBOTS}), staff=False
    ),
    "result": Topic(_("办理结果"), _("结案或不予受理"), frozenset({INBOX, "mail", "sms", *ROBOTS}), staff=False),
    "todo": Topic(_("等我办的"), _("有事件等您或您的单位走下一步"), frozenset({INBOX, *ROBOTS})),
    "back": Topic(_("退回和返工"), _("回退、退回重做、核查没通过、要求重开"), frozenset({INBOX, "mail", *ROBOTS})),
    "deadline": Topic(_("时限提醒"), _("快到期和已超期"), frozenset({INBOX, "mail", *ROBOTS})),
    "approval": Topic(_("延期与挂账"), _("等您审批的申请，和您申请的结果"), frozenset({INBOX, "mail", *ROBOTS})),
    "oversight": Topic(_("需要关注"), _("您管的地方有超期、重开、不满意"), frozenset({INBOX})),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One row: an audience hears of the event under a topic. reporter: in the words for reporters."""

    audience: str
    topic: str
    reporter: bool = False


def _reporters(topic: str) -> Told:
    return Told("reporters", topic, reporter=True)


TABLE: dict[str, tuple[Told, ...]] = {
    "case.reported": (Told("acceptors", "todo"),),
    "case.check_requested": (Told("checkers", "todo"),),
    "case.checked": (Told("acceptors", "todo"),),
    "case.accepted": (_reporters("progress"), Told("registrars", "todo")),
    "case.refused": (_reporters("result"),),
    "case.registered": (Told("dispatchers", "todo"),),
    "case.dispatched": (_reporters("progress"), Told("unit", "todo")),
    "case.assist_opened": (Told("unit", "todo"),),
    "case.returned": (Told("dispatchers", "back"),),
    "case.handled": (Told("confirmers", "todo"),),
    "case.sent_back": (Told("handlers", "back"),),
    "case.confirmed": (Told("verifiers", "todo"),),
    "case.assisted": (Told("lead_unit", "todo"),),
    "case.verified": (Told("closers", "todo"),),
    "case.reworked": (Told("handlers", "back"), Told("unit", "back")),
    "case.closed": (_reporters("result"),),
    "case.rated": (Told("unit", "oversight"), Told("superiors", "oversight")),
    "case.reopened": (
        _reporters("progress"),
        Told("dispatchers", "back"),
        Told("former_unit", "back"),
        Told("superiors", "oversight"),
    ),
    "case.merged": (_reporters("progress"),),
    "case.told": (_reporters("progress"),),
    "case.extension_asked": (Told("approvers", "approval"),),
    "case.extension_approved": (Told("approvers", "approval"), Told("asker", "approval")),
    "case.extension_refused": (Told("asker", "approval"),),
    "case.suspended": (_reporters("progress"), Told("unit", "approval")),
    "case.resumed": (Told("unit", "todo"),),
    "deadline.near": (Told("doers", "deadline"),),
    "deadline.overdue": (Told("doers", "deadline"), Told("superiors", "oversight")),
}
CONFIRM = "address.confirm"
"""The mail to a new address, to see that it is its reader's: not an event, sent whatever was chosen."""

EVENTS = frozenset(kind for kind in TABLE if kind.startswith("case."))

# Who has to take the next step of a case in this state: whom deadlines remind.
DOERS: dict[str, str] = {
    "reported": "acceptors",
    "checking": "checkers",
    "accepted": "registrars",
    "registered": "dispatchers",
    "dispatched": "unit",
    "handling": "handlers",
    "confirming": "confirmers",
    "verifying": "verifiers",
    "closing": "closers",
}
# Notices of these topics have done their work once the case has moved on: somebody has taken the step.
OVERTAKEN = ("todo", "back", "deadline")

NEWS = dt.timedelta(days=7)
"""Of what is older when the worker comes to tell it (a long outage, a history brought in) nobody is woken up."""
FORGOTTEN = dt.timedelta(days=30)
"""Of what is older nobody is told at all."""
OUTSIDE = dt.timedelta(hours=48)
"""What is older does not leave the house any more."""


@dataclass(frozen=True, slots=True)
class Habits:
    """When a person wants to hear: quiet hours (civil time; None: never quiet) and how messages are gathered."""

    quiet_from: dt.time | None = dt.time(21, 30)
    quiet_to: dt.time = dt.time(7, 30)
    digest: str = ""
    digest_at: dt.time = dt.time(8, 30)


DEFAULT_HABITS = Habits()


def wants(topic: str, channel: str, picks: Mapping[str, Mapping[str, bool]]) -> bool:
    """Whether a person who chose `picks` (topic → channel → yes) hears of the topic through the channel."""
    chosen = picks.get(topic, {}).get(channel)
    return channel in TOPICS[topic].on if chosen is None else bool(chosen)


def is_quiet(moment: dt.datetime, habits: Habits) -> bool:
    """Whether the moment lies in the quiet hours, which may run over midnight; the end is not quiet any more."""
    start, end = habits.quiet_from, habits.quiet_to
    if start is None or start == end:
        return False
    clock = moment.astimezone(CIVIL).time()
    return start <= clock < end if start < end else clock >= start or clock < end


def after_quiet(moment: dt.datetime, habits: Habits) -> dt.datetime:
    """The moment itself, or the end of the quiet hours it lies in."""
    return _next(moment, habits.quiet_to) if is_quiet(moment, habits) else moment


def sending_time(moment: dt.datetime, habits: Habits, *, urgent: bool) -> tuple[dt.datetime, bool]:
    """When a message of `moment` goes out, and whether with others in one. What is urgent goes at once, alone."""
    if urgent:
        return moment, False
    if habits.digest == "daily":
        return _next(moment, habits.digest_at), True
    if habits.digest == "hourly":
        full = moment.replace(minute=0, second=0, microsecond=0)
        return after_quiet(full if full == moment else full + dt.timedelta(hours=1), habits), True
    return after_quiet(moment, habits), False


def _next(moment: dt.datetime, clock: dt.time) -> dt.datetime:
    """The first moment from `moment` on at which civil clocks show `clock`."""
    local = moment.astimezone(CIVIL)
    found = dt.datetime.combine(local.date(), clock, CIVIL)
    return (found if found >= local else found + dt.timedelta(days=1)).astimezone(dt.UTC)


TRIES = 12
FIRST_WAIT, LONGEST_WAIT = 30.0, 6 * 3600.0


def wait_before(tries: int) -> float:
    """Seconds to wait after `tries` failed tries: 30 s, doubling, six hours at most. Twelve tries last 14 hours."""
    return float(min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT))


SICK_AFTER = 3
_FIRST_REST, _LONGEST_REST = 30.0, 600.0


def rest_of_channel(failures: int) -> float:
    """Seconds for which a channel is left alone after so many failures in a row that were its own, not a message's."""
    if failures < SICK_AFTER:
        return 0.0
    return float(min(_FIRST_REST * 2 ** min(failures - SICK_AFTER, 10), _LONGEST_REST))
