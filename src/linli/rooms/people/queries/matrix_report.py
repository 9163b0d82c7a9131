"""Gaps and conflicts of a matrix, before it is put in force."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from linli.kernel import clock
from linli.rooms.catalogue.models import Item, Kind, MatterClass
from linli.rooms.people import picking
from linli.rooms.people.models import Responsibility
from linli.rooms.people.queries.matrix import rules_of
from linli.rooms.people.rights import Viewer
from linli.rooms.places.models import Place

Why = Literal["unit_ended", "place_ended", "expired", "older_rule", "all_items_named", "all_classes_named"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A class nobody is named for in a community. part_time: only rules bound to a time are there."""

    class_key: str
    class_name: str
    place_id: int
    place_name: str
    part_time: bool


@dataclass(frozen=True, slots=True)
class Never:
    """A rule that can never win, and why; `by`: the rule that stands before it, where it is one."""

    rule_id: int
    why: Why
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """Two rules of the same matter, place and a common time with different units; the older one wins."""

    rule_id: int
    other_id: int
    unit_id: int
    other_unit_id: int


@dataclass(frozen=True)
class Report:
    gaps: list[Gap] = field(default_factory=list)
    never: list[Never] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    unknown_matters: list[int] = field(default_factory=list)
    rows: Mapping[int, Responsibility] = field(default_factory=dict)
    classes: int = 0
    communities: int = 0
    rule_count: int = 0

    @property
    def clean(self) -> bool:
        return not (self.gaps or self.never or self.clashes or self.unknown_matters)


def gaps_and_conflicts(viewer: Viewer, matrix_id: int) -> Report:
    """What an operator should look at before activating: judged for the civil day of now; five queries.

    `rows` holds the rules that the report names, with unit and place, by id.
    """
    viewer.require("matrix.view")
    today = picking.civil(clock.now()).date()
    rules = rules_of(matrix_id)
    classes = list(MatterClass.objects.filter(kind=Kind.MATTER).order_by("sort", "key"))
    items: dict[str, set[str]] = defaultdict(set)
    for key in Item.objects.filter(kind=Kind.MATTER, active=True).values_list("key", flat=True):
        items[key[:3]].add(key)
    places = {
        place.id: place
        for place in Place.objects.filter(kind="community")
        | Place.objects.filter(id__in={rule.place_id for rule in rules})
    }
    known = {"", *items, *(key for keys in items.values() for key in keys), *(row.key for row in classes)}
    live = [rule for rule in rules if not _dead(rule, places[rule.place_id], today)]
    never = [Never(rule.id, why) for rule in rules if (why := _dead(rule, places[rule.place_id], today))]
    always = _Always(live)
    gaps = _gaps(
        classes,
        items,
        always,
        live,
        [
            place
            for place in places.values()
            if place.kind == "community" and picking.within(today, place.valid_from, place.valid_to)
        ],
    )
    never += _shadowed(live)
    gone = {row.rule_id for row in never}
    never += [
        Never(rule.id, why)
        for rule in live
        if rule.id not in gone and (why := always.outdone(rule, places[rule.place_id].lineage, items))
    ]
    clashes = _clashes(live)
    unknown = [rule.id for rule in rules if rule.matter not in known]
    named = {row.rule_id for row in never} | {row.by for row in never if row.by} | set(unknown)
    named |= {clash.rule_id for clash in clashes} | {clash.other_id for clash in clashes}
    rows = Responsibility.objects.select_related("unit", "place", "post_kind").in_bulk(sorted(named))
    return Report(
        gaps,
        never,
        clashes,
        unknown,
        rows,
        classes=len(classes),
        communities=sum(1 for place in places.values() if place.kind == "community"),
        rule_count=len(rules),
    )


def _dead(rule: picking.Rule, place: Place, today: dt.date) -> Why | None:
    if rule.unit_to is not None and rule.unit_to <= today:
        return "unit_ended"
    if place.valid_to is not None and place.valid_to <= today:
        return "place_ended"
    if rule.valid_to is not None and rule.valid_to <= today:
        return "expired"
    return None


class _Always:
    """What is answered at every moment: the rules without a time, by place."""

    def __init__(self, rules: Sequence[picking.Rule]) -> None:
        self.matters: dict[int, set[str]] = defaultdict(set)
        for rule in rules:
            if not rule.time_bound:
                self.matters[rule.place_id].add(rule.matter)

    def at(self, lineage: Sequence[int]) -> set[str]:
        return set().union(*(self.matters[place_id] for place_id in lineage if place_id in self.matters))

    def outdone(self, rule: picking.Rule, lineage: Sequence[int], items: Mapping[str, set[str]]) -> Why | None:
        """A narrower matter wins wherever its place is in the lineage, even a wider place."""
        if len(rule.matter) > 3:
            return None
        named = self.at(lineage)
        if rule.matter:
            keys = items.get(rule.matter)
            return "all_items_named" if keys and keys <= named else None
        covered = bool(items) and all(key in named or keys <= named for key, keys in items.items())
        return "all_classes_named" if covered else None


def _gaps(
    classes: Sequence[MatterClass],
    items: Mapping[str, set[str]],
    always: _Always,
    live: Sequence[picking.Rule],
    communities: Sequence[Place],
) -> list[Gap]:
    sometimes: dict[int, set[str]] = defaultdict(set)
    for rule in live:
        sometimes[rule.place_id].add(rule.matter)
    found = []
    for place in sorted(communities, key=lambda place: (place.sort_key, place.id)):
        named = always.at(place.lineage)
        if "" in named:
            continue
        partly = set().union(*(sometimes[place_id] for place_id in place.lineage if place_id in sometimes))
        for row in classes:
            keys = items.get(row.key, set())
            if row.key in named or (keys and keys <= named):
                continue
            found.append(Gap(row.key, row.name, place.id, place.name, part_time=bool({"", row.key} & partly)))
    return found


def _by_key(rules: Sequence[picking.Rule]) -> list[list[picking.Rule]]:
    groups: dict[tuple[str, int], list[picking.Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.matter, rule.place_id].append(rule)
    return [group for group in groups.values() if len(group) > 1]


def _shadowed(rules: Sequence[picking.Rule]) -> list[Never]:
    """Rules behind an older one of the same matter and place that holds whenever they do."""
    found = []
    for group in _by_key(rules):
        for rule in group:
            by = next(
                (
                    other.id
                    for other in group
                    if other.id < rule.id and other.time_bound == rule.time_bound and picking.time_covers(other, rule)
                ),
                None,
            )
            if by is not None:
                found.append(Never(rule.id, "older_rule", by))
    return found


def _clashes(rules: Sequence[picking.Rule]) -> list[Clash]:
    return [
        Clash(one.id, other.id, one.unit_id, other.unit_id)
        for group in _by_key(rules)
        for position, one in enumerate(group)
        for other in group[position + 1 :]
        if one.unit_id != other.unit_id and one.time_bound == other.time_bound and picking.times_meet(one, other)
    ]
