"""What the room of cases does not keep for ever (`kernel.retention`)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel import retention
from linli.rooms.cases.actions.personal import strip
from linli.rooms.cases.models import CaseImport, Report

_HAS_CONTACT = Q(name_sealed__isnull=False) | Q(phone_sealed__isnull=False) | Q(mail_sealed__isnull=False)


def _contacts_due(before: dt.datetime) -> QuerySet[Report]:
    return Report.objects.filter(_HAS_CONTACT, case__is_open=False, case__state_since__lt=before)


@retention.rule(
    "cases.contacts",
    _("上报人的姓名、电话和邮箱"),
    _("从事件办结、不予受理、撤回或合并之日算起。事件本身保留。"),
    days=400,
    least=30,
    due=lambda before: _contacts_due(before).count(),
)
def contacts(before: dt.datetime, most: int) -> int:
    ids = list(_contacts_due(before).order_by("pk").values_list("pk", flat=True)[:most])
    strip(ids, wholly=False)
    return len(ids)


def _lists_due(before: dt.datetime) -> QuerySet[CaseImport]:
    return CaseImport.objects.filter(created_at__lt=before).exclude(rows=[], problems=[])


@retention.rule(
    "cases.lists",
    _("导入的问题清单原文"),
    _("从上传之日算起，未确认的一并放弃。已导入的事件保留。"),
    days=60,
    least=7,
    due=lambda before: _lists_due(before).count(),
)
def lists(before: dt.datetime, most: int) -> int:
    ids = list(_lists_due(before).order_by("pk").values_list("pk", flat=True)[:most])
    CaseImport.objects.filter(pk__in=ids, state=CaseImport.State.DRAFT).update(state=CaseImport.State.DROPPED)
    return CaseImport.objects.filter(pk__in=ids).update(rows=[], problems=[])
