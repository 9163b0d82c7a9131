"""The day's patrols: made and closed by the worker, walked by whoever has the duty there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.journal import Actor
from linli.rooms.fieldwork import rules
from linli.rooms.fieldwork.actions.telling import SYSTEM, Where, civil_day, posts_with, tell
from linli.rooms.fieldwork.ground import grids_of
from linli.rooms.fieldwork.models import Finding, Patrol, PatrolPlan, PatrolStop, PlanPoint, PointKind
from linli.rooms.people.queries.carriers import Carrier, carriers
from linli.rooms.people.rights import Target, Viewer
from linli.rooms.places.atlas import Facts

AT_ONCE = 200
LOOK_AGAIN_AT_MOST = 8
_OPEN = (Patrol.State.DUE, Patrol.State.WALKING)


# ── The worker ─────────────────────────────────────────────────────────────────────────────────────────


def make_due() -> int:
    """Make the patrols of every plan whose moment has come; returns how many rows. Exactly once for plan, grid, day."""
    made = 0
    for _round in range(AT_ONCE):
        with transaction.atomic():
            now = clock.now()
            plan = (
                PatrolPlan.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(active=True, next_at__lte=now)
                .order_by("next_at", "pk")
                .first()
            )
            if plan is None:
                break
            made += _make(plan, now)
    return made


def _make(plan: PatrolPlan, now: dt.datetime) -> int:
    """Today's rows of a locked plan, and the next day it looks ahead to. Days that nobody could walk are left out."""
    today, planned = civil_day(now), plan.next_day
    assert planned is not None
    day: dt.date | None = planned
    if planned < today:
        day = rules.next_day(today, plan.valid_to, plan.days, plan.weekdays, calendar())
    was, plan.trouble = plan.trouble, PatrolPlan.Trouble.NONE
    made = 0
    if day is not None and rules.made_at(day, plan.window_from) <= now:
        made = _make_day(plan, day, now)
        after = day + dt.timedelta(days=1)
        day = rules.next_day(after, plan.valid_to, plan.days, plan.weekdays, calendar())
    if planned < today:
        plan.trouble = plan.trouble or PatrolPlan.Trouble.SLEPT
        _say_trouble(plan, "patrol.not_made", {"from": str(planned), "until": str(today)}, now)
    if plan.trouble in (PatrolPlan.Trouble.MOVED, PatrolPlan.Trouble.GONE) and plan.trouble != was:
        _say_trouble(plan, "patrol.grid_changed", {"trouble": plan.trouble}, now)
    plan.next_day, plan.next_at = day, rules.made_at(day, plan.window_from) if day else None
    plan.save(update_fields=["next_day", "next_at", "trouble"])
    return made


def _say_trouble(plan: PatrolPlan, action: str, facts: dict[str, Any], now: dt.datetime) -> None:
    """Those who plan here hear of it."""
    tell(
        action, "patrol_plan", plan.pk, SYSTEM, plan.tokens, after=facts,
        name=plan.name, posts=posts_with("patrol.plan", plan.tokens, now), path=f"/rounds/plans/{plan.pk}/",
    )  # fmt: skip


def _make_day(plan: PatrolPlan, day: dt.date, now: dt.datetime) -> int:
    grids, moved = grids_of(plan.place_id, plan.grid_kinds, day)
    if moved or not grids:
        plan.trouble = PatrolPlan.Trouble.MOVED if grids else PatrolPlan.Trouble.GONE
    there = set(Patrol.objects.filter(plan=plan, day=day).values_list("place_id", flat=True))
    points = list(plan.points.select_related("place"))
    made = 0
    for grid in grids:
        if grid.id in there:
            continue
        mine = [p for p in points if p.place is None or grid.id in p.place.lineage]
        if mine:
            _make_one(plan, grid, mine, day, now)
            made += 1
    return made


