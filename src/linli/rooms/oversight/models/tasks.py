"""Reform and project tasks under supervision (LS-14): areas, their aspects, the tasks of each."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.people.models import Account, Unit
from linli.rooms.places.models import Place


class Area(models.Model):
    """A large field of reform or building, of one district."""

    district = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    sort = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["sort", "id"]
        constraints = [models.UniqueConstraint(fields=["district", "name"], name="area_name_once")]


class Aspect(models.Model):
    """One side of an area."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="aspects")
    name = models.CharField(max_length=60)
    sort = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["sort", "id"]
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="aspect_name_once")]


class Task(models.Model):
    """A task with its owner, its day and where it stands."""

    class State(models.TextChoices):
        PLANNED = "planned", _("未开始")
        RUNNING = "running", _("推进中")
        DONE = "done", _("已完成")
        STOPPED = "stopped", _("已中止")

    aspect = models.ForeignKey(Aspect, on_delete=models.PROTECT, related_name="tasks")
    name = models.CharField(max_length=120)
    goal = models.TextField(blank=True, default="")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tasks")
    lineage = ArrayField(models.BigIntegerField())
    tokens = ArrayField(models.BigIntegerField())
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    version = models.IntegerField(default=1)
    begins_at = models.DateTimeField()
    due_at = models.DateTimeField()
    percent = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    sort = models.SmallIntegerField(default=0)
    turns = models.JSONField(default=list)
    light = models.CharField(max_length=20, blank=True, default="")
    light_next_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["sort", "id"]
        constraints = [
            models.UniqueConstraint(fields=["aspect", "name"], name="task_name_once"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="task_percent"),
            models.CheckConstraint(condition=Q(due_at__gt=models.F("begins_at")), name="task_runs_forward"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False, percent=100) | ~Q(state="done") & Q(done_at=None),
                name="task_done_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["light_next_at"], condition=Q(light_next_at__isnull=False), name="task_light_next"),
            GinIndex(fields=["tokens"], name="task_tokens"),
        ]

    def __str__(self) -> str:
        return self.name


class Milestone(models.Model):
    """A step on the way with its day."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="milestones")
    name = models.CharField(max_length=120)
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [models.UniqueConstraint(fields=["task", "name"], name="milestone_name_once")]


class Progress(models.Model):
    """What the unit reported of a task."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="reports")
    at = models.DateTimeField()
    by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=120, blank=True, default="")
    words = models.TextField()
    percent = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-at", "-id"]
