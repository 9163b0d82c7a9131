"""A supervision order (督办单), what it is about, what was answered to it, and what waits to become one."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.models import Case
from linli.rooms.oversight.flow import ORDER
from linli.rooms.oversight.models.tasks import Task
from linli.rooms.people.models import Account, Unit
from linli.rooms.places.models import Place


class Source(models.TextChoices):
    LIGHT = "light", _("亮灯")
    COMPLAINT = "complaint", _("投诉")
    RATING = "rating", _("差评")
    LEADER = "leader", _("领导批示")
    RECURRING = "recurring", _("反复出现")
    INSPECTION = "inspection", _("检查发现")
    MEETING = "meeting", _("会议决定")
    TASK = "task", _("任务督办")
    HAND = "hand", _("主动督办")


class Order(models.Model):
    """One supervision order. `state` follows `oversight.flow.ORDER`; every change goes through `oversight.actions`.

    A draft has no number; the number is given when it is issued and never changes, also when the order is raised
    (`level`) or given to another unit: one matter under supervision, one number. `due_at` is when the answer is due:
    the own limit counted from `clock_from`, and, while `in_step`, never before its cases are due (交办与督办同步).
    `turns` are the moments at which its light changes, `light` the light that was last announced.
    """

    number = models.CharField(max_length=40, unique=True, null=True)
    district = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    year = models.SmallIntegerField(null=True)
    serial = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=[(s.code, s.label) for s in ORDER.states])
    is_open = models.BooleanField(default=True)
    version = models.IntegerField(default=1)
    level = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(max_length=10, choices=Source)
    title = models.CharField(max_length=120)
    demand = models.TextField(help_text=_("督办要求"))
    leader_name = models.CharField(max_length=60, blank=True, default="")
    leader_words = models.TextField(blank=True, default="", help_text=_("批示原文"))

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="supervision_orders")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    lineage = ArrayField(models.BigIntegerField())
    tokens = ArrayField(models.BigIntegerField())
    matter_class = models.CharField(max_length=8, blank=True, default="")
    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="orders")

    limit_amount = models.PositiveSmallIntegerField(null=True)
    limit_unit = models.CharField(max_length=16, blank=True, default="")
    extensions = models.JSONField(default=list, help_text=_("延长的时限 [[数, 单位], …]"))
    in_step = models.BooleanField(default=True, help_text=_("与交办同步：随事件处置时限延长、停表"))
    clock_from = models.DateTimeField(null=True)
    pauses = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True)
    due_provisional = models.BooleanField(default=False)
    sign_due_at = models.DateTimeField(null=True)
    check_due_at = models.DateTimeField(null=True)
    current_due_at = models.DateTimeField(null=True)
    turns = models.JSONField(default=list)
    light = models.CharField(max_length=20, blank=True, default="")
    light_next_at = models.DateTimeField(null=True)

    created_at = models.DateTimeField()
    state_since = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    issued_post_id = models.BigIntegerField(null=True)
    issued_name = models.CharField(max_length=120, blank=True, default="")
    signed_at = models.DateTimeField(null=True)
    signed_name = models.CharField(max_length=120, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answerer_ids = ArrayField(models.BigIntegerField(), default=list)
    closed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    round = models.PositiveSmallIntegerField(default=0, help_text=_("第几次回复"))
    returned = models.PositiveSmallIntegerField(default=0)
    raised = models.PositiveSmallIntegerField(default=0)
    extended = models.PositiveSmallIntegerField(default=0)
    late = models.BooleanField(default=False, help_text=_("曾经超期"))
    contested = models.BooleanField(default=False, help_text=_("单位申请改派，等决定"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ORDER.codes()), name="order_state_known"),
            models.CheckConstraint(
                condition=Q(is_open=True, state__in=ORDER.codes("open"), ended_at=None)
                | Q(is_open=False, state__in=ORDER.codes("ended"), ended_at__isnull=False),
                name="order_open_agrees_with_state",
            ),
            models.CheckConstraint(
                condition=Q(number=None, year=None, serial=None)
                | Q(number__isnull=False, year__isnull=False, serial__isnull=False),
                name="order_number_whole",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=False) | Q(state__in=("drafted", "dropped")),
                name="order_issued_has_number",
            ),
            models.UniqueConstraint(fields=["district", "year", "serial"], name="order_serial_once"),
        ]
        indexes = [
            models.Index(fields=["current_due_at", "id"], condition=Q(is_open=True), name="order_open_by_due"),
            models.Index(fields=["light_next_at"], condition=Q(light_next_at__isnull=False), name="order_light_next"),
            models.Index(fields=["-id"], condition=Q(is_open=False), name="order_ended"),
            models.Index(fields=["unit", "state"], name="order_of_unit"),
            models.Index(
                fields=["due_at"], condition=Q(due_provisional=True, is_open=True), name="order_due_provisional"
            ),
            GinIndex(fields=["tokens"], name="order_tokens"),
        ]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"


class OrderCase(models.Model):
    """A case that an order is about; an order may be about several, and a case under several orders."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="links")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="supervised")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "case"], name="order_case_once")]


