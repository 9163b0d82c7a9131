"""Endpoints and what was, or is to be, sent to them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.people.models import Account
from linli.rooms.places.models import Place


class Endpoint(models.Model):
    """An address of another system. `kinds` empty: every kind; `place` empty: the whole house.

    The secret is sealed under `webhooks_endpoint:secret:<id>`, the one before it under
    `webhooks_endpoint:old_secret:<id>` and good until `old_secret_until`. `failing_since` is the first failure
    after the last success.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("推送中")
        PAUSED = "paused", _("已暂停")
        GONE = "gone", _("对方已注销，已停推")
        FAILING = "failing", _("连续失败多日，已停推")

    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True, default="")
    kinds = ArrayField(models.CharField(max_length=40), default=list)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=8, default="zh-hans")
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    secret = models.BinaryField()
    old_secret = models.BinaryField(null=True)
    old_secret_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "paused", "gone", "failing"]), name="webhooks_endpoint_state"
            ),
            models.CheckConstraint(
                condition=Q(old_secret=None, old_secret_until=None)
                | Q(old_secret__isnull=False, old_secret_until__isnull=False),
                name="webhooks_old_secret_ends",
            ),
        ]


class Delivery(models.Model):
    """One message for one endpoint. `body` is written once, so that every try sends the same bytes.

    pending → sending (claimed until `locked_until`) → done, or back to pending until the tries are used up,
    then dead. A message sent again by hand keeps its `uid`: the receiver can tell that it knows it.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("等待发送")
        SENDING = "sending", _("正在发送")
        DONE = "done", _("已送达")
        DEAD = "dead", _("失败，不再重试")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.BigIntegerField(null=True, help_text=_("测试消息没有事件"))
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=40, blank=True, default="")
    body = models.BinaryField()
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    tries = models.IntegerField(default=0)
    replays = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    status = models.IntegerField(null=True)
    words = models.TextField(blank=True, default="")
    trouble = models.CharField(max_length=40, blank=True, default="")
    took_ms = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event_id"],
                condition=Q(event_id__isnull=False),
                name="webhooks_delivery_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "sending", "done", "dead"]), name="webhooks_delivery_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_try_at", "id"],
                condition=Q(state="pending"),
                name="webhooks_delivery_due",
            ),
            models.Index(
                fields=["endpoint", "locked_until"],
                condition=Q(state="sending"),
                name="webhooks_delivery_sending",
            ),
            models.Index(fields=["endpoint", "-id"], name="webhooks_delivery_of"),
            models.Index(fields=["endpoint", "-id"], condition=Q(state="dead"), name="webhooks_delivery_dead"),
            models.Index(fields=["created_at"], name="webhooks_delivery_age"),
        ]

    @property
    def message_id(self) -> str:
        """What stands in the header `webhook-id`."""
        return f"msg_{self.uid.hex}"
