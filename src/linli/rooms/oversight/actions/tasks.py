"""Reform and project tasks (LS-14): set up, reported on, ended; their lights are those of supervision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.journal import queries as stories
from linli.kernel.outbox import Event
from linli.rooms.cases.actions.given import waiting_photos
from linli.rooms.oversight.actions.evidence import take_over
from linli.rooms.oversight.actions.parts import SYSTEM, lamps, signature
from linli.rooms.oversight.models import Area, Aspect, Milestone, Progress, Task
from linli.rooms.oversight.queries.tasks import target_of
from linli.rooms.oversight.rules import light_at, next_turn, of_kind, read, stored, turns_of
from linli.rooms.people.models import Unit
from linli.rooms.people.rights import HeldPost, Target, Viewer
from linli.rooms.places.models import Place

AT_ONCE = 200


@dataclass(slots=True)
class TaskWords:
    """A task as somebody writes it. The area and the aspect are made when they do not exist yet."""

    area: str
    aspect: str
    name: str
    unit_id: int | None
    begins_on: dt.date
    due_on: dt.date
    goal: str = ""
    milestones: Sequence[tuple[str, dt.date]] = ()


def add_task(words: TaskWords, *, viewer: Viewer, place_id: int | None = None, request_key: str | None = None) -> Task:
    """Set up a task in the district of the viewer's post (or `place_id`). Raises NotAllowed, Refused."""

    def fresh() -> Task:
        place, post = _where(viewer, place_id)
        name, unit = _checked(words)
        area, _made = Area.objects.get_or_create(
            district_id=place.lineage[0],
            name=_named(words.area, "area"),
            defaults={"sort": Area.objects.filter(district_id=place.lineage[0]).count()},
        )
        aspect, _made = Aspect.objects.get_or_create(
            area=area, name=_named(words.aspect, "aspect"), defaults={"sort": area.aspects.count()}
        )
        if Task.objects.filter(aspect=aspect, name=name).exists():
            raise Refused(_("这个方面已经有同名的任务。"), "task.same_name", "name")
        task = Task(
            aspect=aspect,
            name=name,
            goal=clean_text(words.goal or "", 2000, "goal"),
            unit=unit,
            lineage=list(place.lineage),
            tokens=[*place.lineage, -unit.pk],
            begins_at=_morning(words.begins_on),
            due_at=_evening(words.due_on),
            sort=aspect.tasks.count(),
        )
        set_turns(task, clock.now())
        task.save()
        _set_milestones(task, words.milestones)
        _record(task, viewer, post, "task.add", "task.added", request_key=request_key, units=True)
        return task

    return journal.once(request_key, fresh, lambda _entry, object_id: Task.objects.get(pk=int(object_id)))


def edit_task(task_id: int, words: TaskWords, *, viewer: Viewer, version: int) -> Task:
    """Change a task's words, owner and days. Raises Conflict for an old version."""
    with transaction.atomic():
        task, post = _locked(task_id, viewer, "task.edit")
        _same(task, version)
        name, unit = _checked(words)
        before = {"name": task.name, "unit_id": task.unit_id, "due_at": task.due_at.isoformat()}
        task.name, task.unit, task.goal = name, unit, clean_text(words.goal or "", 2000, "goal")
        task.begins_at, task.due_at = _morning(words.begins_on), _evening(words.due_on)
        task.tokens = [*task.lineage, -unit.pk]
        set_turns(task, clock.now())
        _set_milestones(task, words.milestones)
        _save(task)
        _record(task, viewer, post, "task.edit", "task.edited", before=before, units=True)
        return task


def stop_task(task_id: int, reason: str, *, viewer: Viewer, version: int) -> Task:
    """Give a task up, with the reason."""
    reason = clean_text(reason or "", 1000, "reason")
    with transaction.atomic():
        task, post = _locked(task_id, viewer, "task.edit")
        _same(task, version)
        if task.state not in ("planned", "running"):
            raise Refused(_("这项任务已经结束。"), "task.ended")
        if not reason:
            raise Refused(_("请写为什么中止。"), "task.no_reason", "reason")
        task.state = Task.State.STOPPED
        set_turns(task, clock.now())
        _save(task)
        _record(task, viewer, post, "task.stop", "task.stopped", note=reason, units=True)
        return task


def report_progress(
    task_id: int,
    words: str,
    percent: int,
    *,
    viewer: Viewer,
    version: int | None = None,
    milestones: Sequence[int] = (),
    photos: Sequence[str] = (),
    files: Sequence[str] = (),
    request_key: str | None = None,
) -> Progress:
    """What the owner reports: words, how much is done, which milestones, proof. 100 % ends the task.

    Raises NotAllowed (not the owner's), Refused, Conflict.
    """
    words = clean_text(words or "", 4000, "words")
    with transaction.atomic():
        task, post = _locked(task_id, viewer, "task.report")
        if request_key and (known := stories.by_request_key(request_key)) is not None:
            return Progress.objects.get(pk=int((known.after or {})["progress"]))
        _same(task, version)
        if task.state not in ("planned", "running"):
            raise Refused(_("这项任务已经结束。"), "task.ended")
        if not words:
            raise Refused(_("请写做了什么、下一步做什么。"), "task.no_words", "words")
        if not 0 <= percent <= 100:
            raise Refused(_("进度在 0 到 100 之间。"), "task.percent", "percent")
        if percent < task.percent and task.reports.exists():
            raise Refused(
                _("上次报的是 %(was)d %%，进度不能往回报。") % {"was": task.percent}, "task.backwards", "percent"
            )
        now = clock.now()
        Milestone.objects.filter(task=task, pk__in=list(milestones), done_at=None).update(done_at=now)
        if percent == 100 and task.milestones.filter(done_at=None).exists():
            raise Refused(_("还有节点没有完成，不能报 100 %。"), "task.milestones", "percent")
        progress = Progress.objects.create(
            task=task, at=now, by_id=viewer.account_id, by_name=signature(viewer, post), words=words, percent=percent
        )
        uids = take_over(waiting_photos(photos), files, viewer=viewer, progress=progress)
        task.percent, task.reported_at = percent, now
        task.state = Task.State.DONE if percent == 100 else Task.State.RUNNING
        task.done_at = now if percent == 100 else None
        set_turns(task, now)
        _save(task)
        _record(
            task, viewer, post, "task.report", "task.done" if percent == 100 else "task.reported", note=words,
            request_key=request_key, evidence=uids, progress=progress.pk,
        )  # fmt: skip
        return progress


