"""Nouns of the catalogue: classes, items, and the rules under which they are filed.

The list of GB/T 47678.5-2026 has components (部件, things: a lamp) and matters (事项, what is wrong:
the lamp is out). A report names a matter; the matters of classes 01–05 each concern the component
with the same code. A city adds local items and imports its own filing rules.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

STANDARD = "GB/T 47678.5-2026"
LOCAL = "local"


class Kind(models.TextChoices):
    COMPONENT = "component", _("部件")
    MATTER = "matter", _("事项")


class Urgency(models.TextChoices):
    """How quickly somebody should look, as a hint before any rule is chosen."""

    ROUTINE = "routine", _("一般")
    SOON = "soon", _("较急")
    URGENT = "urgent", _("紧急")


class TimeUnit(models.TextChoices):
    URGENT_HOURS = "urgent_hours", _("紧急工作时")
    WORKING_HOURS = "working_hours", _("工作时")
    WORKING_DAYS = "working_days", _("工作日")
    CALENDAR_DAYS = "calendar_days", _("自然日")


class Named(models.Model):
    """Something with a Chinese name and, where one was given, an English one."""

    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=160, blank=True)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        """The name in the language of the page; a city's own items may have only a Chinese one."""
        language = translation.get_language() or "zh-hans"
        return self.name_zh if language.startswith("zh") or not self.name_en else self.name_en

    def __str__(self) -> str:
        return self.name


class MatterClass(Named):
    """A class (大类): "M06" 市容环境类. `icon` is a name of the icon set."""

    key = models.CharField(max_length=3, unique=True)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    code = models.CharField(max_length=2)
    sort = models.PositiveSmallIntegerField(default=0)
    icon = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["sort", "key"]
        constraints = [
            UniqueConstraint(fields=["kind", "code"], name="catalogue_class_once"),
            CheckConstraint(condition=Q(key__regex=r"^[CM][0-9]{2}$"), name="catalogue_class_key_form"),
        ]


class Item(Named):
    """An entry of the catalogue (小类): "M01037" 路灯异常. `code` has five digits: class and item."""

    key = models.CharField(max_length=6, unique=True)
    standard = models.CharField(max_length=30, default=STANDARD)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    code = models.CharField(max_length=5)
    matter_class = models.ForeignKey(MatterClass, models.PROTECT, related_name="items")
    synonyms = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    grams = ArrayField(models.TextField(), default=list, blank=True)
    urgency = models.CharField(max_length=7, choices=Urgency.choices, default=Urgency.ROUTINE)
    danger = models.BooleanField(default=False, help_text="May threaten life until somebody has looked.")
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    concerns = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="faults",
        help_text="The component a matter of classes 01–05 is about.",
    )
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")

    class Meta:
        ordering = ["kind", "code", "key"]
        constraints = [
            UniqueConstraint(fields=["standard", "kind", "code"], name="catalogue_item_code_once"),
            CheckConstraint(condition=Q(key__regex=r"^[CM][0-9]{5}$"), name="catalogue_item_key_form"),
            CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                name="catalogue_item_succeeds_another",
            ),
        ]
        indexes = [GinIndex(fields=["grams"], name="catalogue_item_grams")]


