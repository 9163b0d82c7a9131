"""Nouns of the room: the tree of places, the versions of the grids, the buildings.

A place is never deleted and never given a new meaning: it has a first and a last day, and successors.
A boundary belongs to a place for a span of days, so that an old case keeps the grid of its day.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

FAR_PAST = "1949-10-01"


class Kind(models.TextChoices):
    """What a place is. `LEVELS` says how deep in the tree it stands."""

    DISTRICT = "district", _("区县")
    STREET = "street", _("街道（乡镇）")
    COMMUNITY = "community", _("社区（村）")
    GRID = "grid", _("网格")
    SPECIAL = "special", _("专属网格")
    MICRO = "micro", _("微网格")
    BUILDING = "building", _("楼栋")


DIVISION_KINDS = (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY)
GRID_KINDS = (Kind.GRID, Kind.SPECIAL, Kind.MICRO)
LEVELS: dict[str, int] = {
    Kind.DISTRICT: 1,
    Kind.STREET: 2,
    Kind.COMMUNITY: 3,
    Kind.GRID: 4,
    Kind.SPECIAL: 4,
    Kind.MICRO: 5,
    Kind.BUILDING: 6,
}
# Which kinds a place of this kind may stand under.
PARENTS: dict[str, tuple[str, ...]] = {
    Kind.DISTRICT: (),
    Kind.STREET: (Kind.DISTRICT,),
    Kind.COMMUNITY: (Kind.STREET,),
    Kind.GRID: (Kind.COMMUNITY,),
    Kind.SPECIAL: (Kind.COMMUNITY, Kind.GRID),
    Kind.MICRO: (Kind.GRID, Kind.SPECIAL),
    Kind.BUILDING: (Kind.COMMUNITY, Kind.GRID, Kind.SPECIAL, Kind.MICRO),
}


class Place(models.Model):
    """A node of the tree district → street → community → grid → micro-grid → building.

    code: 12 digits for divisions, 15 for grids, '' for buildings and micro-grids without one.
    lineage: ids from the root down to this place; kept right by a trigger when `parent` changes.
    valid_to: first day on which the place no longer exists; null while it does.
    The same code is never valid twice on one day (exclusion constraint).
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=15, blank=True, default="")
    local_code = models.CharField(max_length=40, blank=True, default="")
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=150, blank=True, default="")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    lineage = ArrayField(models.BigIntegerField(), default=list, editable=False)
    level = models.SmallIntegerField(editable=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    sort_key = models.CharField(max_length=400, blank=True, default="")
    grams = ArrayField(models.TextField(), default=list, editable=False)
    successors = models.ManyToManyField(
        "self",
        through="Succession",
        through_fields=("before", "after"),
        symmetrical=False,
        related_name="predecessors",
    )

    class Meta:
        indexes = [
            GinIndex(fields=["lineage"], name="places_place_lineage"),
            GinIndex(fields=["grams"], name="places_place_grams"),
            models.Index(fields=["parent", "sort_key"], name="places_place_children"),
            models.Index(fields=["code"], name="places_place_code", condition=~Q(code="")),
            models.Index(fields=["kind", "sort_key"], name="places_place_kind"),
        ]
        constraints = [
            models.CheckConstraint(name="places_place_kind", condition=Q(kind__in=[str(k) for k in Kind])),
            models.CheckConstraint(
                name="places_place_span",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
            ),
            models.CheckConstraint(
                name="places_place_root",
                condition=Q(kind="district", parent__isnull=True) | ~Q(kind="district") & Q(parent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        if self.name_en and (get_language() or "zh").startswith("en"):
            return self.name_en
        return self.name_zh


class Succession(models.Model):
    """Which place followed which, why, and from which day."""

    class Reason(models.TextChoices):
        SPLIT = "split", _("拆分")
        MERGE = "merge", _("合并")
        RENUMBER = "renumber", _("改号")

    before = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="followed_by")
    after = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="follows")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    since = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["before", "after"], name="places_succession_once"),
            models.CheckConstraint(name="places_succession_other", condition=~Q(before=models.F("after"))),
        ]


