"""Kinds of bulletins with their rhythm, the issues, their earlier wordings, what was kept as issued, who has read."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.bulletins.flow import BULLETIN
from linli.rooms.bulletins.rhythm import Period, Rhythm
from linli.rooms.people.models import Account, in_language
from linli.rooms.places.models import Place


class Kind(models.Model):
    """One kind of bulletin for one place, with its rhythm, sections and readers; data of the operator (LK-8).

    place None: the district itself. `next_*`: the period whose draft the worker makes next, and when; empty until the
    worker has planned it. reader_kinds: codes of kinds of posts that read it; reader_posts: single posts; public:
    everybody. first_serial counts in `first_year` only: who kept numbers on paper before goes on with them.
    """

    class Every(models.TextChoices):
        WEEK = "week", _("每周")
        HALF_MONTH = "half_month", _("半月")
        MONTH = "month", _("每月")

    class OffDay(models.TextChoices):
        NEXT = "next", _("顺延到下一个工作日")
        PREVIOUS = "previous", _("提前到上一个工作日")
        KEEP = "keep", _("照常")

    code = models.SlugField(max_length=30, unique=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True, default="")
    house_zh = models.CharField(max_length=60, blank=True, default="", help_text=_("版头上的单位名称"))
    prefix = models.CharField(max_length=12, unique=True, help_text=_("文号字头"))
    first_serial = models.PositiveSmallIntegerField(default=1)
    first_year = models.PositiveSmallIntegerField(null=True)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    every = models.CharField(max_length=10, choices=Every)
    day = models.PositiveSmallIntegerField()
    at = models.TimeField()
    off_day = models.CharField(max_length=8, choices=OffDay, default=OffDay.NEXT)
    sections = ArrayField(models.CharField(max_length=20), default=list)
    reader_kinds = ArrayField(models.CharField(max_length=40), default=list)
    reader_posts = ArrayField(models.BigIntegerField(), default=list)
    public = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)
    sort = models.SmallIntegerField(default=0)
    next_from = models.DateField(null=True)
    next_until = models.DateField(null=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["sort", "code"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(active=True), name="bulletin_kind_next"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(next_from=None, next_until=None, next_at=None)
                | Q(next_from__isnull=False, next_until__gt=F("next_from"), next_at__isnull=False),
                name="bulletin_kind_next_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name_zh, self.name_en)

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.every, self.day, self.at, self.off_day)  # type: ignore[arg-type]


class Issue(models.Model):
    """One bulletin of a kind for a period. `state` follows `flow.BULLETIN`.

    numbers: what was counted at `as_of` (see `numbers`), frozen until it is counted again on demand. texts: an editor's
    words by section; named: what is said to, or left out of, the overdue by case number; pairs: chosen photo pairs by
    case id. editor_ids: whoever drafted or changed it, and so may not issue it. reader_*: as in `Kind`, settled when
    it is issued. corrects: the issue in whose place this one stands.
    """

    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, related_name="issues")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    lineage = ArrayField(models.BigIntegerField())
    starts_on = models.DateField()
    ends_on = models.DateField(help_text=_("这一天不算在内"))
    planned_at = models.DateTimeField()
    as_of = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(s.code, s.label) for s in BULLETIN.states], default="draft")
    version = models.IntegerField(default=1)
    title = models.CharField(max_length=100)
    sections = ArrayField(models.CharField(max_length=20), default=list)
    texts = models.JSONField(default=dict)
    numbers = models.JSONField(default=dict)
    named = models.JSONField(default=dict)
    pairs = ArrayField(models.BigIntegerField(), default=list)
    reader_kinds = ArrayField(models.CharField(max_length=40), default=list)
    reader_posts = ArrayField(models.BigIntegerField(), default=list)
    public = models.BooleanField(default=False)
    editor_ids = ArrayField(models.BigIntegerField(), default=list)
    number = models.CharField(max_length=40, unique=True, null=True)
    year = models.PositiveSmallIntegerField(null=True)
    serial = models.PositiveIntegerField(null=True)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    sent_back_why = models.TextField(blank=True, default="")
    ended_why = models.TextField(blank=True, default="", help_text=_("撤回或不发的原因"))
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    issued_name = models.CharField(max_length=80, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-ends_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BULLETIN.codes()), name="bulletin_state_known"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="bulletin_period_forward"),
            # Exactly once for each kind, place and period, however many workers run.
            models.UniqueConstraint(
                fields=["kind", "place", "starts_on"], condition=Q(corrects=None), name="bulletin_once_a_period"
            ),
            models.UniqueConstraint(fields=["kind", "year", "serial"], name="bulletin_serial_once"),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(corrects__isnull=False) & ~Q(state="dropped"),
                name="bulletin_corrected_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("issued", "withdrawn"), number__isnull=False, year__isnull=False,
                            serial__isnull=False, issued_at__isnull=False)
                | Q(state__in=("draft", "submitted", "dropped"), number=None, year=None, serial=None, issued_at=None),
                name="bulletin_number_when_issued",
            ),
        ]  # fmt: skip
        indexes = [
            GinIndex(fields=["lineage"], name="bulletin_lineage"),
            models.Index(fields=["state", "-ends_on"], name="bulletin_by_state"),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.kind_id} {self.starts_on}"

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_on)

    @property
    def last_day(self) -> dt.date:
        return self.ends_on - dt.timedelta(days=1)


class Wording(models.Model):
    """An earlier version of what people wrote in an issue."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="wordings")
    version = models.IntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80, blank=True, default="")
    content = models.JSONField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["issue", "version"], name="bulletin_wording_once")]


class Kept(models.Model):
    """An issue as it was issued: never changed and never deleted (trigger). Hashes are SHA-256 in hex."""

    issue = models.OneToOneField(Issue, on_delete=models.PROTECT, related_name="kept")
    page = models.JSONField()
    page_sha256 = models.CharField(max_length=64)
    pdf = models.BinaryField()
    pdf_sha256 = models.CharField(max_length=64)
    xlsx = models.BinaryField()
    xlsx_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()


class KeptPicture(models.Model):
    """A picture of an issue as it was issued, by the name under which the page and the PDF show it."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="pictures")
    name = models.CharField(max_length=40)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "name"], name="bulletin_picture_once")]


class Reading(models.Model):
    """Somebody opened an issue, the first time."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="readings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "account"], name="bulletin_read_once")]
