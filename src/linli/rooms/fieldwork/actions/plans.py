"""Patrol plans: written, changed, switched off and on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.geo import read_point
from linli.kernel.identifiers import clean_text
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.fieldwork import rules
from linli.rooms.fieldwork.actions.telling import civil_day, tell
from linli.rooms.fieldwork.ground import KINDS
from linli.rooms.fieldwork.models import Patrol, PatrolPlan, PlanPoint, PointKind
from linli.rooms.people.rights import Target, Viewer
from linli.rooms.places.models import DIVISION_KINDS, Kind, Place
from linli.rooms.places.queries import locate, valid

MOST_POINTS = 40


@dataclass(slots=True)
class PointWords:
    """A point as somebody writes it. Coordinates may be text; a point with coordinates belongs to the grid there."""

    name: str
    check: str = ""
    kind: str = PointKind.FREE
    place_id: int | None = None
    lng: float | str | None = None
    lat: float | str | None = None
    item_key: str = ""


@dataclass(slots=True)
class PlanWords:
    """A plan as somebody writes it; see `PatrolPlan`."""

    name: str
    place_id: int
    points: Sequence[PointWords]
    window_from: dt.time = dt.time(8, 30)
    window_to: dt.time = dt.time(10, 30)
    days: str = PatrolPlan.Days.WORKDAYS
    weekdays: Sequence[int] = ()
    grid_kinds: Sequence[str] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    request_key: str | None = field(default=None)


def save_plan(
    words: PlanWords, *, viewer: Viewer, plan_id: int | None = None, version: int | None = None
) -> PatrolPlan:
    """Write a new plan or change one; from now on it makes the patrols of its days.

    Changing never touches patrols that are made. The same request key again gives the plan it made.
    Raises Refused with the field, Conflict when the plan changed since `version`, NotAllowed, NotFound.
    """
    now = clock.now()
    place = valid().filter(pk=words.place_id).first()
    if place is None or place.kind == Kind.BUILDING:
        raise Refused(_("请选一个网格，或网格所在的社区、镇（街道）。"), code="patrol.place", field="place")
    viewer.require("patrol.plan", place.lineage)
    given = _checked(words, place, civil_day(now))
    points = _points(words.points, place)
    with transaction.atomic():
        if plan_id is None:
            known = PatrolPlan.objects.filter(request_key=words.request_key).first() if words.request_key else None
            if known is not None:
                return known
            plan = PatrolPlan(created_by_id=viewer.account_id, created_at=now, request_key=words.request_key)
        else:
            plan = _locked(plan_id, viewer, version)
            plan.version += 1
        before = None if plan.pk is None else {"version": plan.version - 1, "name": plan.name}
        for name, value in given.items():
            setattr(plan, name, value)
        plan.place, plan.tokens, plan.trouble = place, list(place.lineage), PatrolPlan.Trouble.NONE
        look_ahead(plan, now)
        plan.save()
        plan.points.all().delete()
        for sequence, point in enumerate(points, 1):
            point.plan, point.sequence = plan, sequence
        PlanPoint.objects.bulk_create(points)
        tell(
            "patrol.planned",
            "patrol_plan",
            plan.pk,
            viewer.acting(viewer.may("patrol.plan", Target(place.lineage)).post),
            place.lineage,
            before=before,
            after={"version": plan.version, "name": plan.name, "points": len(points), "next_day": str(plan.next_day)},
            name=plan.name,
        )
    return plan


def switch_plan(plan_id: int, active: bool, *, viewer: Viewer, version: int | None = None) -> PatrolPlan:
    """Put a plan to rest or take it up again; patrols that are made stay. Raises NotFound, NotAllowed, Conflict."""
    with transaction.atomic():
        plan = _locked(plan_id, viewer, version)
        if plan.active != active:
            plan.active = active
            plan.version += 1
            look_ahead(plan, clock.now())
            plan.save()
            tell(
                "patrol.plan_resumed" if active else "patrol.plan_stopped",
                "patrol_plan",
                plan.pk,
                viewer.acting(viewer.may("patrol.plan", Target(plan.tokens)).post),
                plan.tokens,
                after={"version": plan.version, "active": active},
                name=plan.name,
            )
    return plan


def look_ahead(plan: PatrolPlan, now: dt.datetime) -> None:
    """Set when the next patrols are made: today while there is still time to begin them, else the next day of the plan.

    Does not save. What today has already is not made twice (`patrols.make_due`).
    """
    day, local = civil_day(now), now.astimezone(rules.CIVIL)
    since = max(plan.valid_from, day)
    begun = plan.pk is not None and Patrol.objects.filter(plan_id=plan.pk, day=day).exists()
    if since == day and (begun or local.time() >= plan.window_to):
        since = day + dt.timedelta(days=1)
    found = rules.next_day(since, plan.valid_to, plan.days, plan.weekdays, calendar()) if plan.active else None
    plan.next_day, plan.next_at = found, rules.made_at(found, plan.window_from) if found else None


def _locked(plan_id: int, viewer: Viewer, version: int | None) -> PatrolPlan:
    plan = PatrolPlan.objects.select_for_update(of=("self",)).filter(pk=plan_id).first()
    if plan is None:
        raise NotFound(_("没有这份巡查计划。"), code="patrol.no_plan")
    viewer.require("patrol.plan", plan.tokens)
    if version is not None and version != plan.version:
        raise Conflict(
            _("您填写的时候，这份计划已被别人改过。"),
            code="patrol.plan_changed",
            what_next=_("您填写的内容都在，核对后可以再保存。"),
        )
    return plan


def _checked(words: PlanWords, place: Place, today: dt.date) -> dict[str, object]:
    name = clean_text(words.name, 80)
    if not name:
        raise Refused(_("请给计划起个名字，例如“消防通道日查”。"), code="patrol.no_name", field="name")
    if words.window_to <= words.window_from:
        raise Refused(_("最晚开始的时间要晚于最早的时间。"), code="patrol.window", field="window_to")
    if words.days not in PatrolPlan.Days.values:
        raise Refused(_("请选按工作日还是每天巡查。"), code="patrol.days", field="days")
    try:
        weekdays = rules.weekdays_of(words.weekdays)
    except ValueError:
        raise Refused(_("请重新选择星期几。"), code="patrol.weekdays", field="weekdays") from None
    since = words.valid_from or today
    if words.valid_to is not None and words.valid_to < since:
        raise Refused(_("结束的日子不能早于开始的日子。"), code="patrol.period", field="valid_to")
    kinds = [kind for kind in KINDS if kind in words.grid_kinds] if place.kind in DIVISION_KINDS else []
    if place.kind in DIVISION_KINDS and not kinds:
        raise Refused(_("请选哪几种网格。"), code="patrol.kinds", field="grid_kinds")
    return {
        "name": name,
        "window_from": words.window_from,
        "window_to": words.window_to,
        "days": words.days,
        "weekdays": weekdays,
        "grid_kinds": kinds,
        "valid_from": since,
        "valid_to": words.valid_to,
    }


def _points(given: Sequence[PointWords], place: Place) -> list[PlanPoint]:
    points = [_point(words, place) for words in given if words.name.strip() or words.place_id]
    if not points:
        raise Refused(_("请至少写一个要看的点。"), code="patrol.no_points", field="points")
    if len(points) > MOST_POINTS:
        raise Refused(
            _("一份计划最多 %(n)d 个点，请分成几份。") % {"n": MOST_POINTS}, code="patrol.many_points", field="points"
        )
    return points


def _point(words: PointWords, place: Place) -> PlanPoint:
    name = clean_text(words.name, 80)
    kind = words.kind if words.kind in PointKind.values else PointKind.FREE
    point = PlanPoint(kind=kind, name=name, check_words=clean_text(words.check, 300))
    if words.item_key:
        entry = catalogue().resolve(words.item_key.strip()[:12])
        if entry is None:
            raise Refused(
                _("目录里没有“%(key)s”这个事项。") % {"key": words.item_key[:12]}, code="patrol.item", field="points"
            )
        point.item_key = entry.key
    if words.place_id is not None:
        found = valid().filter(pk=words.place_id).first()
        if found is None or place.pk not in found.lineage:
            raise Refused(
                _("“%(name)s”不在这份计划的范围里。") % {"name": name or words.place_id},
                code="patrol.point_outside",
                field="points",
            )
        point.place, point.name = found, name or found.name_zh
        point.lng, point.lat = found.lng, found.lat
        point.kind = PointKind.BUILDING if found.kind == Kind.BUILDING else PointKind.PLACE
    if words.lng not in (None, "") or words.lat not in (None, ""):
        point.lng, point.lat = read_point(words.lng, words.lat)
        if point.place is None:
            here = locate(point.lng, point.lat)
            if here.place_id is None or place.pk not in here.lineage:
                raise Refused(
                    _("“%(name)s”的位置不在这份计划的范围里。") % {"name": name},
                    code="patrol.point_outside",
                    field="points",
                )
            point.place_id = here.place_id
    return point
