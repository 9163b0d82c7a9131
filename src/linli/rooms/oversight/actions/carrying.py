"""What becomes of a meeting's decision: an assignment on the ladder, else a supervision order; once each."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError
from linli.rooms.ladder.actions import assign_down
from linli.rooms.ladder.queries import standing
from linli.rooms.oversight.actions.issuing import Writ, issue
from linli.rooms.oversight.models import AgendaItem, Meeting, Source
from linli.rooms.people.rights import Viewer


def carry_out(item: AgendaItem, meeting: Meeting, viewer: Viewer) -> bool:
    """Hand a decision on to its owner; the caller holds the lock of the point. What stands in the way is kept with the
    point, so that the meeting can be closed all the same and somebody sees to it."""
    if item.carried_at is not None:
        return True
    limit = days_until(item.due_on)
    done = item.case_id is not None and _on_the_ladder(item, viewer, limit)
    if not done:
        done = _by_order(item, meeting, viewer, limit)
    if done:
        item.carried_at, item.trouble = clock.now(), ""
    item.save(update_fields=["carried_at", "trouble", "assigned_tier", "order"])
    return done


def days_until(day: dt.date | None) -> TimeLimit:
    """The time from now to the end of a day, in whole calendar days."""
    if day is None:
        return TimeLimit(3, "working_days")
    return TimeLimit(max(1, (day - clock.now().astimezone(CIVIL).date()).days), "calendar_days")


def _on_the_ladder(item: AgendaItem, viewer: Viewer, limit: TimeLimit) -> bool:
    """Assign the case to the nearest tier that the owner can bear. False where the case stands on no ladder, or the
    ladder does not let this viewer or this owner."""
    assert item.case_id is not None
    here = standing(item.case_id, viewer)
    if here is None:
        return False
    kind = "unit" if item.unit_id else "post"
    lower = [tier for tier in here.tiers if tier.level <= here.stay.level and tier.bearer == kind]
    for tier in sorted(lower, key=lambda tier: -tier.level):
        try:
            with transaction.atomic():
                stay = assign_down(
                    item.case_id,
                    viewer,
                    tier.level,
                    item.decision,
                    unit_id=item.unit_id,
                    post_id=None if item.unit_id else item.post_id,
                    limit=limit,
                    request_key=f"meeting-item:{item.pk}:{tier.level}",
                )
        except LinliError:
            continue
        item.assigned_tier = tier.name_zh if stay else ""
        return True
    return False


def _by_order(item: AgendaItem, meeting: Meeting, viewer: Viewer, limit: TimeLimit) -> bool:
    unit_id = item.unit_id or (item.post.unit_id if item.post else None)
    if unit_id is None:
        item.trouble = _("这个岗位不属于任何单位，不能发督办单，请当面交办。")
        return False
    try:
        with transaction.atomic():
            item.order = issue(
                Writ(
                    unit_id=unit_id,
                    title=item.title,
                    demand=item.decision,
                    source=Source.MEETING,
                    case_ids=[item.case_id] if item.case_id else (),
                    place_id=meeting.place_id,
                    limit=limit,
                    in_step=False,
                    meta={"meeting": meeting.pk, "item": item.pk},
                ),
                viewer=viewer,
                request_key=f"meeting-order:{item.pk}",
            )
    except LinliError as error:
        item.trouble = str(error.message)[:300]
        return False
    return True
