"""Nouns of the room: facts and their running totals, what is left out and why, scorecards and their results."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.models import Case
from linli.rooms.insight.measures import MEASURES
from linli.rooms.people.models import Account, Unit
from linli.rooms.places.models import Place


class CaseFact(models.Model):
    """One case as the statistics see it (`facts.Fact`). Only ids and moments; written by `actions.facts` alone."""

    case_id = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField()
    lineage = ArrayField(models.BigIntegerField())
    unit_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    item_id = models.BigIntegerField(null=True)
    class_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=12)
    reported = models.DateTimeField()
    registered = models.DateTimeField(null=True)
    first_dispatched = models.DateTimeField(null=True)
    received = models.DateTimeField(null=True)
    received_late = models.BooleanField(default=False)
    due = models.DateTimeField(null=True)
    handled = models.DateTimeField(null=True)
    closed = models.DateTimeField(null=True)
    returned = models.SmallIntegerField(default=0)
    reworked = models.SmallIntegerField(default=0)
    extended = models.SmallIntegerField(default=0)
    reopened = models.DateTimeField(null=True)
    rated = models.DateTimeField(null=True)
    solved = models.CharField(max_length=6, blank=True)
    level = models.SmallIntegerField(null=True)
    bad_at = models.DateTimeField(null=True)
    bad_called = models.DateTimeField(null=True)
    righted = models.DateTimeField(null=True)
    right_by = models.DateTimeField(null=True)
    out = models.CharField(max_length=8, blank=True)
    out_ref = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["lineage"], name="insight_fact_lineage"),
            models.Index(fields=["unit_id", "due"], condition=Q(unit_id__isnull=False), name="insight_fact_unit"),
            models.Index(fields=["post_id"], condition=Q(post_id__isnull=False), name="insight_fact_post"),
            models.Index(fields=["item_id", "due"], condition=Q(item_id__isnull=False), name="insight_fact_item"),
            models.Index(fields=["due"], condition=Q(due__isnull=False), name="insight_fact_due"),
            models.Index(fields=["reported"], name="insight_fact_reported"),
            models.Index(fields=["out_ref"], condition=~Q(out=""), name="insight_fact_out"),
            models.Index(fields=["bad_at"], condition=Q(bad_at__isnull=False), name="insight_fact_bad"),
        ]


class Tally(models.Model):
    """Something else that is counted (a whistle's call, a stay on a tier, a round): marks and for whom they count."""

    source = models.CharField(max_length=16)
    source_id = models.BigIntegerField()
    keys = models.JSONField(default=list, help_text="[[kind, id, other], …]")
    marks = models.JSONField(default=list, help_text="[[measure, day, number], …]")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="insight_tally_once")]


class Rollup(models.Model):
    """The running totals of one place, unit, post, item … up to and with a civil day; days without change have none.

    Any period is the row before its end less the row before its start. Each begins with a row of noughts
    (`dimensions.FIRST_DAY`), which is also the register of what there is.
    """

    pk = models.CompositePrimaryKey("kind", "id", "other", "day")
    kind = models.SmallIntegerField()
    id = models.BigIntegerField()
    other = models.BigIntegerField(default=0)
    day = models.DateField()
    for _name in MEASURES:
        vars()[_name] = models.IntegerField(default=0)
    del _name

    class Meta:
        indexes = [
            models.Index(fields=["kind", "other", "id"], condition=Q(day="1900-01-01"), name="insight_rollup_known"),
        ]


class Exclusion(models.Model):
    """A time in which cases of a place are left out of the timed indicators: weather, a cut of power."""

    class Cause(models.TextChoices):
        WEATHER = "weather", _("天气")
        OUTAGE = "outage", _("停水停电")
        EVENT = "event", _("重大活动保障")
        DATA = "data", _("系统故障")
        OTHER = "other", _("其他")

    cause = models.CharField(max_length=8, choices=Cause)
    reason = models.TextField()
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    item_ids = ArrayField(models.BigIntegerField(), default=list)
    since = models.DateTimeField()
    until = models.DateTimeField()
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_why = models.TextField(blank=True, default="")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="insight_exclusion_forward")
        ]


class Appeal(models.Model):
    """超时申诉: once a case, by the unit, after closing; two people from elsewhere look at it (DOMAIN §2)."""

    class State(models.TextChoices):
        ASKED = "asked", _("待审核")
        HALF = "half", _("待第二人审核")
        UPHELD = "upheld", _("成立")
        REFUSED = "refused", _("不成立")

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="appeal")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    lineage = ArrayField(models.BigIntegerField())
    tokens = ArrayField(models.BigIntegerField())
    matter_class = models.CharField(max_length=8, blank=True, default="")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    reason = models.TextField()
    evidence = models.JSONField(default=list)
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    first_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField(null=True)
    first_upheld = models.BooleanField(null=True)
    first_words = models.TextField(blank=True, default="")
    second_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True)
    second_words = models.TextField(blank=True, default="")
    version = models.IntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["state", "-id"], name="insight_appeal_state"),
            GinIndex(fields=["tokens"], name="insight_appeal_tokens"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(second_by=None) | Q(first_by__isnull=False) & ~Q(first_by=models.F("second_by")),
                name="insight_appeal_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="upheld") | Q(second_by__isnull=False), name="insight_appeal_upheld_by_two"
            ),
        ]


class Scorecard(models.Model):
    """考核办法: a weighted formula as data, in editions. Draft → approved by a leader → in force from a day."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        APPROVED = "approved", _("已批准")
        RETIRED = "retired", _("已停用")

    class Subject(models.TextChoices):
        UNIT = "unit", _("责任单位")
        STREET = "street", _("街道（乡镇）")
        COMMUNITY = "community", _("社区（村）")
        GRID = "grid", _("网格")
        POST = "post", _("岗位")

    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True, default="")
    subject = models.CharField(max_length=10, choices=Subject)
    edition = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    lines = models.JSONField(default=list, help_text="[{code, weight, full, zero}, …]")
    min_base = models.PositiveIntegerField(default=5)
    published = models.BooleanField(default=True, help_text=_("各单位可见排名和算法"))
    in_force_from = models.DateField(null=True)
    in_force_to = models.DateField(null=True)
    drafted_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    tried_since = models.DateField(null=True)
    tried_until = models.DateField(null=True)
    tried_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "edition"], name="insight_scorecard_edition"),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(approved_by__isnull=False, in_force_from__isnull=False) & ~Q(approved_by=models.F("drafted_by")),
                name="insight_scorecard_other_approver",
            ),
        ]
        ordering = ["subject", "-edition"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if self.name_en and (get_language() or "zh").startswith("en") else self.name_zh


class Result(models.Model):
    """What a scorecard came to for one period, kept as computed with its formula, whatever becomes of the cases."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="results")
    since = models.DateField()
    until = models.DateField()
    rows = models.JSONField(default=list)
    formula = models.JSONField(default=dict)
    computed_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "since", "until"], name="insight_result_once"),
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="insight_result_forward"),
        ]
        ordering = ["-until", "-id"]

    @property
    def last(self) -> dt.date:
        """The last day that belongs to the period."""
        return self.until - dt.timedelta(days=1)
