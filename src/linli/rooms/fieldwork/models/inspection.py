"""Special inspections (专项检查) and joint ones by the leading group (联合检查): one engine, two levels (LK-8)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.models import Photo
from linli.rooms.people.models import Account, Unit
from linli.rooms.places.models import Place


class Level(models.TextChoices):
    """The three levels of inspection, from below."""

    PATROL = "patrol", _("日常巡查")
    SPECIAL = "special", _("专项检查")
    JOINT = "joint", _("联合检查")


class Inspection(models.Model):
    """A theme, a period, a checklist and a sample of grids.

    The draw can be done again by anybody: `pool` are the grids drawn from, `seed` was made when it was drawn
    (`rules.draw`). `post_ids`: the posts that inspect; empty: whoever has the duty there. `signers`: how many
    inspectors have to sign each visit.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("起草")
        RUNNING = "running", _("进行中")
        FINISHED = "finished", _("已结束")
        CANCELLED = "cancelled", _("已取消")

    class Sample(models.TextChoices):
        ALL = "all", _("全部网格")
        CHOSEN = "chosen", _("指定网格")
        RANDOM = "random", _("随机抽取")

    level = models.CharField(max_length=8, choices=[(c.value, c.label) for c in (Level.SPECIAL, Level.JOINT)])
    theme = models.CharField(max_length=80)
    words = models.TextField(blank=True, default="", help_text=_("依据和要求"))
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    grid_kinds = ArrayField(models.CharField(max_length=10), default=list)
    tokens = ArrayField(models.BigIntegerField())
    sample = models.CharField(max_length=8, choices=Sample, default=Sample.RANDOM)
    sample_size = models.PositiveSmallIntegerField(null=True)
    chosen = ArrayField(models.BigIntegerField(), default=list)
    seed = models.CharField(max_length=64, blank=True, default="")
    pool = models.JSONField(default=list, help_text=_("抽取时的全部网格 [[id, 编号], …]"))
    drawn_at = models.DateTimeField(null=True)
    post_ids = ArrayField(models.BigIntegerField(), default=list)
    signers = models.PositiveSmallIntegerField(default=1)
    conclusion = models.TextField(blank=True, default="")
    version = models.IntegerField(default=1)
    request_key = models.CharField(max_length=80, unique=True, null=True)
    created_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="inspection_period"),
            models.CheckConstraint(condition=Q(signers__gte=1), name="inspection_is_signed"),
            models.CheckConstraint(condition=~Q(sample="random") | Q(sample_size__gte=1), name="inspection_draws_some"),
            models.CheckConstraint(
                condition=~Q(state="finished") | Q(finished_at__isnull=False), name="inspection_finished_at"
            ),
        ]
        indexes = [GinIndex(fields=["tokens"], name="inspection_tokens")]

    def __str__(self) -> str:
        return self.theme


class ChecklistItem(models.Model):
    """A question of the checklist: yes means all is well."""

    class Proof(models.TextChoices):
        NEVER = "never", _("不要照片")
        ON_NO = "on_no", _("不符合时要照片")
        ALWAYS = "always", _("都要照片")

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="items")
    sequence = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    proof = models.CharField(max_length=8, choices=Proof, default=Proof.ON_NO)
    item_key = models.CharField(max_length=8, blank=True, default="")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    limit_amount = models.PositiveIntegerField(null=True)
    limit_unit = models.CharField(max_length=16, blank=True, default="")
    weight = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["inspection", "sequence"], name="checklist_item_numbered")]


class Visit(models.Model):
    """One grid of an inspection's sample: the checklist as it was answered there."""

    class State(models.TextChoices):
        DUE = "due", _("待检查")
        WALKING = "walking", _("检查中")
        SIGNING = "signing", _("待签字")
        DONE = "done", _("已完成")
        MISSED = "missed", _("未检查")

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="visits")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    lineage = ArrayField(models.BigIntegerField())
    tokens = ArrayField(models.BigIntegerField())
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    inspector = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True, default="")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "place"], name="visit_once")]
        indexes = [
            GinIndex(fields=["tokens"], name="visit_tokens"),
            models.Index(fields=["place", "-id"], name="visit_of_place"),
        ]


class Answer(models.Model):
    """What was seen for one question in one grid; it may be changed until the visit is closed."""

    class Value(models.TextChoices):
        YES = "yes", _("符合")
        NO = "no", _("不符合")
        NA = "na", _("不适用")

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="answers")
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="answers")
    value = models.CharField(max_length=3, choices=Value)
    words = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at_lng = models.FloatField(null=True)
    at_lat = models.FloatField(null=True)
    at_accuracy = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "item"], name="answer_once")]


class AnswerPhoto(models.Model):
    """A picture that proves an answer; it belongs to no case unless a finding takes it."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="photos")
    photo = models.OneToOneField(Photo, on_delete=models.PROTECT, related_name="+")


class VisitSignature(models.Model):
    """An inspector's signature under a visit."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="signatures")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    post_name = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "account"], name="visit_signed_once")]
