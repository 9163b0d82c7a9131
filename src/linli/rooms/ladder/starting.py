"""Putting a ladder in force: at once, on a day agreed on, and taking it out of force again."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.authority import Authority, SystemAuthority
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.outbox import Event
from linli.rooms.ladder.checking import Problem, problems_of
from linli.rooms.ladder.editing import editing, expect
from linli.rooms.ladder.models import Ladder

AHEAD_AT_MOST = dt.timedelta(days=366)


def activate_ladder(
    by: Authority, ladder_id: int, *, at: dt.datetime | None = None, version: int | None = None
) -> Ladder:
    """Put a draft in force now, or at the moment `at`; the ladder in force until then retires.

    Cases that stand on a tier then stay on it: bearer, limit and the time that has gone are those they came with. Their
    next move, by clock or by hand, is one on the new ladder.
    Raises Refused when something stops it (`checking`), Conflict for a stale version.
    """
    by.require("ladder.edit")
    with editing():
        draft = _draft(ladder_id)
        expect(draft, version)
        _must_be_whole(draft)
        now = clock.now()
        if at is None:
            _put_in_force(draft, by, now)
            return draft
        if at <= now:
            raise Refused(_("约定的时间要在现在以后；要马上启用，请留空。"), "ladder.past", "at")
        if at - now > AHEAD_AT_MOST:
            raise Refused(_("最多提前一年约定"), "ladder.too_far", "at")
        if Ladder.objects.filter(district=draft.district_id, starts_at__isnull=False, state="draft").exists():
            raise Refused(
                _("另一版已经约定了启用时间。"), "ladder.other_waits", "at", what_next=_("请先取消那一版的约定。")
            )
        draft.starts_at = at
        _save(draft, by, "ladder.planned", {"starts_at": at.isoformat()})
    return draft


def call_off_ladder(by: Authority, ladder_id: int, *, version: int | None = None) -> Ladder:
    """Take back the moment a draft waits for; it can be edited again."""
    by.require("ladder.edit")
    with editing():
        draft = _draft(ladder_id)
        expect(draft, version)
        if draft.starts_at is None:
            raise Refused(_("这一版没有约定启用时间"), "ladder.not_planned")
        draft.starts_at = None
        _save(draft, by, "ladder.called_off", {"starts_at": None})
    return draft


def retire_ladder(by: Authority, ladder_id: int, *, version: int | None = None) -> Ladder:
    """Take the ladder in force out of force without another one. Cases stay on the tiers they stand on and climb no
    more by themselves; new ones get no tier."""
    by.require("ladder.edit")
    with editing():
        ladder = Ladder.objects.select_for_update(of=("self",)).filter(pk=ladder_id).first()
        if ladder is None:
            raise NotFound(_("没有这一版层级"), "ladder.not_found")
        if ladder.state != Ladder.State.ACTIVE:
            raise Refused(_("这一版没有在用"), "ladder.not_active")
        expect(ladder, version)
        ladder.state, ladder.retired_at = Ladder.State.RETIRED, clock.now()
        _save(ladder, by, "ladder.retired", {"state": ladder.state}, told=True)
    return ladder


def start_planned() -> int:
    """Put in force the drafts whose moment has come; one that cannot be loses its moment and stays a draft."""
    started = 0
    now = clock.now()
    for pk in list(Ladder.objects.filter(state="draft", starts_at__lte=now).values_list("pk", flat=True)):
        with editing():
            draft = Ladder.objects.select_for_update(of=("self",)).filter(pk=pk, state="draft").first()
            if draft is None or draft.starts_at is None or draft.starts_at > now:
                continue
            by = SystemAuthority()
            try:
                _must_be_whole(draft)
            except Refused as refused:
                draft.starts_at = None
                _save(draft, by, "ladder.not_started", {"starts_at": None, "why": str(refused.message)}, told=True)
                continue
            _put_in_force(draft, by, now)
            started += 1
    return started


def next_start() -> dt.datetime | None:
    """When the next draft takes force; one look at a partial index."""
    return (
        Ladder.objects.filter(state="draft", starts_at__isnull=False)
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )


def findings(ladder: Ladder) -> list[Problem]:
    """What `checking` finds in a ladder; one query."""
    return problems_of(ladder, list(ladder.tiers.select_related("post_kind", "unit").order_by("level")))


# ── Parts ──────────────────────────────────────────────────────────────────────────────────────────


def _draft(ladder_id: int) -> Ladder:
    found = Ladder.objects.select_for_update(of=("self",)).filter(pk=ladder_id).first()
    if found is None:
        raise NotFound(_("没有这一版层级"), "ladder.not_found")
    if found.state != Ladder.State.DRAFT:
        raise Conflict(_("这一版已经启用过了。"), "ladder.fixed")
    return found


def _must_be_whole(draft: Ladder) -> None:
    stopping = [problem for problem in findings(draft) if problem.stops]
    if not stopping:
        return
    names = {tier.code: tier.name for tier in draft.tiers.all()}
    words = "；".join(f"{names[p.tier]}：{p.words}" if p.tier in names else str(p.words) for p in stopping)
    raise Refused(_("还不能启用：%(why)s。") % {"why": words}, "ladder.not_whole")


def _put_in_force(draft: Ladder, by: Authority, now: dt.datetime) -> None:
    before = Ladder.objects.select_for_update().filter(district=draft.district_id, state=Ladder.State.ACTIVE).first()
    if before is not None:
        before.state, before.retired_at = Ladder.State.RETIRED, now
        before.version += 1
        before.save()
    draft.state, draft.activated_at = Ladder.State.ACTIVE, now
    facts = {"state": draft.state, "edition": draft.edition, "replaces": before.edition if before else None}
    _save(draft, by, "ladder.activated", facts, told=True)


def _save(ladder: Ladder, by: Authority, verb: str, facts: dict[str, object], *, told: bool = False) -> None:
    ladder.version += 1
    ladder.save()
    path = f"/desk/duty/ladders/{ladder.pk}/"
    data = {"edition": ladder.edition, "district": ladder.district_id, "path": path, **facts}
    journal.record(
        action=verb,
        actor=by.actor,
        object_type="ladder",
        object_id=ladder.pk,
        before=None,
        after={"version": ladder.version, **facts},
        place_ids=[ladder.district_id],
        events=[Event(f"duty.{verb.replace('.', '_')}", "ladder", ladder.pk, data)] if told else [],
    )
