"""Times that are left out of the timed indicators, decided by somebody who approves scorecards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from linli.kernel import clock, journal
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.outbox import Event
from linli.rooms.catalogue.models import Item
from linli.rooms.insight.models import Exclusion
from linli.rooms.people.rights import Viewer
from linli.rooms.places.models import Place

LONGEST = dt.timedelta(days=92)
CAPABILITY = "scorecard.approve"


def decide_exclusion(
    *,
    viewer: Viewer,
    cause: str,
    reason: str,
    place_id: int,
    since: dt.datetime,
    until: dt.datetime,
    item_ids: Sequence[int] = (),
    request_key: str | None = None,
) -> Exclusion:
    """Leave cases of a place (and of these items, if any are named) out whose handling clock ran between two moments.

    The raw facts stay, and every figure tells how many it leaves out. Raises NotAllowed, Refused.
    """

    def fresh() -> Exclusion:
        place = Place.objects.filter(pk=place_id).first()
        if place is None:
            raise Refused(_("没有这个地方，请重新选择。"), code="insight.no_place", field="place")
        viewer.require(CAPABILITY, place.lineage)
        words = clean_text(reason, 1000)
        if cause not in Exclusion.Cause.values:
            raise Refused(_("请选择原因。"), code="insight.no_cause", field="cause")
        if not words:
            raise Refused(_("请写明依据，例如气象预警的编号。"), code="insight.no_reason", field="reason")
        if until <= since:
            raise Refused(_("结束要晚于开始。"), code="insight.backwards", field="until")
        if until - since > LONGEST:
            raise Refused(_("一次最多三个月，请分几次写。"), code="insight.too_long", field="until")
        items = sorted(Item.objects.filter(pk__in=list(item_ids)).values_list("pk", flat=True))
        if len(items) != len(set(item_ids)):
            raise Refused(_("目录里没有这个事项，请重新选择。"), code="insight.no_item", field="items")
        row = Exclusion.objects.create(
            cause=cause,
            reason=words,
            place=place,
            item_ids=items,
            since=since,
            until=until,
            decided_by_id=viewer.account_id or 0,
            decided_at=clock.now(),
        )
        _record(row, viewer, "exclusion.decide", "exclusion.decided", None, request_key)
        return row

    return journal.once(request_key, fresh, lambda _entry, found: Exclusion.objects.get(pk=found))


def revoke_exclusion(exclusion_id: int, *, viewer: Viewer, why: str, version: int | None = None) -> Exclusion:
    """Take a time back: its cases count again. Raises NotFound, NotAllowed, Refused, Conflict."""
    with transaction.atomic():
        row = Exclusion.objects.select_for_update(of=("self",)).select_related("place").filter(pk=exclusion_id).first()
        if row is None:
            raise NotFound(code="insight.no_exclusion")
        viewer.require(CAPABILITY, row.place.lineage)
        if row.revoked_at is not None or (version is not None and version != row.version):
            raise Conflict(_("这一条刚被别人改过，请刷新页面。"), code="insight.changed", typed={"why": why})
        words = clean_text(why, 500)
        if not words:
            raise Refused(_("请写明为什么撤销。"), code="insight.no_reason", field="why")
        before = {"version": row.version, "revoked_at": None}
        row.revoked_at, row.revoked_why, row.version = clock.now(), words, row.version + 1
        row.save(update_fields=["revoked_at", "revoked_why", "version"])
        _record(row, viewer, "exclusion.revoke", "exclusion.revoked", before, None)
        return row


def _record(
    row: Exclusion, viewer: Viewer, action: str, kind: str, before: Mapping[str, object] | None, key: str | None
) -> None:
    journal.record(
        action=action,
        actor=viewer.acting(viewer.may(CAPABILITY).post),
        object_type="exclusion",
        object_id=row.pk,
        before=before,
        after={
            "version": row.version,
            "cause": row.cause,
            "place_id": row.place_id,
            "item_ids": row.item_ids,
            "since": row.since,
            "until": row.until,
            "revoked_at": row.revoked_at,
        },
        note=row.revoked_why or row.reason,
        place_ids=row.place.lineage,
        request_key=key,
        events=[
            Event(
                kind,
                "exclusion",
                row.pk,
                {
                    "place_id": row.place_id,
                    "since": row.since.isoformat(),
                    "until": row.until.isoformat(),
                    "path": "/figures/left-out/",
                },
            )
        ],
    )
