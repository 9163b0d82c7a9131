"""What operators and staff set: limits of the steps, saved views, drafts of imported lists."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.people.models import Account


class StepLimit(models.Model):
    """How long a case may stay in a state before the step is late (each step has its own time limit)."""

    state = models.CharField(max_length=12)
    urgent = models.BooleanField(default=False)
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["state", "urgent"], name="step_limit_once")]


class SavedView(models.Model):
    """A worklist with its filters, kept under a name by one person; the state is the query string."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1000)
    sort = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="saved_view_name_once")]
        ordering = ["sort", "id"]


class CaseImport(models.Model):
    """A list of problems read from a sheet: seen first, then taken in whole or not at all (HL-2)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("待确认")
        DONE = "done", _("已导入")
        DROPPED = "dropped", _("已放弃")

    name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    rows = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    case_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False), name="case_import_done_has_a_time"
            )
        ]
