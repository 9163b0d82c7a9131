"""What people said: each report of a case, the photos, the outcome they hear and the rating they give."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.models.case import Case, Channel
from linli.rooms.people.models import Account


class Report(models.Model):
    """One person's word about a case. Several reports may stand behind one case; each hears the outcome and
    rates.

    Contact data is sealed (`seal`, context "cases_report:<column>:<uid>") and only shown by a recorded
    reveal.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    intake_key = models.CharField(max_length=80, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    joined = models.BooleanField(default=False, help_text=_("加入已有事件，而非首报"))
    tracking_code = models.CharField(max_length=12, unique=True)
    channel = models.CharField(max_length=8, choices=Channel)
    words = models.TextField()
    reporter = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="reports")
    taken_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    name_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True, max_length=16)
    mail_sealed = models.BinaryField(null=True)
    wants_callback = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="zh-hans")
    occasion = models.CharField(max_length=100, blank=True, default="", help_text=_("座谈会、清单等来源名称"))
    reported_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True, help_text=_("上报人行使一次重开权利的时间"))

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="report_of_case"),
            models.Index(
                fields=["phone_index"], condition=Q(phone_index__isnull=False), name="report_by_phone"
            ),
            models.Index(
                fields=["reporter", "-id"], condition=Q(reporter__isnull=False), name="report_of_reporter"
            ),
        ]


class Photo(models.Model):
    """A picture taken in by `kernel.imaging`. It waits without a case until the form it belongs to is sent."""

    class Phase(models.TextChoices):
        REPORT = "report", _("上报")
        CHECK = "check", _("核实")
        HANDLE = "handle", _("处置后")
        VERIFY = "verify", _("核查")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="photos")
    report = models.ForeignKey(Report, null=True, on_delete=models.PROTECT, related_name="photos")
    phase = models.CharField(max_length=8, choices=Phase, default=Phase.REPORT)
    round = models.PositiveSmallIntegerField(default=0, help_text=_("第几轮处置"))
    path = models.CharField(max_length=120)
    thumb_path = models.CharField(max_length=120)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField(null=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    uploaded_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField()
    is_public = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "phase", "id"], name="photo_of_case"),
            models.Index(fields=["uploaded_at"], condition=Q(case=None), name="photo_waiting"),
        ]


class PhotoLink(models.Model):
    """A picture that a machine named by its address: the worker fetches it, and takes it in like any other.

    `again_at` is when it is worth trying (again); empty once the picture is there or was given up (`trouble` says why).
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="photo_links")
    report = models.ForeignKey(Report, null=True, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=2000)
    tries = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField(null=True)
    photo = models.ForeignKey(Photo, null=True, on_delete=models.SET_NULL, related_name="+")
    trouble = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["again_at"], condition=Q(again_at__isnull=False), name="photo_link_waiting"),
            models.Index(fields=["case"], name="photo_link_of_case"),
        ]


class Rating(models.Model):
    """What the reporter says of the outcome: solved or not, then one of five levels (好差评, LS-6), once each."""

    class Solved(models.TextChoices):
        YES = "yes", _("解决了")
        PARTLY = "partly", _("部分解决")
        NO = "no", _("没有解决")

    class Level(models.IntegerChoices):
        VERY_GOOD = 5, _("非常满意")
        GOOD = 4, _("满意")
        FAIR = 3, _("基本满意")
        BAD = 2, _("不满意")
        VERY_BAD = 1, _("非常不满意")

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="ratings")
    round = models.PositiveSmallIntegerField(default=0, help_text=_("第几次结案的评价"))
    solved = models.CharField(max_length=6, choices=Solved)
    level = models.PositiveSmallIntegerField(choices=Level, null=True)
    words = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "round"], name="rating_once_a_closing"),
            models.CheckConstraint(
                condition=Q(level=None) | Q(level__range=(1, 5)), name="rating_level_known"
            ),
        ]


class Notice(models.Model):
    """What a reporter is told: one row for each report and event, shown where the report is followed."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="notices")
    event_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "event_id"], name="notice_once_an_event")]
        indexes = [models.Index(fields=["report", "-id"], name="notice_of_report")]
