"""The responsibility matrix as a whole: its editions, its rules with filters, a twin in memory, a dry run."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from linli.kernel.errors import NotFound
from linli.rooms.people import picking
from linli.rooms.people.models import MatrixVersion, Responsibility, Unit
from linli.rooms.people.queries.answerable import Via
from linli.rooms.people.rights import Viewer

PAGE = 50
_FALLBACK_KINDS = ("community", "street", "district")


@dataclass(frozen=True, slots=True)
class Found:
    """What the table answers: enough to compare editions; names and posts are `answerable`'s business."""

    unit_id: int | None
    via: Via
    rule_id: int | None = None
    place_id: int | None = None
    post_kind_id: int | None = None


def rules_of(matrix_id: int) -> list[picking.Rule]:
    """All rules of an edition with the span of their units; one query, in the order of their ids."""
    return [
        picking.Rule(*row[:7], tuple(row[7]), *row[8:])
        for row in Responsibility.objects.filter(matrix_id=matrix_id)
        .order_by("id")
        .values_list(
            "id",
            "matter",
            "place_id",
            "unit_id",
            "post_kind_id",
            "valid_from",
            "valid_to",
            "weekdays",
            "from_time",
            "to_time",
            "unit__valid_from",
            "unit__valid_to",
        )
    ]


class MatrixTable:
    """An edition in memory: answers like `answerable`, without a query, for thousands of questions."""

    def __init__(
        self,
        rules: Iterable[picking.Rule],
        fallback: Iterable[tuple[int, int, str, dt.date, dt.date | None]] = (),
    ) -> None:
        """fallback: (unit id, place id, kind, first day, day after the last) of units that may stand in."""
        self._rules: dict[tuple[int, str], list[picking.Rule]] = defaultdict(list)
        for rule in rules:
            self._rules[rule.place_id, rule.matter].append(rule)
        self._fallback: dict[tuple[str, int], list[tuple[int, dt.date, dt.date | None]]] = defaultdict(list)
        for unit_id, place_id, kind, since, until in fallback:
            self._fallback[kind, place_id].append((unit_id, since, until))

    @classmethod
    def load(cls, matrix_id: int) -> MatrixTable:
        """Read an edition; two queries."""
        units = Unit.objects.filter(kind__in=_FALLBACK_KINDS, place__isnull=False).order_by("id")
        return cls(rules_of(matrix_id), units.values_list("id", "place_id", "kind", "valid_from", "valid_to"))

    def answer(self, item_key: str, class_key: str, lineage: Sequence[int], at: dt.datetime) -> Found:
        """The same unit, rule and `via` as `answerable` gives for this edition."""
        candidates = (
            rule
            for matter in picking.matters_of(item_key, class_key)
            for place_id in lineage
            for rule in self._rules.get((place_id, matter), ())
        )
        holding = picking.ranked(candidates, lineage, at)
        if holding:
            rule = holding[0]
            return Found(rule.unit_id, picking.breadth(rule), rule.id, rule.place_id, rule.post_kind_id)
        day = picking.civil(at).date()
        for kind in _FALLBACK_KINDS:
            for place_id in reversed(lineage):
                for unit_id, since, until in self._fallback.get((kind, place_id), ()):
                    if picking.within(day, since, until):
                        return Found(unit_id, "fallback", place_id=place_id)
        return Found(None, "none")


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case as the room of cases hands it over for a dry run."""

    case_id: int
    item_key: str
    class_key: str
    lineage: Sequence[int]
    at: dt.datetime
    unit_id_now: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """A case that would go elsewhere: from the unit that has it to the one the draft names."""

    case_id: int
    unit_id_before: int | None
    unit_id_after: int | None
    via: Via
    rule_id: int | None


def dry_run(
    matrix_draft: int | MatrixTable,
    cases: Iterable[PastCase | tuple[int, str, str, Sequence[int], dt.datetime, int | None]],
) -> Iterator[Change]:
    """The cases that the draft would give to another unit; a stream, the edition is read once."""
    table = matrix_draft if isinstance(matrix_draft, MatrixTable) else MatrixTable.load(matrix_draft)
    for row in cases:
        case = row if isinstance(row, PastCase) else PastCase(*row)
        found = table.answer(case.item_key, case.class_key, case.lineage, case.at)
        if found.unit_id != case.unit_id_now:
            yield Change(case.case_id, case.unit_id_now, found.unit_id, found.via, found.rule_id)


def editions(viewer: Viewer) -> QuerySet[MatrixVersion]:
    """All editions, newest first, each with `rule_count`."""
    viewer.require("matrix.view")
    return MatrixVersion.objects.annotate(rule_count=Count("rules")).order_by("-number")


def in_force() -> MatrixVersion | None:
    """The edition in force; None in a house that has none yet (then the territory answers for everything)."""
    return MatrixVersion.objects.filter(state=MatrixVersion.State.ACTIVE).first()


def edition(viewer: Viewer, number: int) -> MatrixVersion:
    """One edition by its number. Raises NotFound."""
    found = editions(viewer).filter(number=number).first()
    if found is None:
        raise NotFound(code="people.matrix_not_found")
    return found


@dataclass(frozen=True, slots=True)
class RulePage:
    rows: list[Responsibility]
    total: int
    page: int
    pages: int


def rules(
    viewer: Viewer,
    matrix_id: int,
    *,
    matter: str = "",
    place_id: int | None = None,
    unit_id: int | None = None,
    words: str = "",
    page: int = 1,
    size: int = PAGE,
) -> RulePage:
    """The rules of an edition, filtered; three queries.

    matter: an item or class key; a class also shows the rules of its items. place_id: rules at this place or
    below it. words: part of a unit's, place's name or of a note (two Chinese characters are enough).
    """
    viewer.require("matrix.view")
    rows = Responsibility.objects.filter(matrix_id=matrix_id)
    if matter:
        rows = rows.filter(matter__startswith=matter)
    if place_id is not None:
        rows = rows.filter(place__lineage__contains=[place_id])
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    for word in words.split():
        rows = rows.filter(
            Q(unit__name_zh__icontains=word)
            | Q(unit__name_en__icontains=word)
            | Q(place__name_zh__icontains=word)
            | Q(note__icontains=word)
        )
    total = rows.count()
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    found = rows.select_related("unit", "place", "post_kind").order_by("matter", "place__sort_key", "id")
    return RulePage(list(found[(page - 1) * size : page * size]), total, page, pages)