class Answer(models.Model):
    """What the unit answered in one round, and what the check of it found."""

    class Verdict(models.TextChoices):
        WAITING = "waiting", _("待核查")
        PASSED = "passed", _("通过")
        FAILED = "failed", _("退回")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="answers")
    round = models.PositiveSmallIntegerField()
    words = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=120, blank=True, default="")
    late = models.BooleanField(default=False)
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.WAITING)
    checked_at = models.DateTimeField(null=True)
    checked_name = models.CharField(max_length=120, blank=True, default="")
    check_words = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["round"]
        constraints = [models.UniqueConstraint(fields=["order", "round"], name="answer_once_a_round")]


class Evidence(models.Model):
    """A picture or a document that proves an answer or a progress report; it waits for its form without an owner."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("照片")
        FILE = "file", _("文件")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=5, choices=Kind)
    answer = models.ForeignKey(Answer, null=True, on_delete=models.PROTECT, related_name="evidence")
    progress = models.ForeignKey("oversight.Progress", null=True, on_delete=models.PROTECT, related_name="evidence")
    path = models.CharField(max_length=120)
    thumb_path = models.CharField(max_length=120, blank=True, default="")
    name = models.CharField(max_length=120, blank=True, default="")
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    uploaded_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["answer"], name="evidence_of_answer"),
            models.Index(fields=["uploaded_at"], condition=Q(answer=None, progress=None), name="evidence_waiting"),
        ]


class Proposal(models.Model):
    """Something the house found that may deserve an order; a person decides. `key` names the cause: once for each."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待决定")
        ISSUED = "issued", _("已督办")
        DISMISSED = "dismissed", _("不督办")

    key = models.CharField(max_length=120, unique=True)
    source = models.CharField(max_length=10, choices=Source)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    title = models.CharField(max_length=120)
    words = models.TextField(blank=True, default="")
    case_ids = ArrayField(models.BigIntegerField(), default=list)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    lineage = ArrayField(models.BigIntegerField())
    tokens = ArrayField(models.BigIntegerField())
    matter_class = models.CharField(max_length=8, blank=True, default="")
    light = models.CharField(max_length=20, blank=True, default="")
    found_at = models.DateTimeField()
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="proposals")
    decided_at = models.DateTimeField(null=True)
    decided_name = models.CharField(max_length=120, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    called_at = models.DateTimeField(null=True, help_text=_("差评回访"))
    called_name = models.CharField(max_length=120, blank=True, default="")
    call_reached = models.BooleanField(null=True)
    call_words = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, order=None)
                | Q(state="issued", decided_at__isnull=False, order__isnull=False)
                | Q(state="dismissed", decided_at__isnull=False, order=None),
                name="proposal_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(source="rating") | Q(state="waiting") | Q(called_at__isnull=False),
                name="proposal_rating_called_back",
            ),
        ]
        indexes = [
            models.Index(fields=["-found_at", "-id"], condition=Q(state="waiting"), name="proposal_waiting"),
            GinIndex(fields=["tokens"], name="proposal_tokens"),
            GinIndex(fields=["case_ids"], name="proposal_cases"),
        ]


class CaseWatch(models.Model):
    """When to look at a case's handling deadline again; empty once nothing more can turn."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.PROTECT, related_name="+")
    light = models.CharField(max_length=20, blank=True, default="")
    next_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="case_watch_next")]
