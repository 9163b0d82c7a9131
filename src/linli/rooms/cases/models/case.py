"""A case (事件): one problem at one spot, from the first report to the last rating."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.flow import FLOW
from linli.rooms.catalogue.models import FilingRule, Item
from linli.rooms.people.models import Account, Post, Unit
from linli.rooms.places.models import Place


class Channel(models.TextChoices):
    PORTAL = "portal", _("居民上报")
    FIELD = "field", _("网格巡查")
    HOTLINE = "hotline", _("热线来电")
    WALK_IN = "walk_in", _("来访")
    MEETING = "meeting", _("座谈会")
    SHEET = "sheet", _("清单导入")
    API = "api", _("系统接入")


class Case(models.Model):
    """One problem. `state` follows `cases.flow.FLOW`; every change goes through `cases.actions`.

    `tokens` are what rights are matched against: the ids of all places it lies in and, negated, of all units
    concerned. `due_at` is the handling deadline of the filing rule, `step_due_at` that of the present step;
    `current_due_at` is the one that counts now and orders the worklists.
    """

    class Located(models.TextChoices):
        INSIDE = "inside", _("网格内")
        NEAR_BORDER = "near_border", _("靠近网格边界")
        NO_GRID = "no_grid", _("不在任何网格内，属地兜底")
        OUTSIDE = "outside", _("辖区以外")
        UNKNOWN = "unknown", _("没有坐标，按所选地方")

    number = models.CharField(max_length=24, unique=True, editable=False, null=True)
    state = models.CharField(max_length=12, choices=[(s.code, s.label) for s in FLOW.states])
    is_open = models.BooleanField(default=True)
    version = models.IntegerField(default=1)
    channel = models.CharField(max_length=8, choices=Channel)

    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="+")
    matter_class = models.CharField(max_length=8, blank=True, default="")
    description = models.TextField()
    address = models.CharField(max_length=200, blank=True, default="")
    public_words = models.TextField(blank=True, default="", help_text=_("对外公开的处理说明"))
    is_public = models.BooleanField(default=True)
    legacy = models.BooleanField(default=False, help_text=_("历史遗留问题"))
    major = models.BooleanField(default=False, db_default=False, help_text=_("重大问题"))
    urgent = models.BooleanField(default=False, help_text=_("危及人身安全或突发"))
    grams = ArrayField(models.TextField(), default=list)

    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="cases")
    lineage = ArrayField(models.BigIntegerField())
    located = models.CharField(max_length=12, choices=Located)
    candidates = models.JSONField(default=list)

    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="cases")
    proposed_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    owner_post = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+")
    handler = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    handler_ids = ArrayField(models.BigIntegerField(), default=list)
    barred_id = models.BigIntegerField(null=True, help_text=_("收到回退的人，下一步须由他人办理"))
    routing = models.JSONField(default=dict)
    tokens = ArrayField(models.BigIntegerField())

    filing_rule = models.ForeignKey(FilingRule, null=True, on_delete=models.PROTECT, related_name="+")
    limit_amount = models.IntegerField(null=True)
    limit_unit = models.CharField(max_length=16, blank=True, default="")
    due_at = models.DateTimeField(null=True)
    due_provisional = models.BooleanField(default=False)
    step_due_at = models.DateTimeField(null=True)
    current_due_at = models.DateTimeField(null=True)
    clock_from = models.DateTimeField(null=True, help_text=_("这一轮处置时限从何时起算"))
    pauses = models.JSONField(default=list, help_text=_("处置时限停走的时段 [[起, 止或空], …]"))
    suspended_until = models.DateTimeField(null=True)

    reported_at = models.DateTimeField()
    state_since = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    returned = models.PositiveSmallIntegerField(default=0)
    reworked = models.PositiveSmallIntegerField(default=0)
    reopened = models.PositiveSmallIntegerField(default=0)
    extended = models.PositiveSmallIntegerField(default=0)
    report_count = models.PositiveIntegerField(default=1)
    photo_count = models.PositiveSmallIntegerField(default=0)
    solved = models.CharField(max_length=6, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)

    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="assists")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=FLOW.codes()), name="case_state_known"),
            models.CheckConstraint(
                condition=Q(is_open=True, state__in=FLOW.codes("open", "waiting"), ended_at=None)
                | Q(is_open=False, state__in=FLOW.codes("ended"), ended_at__isnull=False),
                name="case_open_agrees_with_state",
            ),
            models.CheckConstraint(
                condition=Q(lng=None, lat=None) | Q(lng__range=(-180, 180), lat__range=(-90, 90)),
                name="case_point_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False),
                name="case_merged_names_its_target",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=models.F("id")),
                name="case_not_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(registered_at__isnull=False),
                name="case_due_only_when_registered",
            ),
        ]
        indexes = [
            models.Index(fields=["current_due_at", "id"], condition=Q(is_open=True), name="case_open_by_due"),
            models.Index(fields=["-reported_at", "-id"], name="case_newest"),
            models.Index(fields=["-reported_at", "-id"], condition=Q(is_open=False), name="case_ended_newest"),
            models.Index(fields=["ended_at"], condition=Q(is_open=False), name="case_ended"),
            models.Index(
                fields=["reported_at"], condition=Q(is_open=True, legacy=False, parent=None), name="case_grows_old"
            ),
            models.Index(
                fields=["-reported_at"],
                condition=Q(legacy=True) | Q(major=True),
                name="case_legacy_or_major",
            ),
            GinIndex(fields=["tokens"], condition=Q(is_open=True), name="case_open_tokens"),
            GinIndex(fields=["tokens"], name="case_tokens"),
            GinIndex(fields=["grams"], name="case_grams"),
            models.Index(fields=["item", "-reported_at"], name="case_of_item"),
            models.Index(
                fields=["due_at"],
                condition=Q(due_provisional=True, is_open=True),
                name="case_due_provisional",
            ),
            models.Index(fields=["-id"], condition=Q(state="closed", is_public=True), name="case_public_closed"),
        ]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"


class Suspension(models.Model):
    """挂账: the handling clock of a case stands until a chosen day, once, at most a year (DOMAIN §2)."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="suspension")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=models.F("from_at")), name="suspension_runs_forward")
        ]


class Extension(models.Model):
    """延期: asks for one more original limit; at most two, each with two approvals, not once overdue."""

    class State(models.TextChoices):
        ASKED = "asked", _("待审批")
        GRANTED = "granted", _("已同意")
        REFUSED = "refused", _("不同意")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="extensions")
    sequence = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    amount = models.IntegerField()
    unit = models.CharField(max_length=16)
    reason = models.TextField()
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    first_approval = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    second_approval = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="extension_numbered"),
            models.CheckConstraint(condition=Q(sequence__in=(1, 2)), name="extension_at_most_twice"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="asked"), name="extension_one_open"),
            models.CheckConstraint(
                condition=~Q(state="granted")
                | Q(first_approval__isnull=False, second_approval__isnull=False)
                & ~Q(first_approval=models.F("second_approval")),
                name="extension_two_approvals",
            ),
        ]
