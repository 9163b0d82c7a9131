"""What was found: the tie between a case and the patrol or inspection it came from."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.rooms.cases.models import Case
from linli.rooms.fieldwork.models.inspection import ChecklistItem, Level, Visit
from linli.rooms.fieldwork.models.patrol import Patrol, PatrolStop
from linli.rooms.people.models import Account, Unit, in_language
from linli.rooms.places.models import Place


class Finding(models.Model):
    """A case found on the spot, its source and level. `look_again`: after closing, the next patrol looks once more."""

    class Again(models.TextChoices):
        NONE = "", _("还没有复查")
        OK = "ok", _("复查正常")
        BAD = "bad", _("复查又发现问题")

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="finding")
    level = models.CharField(max_length=8, choices=Level)
    patrol = models.ForeignKey(Patrol, null=True, on_delete=models.PROTECT, related_name="findings")
    stop = models.ForeignKey(PatrolStop, null=True, on_delete=models.PROTECT, related_name="findings")
    visit = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="findings")
    check_item = models.ForeignKey(ChecklistItem, null=True, on_delete=models.PROTECT, related_name="findings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    tokens = ArrayField(models.BigIntegerField())
    item_key = models.CharField(max_length=8)
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    righted = models.BooleanField(default=False, help_text=_("发现人当场处置"))
    before = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="repeats")
    look_again = models.BooleanField(default=True)
    looked_at = models.DateTimeField(null=True)
    looked = models.CharField(max_length=4, choices=Again, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level="patrol", patrol__isnull=False, visit=None)
                | Q(level__in=("special", "joint"), visit__isnull=False, patrol=None),
                name="finding_names_its_source",
            ),
            models.CheckConstraint(
                condition=Q(looked="", looked_at=None) | ~Q(looked="") & Q(looked_at__isnull=False),
                name="finding_looked_at",
            ),
        ]
        indexes = [
            GinIndex(fields=["tokens"], name="finding_tokens"),
            models.Index(fields=["unit", "-found_at"], name="finding_of_unit"),
            models.Index(fields=["place", "item_key", "-found_at"], name="finding_at_place"),
            models.Index(fields=["place"], condition=Q(look_again=True, looked_at=None), name="finding_to_look_again"),
        ]


class RectifyLimit(models.Model):
    """A limit that inspectors choose from when something has to be put right (立行立改)."""

    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True, default="")
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=16)
    sort = models.SmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["sort", "id"]

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name_zh, self.name_en)
