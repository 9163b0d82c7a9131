"""What the room of people does not keep for ever (`kernel.retention`)."""

from __future__ import annotations

import datetime as dt

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from linli.kernel import retention


@retention.rule(
    "people.sign_in_failures",
    _("登录失败的记录"),
    _("含用户名和网络地址。《网络安全法》要求网络日志至少留存六个月。"),
    days=400,
    least=190,
    due=lambda before: AccessAttempt.objects.filter(attempt_time__lt=before).count(),
)
def sign_in_failures(before: dt.datetime, most: int) -> int:
    ids = list(AccessAttempt.objects.filter(attempt_time__lt=before).values_list("pk", flat=True)[:most])
    AccessAttempt.objects.filter(pk__in=ids).delete()
    return len(ids)


@retention.rule(
    "people.sessions",
    _("已结束的登录会话"),
    _("从会话到期之日算起。"),
    days=1,
    least=0,
    most=30,
    due=lambda before: Session.objects.filter(expire_date__lt=before).count(),
)
def sessions(before: dt.datetime, most: int) -> int:
    keys = list(Session.objects.filter(expire_date__lt=before).values_list("pk", flat=True)[:most])
    Session.objects.filter(pk__in=keys).delete()
    return len(keys)
