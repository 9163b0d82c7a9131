"""What the room of webhooks does not keep for ever (`kernel.retention`)."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel import retention
from linli.rooms.webhooks.models import Delivery
from linli.rooms.webhooks.rules import DONE_KEPT, REST_KEPT


def _delivered(before: dt.datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(created_at__lt=before, state="done")


def _any(before: dt.datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(created_at__lt=before).exclude(state="sending")


def _delete(found: QuerySet[Delivery], most: int) -> int:
    ids = list(found.order_by("created_at").values_list("pk", flat=True)[:most])
    Delivery.objects.filter(pk__in=ids).exclude(state="sending").delete()
    return len(ids)


@retention.rule(
    "webhooks.delivered",
    _("已送达的事件推送"),
    _("从写下之日算起。"),
    days=DONE_KEPT.days,
    least=1,
    most=400,
    due=lambda before: _delivered(before).count(),
)
def delivered(before: dt.datetime, most: int) -> int:
    return _delete(_delivered(before), most)


@retention.rule(
    "webhooks.rest",
    _("未送达的事件推送"),
    _("从写下之日算起，此前可以重新发送。"),
    days=REST_KEPT.days,
    least=7,
    most=400,
    due=lambda before: _any(before).count(),
)
def rest(before: dt.datetime, most: int) -> int:
    return _delete(_any(before), most)
