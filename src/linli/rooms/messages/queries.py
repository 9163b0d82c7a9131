"""Reads of the room: one's own inbox and choices; for the operator the channels and what is on its way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import get_language

from linli.kernel import clock
from linli.kernel.authority import Authority
from linli.kernel.errors import NotFound
from linli.rooms.cases.models import Report
from linli.rooms.messages import rules
from linli.rooms.messages.delivering import settings_of
from linli.rooms.messages.links import public_url
from linli.rooms.messages.models import Address, Channel, Choice, Delivery, House, Notice, Wish
from linli.rooms.messages.rules import CHANNELS, DEFAULT_HABITS, TOPICS
from linli.rooms.messages.saying import heading, own_words, said
from linli.rooms.messages.texts import LANGUAGES, SHIPPED
from linli.rooms.messages.wording import Words
from linli.rooms.people.models import Unit
from linli.rooms.people.rights import Viewer

PAGE = 30
COUNTED = 99
"""The badge says "99+" beyond this: nobody counts further, and neither does the database."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A notice as its reader sees it in the inbox."""

    notice: Notice
    title: str
    body: str


def unread_count(account_id: int) -> int:
    """How many notices an account has not read, `COUNTED` + 1 at most; one question to a partial index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM notices_notice WHERE account_id = %s AND shown AND read_at IS NULL"
            " LIMIT %s) unread",
            [account_id, COUNTED + 1],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def inbox(viewer: Viewer, *, unread: bool = False, topic: str = "", before: int | None = None) -> list[Entry]:
    """A page of the viewer's own notices, the latest first, and one more if there are more. One query."""
    found = Notice.objects.filter(account_id=viewer.account_id or 0, shown=True)
    if unread:
        found = found.filter(read_at=None)
    if topic in TOPICS:
        found = found.filter(topic=topic)
    if before is not None:
        found = found.filter(pk__lt=before)
    language = get_language() or LANGUAGES[0]
    entries = []
    for notice in found.order_by("-pk")[: PAGE + 1]:
        words = said(notice, language)
        entries.append(Entry(notice, words.title, words.body))
    return entries


def own_notice(notice_id: int, viewer: Viewer) -> Notice:
    """One of the viewer's own notices. Raises NotFound, also for somebody else's."""
    found = Notice.objects.filter(pk=notice_id, account_id=viewer.account_id or 0).first()
    if found is None:
        raise NotFound(code="notices.not_found")
    return found


def topics_of(viewer: Viewer) -> dict[str, rules.Topic]:
    """What this person can choose about: residents their reports, staff also their work."""
    staff = viewer.kind == "staff"
    return {code: topic for code, topic in TOPICS.items() if staff or not topic.staff}


def choice_of(viewer: Viewer) -> Choice:
    """What the viewer chose, or the defaults as a row that is not kept yet."""
    account_id = viewer.account_id or 0
    return Choice.objects.filter(pk=account_id).first() or Choice(
        account_id=account_id,
        quiet_from=DEFAULT_HABITS.quiet_from,
        quiet_to=DEFAULT_HABITS.quiet_to,
        digest=DEFAULT_HABITS.digest,
        digest_at=DEFAULT_HABITS.digest_at,
    )


def addresses_of(viewer: Viewer) -> dict[str, Address]:
    """The viewer's own addresses by channel."""
    return {row.channel: row for row in Address.objects.filter(account_id=viewer.account_id or 0)}


def open_channels() -> list[str]:
    """The channels that the operator has opened, in their order."""
    opened = set(Channel.objects.filter(enabled=True).values_list("code", flat=True))
    return [code for code in CHANNELS if code in opened]


def may_wish(report: Report) -> bool | None:
    """Whether a reporter hears by SMS: None when that is not to be had (an account, no phone, no gateway)."""
    if report.reporter_id is not None or report.phone_sealed is None or report.withdrawn_at is not None:
        return None
    if not Channel.objects.filter(pk="sms", enabled=True).exists():
        return None
    return Wish.objects.filter(pk=report.pk).exists()


