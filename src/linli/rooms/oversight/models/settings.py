"""What operators decide about supervision: the lights, the limits, when an order is proposed, the numbers' prefix."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.people.models import in_language
from linli.rooms.places.models import Place


class Light(models.Model):
    """A supervision light (督办灯, DOMAIN §3): its colour is never alone, shape and word stand beside it.

    `running` lights shine while at most `share` per cent of the limit are left; the one with the smallest share that
    still fits wins, so one of them has 100. There is one light each for overdue, suspended and done.
    """

    class Kind(models.TextChoices):
        RUNNING = "running", _("期限内")
        OVERDUE = "overdue", _("超期")
        SUSPENDED = "suspended", _("停表")
        DONE = "done", _("办结")

    class Colour(models.TextChoices):
        ON_TRACK = "on_track", _("绿")
        NEAR = "near", _("黄")
        OVERDUE = "overdue", _("红")
        SUSPENDED = "suspended", _("灰")
        DONE = "done", _("蓝")

    class Shape(models.TextChoices):
        CIRCLE = "circle", _("圆 ●")
        TRIANGLE = "triangle", _("三角 ▲")
        SQUARE = "square", _("方 ■")
        DIAMOND = "diamond", _("菱形 ◆")
        BARS = "bars", _("双竖 ‖")
        TICK = "tick", _("勾 ✓")

    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    name_zh = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40)
    colour = models.CharField(max_length=10, choices=Colour)
    shape = models.CharField(max_length=10, choices=Shape)
    share = models.PositiveSmallIntegerField(default=100, help_text=_("剩余时间占时限的百分比不超过它时亮这盏灯"))
    proposes = models.BooleanField(default=False, help_text=_("事件亮到这盏灯时建议督办"))
    sort = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["sort", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=~Q(kind="running"), name="light_one_of_each_kind"),
            models.UniqueConstraint(fields=["share"], condition=Q(kind="running"), name="light_one_a_share"),
            models.UniqueConstraint(fields=["shape"], name="light_shape_once"),
            models.CheckConstraint(condition=Q(share__range=(1, 100)), name="light_share_per_cent"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Rules(models.Model):
    """The one row of limits and rules of supervision. Limits are an amount and one of the four units."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sign_amount = models.PositiveSmallIntegerField(default=4)
    sign_unit = models.CharField(max_length=16, default="working_hours")
    answer_amount = models.PositiveSmallIntegerField(default=3)
    answer_unit = models.CharField(max_length=16, default="working_days")
    check_amount = models.PositiveSmallIntegerField(default=2)
    check_unit = models.CharField(max_length=16, default="working_days")
    rating_amount = models.PositiveSmallIntegerField(default=15, help_text=_("差评整改时限"))
    rating_unit = models.CharField(max_length=16, default="working_days")
    rating_level = models.PositiveSmallIntegerField(default=2, help_text=_("几级及以下算差评"))
    recurring_cases = models.PositiveSmallIntegerField(default=3, help_text=_("同一处反复出现几件就建议督办"))
    recurring_metres = models.PositiveSmallIntegerField(default=50)
    recurring_days = models.PositiveSmallIntegerField(default=30)
    levels_zh = ArrayField(models.CharField(max_length=20), default=list, help_text=_("督办级别，从低到高"))
    levels_en = ArrayField(models.CharField(max_length=40), default=list)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="oversight_rules_one_row"),
            models.CheckConstraint(condition=Q(recurring_cases__gte=2), name="oversight_rules_recurring"),
        ]


class Register(models.Model):
    """The counter of numbers of one district, series and year (渌督〔2026〕12号): counted in the transaction that
    uses the number, so that none is left out and none given twice."""

    class Series(models.TextChoices):
        ORDER = "order", _("督办单")
        MINUTES = "minutes", _("会议纪要")

    district = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=8, choices=Series)
    year = models.SmallIntegerField()
    prefix = models.CharField(max_length=12)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "series", "year"], name="register_once_a_year")]
