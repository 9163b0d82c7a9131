"""The nouns of the ladder: what a district agreed (`Ladder`, `Tier`), and where each case stood when (`Stay`)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel.clock import TimeLimit
from linli.rooms.cases.models import Case
from linli.rooms.people.models import Account, Post, PostKind, Unit, in_language
from linli.rooms.places.models import Place

_UNITS = ["urgent_hours", "working_hours", "working_days", "calendar_days"]


def _limit_whole(amount: str, unit: str) -> Q:
    """Amount and unit of a limit are given together, or neither is."""
    return Q(**{f"{amount}__isnull": True, unit: ""}) | Q(**{f"{amount}__gte": 1, f"{unit}__in": _UNITS})


class Ladder(models.Model):
    """One edition of a district's ladder of duty (LK-7); at most one is in force, those before are kept as they were.

    everyday: item or class keys ("M06012", "M06") of everyday matters, which start at the tier for them.
    legacy_after_days, major_reports, major_level: when a case is marked by rule (None: never): open for longer
    than so many calendar days; reported by at least so many people; on a tier of at least this level.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        ACTIVE = "active", _("生效")
        RETIRED = "retired", _("停用")

    district = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="ladders")
    edition = models.PositiveIntegerField()
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=100, blank=True, default="")
    preset = models.CharField(max_length=20, blank=True, default="")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    everyday = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    legacy_after_days = models.PositiveIntegerField(null=True, blank=True)
    major_reports = models.PositiveIntegerField(null=True, blank=True)
    major_level = models.PositiveSmallIntegerField(null=True, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True, blank=True, help_text=_("约定从何时起生效"))
    activated_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["district", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["district", "edition"], name="ladder_edition_once"),
            models.UniqueConstraint(fields=["district"], condition=Q(state="active"), name="ladder_one_in_force"),
            models.UniqueConstraint(
                fields=["district"], condition=Q(state="draft", starts_at__isnull=False), name="ladder_one_to_come"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", activated_at=None)
                | Q(state="active", activated_at__isnull=False, retired_at=None)
                | Q(state="retired", activated_at__isnull=False, retired_at__gte=F("activated_at")),
                name="ladder_state_has_its_moments",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name_zh} {self.edition}"

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name_zh, self.name_en)


