"""Tasks under supervision: the tree with its bases, one task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.rooms.oversight.models import Task
from linli.rooms.oversight.queries.scope import own_units, reached
from linli.rooms.oversight.rules import light_at, read
from linli.rooms.people.rights import Target, Viewer

SEE = ("task.edit", "case.supervise", "insight.view")


def target_of(task: Task) -> Target:
    """What rights are asked for when a task is meant."""
    return Target(lineage=task.lineage, unit_ids=(task.unit_id,), lead_unit_id=task.unit_id)


def visible_tasks(viewer: Viewer) -> QuerySet[Task]:
    """Tasks within reach, and those of the viewer's own unit."""
    condition = reached(viewer, "task.edit", "case.supervise", classes=False)
    units = own_units(viewer, "task.report")
    if units:
        condition |= Q(unit_id__in=units)
    return Task.objects.filter(condition)


def open_task(task_id: int, viewer: Viewer) -> Task:
    """The task if this viewer may see it. Raises NotFound otherwise."""
    task = visible_tasks(viewer).select_related("unit", "aspect", "aspect__area").filter(pk=task_id).first()
    if task is None:
        raise NotFound(code="task.not_found")
    return task


@dataclass(slots=True)
class Branch:
    """A node of the tree with its base: done of all, and how many are overdue."""

    name: str
    done: int = 0
    total: int = 0
    overdue: int = 0
    branches: list[Branch] = field(default_factory=list)
    tasks: list[Any] = field(default_factory=list)

    def add(self, done: bool, overdue: bool) -> None:
        self.total += 1
        self.done += done
        self.overdue += overdue


def task_tree(viewer: Viewer, unit_id: int | None = None, state: str = "", light: str = "") -> Branch:
    """Areas, aspects and tasks the viewer may see, with their bases; one query."""
    rows = visible_tasks(viewer).select_related("unit", "aspect", "aspect__area")
    if unit_id:
        rows = rows.filter(unit_id=unit_id)
    if state in Task.State.values:
        rows = rows.filter(state=state)
    root = Branch("")
    areas: dict[int, Branch] = {}
    aspects: dict[int, Branch] = {}
    now = clock.now()
    for task in rows.order_by("aspect__area__sort", "aspect__area_id", "aspect__sort", "aspect_id", "sort", "id"):
        task.shining = light_at(read(task.turns), now) if task.turns else task.light  # type: ignore[attr-defined]
        if light and task.shining != light:  # type: ignore[attr-defined]
            continue
        area = areas.get(task.aspect.area_id)
        if area is None:
            area = areas[task.aspect.area_id] = Branch(task.aspect.area.name)
            root.branches.append(area)
        aspect = aspects.get(task.aspect_id)
        if aspect is None:
            aspect = aspects[task.aspect_id] = Branch(task.aspect.name)
            area.branches.append(aspect)
        aspect.tasks.append(task)
        late = task.state in ("planned", "running") and now > task.due_at
        for node in (root, area, aspect):
            node.add(task.state == "done", late)
    return root