def set_turns(task: Task, now: dt.datetime) -> None:
    """When the lights of a task turn; the present one is not announced."""
    if task.state in ("done", "stopped"):
        turns = [(now, of_kind(lamps(), "done" if task.state == "done" else "suspended"))]
    else:
        turns = turns_of(task.begins_at, task.due_at, lamps())
    task.turns = stored(turns)
    task.light, task.light_next_at = light_at(turns, now), next_turn(turns, now)


def turn_task_lights() -> int:
    """Announce every task whose light has turned: event `task.light` once for each change."""
    turned = 0
    while True:
        now = clock.now()
        with transaction.atomic():
            due = list(
                Task.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("unit")
                .filter(light_next_at__lte=now)
                .order_by("light_next_at")[:AT_ONCE]
            )
            for task in due:
                turns, was = read(task.turns), task.light
                task.light, task.light_next_at = light_at(turns, now), next_turn(turns, now)
                Task.objects.filter(pk=task.pk).update(light=task.light, light_next_at=task.light_next_at)
                if task.light != was:
                    _record(task, None, None, "task.light", "task.light", before={"light": was}, units=True)
            turned += len(due)
        if len(due) < AT_ONCE:
            return turned


def _where(viewer: Viewer, place_id: int | None) -> tuple[Place, HeldPost | None]:
    verdict = viewer.may("task.edit")
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    wanted = place_id or (verdict.post.place_id if verdict.post else None)
    place = Place.objects.filter(pk=wanted or 0).first()
    if place is None:
        raise Refused(_("请选地方。"), "task.no_place", "place")
    verdict = viewer.may("task.edit", Target(place.lineage))
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    return place, verdict.post


def _checked(words: TaskWords) -> tuple[str, Unit]:
    name = _named(words.name, "name", 120)
    unit = Unit.objects.filter(pk=words.unit_id or 0, valid_to=None).first()
    if unit is None:
        raise Refused(_("请选责任单位。"), "task.no_unit", "unit")
    if words.due_on < words.begins_on:
        raise Refused(_("完成日期不能早于开始日期。"), "task.days", "due_on")
    return name, unit


def _named(text: str, field: str, most: int = 60) -> str:
    found = clean_text(text or "", most, field, one_line=True)
    if not found:
        raise Refused(_("请填写。"), "task.empty", field)
    return found


def _morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(8), CIVIL)


def _evening(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(18), CIVIL)


def _set_milestones(task: Task, wanted: Sequence[tuple[str, dt.date]]) -> None:
    named = {_named(name, "milestones", 120): day for name, day in wanted}
    task.milestones.filter(done_at=None).exclude(name__in=named).delete()
    for name, day in named.items():
        Milestone.objects.update_or_create(task=task, name=name, defaults={"due_on": day})


def _locked(task_id: int, viewer: Viewer, capability: str) -> tuple[Task, HeldPost | None]:
    task = (
        Task.objects.select_for_update(of=("self",)).select_related("unit", "aspect__area").filter(pk=task_id).first()
    )
    if task is None:
        raise NotFound(_("没有这项任务。"), code="task.not_found")
    verdict = viewer.may(capability, target_of(task))
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    return task, verdict.post


def _same(task: Task, version: int | None) -> None:
    if version is not None and version != task.version:
        raise Conflict(_("您填写的时候，这项任务已经变了。您填写的内容都在。"), code="task.changed")


def _save(task: Task) -> None:
    task.version += 1
    task.save()


def _record(
    task: Task,
    viewer: Viewer | None,
    post: HeldPost | None,
    action: str,
    event: str,
    *,
    before: dict[str, object] | None = None,
    note: str = "",
    request_key: str | None = None,
    evidence: Sequence[str] = (),
    units: bool = False,
    progress: int | None = None,
) -> None:
    facts = {
        "task": task.name,
        "title": task.name,
        "number": "",
        "state": task.state,
        "percent": task.percent,
        "light": task.light,
        "unit": task.unit.name_zh,
        "due_at": task.due_at.isoformat(),
        "words": note[:500],
        "path": f"/supervision/tasks/{task.pk}/",
        **({"units": [task.unit_id]} if units else {}),
    }
    after = {"version": task.version, "state": task.state, "percent": task.percent, "light": task.light}
    journal.record(
        action=action,
        actor=viewer.acting(post) if viewer else SYSTEM,
        object_type="task",
        object_id=task.pk,
        before=before,
        after={**after, "unit_id": task.unit_id, **({"progress": progress} if progress else {})},
        note=note,
        evidence=list(evidence),
        place_ids=task.lineage,
        request_key=request_key,
        events=[Event(event, "task", task.pk, facts)],
    )