def _make_one(plan: PatrolPlan, grid: Facts, points: Sequence[PlanPoint], day: dt.date, now: dt.datetime) -> Patrol:
    carrier = expected_walker(grid.id, now)
    lineage = list(grid.lineage)
    again = _to_look_again(grid.id)
    patrol = Patrol.objects.create(
        plan=plan,
        place_id=grid.id,
        day=day,
        lineage=lineage,
        tokens=lineage,
        post_id=carrier.post.id if carrier else None,
        expected_id=carrier.account_id if carrier else None,
        deputised=bool(carrier and carrier.post.deputised),
        window_from=dt.datetime.combine(day, plan.window_from, rules.CIVIL),
        window_to=dt.datetime.combine(day, plan.window_to, rules.CIVIL),
        closes_at=rules.closes_at(day),
        points_due=len(points) + len(again),
        made_at=now,
    )
    stops = [
        PatrolStop(
            patrol=patrol, sequence=n, kind=p.kind, name=p.name, check_words=p.check_words, place_id=p.place_id,
            lng=p.lng, lat=p.lat, item_key=p.item_key,
        )
        for n, p in enumerate(points, 1)
    ] + [
        PatrolStop(
            patrol=patrol, sequence=n, kind=PointKind.FREE, name=(f.case.address or f.case.description)[:80],
            check_words=f.case.description[:300], place_id=f.place_id, lng=f.case.lng, lat=f.case.lat,
            item_key=f.item_key, again=f,
        )
        for n, f in enumerate(again, len(points) + 1)
    ]  # fmt: skip
    PatrolStop.objects.bulk_create(stops)
    heard: dict[str, Any] = {"path": f"/rounds/patrols/{patrol.pk}/", "name": plan.name, "place_id": grid.id}
    heard["until"] = patrol.window_to.isoformat()
    if carrier is not None:
        heard["accounts"] = [carrier.account_id]
    else:
        heard["posts"] = posts_with("patrol.plan", lineage, now)
    tell(
        "patrol.due" if carrier else "patrol.unstaffed", "patrol", patrol.pk, SYSTEM, lineage,
        after={"plan": plan.pk, "day": str(day), "points": patrol.points_due, "expected": patrol.expected_id}, **heard,
    )  # fmt: skip
    return patrol


def expected_walker(grid_id: int, at: dt.datetime) -> Carrier | None:
    """Who carries the grid's own post with the duty to walk at a moment: the holder, or the deputy in the absence.

    Who only walks comes before who plans patrols, too.
    """
    found = [c for c in carriers([grid_id], (), at) if "patrol.walk" in c.post.duties]
    return min(found, key=lambda c: "patrol.plan" in c.post.duties, default=None)


def _to_look_again(grid_id: int) -> list[Finding]:
    """Closed findings of a grid that nobody has looked at again, and that no open patrol has on its list."""
    return list(
        Finding.objects.select_related("case")
        .filter(look_again=True, looked_at=None, tokens__contains=[grid_id], case__state="closed")
        .exclude(looks__patrol__state__in=_OPEN)
        .order_by("found_at")[:LOOK_AGAIN_AT_MOST]
    )


def close_due() -> int:
    """Close the patrols whose day is over: not begun is missed, not finished is partial. Returns how many."""
    with transaction.atomic():
        now = clock.now()
        over = list(
            Patrol.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("plan")
            .filter(state__in=_OPEN, closes_at__lte=now)
            .order_by("closes_at", "pk")[:AT_ONCE]
        )
        for patrol in over:
            missed = patrol.state == Patrol.State.DUE
            patrol.state = Patrol.State.MISSED if missed else Patrol.State.PARTIAL
            _end(patrol, now, SYSTEM, "patrol.missed" if missed else "patrol.partial")
    return len(over)


def _end(patrol: Patrol, now: dt.datetime, actor: Actor, action: str) -> None:
    patrol.ended_at = now
    patrol.version += 1
    patrol.save()
    heard: dict[str, Any] = {}
    if action in ("patrol.missed", "patrol.partial"):
        heard["posts"] = posts_with("patrol.plan", patrol.lineage, now)
        heard["accounts"] = [patrol.expected_id] if patrol.expected_id else []
    tell(
        action, "patrol", patrol.pk, actor, patrol.lineage, note=patrol.words,
        after={"version": patrol.version, "state": patrol.state, "done": patrol.points_done,
               "due": patrol.points_due, "bad": patrol.points_bad},
        name=patrol.plan.name, place_id=patrol.place_id, path=f"/rounds/patrols/{patrol.pk}/", **heard,
    )  # fmt: skip


# ── Who walks ──────────────────────────────────────────────────────────────────────────────────────────


def start(patrol_id: int, *, viewer: Viewer) -> Patrol:
    """Begin a patrol; beginning it twice changes nothing. Raises NotFound, NotAllowed, Refused."""
    with transaction.atomic():
        patrol, actor = _mine(patrol_id, viewer)
        if patrol.state == Patrol.State.DUE:
            _begin(patrol, clock.now(), viewer, actor)
        return patrol


