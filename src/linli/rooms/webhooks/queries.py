"""Endpoints and their messages, for an administrator's pages and the command line."""

from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from linli.kernel.authority import Authority
from linli.kernel.errors import NotFound
from linli.kernel.outgoing.client import REASONS
from linli.rooms.webhooks.models import Delivery, Endpoint

SENDER_GONE = _("发送进程中断，重新排队。")


def endpoints(by: Authority) -> QuerySet[Endpoint]:
    """All endpoints with `waiting` and `dead` counted. Raises NotAllowed.

    The counts come from the small indexes of what has not arrived, however much has.
    """
    by.require("webhooks.edit")
    return (
        Endpoint.objects.select_related("place")
        .annotate(waiting=_count("pending") + _count("sending"), dead=_count("dead"))
        .order_by("id")
    )


def _count(state: str) -> Coalesce:
    rows = Delivery.objects.filter(endpoint=OuterRef("pk"), state=state).order_by()
    counted = rows.values("endpoint").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def endpoint(by: Authority, endpoint_id: int) -> Endpoint:
    """One endpoint. Raises NotAllowed, NotFound."""
    found = endpoints(by).filter(pk=endpoint_id).first()
    if found is None:
        raise NotFound(_("没有这个推送地址。"), code="webhook.not_found")
    return found


def deliveries(
    by: Authority, endpoint_id: int, *, state: str = "", before_id: int | None = None, size: int = 50
) -> list[Delivery]:
    """The messages of an endpoint, newest first."""
    by.require("webhooks.edit")
    rows = Delivery.objects.filter(endpoint_id=endpoint_id).defer("body")
    if state:
        rows = rows.filter(state=state)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return list(rows.order_by("-id")[:size])


def trouble_words(delivery: Delivery) -> str:
    """Why the last try got no answer, in words; empty when one came."""
    if delivery.trouble == "sender_gone":
        return str(SENDER_GONE)
    return str(REASONS.get(delivery.trouble, ""))
