"""The calendar an operator keeps: years, the days that differ from the week, working hours, one revision."""

from django.db import models


class CalendarYear(models.Model):
    """A year we know something about; official once its holiday notice has been entered whole."""

    year = models.IntegerField(unique=True)
    official = models.BooleanField(default=False)
    source = models.TextField(default="", blank=True)

    class Meta:
        db_table = "clock_calendar_year"
        constraints = [
            models.CheckConstraint(condition=models.Q(year__range=(1990, 2399)), name="clock_year_range"),
        ]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that differs from the week: "off" (holiday) or "work" (make-up day)."""

    class Kind(models.TextChoices):
        OFF = "off"
        WORK = "work"

    day = models.DateField(unique=True)
    kind = models.TextField(choices=Kind.choices)
    name_zh = models.TextField(default="", blank=True)
    name_en = models.TextField(default="", blank=True)

    class Meta:
        db_table = "clock_calendar_day"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["off", "work"]), name="clock_day_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class WorkingHours(models.Model):
    """Working hours from a day on: [[480, 720], [840, 1080]], minutes of the day."""

    valid_from = models.DateField(unique=True)
    spans = models.JSONField()

    class Meta:
        db_table = "clock_working_hours"

    def __str__(self) -> str:
        return f"{self.valid_from} {self.spans}"


class CalendarRevision(models.Model):
    """One row that moves with every change: processes keep their calendar until it does."""

    only = models.BooleanField(primary_key=True, default=True)
    number = models.BigIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "clock_calendar_revision"
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="clock_revision_only"),
        ]

    def __str__(self) -> str:
        return str(self.number)