class Tier(models.Model):
    """One rung. Levels count upwards from 1; level 0 is a first port that only everyday matters begin at.

    bearer: a post of `post_kind` found from the case's place upwards, or the unit that `unit_by` finds.
    limit: how long the duty stays here; receipt: how soon whoever gets it says so; both in the four units.
    may_jump: codes of kinds of post that may take a case from here past the next tier. climbs_alone: a limit that
    runs out moves the case; otherwise it is only marked. warn_share: the part of the limit that is left when bearer
    and the one above are warned. ends_at: what ends the stay well.
    """

    class Bearer(models.TextChoices):
        POST = "post", _("岗位")
        UNIT = "unit", _("单位")

    class UnitBy(models.TextChoices):
        RESPONSIBLE = "responsible", _("责任清单指定的单位")
        COMMUNITY = "community", _("所在社区")
        STREET = "street", _("所在镇（街道）")
        FIXED = "fixed", _("指定单位")

    class EndsAt(models.TextChoices):
        CONFIRMED = "confirmed", _("单位确认完成")
        CLOSED = "closed", _("结案")

    ladder = models.ForeignKey(Ladder, on_delete=models.CASCADE, related_name="tiers")
    level = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80, blank=True, default="")
    bearer = models.CharField(max_length=4, choices=Bearer)
    post_kind = models.ForeignKey(PostKind, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    unit_by = models.CharField(max_length=12, choices=UnitBy, blank=True, default="")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    limit_amount = models.PositiveIntegerField(null=True, blank=True)
    limit_unit = models.CharField(max_length=16, blank=True, default="")
    receipt_amount = models.PositiveIntegerField(null=True, blank=True)
    receipt_unit = models.CharField(max_length=16, blank=True, default="")
    tried_required = models.BooleanField(default=True)
    why_required = models.BooleanField(default=True)
    may_jump = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    climbs_alone = models.BooleanField(default=True)
    warn_share = models.FloatField(default=0.25)
    joint = models.BooleanField(default=False, help_text=_("在这一层召集各部门联办"))
    on_agenda = models.BooleanField(default=False, help_text=_("列入领导小组月度会议"))
    ends_at = models.CharField(max_length=9, choices=EndsAt, default=EndsAt.CLOSED)
    for_everyday = models.BooleanField(default=False, help_text=_("日常小事从这一层开始"))

    class Meta:
        ordering = ["ladder", "level"]
        constraints = [
            models.UniqueConstraint(fields=["ladder", "level"], name="tier_level_once"),
            models.UniqueConstraint(fields=["ladder", "code"], name="tier_code_once"),
            models.UniqueConstraint(fields=["ladder"], condition=Q(for_everyday=True), name="tier_one_for_everyday"),
            models.CheckConstraint(
                condition=Q(level__gt=0) | Q(for_everyday=True), name="tier_first_port_is_for_everyday"
            ),
            models.CheckConstraint(
                condition=Q(bearer="post", post_kind__isnull=False, unit_by="", unit=None)
                | Q(bearer="unit", post_kind=None, unit_by="fixed", unit__isnull=False)
                | Q(bearer="unit", post_kind=None, unit_by__in=["responsible", "community", "street"], unit=None),
                name="tier_bearer_whole",
            ),
            models.CheckConstraint(condition=_limit_whole("limit_amount", "limit_unit"), name="tier_limit_whole"),
            models.CheckConstraint(condition=_limit_whole("receipt_amount", "receipt_unit"), name="tier_receipt_whole"),
            models.CheckConstraint(condition=Q(warn_share__gte=0, warn_share__lt=1), name="tier_warn_share"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.name_zh}"

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name_zh, self.name_en)

    @property
    def limit(self) -> TimeLimit | None:
        return TimeLimit(self.limit_amount, self.limit_unit) if self.limit_amount else None  # type: ignore[arg-type]

    @property
    def receipt(self) -> TimeLimit | None:
        return TimeLimit(self.receipt_amount, self.receipt_unit) if self.receipt_amount else None  # type: ignore[arg-type]


class Stay(models.Model):
    """A case's stay on one tier, from `entered_at` to `left_at`: who bore the duty, by when, what came of it.

    A stay keeps tier code, level, limit and share of warning as they were when it began, whatever becomes of the
    ladder. clock_from: where the limit counts from (a successor of a dissolved unit goes on with the time that is
    left). pauses: standstills of the clock as in `Case.pauses`; stands: it stands now. overdue_at: when it was marked
    as overdue because nobody is above or the tier does not climb by itself. days: working days used, once it is left.
    """

    class How(models.TextChoices):
        ENTERED = "entered", _("派遣进入")
        EVERYDAY = "everyday", _("日常小事，先由门口的人办")
        CLIMBED = "climbed", _("上交")
        SWEPT = "swept", _("到期自动上升")
        ASSIGNED = "assigned", _("交办")
        REWORKED = "reworked", _("返工")
        REOPENED = "reopened", _("重开，上一层办理")
        SUCCEEDED = "succeeded", _("单位撤并，接替办理")
        TAKEN_IN = "taken_in", _("规则生效时已在办")

    class Outcome(models.TextChoices):
        CLIMBED = "climbed", _("上交")
        SWEPT = "swept", _("到期上升")
        ASSIGNED = "assigned", _("交办到下层")
        DONE = "done", _("已确认完成")
        CLOSED = "closed", _("已结案")
        RETURNED = "returned", _("已回退")
        SUCCEEDED = "succeeded", _("单位撤并")
        WITHDRAWN = "withdrawn", _("已撤回")
        MERGED = "merged", _("已合并")
        REFUSED = "refused", _("不予受理")

    # Each move writes every index: there are only those that something is found by.
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="stays", db_index=False)
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="stays", db_index=False)
    sequence = models.PositiveSmallIntegerField()
    tier_code = models.CharField(max_length=20)
    level = models.PositiveSmallIntegerField()
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    how = models.CharField(max_length=9, choices=How)
    words = models.TextField(blank=True, default="", help_text=_("交办的话"))
    skipped = models.JSONField(default=list, help_text=_("无人承担而越过的层级 [{code, why}]"))
    moved_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField()
    clock_from = models.DateTimeField()
    limit_amount = models.PositiveIntegerField(null=True)
    limit_unit = models.CharField(max_length=16, blank=True, default="")
    due_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)
    pauses = models.JSONField(default=list)
    stands = models.BooleanField(default=False)
    warn_share = models.FloatField(default=0.25)
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    receive_due_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reminded_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True, default="")
    tried = models.TextField(blank=True, default="", help_text=_("做过什么"))
    why = models.TextField(blank=True, default="", help_text=_("为什么没有办成"))
    days = models.FloatField(null=True, help_text=_("用了几个工作日"))

    class Meta:
        ordering = ["case", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="stay_numbered"),
            models.UniqueConstraint(fields=["case"], condition=Q(left_at=None), name="stay_one_open"),
            models.CheckConstraint(
                condition=Q(unit__isnull=False, post=None) | Q(unit=None, post__isnull=False),
                name="stay_has_one_bearer",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None, outcome="") | Q(left_at__gte=F("entered_at")) & ~Q(outcome=""),
                name="stay_left_with_outcome",
            ),
            models.CheckConstraint(condition=_limit_whole("limit_amount", "limit_unit"), name="stay_limit_whole"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(left_at=None, stands=False, overdue_at=None), name="stay_falls_due"
            ),
            models.Index(
                fields=["warn_at"], condition=Q(left_at=None, stands=False, warned_at=None), name="stay_warns"
            ),
            models.Index(
                fields=["receive_due_at"],
                condition=Q(left_at=None, stands=False, received_at=None, reminded_at=None),
                name="stay_receipt_due",
            ),
            models.Index(fields=["level", "due_at"], condition=Q(left_at=None), name="stay_open_by_level"),
            models.Index(fields=["unit"], condition=Q(left_at=None, unit__isnull=False), name="stay_open_of_unit"),
            models.Index(fields=["post"], condition=Q(left_at=None, post__isnull=False), name="stay_open_of_post"),
            models.Index(fields=["-left_at"], condition=Q(left_at__isnull=False), name="stay_left_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.sequence} {self.tier_code}"

    @property
    def limit(self) -> TimeLimit | None:
        return TimeLimit(self.limit_amount, self.limit_unit) if self.limit_amount else None  # type: ignore[arg-type]


class Mark(models.Model):
    """A rule of the ladder marked a case, once: when a person takes the mark away again, the rule stays silent."""

    class Kind(models.TextChoices):
        LEGACY = "legacy", _("历史遗留")
        MAJOR = "major", _("重大")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=6, choices=Kind)
    rule = models.CharField(max_length=20, help_text=_("age | reports | level"))
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="mark_by_rule_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