class RuleSet(models.Model):
    """A whole set of filing rules: the one Linli ships, or one a city imported. One is active.

    convention: how bare units of the source were read, for example "hours=working" (see `limits`).
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        ACTIVE = "active", _("启用中")
        RETIRED = "retired", _("已停用")

    name = models.CharField(max_length=120)
    source = models.CharField(max_length=200, blank=True)
    convention = models.CharField(max_length=30, default="working")
    state = models.CharField(max_length=7, choices=State.choices, default=State.DRAFT)
    shipped = models.BooleanField(default=False)
    imported_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    effective_from = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            UniqueConstraint(fields=["state"], condition=Q(state="active"), name="catalogue_one_active_set"),
        ]

    @property
    def title(self) -> str:
        """The name in the language of the page: Linli's own set has one in each, a city's only its own."""
        return gettext("邻里默认立案规则") if self.shipped else self.name

    def __str__(self) -> str:
        return self.title


class FilingRule(models.Model):
    """Condition → closing condition → time limit (立案条件 → 结案条件 → 时限) of one item.

    The first rule by `sequence` is the item's default. Cases keep naming the rule they were filed
    under, so a rule is never changed or deleted: a correction is a new row, and the old one goes inactive
    (kept by trigger, migration 0002).
    """

    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="rules")
    item = models.ForeignKey(Item, models.PROTECT, related_name="rules")
    condition = models.TextField()
    condition_en = models.TextField(blank=True)
    closing_condition = models.TextField()
    closing_condition_en = models.TextField(blank=True)
    limit_amount = models.PositiveSmallIntegerField()
    limit_unit = models.CharField(max_length=14, choices=TimeUnit.choices)
    limit_text = models.CharField(max_length=60, blank=True, help_text="As the source wrote it.")
    sequence = models.PositiveSmallIntegerField()
    unit_hint = models.TextField(blank=True, help_text="处置单位 of the source, as words.")
    authority_hint = models.TextField(blank=True, help_text="主管部门 of the source, as words.")
    note = models.TextField(blank=True)
    source_sheet = models.CharField(max_length=60, blank=True)
    source_row = models.PositiveIntegerField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["item_id", "sequence"]
        constraints = [
            UniqueConstraint(
                fields=["rule_set", "item", "sequence"],
                condition=Q(active=True),
                name="catalogue_rule_sequence_once",
            ),
            CheckConstraint(condition=Q(limit_amount__gt=0), name="catalogue_rule_limit_positive"),
            CheckConstraint(condition=Q(limit_unit__in=TimeUnit.values), name="catalogue_rule_limit_unit"),
        ]

    def __str__(self) -> str:
        return self.condition


class RuleDraft(models.Model):
    """A rule sheet that was read and waits for somebody to look at it and confirm.

    `content` is the answer of `sheet.read` with the proposed matches; nothing of it is in force.
    """

    name = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    convention = models.CharField(max_length=30, default="working")
    content = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80, blank=True)
    confirmed_as = models.OneToOneField(RuleSet, models.PROTECT, null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]


class CatalogueRevision(models.Model):
    """One row, touched by every change: how processes notice that their snapshot is old.

    The token is drawn anew each time; a mere count would come back to an old value when a change is
    rolled back. `shipped` is the digest of the shipped files that were last taken in.
    """

    number = models.BigIntegerField(default=1)
    token = models.UUIDField(default=uuid.uuid4)
    shipped = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [CheckConstraint(condition=Q(id=1), name="catalogue_one_revision_row")]


class SuggestState(models.Model):
    """One row; learners lock it, so that lessons become visible in the order of their numbers."""

    upto = models.BigIntegerField(default=0)

    class Meta:
        constraints = [CheckConstraint(condition=Q(id=1), name="catalogue_one_suggest_row")]


class SuggestLesson(models.Model):
    """What one case taught: its words, in pieces, mean this item. `item` empty: taken back.

    No sentence is kept, and no digits, so that no phone number survives in what was learned.
    """

    reference = models.CharField(max_length=80, unique=True)
    item = models.ForeignKey(Item, models.CASCADE, null=True)
    grams = ArrayField(models.TextField(), default=list)


class SuggestChange(models.Model):
    """The log that warm models read forward: these pieces count one more (or less) for this item."""

    number = models.BigIntegerField(unique=True)
    item = models.ForeignKey(Item, models.CASCADE)
    sign = models.SmallIntegerField()
    grams = ArrayField(models.TextField(), default=list)


class SuggestCount(models.Model):
    """In how many lessons of an item a piece occurred; the piece "" counts the lessons themselves."""

    gram = models.CharField(max_length=12)
    item = models.ForeignKey(Item, models.CASCADE)
    n = models.IntegerField(default=0)

    class Meta:
        constraints = [UniqueConstraint(fields=["gram", "item"], name="catalogue_suggest_count_once")]
        indexes = [models.Index(fields=["item"], name="catalogue_suggest_by_item")]
