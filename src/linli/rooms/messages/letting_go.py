"""What the room of notices does not keep for ever (`kernel.retention`)."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel import retention
from linli.rooms.messages.models import Notice, Reminder


def _read(before: dt.datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(at__lt=before, read_at__isnull=False)


def _any(before: dt.datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(at__lt=before)


def _delete(found: QuerySet[Notice], most: int) -> int:
    ids = list(found.order_by("at").values_list("pk", flat=True)[:most])
    Notice.objects.filter(pk__in=ids).delete()
    return len(ids)


@retention.rule(
    "notices.read",
    _("已读的消息"),
    _("从发出之日算起，连同向外发送的记录。"),
    days=90,
    least=7,
    due=lambda before: _read(before).count(),
)
def read(before: dt.datetime, most: int) -> int:
    return _delete(_read(before), most)


@retention.rule(
    "notices.rest",
    _("未读的消息"),
    _("从发出之日算起，连同向外发送的记录。"),
    days=400,
    least=30,
    due=lambda before: _any(before).count(),
)
def rest(before: dt.datetime, most: int) -> int:
    Reminder.objects.filter(at__lt=before).delete()
    return _delete(_any(before), most)
