"""What a person chooses: topics and channels, quiet hours, digest, own addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from linli.kernel import clock, journal
from linli.kernel.errors import NotAllowed, NotFound, Refused
from linli.kernel.journal import Actor
from linli.rooms.cases.models import Report
from linli.rooms.messages import rules, stopping
from linli.rooms.messages.addresses import read_address, seal_into
from linli.rooms.messages.models import Address, Channel, Choice, Delivery, Notice, Wish
from linli.rooms.messages.queries import choice_of, topics_of
from linli.rooms.people.models import Account
from linli.rooms.people.rights import Viewer, actor_of

CONFIRMATIONS_A_DAY = 5


def _own(viewer: Viewer) -> int:
    if viewer.account_id is None:
        raise NotAllowed()
    return viewer.account_id


def _record(action: str, actor: Actor, account_id: int, after: Mapping[str, object] | None) -> None:
    journal.record(
        action=action,
        actor=actor,
        object_type="account",
        object_id=account_id,
        before=None,
        after=dict(after) if after else None,
    )


def choose(
    picks: Mapping[str, Mapping[str, bool]],
    *,
    quiet: tuple[dt.time, dt.time] | None,
    digest: str,
    digest_at: dt.time,
    viewer: Viewer,
) -> Choice:
    """Keep what the viewer wants to hear of, through which channels (`picks`: topic → channel → yes), and when.

    quiet: from, to; None for never quiet. Raises NotAllowed, Refused.
    """
    account_id = _own(viewer)
    if digest not in Choice.Digest.values:
        raise Refused(_("请选一种发送方式。"), code="notices.no_such_digest", field="digest")
    known = topics_of(viewer)
    clean = {
        topic: {channel: bool(yes) for channel, yes in chosen.items() if channel in rules.CODES}
        for topic, chosen in picks.items()
        if topic in known
    }
    start, end = quiet or (None, rules.DEFAULT_HABITS.quiet_to)
    with transaction.atomic():
        choice, _made = Choice.objects.update_or_create(
            account_id=account_id,
            defaults={
                "picks": clean,
                "quiet_from": start,
                "quiet_to": end,
                "digest": digest,
                "digest_at": digest_at,
            },
        )
        _record("notices.chosen", viewer.actor, account_id, {"picks": clean, "digest": digest})
    return choice


def set_address(channel: str, text: str, *, viewer: Viewer, secret: str = "") -> Address:
    """The viewer's own address in a channel. A mail address counts once the mail sent to it was answered.

    Raises NotAllowed, Refused (not an address, channel closed, too many confirmations in a day).
    """
    account_id = _own(viewer)
    address = read_address(channel, text, secret)
    if not Channel.objects.filter(pk=channel, enabled=True).exists():
        raise Refused(_("这个渠道还没有开通。"), code="notices.closed_channel", field=channel)
    now = clock.now()
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account_id)
        if channel == "mail":
            sent = Notice.objects.filter(account_id=account_id, kind=rules.CONFIRM, at__gt=now - dt.timedelta(days=1))
            if sent.count() >= CONFIRMATIONS_A_DAY:
                raise Refused(_("今天改得太多次了，请明天再试。"), code="notices.too_many_confirmations", field="mail")
        Address.objects.filter(account_id=account_id, channel=channel).delete()
        row = Address(account_id=account_id, channel=channel, confirmed_at=None if channel == "mail" else now)
        seal_into(row, address)
        row.save()
        if channel == "mail":
            _ask_to_confirm(row, now)
        _record("notices.address_set", viewer.actor, account_id, {"channel": channel, "address": row.masked})
    return row


def _ask_to_confirm(row: Address, now: dt.datetime) -> None:
    notice = Notice.objects.create(
        key=f"confirm:{row.pk}",
        account_id=row.account_id,
        kind=rules.CONFIRM,
        topic="result",
        data={"address": row.pk},
        shown=False,
        at=now,
    )
    Delivery.objects.create(notice=notice, channel="mail", next_try_at=now, created_at=now)


def confirm_address(token: str) -> Address:
    """The reader of the mail says that the address is theirs. Raises NotFound for a token that is none (any more)."""
    address_id = stopping.confirmed_address(token)
    with transaction.atomic():
        row = Address.objects.select_for_update().filter(pk=address_id or 0, account__isnull=False).first()
        if row is None:
            raise NotFound(_("这个链接已失效。请在“消息设置”里重新填写邮箱。"), code="notices.token")
        if row.confirmed_at is None:
            row.confirmed_at = clock.now()
            row.save(update_fields=["confirmed_at"])
            assert row.account is not None
            actor = actor_of(row.account)
            _record("notices.address_confirmed", actor, row.account.pk, {"channel": row.channel})
    return row


def drop_address(channel: str, *, viewer: Viewer) -> None:
    """Forget the viewer's own address in a channel."""
    account_id = _own(viewer)
    with transaction.atomic():
        removed, _kinds = Address.objects.filter(account_id=account_id, channel=channel).delete()
        if removed:
            _record("notices.address_dropped", viewer.actor, account_id, {"channel": channel})


def stop_mail(token: str) -> Account:
    """No more mails to the account of a signed token, without signing in; the inbox goes on. Raises NotFound."""
    account = Account.objects.filter(pk=stopping.account_of(token) or 0).first()
    if account is None:
        raise NotFound(_("这个链接已失效。请登录后在“消息设置”里更改。"), code="notices.token")
    with transaction.atomic():
        choice = choice_of(Viewer(account_id=account.pk, kind=account.kind))
        choice.picks = {topic: {**choice.picks.get(topic, {}), "mail": False} for topic in rules.TOPICS}
        choice.save()
        Delivery.objects.filter(notice__account=account, channel="mail", state="pending").update(
            state=Delivery.State.DROPPED, done_at=clock.now()
        )
        actor = actor_of(account)
        _record("notices.mail_stopped", actor, account.pk, None)
    return account


def wish(report: Report, wanted: bool) -> None:
    """A reporter without an account wants to hear by SMS, or no more. Whoever has the tracking code may say so."""
    with transaction.atomic():
        if wanted and report.phone_sealed is not None and report.reporter_id is None:
            Wish.objects.get_or_create(report=report, defaults={"at": clock.now()})
        elif not wanted:
            Wish.objects.filter(pk=report.pk).delete()
        journal.record(
            action="notices.wish",
            actor=Viewer().actor,
            object_type="report",
            object_id=report.pk,
            before=None,
            after={"sms": wanted},
        )
