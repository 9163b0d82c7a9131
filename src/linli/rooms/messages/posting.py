"""Writing notices and their deliveries: everything that `audience`, the choices and the channels say, in one go."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from linli.kernel import clock
from linli.rooms.cases.models import Case, Report
from linli.rooms.messages import rules
from linli.rooms.messages.audience import Recipient, Scene, recipients
from linli.rooms.messages.models import Address, Channel, Choice, Delivery, Notice, Wish
from linli.rooms.messages.rules import DEFAULT_HABITS, INBOX, OVERTAKEN, Habits, Told
from linli.rooms.people.models import Account
from linli.rooms.places.models import Kind

WITH_WORDS = ("case.closed", "case.refused", "case.suspended", "case.told")
CASE_PARTS = ("place__parent", "item", "unit", "parent", "merged_into")


def habits_of(choice: Choice | None) -> Habits:
    """When this person wants to hear."""
    if choice is None:
        return DEFAULT_HABITS
    return Habits(choice.quiet_from, choice.quiet_to, choice.digest, choice.digest_at)


def tell(scene: Scene, key: str, *, actor_id: int | None = None) -> int:
    """Write the notices of one event, and the deliveries of those who want to hear outside; returns how many.

    Called again with the same key it adds nothing. Who acted is told only as a reporter.
    """
    found = recipients(scene)
    if actor_id is not None and (told := found.get(Recipient(account_id=actor_id))) and not told.reporter:
        del found[Recipient(account_id=actor_id)]
    if not found:
        return 0
    now = clock.now()
    age = now - scene.at
    late = age > rules.NEWS
    overtaken = scene.data.get("state") not in (None, scene.case.state)
    choices = choices_of(each.account_id for each in found)
    facts = snapshot(scene)
    notices = []
    for recipient, told in found.items():
        choice = choices.get(recipient.account_id or 0)
        moot = late or (overtaken and told.topic in OVERTAKEN)
        notices.append(
            Notice(
                key=key,
                account_id=recipient.account_id,
                report_id=recipient.report_id,
                unit_id=recipient.unit_id,
                case_id=scene.case.pk,
                kind=scene.kind,
                topic=told.topic,
                reporter=told.reporter,
                data={**facts, "code": recipient.code} if told.reporter else facts,
                urgent=scene.case.urgent and not told.reporter,
                shown=recipient.account_id is not None
                and rules.wants(told.topic, INBOX, choice.picks if choice else {}),
                at=scene.at,
                read_at=now if moot else None,
            )
        )
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    if age <= rules.OUTSIDE:
        send_on(key, found, choices, scene.at, now)
    return len(notices)


def overtake(case_id: int, at: dt.datetime, key: str) -> None:
    """Somebody has taken the step: what asked others for it is read, and what was on its way need not go out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH done AS (UPDATE notices_notice SET read_at = %s WHERE case_id = %s AND read_at IS NULL"
            "  AND topic = ANY(%s::text[]) AND at <= %s AND key <> %s RETURNING id)"
            " UPDATE notices_delivery SET state = 'dropped', done_at = %s"
            " WHERE state = 'pending' AND notice_id IN (SELECT id FROM done)",
            [clock.now(), case_id, list(OVERTAKEN), at, key, clock.now()],
        )


def snapshot(scene: Scene) -> dict[str, Any]:
    """What the words of a notice may name, in both languages, as it was then."""
    case: Case = scene.case
    unit = case.unit
    due = case.due_at if scene.kind == "case.dispatched" else case.current_due_at
    return {
        "number": case.number or (case.parent.number if case.parent else "") or "",
        "item": [case.item.name_zh, case.item.name_en] if case.item else ["", ""],
        "place": _place(case),
        "unit": [unit.name_zh, unit.name_en] if unit else ["", ""],
        "due": due.isoformat() if due else "",
        "words": scene.words if scene.kind in WITH_WORDS else "",
        "other": str(scene.data.get("into_number") or ""),
    }


def _place(case: Case) -> list[str]:
    """The place's names; a building says which community or grid it stands in: there is a "No. 1" everywhere."""
    place, parent = case.place, case.place.parent
    if place.kind != Kind.BUILDING or parent is None:
        return [place.name_zh, place.name_en]
    english = f"{place.name_en}, {parent.name_en}" if place.name_en and parent.name_en else ""
    return [f"{parent.name_zh}{place.name_zh}", english]


def choices_of(account_ids: Iterable[int | None]) -> dict[int, Choice]:
    wanted = [each for each in account_ids if each is not None]
    return Choice.objects.in_bulk(wanted) if wanted else {}


def send_on(
    key: str,
    found: Mapping[Recipient, Told],
    choices: Mapping[int, Choice],
    at: dt.datetime,
    now: dt.datetime,
) -> None:
    """A delivery for every open channel that carries the topic and in which the recipient can be reached."""
    # What happened before the operator opened a channel does not go out through it.
    opened = set(Channel.objects.filter(enabled=True, enabled_at__lte=at).values_list("code", flat=True))
    if not opened:
        return
    reached = _reached(found, opened)
    deliveries = []
    for notice in Notice.objects.filter(key=key, read_at=None):
        recipient = Recipient(notice.account_id, notice.report_id, notice.unit_id)
        if recipient not in found:
            continue
        choice = choices.get(notice.account_id or 0)
        picks = choice.picks if choice else {}
        for channel in sorted(reached[recipient]):
            if not rules.wants(notice.topic, channel, picks):
                continue
            when, digest = rules.sending_time(now, habits_of(choice), urgent=notice.urgent)
            if notice.unit_id is not None:
                when, digest = now, False  # a group's robot wakes nobody
            deliveries.append(Delivery(notice=notice, channel=channel, digest=digest, next_try_at=when, created_at=now))
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _reached(found: Iterable[Recipient], opened: set[str]) -> dict[Recipient, set[str]]:
    """In which of the open channels each recipient can be reached. A few small queries."""
    reached: dict[Recipient, set[str]] = defaultdict(set)
    accounts = [each.account_id for each in found if each.account_id is not None]
    units = [each.unit_id for each in found if each.unit_id is not None]
    reports = [each.report_id for each in found if each.report_id is not None]
    known = Address.objects.filter(channel__in=opened, confirmed_at__isnull=False)
    for account_id, unit_id, channel in (
        known.filter(account_id__in=accounts) | known.filter(unit_id__in=units)
    ).values_list("account_id", "unit_id", "channel"):
        reached[Recipient(account_id=account_id, unit_id=unit_id)].add(channel)
    if "sms" in opened and accounts:
        phones = Account.objects.filter(pk__in=accounts, phone_sealed__isnull=False)
        for account_id in phones.values_list("pk", flat=True):
            reached[Recipient(account_id=account_id)].add("sms")
    if "mail" in opened and reports:
        mails = Report.objects.filter(pk__in=reports, mail_sealed__isnull=False)
        for report_id in mails.values_list("pk", flat=True):
            reached[Recipient(report_id=report_id)].add("mail")
    if "sms" in opened and reports:
        for report_id in Wish.objects.filter(report_id__in=reports).values_list("report_id", flat=True):
            reached[Recipient(report_id=report_id)].add("sms")
    return reached
