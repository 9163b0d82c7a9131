"""Meetings that recur: their kinds and rhythm, the places that hold them, one meeting with agenda and minutes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.models import Case
from linli.rooms.oversight.models.orders import Order
from linli.rooms.people.models import Account, Post, Unit, in_language
from linli.rooms.places.models import Place


class MeetingKind(models.Model):
    """A kind of meeting as data: at which level, when, what its agenda is filled from.

    rhythm: `monthly 1 thu 15:00` (the first Thursday), `weekly mon 09:00`, or empty for meetings called by hand.
    """

    code = models.CharField(max_length=20, unique=True)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    level = models.CharField(max_length=10, help_text=_("开在哪一级地方"))
    rhythm = models.CharField(max_length=40, blank=True, default="")
    prepare_days = models.PositiveSmallIntegerField(default=3, help_text=_("提前几个自然日备会"))
    minutes_per_item = models.PositiveSmallIntegerField(default=10)
    items_at_most = models.PositiveSmallIntegerField(default=12)
    sources = ArrayField(models.CharField(max_length=10), default=list)
    active = models.BooleanField(default=True)
    sort = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["sort", "id"]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Seat(models.Model):
    """A place that holds meetings of a kind; `next_at` is the next one to be created, `create_at` when."""

    kind = models.ForeignKey(MeetingKind, on_delete=models.PROTECT, related_name="seats")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    venue = models.CharField(max_length=100, blank=True, default="")
    next_at = models.DateTimeField(null=True)
    create_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "place"], name="seat_once_a_place")]
        indexes = [models.Index(fields=["create_at"], condition=Q(create_at__isnull=False), name="seat_to_create")]


class Meeting(models.Model):
    """One meeting, from its preparation to its minutes."""

    class State(models.TextChoices):
        PLANNED = "planned", _("准备中")
        RUNNING = "running", _("进行中")
        CLOSED = "closed", _("已结束")
        CANCELLED = "cancelled", _("已取消")

    kind = models.ForeignKey(MeetingKind, on_delete=models.PROTECT, related_name="meetings")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    lineage = ArrayField(models.BigIntegerField())
    tokens = ArrayField(models.BigIntegerField())
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    version = models.IntegerField(default=1)
    title = models.CharField(max_length=120)
    planned_for = models.DateTimeField()
    venue = models.CharField(max_length=100, blank=True, default="")
    chair = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()
    by_rhythm = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    current_item_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "place", "planned_for"], condition=Q(by_rhythm=True), name="meeting_once_a_rhythm"
            ),
        ]
        indexes = [
            models.Index(fields=["-planned_for", "-id"], name="meeting_by_day"),
            GinIndex(fields=["tokens"], name="meeting_tokens"),
        ]


class AgendaItem(models.Model):
    """One point of the agenda, and what was decided on it. Typed live: `version` tells two typists of each other."""

    class Origin(models.TextChoices):
        LADDER = "ladder", _("领导小组交办层级")
        HARD = "hard", _("难题")
        OPEN = "open", _("网格未结")
        LEGACY = "legacy", _("历史遗留")
        ORDER = "order", _("督办单")
        VOICE = "voice", _("群众意见")
        HAND = "hand", _("临时议题")

    class Outcome(models.TextChoices):
        NONE = "", _("还没有决定")
        DECIDED = "decided", _("已决定")
        POSTPONED = "postponed", _("下次再议")
        NOTED = "noted", _("听取")

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    position = models.SmallIntegerField()
    origin = models.CharField(max_length=8, choices=Origin)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="on_agendas")
    title = models.CharField(max_length=120)
    words = models.TextField(blank=True, default="")
    minutes = models.PositiveSmallIntegerField(default=10)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    decision = models.TextField(blank=True, default="")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True)
    version = models.IntegerField(default=1)
    typed_name = models.CharField(max_length=120, blank=True, default="")
    typed_at = models.DateTimeField(null=True)
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="agenda_items")
    assigned_tier = models.CharField(max_length=60, blank=True, default="", help_text=_("交办到哪一层级"))
    carried_at = models.DateTimeField(null=True, help_text=_("决定已交办"))
    trouble = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "case"], condition=Q(case__isnull=False), name="agenda_case_once"
            ),
        ]


class Attendance(models.Model):
    """Who was asked to a meeting, and whether they came."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendance")
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=100, blank=True, default="")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "name", "role"], name="attendance_once")]


class Minutes(models.Model):
    """The minutes of a meeting as issued: the very bytes and their hash, never changed."""

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="issued_minutes")
    number = models.CharField(max_length=40, unique=True)
    year = models.SmallIntegerField()
    serial = models.PositiveIntegerField()
    district = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=dict)
    pdf = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    issued_at = models.DateTimeField()
    issued_name = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "year", "serial"], name="minutes_serial_once")]
