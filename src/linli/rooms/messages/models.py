"""Notices and their way out: what was said to whom, the deliveries, the channels, and what each person chose."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.models import Case, Report
from linli.rooms.messages.rules import CHANNELS, TOPICS
from linli.rooms.people.models import Account, Unit


class Notice(models.Model):
    """One thing said to one recipient: an account, a report without an account, or a unit.

    key: what it is about ("event:123", "near:45:…"); with the recipient it is unique, so twice is once.
    The words are made from `kind`, `reporter` and `data` when it is read, in the reader's language.
    """

    key = models.CharField(max_length=80)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="notices")
    report = models.ForeignKey(Report, null=True, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    topic = models.CharField(max_length=12, choices=[(code, topic.label) for code, topic in TOPICS.items()])
    reporter = models.BooleanField(default=False)
    data = models.JSONField(default=dict)
    urgent = models.BooleanField(default=False)
    shown = models.BooleanField(default=True, help_text=_("是否列在消息里"))
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, report=None, unit=None)
                | Q(account=None, report__isnull=False, unit=None)
                | Q(account=None, report=None, unit__isnull=False),
                name="notice_one_recipient",
            ),
            models.UniqueConstraint(
                fields=["account", "key"], condition=Q(account__isnull=False), name="notice_once_an_account"
            ),
            models.UniqueConstraint(
                fields=["report", "key"], condition=Q(report__isnull=False), name="notice_once_a_report"
            ),
            models.UniqueConstraint(fields=["unit", "key"], condition=Q(unit__isnull=False), name="notice_once_a_unit"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], condition=Q(shown=True), name="notice_inbox"),
            models.Index(fields=["account"], condition=Q(shown=True, read_at=None), name="notice_unread"),
            models.Index(fields=["case"], condition=Q(read_at=None), name="notice_open_of_case"),
            models.Index(fields=["at"], name="notice_by_age"),
        ]


class Delivery(models.Model):
    """One notice on its way through one channel.

    pending → sending (claimed until `locked_until`) → sent, or back to pending until the tries are used up, then
    failed: visible, and sent again by hand. dropped: nobody wants it any more (done meanwhile, channel closed).
    """

    class State(models.TextChoices):
        PENDING = "pending", _("等待发送")
        SENDING = "sending", _("正在发送")
        SENT = "sent", _("已发出")
        FAILED = "failed", _("失败，不再重试")
        DROPPED = "dropped", _("不用发了")

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    channel = models.CharField(max_length=10, choices=list(CHANNELS.items()))
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    digest = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, default="")
    next_try_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="notice_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "sending", "sent", "failed", "dropped"]),
                name="notice_delivery_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_try_at", "id"], condition=Q(state="pending"), name="notice_delivery_due"
            ),
            models.Index(
                fields=["state", "-id"],
                condition=Q(state__in=["pending", "sending", "failed"]),
                name="notice_delivery_open",
            ),
            models.Index(fields=["channel", "done_at"], condition=Q(state="sent"), name="notice_delivery_sent"),
        ]


class Channel(models.Model):
    """A way out as the operator set it up. `settings` is sealed JSON (context "notices_channel:settings:<uid>").

    failures, resting_until: a channel whose server does not answer is left alone for a while, longer each time.
    """

    code = models.CharField(max_length=10, primary_key=True, choices=list(CHANNELS.items()))
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enabled = models.BooleanField(default=False)
    enabled_at = models.DateTimeField(null=True, help_text=_("之前发生的事不再向外发送"))
    settings = models.BinaryField(null=True)
    failures = models.PositiveIntegerField(default=0)
    resting_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True, default="")
    last_sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(enabled=False) | Q(enabled_at__isnull=False, settings__isnull=False),
                name="notice_channel_enabled_is_set_up",
            )
        ]


class Address(models.Model):
    """Where a person or a unit is reached in a channel: a mail address or the token of a group's robot, sealed."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=10, choices=list(CHANNELS.items()))
    sealed = models.BinaryField()
    masked = models.CharField(max_length=80)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, unit=None) | Q(account=None, unit__isnull=False),
                name="notice_address_one_owner",
            ),
            models.UniqueConstraint(
                fields=["account", "channel"], condition=Q(account__isnull=False), name="notice_address_of_account"
            ),
            models.UniqueConstraint(
                fields=["unit", "channel"], condition=Q(unit__isnull=False), name="notice_address_of_unit"
            ),
        ]

    @property
    def context(self) -> str:
        """What the address is sealed for."""
        return f"notices_address:sealed:{self.uid}"


class Choice(models.Model):
    """What one person chose. Without a row the defaults of `rules` hold."""

    class Digest(models.TextChoices):
        AT_ONCE = "", _("一有消息就发")
        HOURLY = "hourly", _("每小时合成一封")
        DAILY = "daily", _("每天合成一封")

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    picks = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField()
    digest = models.CharField(max_length=8, choices=Digest, blank=True, default=Digest.AT_ONCE)
    digest_at = models.TimeField()


class Wish(models.Model):
    """A reporter without an account who wants to hear by SMS."""

    report = models.OneToOneField(Report, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()


class Wording(models.Model):
    """The operator's words instead of the shipped ones, for one event, side and language."""

    kind = models.CharField(max_length=40)
    reporter = models.BooleanField()
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    body = models.TextField()
    short = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "reporter", "language"], name="notice_wording_once")]


class Reminder(models.Model):
    """That a case's deadline was reminded of: once near, once overdue, for each moment it was set to."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    due_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind", "due_at"], name="notice_reminder_once")]


class House(models.Model):
    """The one row about the way back in: the address under which people reach the house, for links."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    public_url = models.URLField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="notice_house_one_row")]