def mark(
    patrol_id: int, sequence: int, result: str, *, viewer: Viewer, where: Where | None = None
) -> tuple[Patrol, PatrolStop]:
    """Say how a point is: "ok" or "bad", anew until the patrol is finished. Begins the patrol if need be.

    where: the phone's position, kept when it comes along. Raises NotFound, NotAllowed, Refused.
    """
    if result not in PatrolStop.Result.values:
        raise Refused(_("请选“正常”或“有问题”。"), code="patrol.result", field="result")
    with transaction.atomic():
        patrol, actor = _mine(patrol_id, viewer)
        now = clock.now()
        if patrol.state == Patrol.State.DUE:
            _begin(patrol, now, viewer, actor)
        stop = patrol.stops.select_related("again").filter(sequence=sequence).first()
        if stop is None:
            raise NotFound(_("这次巡查没有这个点。"), code="patrol.no_stop")
        if stop.result == result:
            return patrol, stop
        before = {"result": stop.result}
        set_result(patrol, stop, result, now, viewer, where)
        tell(
            "patrol.marked", "patrol", patrol.pk, actor, patrol.lineage, before=before,
            after={"version": patrol.version, "point": stop.sequence, "result": result,
                   "lng": stop.at_lng, "lat": stop.at_lat, "accuracy": stop.at_accuracy},
            name=stop.name,
        )  # fmt: skip
        return patrol, stop


def set_result(
    patrol: Patrol, stop: PatrolStop, result: str, now: dt.datetime, viewer: Viewer, where: Where | None
) -> None:
    """Write a point's result and count the patrol's points anew; the caller holds the patrol's lock and journals."""
    if result == PatrolStop.Result.OK and stop.findings.exists():
        raise Refused(_("这个点已经登记了问题，不能再记为正常。"), code="patrol.has_finding", field="result")
    stop.result, stop.done_at, stop.done_by_id = result, now, viewer.account_id
    if where is not None:
        stop.at_lng, stop.at_lat, stop.at_accuracy = where.lng, where.lat, where.accuracy_m
    stop.save()
    if stop.again is not None:
        stop.again.looked, stop.again.looked_at = result, now
        stop.again.save(update_fields=["looked", "looked_at"])
    results = list(patrol.stops.values_list("result", flat=True))
    patrol.points_done = sum(1 for one in results if one)
    patrol.points_bad = results.count(PatrolStop.Result.BAD)
    patrol.version += 1
    patrol.save()


def finish(patrol_id: int, words: str = "", *, viewer: Viewer) -> Patrol:
    """End a patrol. Points that were left out need a reason; finishing twice changes nothing.

    Raises Refused (field "words"), NotFound, NotAllowed.
    """
    with transaction.atomic():
        patrol, actor = _mine(patrol_id, viewer, ended=True)
        if patrol.state == Patrol.State.DONE:
            return patrol
        _still_open(patrol)
        if patrol.state == Patrol.State.DUE:
            raise Refused(_("还没有开始巡查。"), code="patrol.not_begun")
        patrol.words = clean_text(words, 300)
        left = patrol.points_due - patrol.points_done
        if left and not patrol.words:
            raise Refused(
                _("还有 %(n)d 个点没有看。请看完，或写明为什么没有看。") % {"n": left},
                code="patrol.points_left",
                field="words",
            )
        patrol.state = Patrol.State.DONE
        _end(patrol, clock.now(), actor, "patrol.finished")
        return patrol


def _begin(patrol: Patrol, now: dt.datetime, viewer: Viewer, actor: Actor) -> None:
    if now < patrol.window_from - dt.timedelta(hours=12):
        raise Refused(_("这次巡查还没有到日子。"), code="patrol.too_early")
    patrol.state, patrol.started_at, patrol.walker_id = Patrol.State.WALKING, now, viewer.account_id
    patrol.version += 1
    patrol.save()
    tell(
        "patrol.started", "patrol", patrol.pk, actor, patrol.lineage,
        after={"version": patrol.version, "late": now > patrol.window_to}, name=patrol.plan.name,
    )  # fmt: skip


def _mine(patrol_id: int, viewer: Viewer, *, ended: bool = False) -> tuple[Patrol, Actor]:
    """The locked patrol and the actor, if the viewer may walk there; what is not the viewer's is not there at all."""
    patrol = Patrol.objects.select_for_update(of=("self",)).select_related("plan").filter(pk=patrol_id).first()
    viewer.require("patrol.walk")
    verdict = viewer.may("patrol.walk", Target(patrol.lineage)) if patrol is not None else None
    if patrol is None or verdict is None or not verdict.ok:
        raise NotFound(_("没有这次巡查，或不在您的网格。"), code="patrol.not_found")
    if not ended:
        _still_open(patrol)
    return patrol, viewer.acting(verdict.post)


def _still_open(patrol: Patrol) -> None:
    if not patrol.is_open or clock.now() >= patrol.closes_at:
        raise Conflict(
            _("这次巡查已经结束，不能再改。"),
            code="patrol.ended",
            what_next=_("要报问题，请用“上报”。您填写的内容都在。"),
        )