# ── For the operator ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel, how it is set up (without its secrets) and how it does."""

    code: str
    label: Any
    row: Channel | None
    settings: dict[str, Any]
    waiting: int
    failed: int
    sent: int
    resting: bool

    @property
    def light(self) -> str:
        if self.row is None or not self.row.enabled:
            return ""
        return "overdue" if self.resting else "near" if self.failed or self.row.failures else "on_track"


def house_url(by: Authority) -> str:
    """The house's address as the operator gave it."""
    by.require("notices.edit")
    return public_url()


def channels(by: Authority) -> list[ChannelState]:
    """Every channel with its counts: waiting, failed, sent in the last 24 hours."""
    by.require("notices.edit")
    now = clock.now()
    rows = Channel.objects.in_bulk()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT channel, count(*) FILTER (WHERE state <> 'failed'), count(*) FILTER (WHERE state = 'failed')"
            " FROM notices_delivery WHERE state IN ('pending', 'sending', 'failed') GROUP BY channel"
        )
        open_ = {code: (waiting, failed) for code, waiting, failed in cursor.fetchall()}
        cursor.execute(
            "SELECT channel, count(*) FROM notices_delivery WHERE state = 'sent' AND done_at > %s GROUP BY channel",
            [now - dt.timedelta(days=1)],
        )
        sent = dict(cursor.fetchall())
    return [
        ChannelState(
            code=code,
            label=label,
            row=rows.get(code),
            settings=_public_settings(rows.get(code)),
            waiting=open_.get(code, (0, 0))[0],
            failed=open_.get(code, (0, 0))[1],
            sent=sent.get(code, 0),
            resting=bool((row := rows.get(code)) and row.resting_until and row.resting_until > now),
        )
        for code, label in CHANNELS.items()
    ]


def channel(by: Authority, code: str) -> ChannelState:
    """One channel. Raises NotFound."""
    found = next((state for state in channels(by) if state.code == code), None)
    if found is None:
        raise NotFound(code="notices.no_such_channel")
    return found


def _public_settings(row: Channel | None) -> dict[str, Any]:
    """What a form may show: secrets only as "there is one"."""
    settings = dict(settings_of(row)) if row else {}
    for name in ("password", "secret"):
        if settings.get(name):
            settings[name] = True
    return settings


def deliveries(
    by: Authority, *, states: Sequence[str] = (), code: str = "", before: int | None = None, size: int = 50
) -> list[tuple[Delivery, str]]:
    """Deliveries with the heading of their notices, the latest first. Recipients are named, never their addresses."""
    by.require("notices.edit")
    found = Delivery.objects.select_related("notice__account", "notice__unit", "notice__report")
    if states:
        found = found.filter(state__in=list(states))
    if code:
        found = found.filter(channel=code)
    if before is not None:
        found = found.filter(pk__lt=before)
    language = get_language() or LANGUAGES[0]
    return [(row, heading(row.notice, language)) for row in found.order_by("-pk")[:size]]


def wordings(by: Authority) -> list[tuple[str, bool, str, Words, bool]]:
    """Every text: (event, for reporters, language, words, whether they are the operator's own)."""
    by.require("notices.edit")
    own = own_words()
    return [
        (kind, reporter, language, own.get((kind, reporter, language), shipped), (kind, reporter, language) in own)
        for (kind, reporter, language), shipped in SHIPPED.items()
    ]


def unit_addresses(by: Authority, unit_id: int) -> tuple[Unit, dict[str, Address]]:
    """A unit and its groups' robots by channel. Raises NotFound."""
    by.require("notices.edit")
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(code="people.unit_not_found")
    return unit, {row.channel: row for row in Address.objects.filter(unit=unit)}


def units_with_addresses(by: Authority) -> list[tuple[Unit, list[str]]]:
    """Units whose groups are told, with the names of the channels."""
    by.require("notices.edit")
    found: dict[int, tuple[Unit, list[str]]] = {}
    rows = Address.objects.filter(unit__isnull=False).select_related("unit").order_by("unit__name_zh", "channel")
    for row in rows:
        assert row.unit is not None
        found.setdefault(row.unit.pk, (row.unit, []))[1].append(str(CHANNELS[row.channel]))
    return list(found.values())


def the_house() -> House:
    """The row about the way back in."""
    return House.objects.filter(pk=1).first() or House()