class GridSet(models.Model):
    """One version of the grids: a draft being checked, or published and in force from a day.

    options: how the features of an import were read. problems: the result of the last check.
    settled: buildings have been moved under their new grids (done on the first day in force).
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤销")

    class Source(models.TextChoices):
        IMPORT = "import", _("导入")
        DRAWING = "drawing", _("绘制")

    number = models.IntegerField(unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    effective_from = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    source_system = models.CharField(max_length=10, default="wgs84")
    filename = models.CharField(max_length=200, blank=True, default="")
    note = models.TextField(blank=True, default="")
    base_number = models.IntegerField(default=0)
    communities = ArrayField(models.BigIntegerField(), default=list)
    options = models.JSONField(default=dict, blank=True)
    problems = models.JSONField(default=list, blank=True)
    version = models.IntegerField(default=1)
    settled = models.BooleanField(default=False)
    created_by = models.CharField(max_length=100, blank=True, default="")
    created_at = models.DateTimeField()
    published_by = models.CharField(max_length=100, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="places_gridset_published",
                condition=~Q(state="published") | Q(effective_from__isnull=False, published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class DraftFeature(models.Model):
    """One grid of a draft, as it would be after publishing.

    place: the existing grid it continues; null for a new one.
    sources: ids of existing grids it grew out of by a split or a merge.
    polygon: WKB, WGS-84; empty when the file's geometry could not be read (`reason` says why).
    """

    grid_set = models.ForeignKey(GridSet, on_delete=models.CASCADE, related_name="features")
    number = models.IntegerField()
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[(k.value, k.label) for k in GRID_KINDS])
    code = models.CharField(max_length=40, blank=True, default="")
    local_code = models.CharField(max_length=40, blank=True, default="")
    name_zh = models.CharField(max_length=100, blank=True, default="")
    name_en = models.CharField(max_length=150, blank=True, default="")
    community = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    community_text = models.CharField(max_length=100, blank=True, default="")
    parent_text = models.CharField(max_length=100, blank=True, default="")
    polygon = models.BinaryField(blank=True, default=b"")
    reason = models.CharField(max_length=200, blank=True, default="")
    sources = ArrayField(models.BigIntegerField(), default=list)
    changed = models.BooleanField(default=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["grid_set", "number"], name="places_draftfeature_number")]


class Boundary(models.Model):
    """The polygon of a place for a span of days [valid_from, valid_to).

    polygon: WKB, WGS-84. Spans of one place never overlap (exclusion constraint).
    """

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="boundaries")
    grid_set = models.ForeignKey(GridSet, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    polygon = models.BinaryField()
    area_m2 = models.FloatField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["place", "valid_from"], name="places_boundary_place")]
        constraints = [
            models.CheckConstraint(
                name="places_boundary_span",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
            ),
            models.CheckConstraint(name="places_boundary_area", condition=Q(area_m2__gt=0)),
        ]


class Building(models.Model):
    """What is known of a building beyond being a place. Its point is `place.lng`, `place.lat`.

    stairwells: number of 单元; stairwell_labels: what is written above the doors, in order.
    """

    place = models.OneToOneField(Place, primary_key=True, on_delete=models.PROTECT, related_name="building")
    address = models.CharField(max_length=200, blank=True, default="")
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    floors = models.SmallIntegerField(null=True, blank=True)
    stairwells = models.SmallIntegerField(default=1)
    stairwell_labels = models.JSONField(default=list, blank=True)
    dwellings = models.IntegerField(default=0)
    managed_by = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="places_building_counts",
                condition=Q(stairwells__gte=0, stairwells__lte=99, dwellings__gte=0)
                & (Q(floors__isnull=True) | Q(floors__gte=1, floors__lte=200)),
            ),
            models.CheckConstraint(
                name="places_building_point",
                condition=Q(lng__isnull=True, lat__isnull=True)
                | Q(lng__gte=-180, lng__lte=180, lat__gte=-90, lat__lte=90),
            ),
        ]


class Revision(models.Model):
    """One row: changes with every change that locating depends on. Processes watch it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)

    class Meta:
        db_table = "places_revision"
        constraints = [models.CheckConstraint(name="places_revision_one", condition=Q(id=1))]
