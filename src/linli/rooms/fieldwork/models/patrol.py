"""Daily patrols (LK-8, EQ-6): the routine list, the rows of a day made from it, and the points walked."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.people.models import Account, Post
from linli.rooms.places.models import Place


class PointKind(models.TextChoices):
    """What a point is tied to: a place of the tree, a building, a component of the catalogue, or words only."""

    PLACE = "place", _("地方")
    BUILDING = "building", _("楼栋")
    COMPONENT = "component", _("部件")
    FREE = "free", _("自定点")


class PatrolPlan(models.Model):
    """What is looked at in a grid, on which days, and when it should begin.

    `place` is one grid, or a division: then every grid of `grid_kinds` below it has its own patrol. `days`: working
    days of the calendar (make-up days too) or every day; `weekdays` (1 = Monday … 7, empty: all) narrows both.
    `next_day` and `next_at` say when the next patrols are made; empty while nothing is ahead.
    """

    class Days(models.TextChoices):
        WORKDAYS = "workdays", _("工作日（含调休上班日）")
        EVERY_DAY = "every_day", _("每天（含节假日）")

    class Trouble(models.TextChoices):
        NONE = "", _("正常")
        MOVED = "moved", _("网格已调整，由接续的网格巡查")
        GONE = "gone", _("网格已撤销，没有网格可巡查")
        SLEPT = "slept", _("服务停过，有几天没有生成巡查")

    name = models.CharField(max_length=80)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    grid_kinds = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    tokens = ArrayField(models.BigIntegerField())
    days = models.CharField(max_length=10, choices=Days, default=Days.WORKDAYS)
    weekdays = ArrayField(models.SmallIntegerField(), default=list, blank=True)
    window_from = models.TimeField(help_text=_("一般几点开始"))
    window_to = models.TimeField(help_text=_("最晚几点开始"))
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)
    next_day = models.DateField(null=True)
    next_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=8, choices=Trouble, blank=True, default="")
    version = models.IntegerField(default=1)
    request_key = models.CharField(max_length=80, unique=True, null=True)
    created_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(window_to__gt=F("window_from")), name="patrol_plan_window"),
            models.CheckConstraint(
                condition=Q(next_day=None, next_at=None) | Q(next_day__isnull=False, next_at__isnull=False),
                name="patrol_plan_next_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="patrol_plan_next"),
            GinIndex(fields=["tokens"], name="patrol_plan_tokens"),
        ]

    def __str__(self) -> str:
        return self.name


class PlanPoint(models.Model):
    """One point of a plan. Without a place it is looked at in every grid of the plan."""

    plan = models.ForeignKey(PatrolPlan, on_delete=models.CASCADE, related_name="points")
    sequence = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=PointKind, default=PointKind.FREE)
    name = models.CharField(max_length=80)
    check_words = models.CharField(max_length=300, blank=True, default="", help_text=_("看什么"))
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    item_key = models.CharField(max_length=8, blank=True, default="", help_text=_("发现问题一般是哪个事项"))

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["plan", "sequence"], name="plan_point_numbered")]


class Patrol(models.Model):
    """One grid's patrol of one day. Who is expected is kept as it was when the row was made; anyone may walk it whose
    post has the duty there. Coverage is `points_done` of `points_due`.
    """

    class State(models.TextChoices):
        DUE = "due", _("待巡查")
        WALKING = "walking", _("巡查中")
        DONE = "done", _("已完成")
        PARTIAL = "partial", _("没有走完")
        MISSED = "missed", _("漏巡")

    plan = models.ForeignKey(PatrolPlan, on_delete=models.PROTECT, related_name="patrols")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    lineage = ArrayField(models.BigIntegerField())
    tokens = ArrayField(models.BigIntegerField())
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    post = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+")
    expected = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    deputised = models.BooleanField(default=False)
    window_from = models.DateTimeField()
    window_to = models.DateTimeField()
    closes_at = models.DateTimeField(help_text=_("当天结束，没走就算漏巡"))
    walker = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True, default="")
    points_due = models.PositiveSmallIntegerField()
    points_done = models.PositiveSmallIntegerField(default=0)
    points_bad = models.PositiveSmallIntegerField(default=0)
    version = models.IntegerField(default=1)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "place", "day"], name="patrol_once_a_day"),
            models.CheckConstraint(
                condition=Q(points_done__lte=F("points_due"), points_bad__lte=F("points_done")),
                name="patrol_points_add_up",
            ),
            models.CheckConstraint(
                condition=Q(state="due", started_at=None, ended_at=None)
                | Q(state="walking", started_at__isnull=False, ended_at=None)
                | Q(state__in=("done", "partial"), started_at__isnull=False, ended_at__isnull=False)
                | Q(state="missed", started_at=None, ended_at__isnull=False),
                name="patrol_state_agrees",
            ),
        ]
        indexes = [
            models.Index(fields=["closes_at"], condition=Q(state__in=("due", "walking")), name="patrol_open_closes"),
            models.Index(fields=["place", "-day"], name="patrol_of_place"),
            models.Index(fields=["-day", "place"], name="patrol_of_day"),
            GinIndex(fields=["tokens"], name="patrol_tokens"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.DUE, self.State.WALKING)

    @property
    def unstaffed(self) -> bool:
        """Whether nobody carried the post of the grid when the day's list was made."""
        return self.expected_id is None


class PatrolStop(models.Model):
    """A point of one patrol, as the plan had it that morning, and what was seen there."""

    class Result(models.TextChoices):
        OK = "ok", _("正常")
        BAD = "bad", _("有问题")

    patrol = models.ForeignKey(Patrol, on_delete=models.PROTECT, related_name="stops")
    sequence = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=PointKind)
    name = models.CharField(max_length=80)
    check_words = models.CharField(max_length=300, blank=True, default="")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    item_key = models.CharField(max_length=8, blank=True, default="")
    again = models.ForeignKey("fieldwork.Finding", null=True, on_delete=models.PROTECT, related_name="looks")
    result = models.CharField(max_length=4, choices=Result, blank=True, default="")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    at_lng = models.FloatField(null=True)
    at_lat = models.FloatField(null=True)
    at_accuracy = models.FloatField(null=True)

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["patrol", "sequence"], name="patrol_stop_numbered"),
            models.CheckConstraint(
                condition=Q(result="", done_at=None) | ~Q(result="") & Q(done_at__isnull=False),
                name="patrol_stop_result_has_its_time",
            ),
        ]
