"""The nouns of the room: a whistle, the departments called by it, the whistler's scores, and decided precedents."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.models import Case
from linli.rooms.people.models import Account, Unit
from linli.rooms.places.models import Place
from linli.rooms.whistles.flow import CALL, WHISTLE


class Whistle(models.Model):
    """吹哨: departments are called to a case, to a place at a time or for an answer until a time (LK-7).

    `tokens` are what rights are matched against, as on the case: its places and, negated, the units called.
    """

    class Mode(models.TextChoices):
        ON_SITE = "on_site", _("现场会商")
        REMOTE = "remote", _("远程答复")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="whistles")
    sequence = models.PositiveSmallIntegerField(help_text=_("这个事件的第几次吹哨"))
    state = models.CharField(max_length=10, choices=[(s.code, s.label) for s in WHISTLE.states])
    is_open = models.BooleanField(default=True)
    version = models.IntegerField(default=1)
    mode = models.CharField(max_length=8, choices=Mode)
    at = models.DateTimeField(help_text=_("集合时间，或远程答复的最后时间"))
    place_words = models.CharField(max_length=200, blank=True, default="")
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    why = models.TextField()
    urgent = models.BooleanField(default=False)
    matter_class = models.CharField(max_length=8, blank=True, default="")
    lineage = ArrayField(models.BigIntegerField())
    tokens = ArrayField(models.BigIntegerField())
    blown_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    blown_post_id = models.BigIntegerField(null=True)
    blown_post_name = models.CharField(max_length=100, blank=True, default="")
    blown_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True, help_text=_("何时提醒吹哨人和到场单位"))
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="whistle_numbered"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=("blown", "working")), name="whistle_one_runs"
            ),
            models.CheckConstraint(condition=Q(state__in=WHISTLE.codes()), name="whistle_state_known"),
            models.CheckConstraint(
                condition=Q(is_open=True, state__in=WHISTLE.codes("open", "waiting"), ended_at=None)
                | Q(is_open=False, state__in=WHISTLE.codes("ended"), ended_at__isnull=False),
                name="whistle_open_agrees_with_state",
            ),
            models.CheckConstraint(
                condition=Q(lng=None, lat=None) | Q(lng__range=(-180, 180), lat__range=(-90, 90)),
                name="whistle_point_whole",
            ),
        ]
        indexes = [
            GinIndex(fields=["tokens"], name="whistle_tokens"),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="whistle_reminders"),
            models.Index(fields=["-blown_at"], name="whistle_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.sequence}"

    @property
    def on_site(self) -> bool:
        return self.mode == self.Mode.ON_SITE

    @property
    def meet_at(self):  # type: ignore[no-untyped-def]
        """When people meet; None for a whistle that is answered from afar."""
        return self.at if self.on_site else None

    @property
    def answer_by(self):  # type: ignore[no-untyped-def]
        """Until when an answer is asked for; None for a meeting."""
        return None if self.on_site else self.at


class Call(models.Model):
    """One department called by a whistle: whether it confirmed, came, what it promised, and what became of it.

    `due_at` is the deadline for confirming; `next_due_at` the one that counts now, `remind_at` when a reminder is
    due; both move with the state. `late_*` say since when it was late at each stage: they stay for the record.
    """

    whistle = models.ForeignKey(Whistle, on_delete=models.CASCADE, related_name="calls")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="whistle_calls")
    lead = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=[(s.code, s.label) for s in CALL.states])
    is_open = models.BooleanField(default=True)
    reasons = models.JSONField(default=list, help_text=_("为什么叫它"))
    words = models.CharField(max_length=300, blank=True, default="", help_text=_("请它做什么"))
    called_at = models.DateTimeField()
    limit_amount = models.IntegerField()
    limit_unit = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    due_provisional = models.BooleanField(default=False)
    state_since = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True)
    told_overdue = models.BooleanField(default=False)

    confirmed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    arrived_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    arrived_how = models.CharField(max_length=8, blank=True, default="")
    arrived_words = models.CharField(max_length=200, blank=True, default="")
    distance_m = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    came_late = models.BooleanField(default=False)
    task = models.TextField(blank=True, default="")
    promised_at = models.DateTimeField(null=True)
    promise_due_at = models.DateTimeField(null=True)
    promised_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    sub = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="whistle_calls")
    refusal = models.TextField(blank=True, default="")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    whose = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    decided = models.BooleanField(default=False, help_text=_("裁定过须到场"))
    done_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")
    late_confirm_at = models.DateTimeField(null=True)
    late_come_at = models.DateTimeField(null=True)
    late_task_at = models.DateTimeField(null=True)
    instead_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="instead")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CALL.codes()), name="whistle_call_state_known"),
            models.UniqueConstraint(
                fields=["whistle", "unit"],
                condition=~Q(state__in=("replaced", "withdrawn")),
                name="whistle_call_once_a_unit",
            ),
            models.UniqueConstraint(
                fields=["whistle"],
                condition=Q(lead=True) & ~Q(state__in=("replaced", "withdrawn")),
                name="whistle_call_one_lead",
            ),
            models.CheckConstraint(
                condition=Q(is_open=True, state__in=CALL.codes("open", "waiting"))
                | Q(is_open=False, state__in=CALL.codes("ended")),
                name="whistle_call_open_agrees",
            ),
            models.CheckConstraint(
                condition=~Q(state="promised") | Q(promise_due_at__isnull=False) & ~Q(task=""),
                name="whistle_call_promise_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="whistle_call_reminders"),
            models.Index(
                fields=["next_due_at"], condition=Q(is_open=True, told_overdue=False), name="whistle_call_due"
            ),
            models.Index(fields=["unit", "-called_at"], name="whistle_call_of_unit"),
            models.Index(fields=["sub"], condition=Q(sub__isnull=False), name="whistle_call_of_sub"),
            models.Index(fields=["state"], condition=Q(is_open=True), name="whistle_call_open"),
        ]


class Score(models.Model):
    """What the whistler says of one department: 到场, 及时, 解决. Read by the scorecards.

    Yes and no rather than five levels: departments are measured by rates with their bases (as
    接诉即办 does: 响应率, 解决率, 满意率), and a rate is counted, not averaged.
    """

    class Solved(models.TextChoices):
        YES = "yes", _("解决了")
        PARTLY = "partly", _("部分解决")
        NO = "no", _("没有解决")

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="score")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="whistle_scores")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="whistle_scores")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    came = models.BooleanField()
    in_time = models.BooleanField()
    solved = models.CharField(max_length=6, choices=Solved)
    words = models.TextField(blank=True, default="")
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["unit", "-at"], name="whistle_score_of_unit")]


class Precedent(models.Model):
    """A dispatcher's decision on "not ours": for this matter, in this place, this unit answers (or must come).

    The matrix editor sees them beside the rules, and later suggestions use them.
    """

    class Outcome(models.TextChoices):
        STANDS = "stands", _("不属该单位，改叫")
        MUST_COME = "must_come", _("须到场")

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="precedents")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    item_key = models.CharField(max_length=12, blank=True, default="")
    matter_class = models.CharField(max_length=8, blank=True, default="")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    refuser = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="whistle_precedents")
    refusal = models.TextField()
    words = models.TextField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    by_post_name = models.CharField(max_length=100, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["item_key", "-at"], name="precedent_of_item"),
            models.Index(fields=["matter_class", "-at"], name="precedent_of_class"),
            models.Index(fields=["-at"], name="precedent_newest"),
        ]


class ConfirmLimit(models.Model):
    """How long a called department has to confirm; `rules.DEFAULT_LIMITS` where no row says otherwise."""

    urgent = models.BooleanField(unique=True)
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=16)
