"""Who bears the duty on a tier, for one case or two hundred: posts found from the place upwards, units by rule.

A post counts when somebody carries it at the moment: its holder, or the deputy while one stands in (as
`people.rights.held_posts` has it). Of several the deepest place wins, then the older post.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.models import Case
from linli.rooms.ladder.models import Tier
from linli.rooms.people.models import Unit
from linli.rooms.people.queries.answering import answering_units
from linli.rooms.places.queries import buildings_near

DOORSTEP_METRES = 60.0
"""How far the building may be whose head is asked first, where a case was pinned beside it."""

_POSTS = """
SELECT w.n, o.id FROM unnest(%(n)s::int[], %(kind)s::bigint[], %(lineage)s::text[], %(unit)s::bigint[],
                             %(class)s::varchar[]) AS w(n, kind, lineage, unit, class)
CROSS JOIN LATERAL (
    SELECT p.id FROM people_post p
    JOIN people_account a ON a.id = CASE
        WHEN p.deputy_id IS NOT NULL AND p.deputy_from <= %(at)s AND (p.deputy_to IS NULL OR p.deputy_to > %(at)s)
        THEN p.deputy_id ELSE p.holder_id END
    WHERE p.kind_id = w.kind AND a.is_active
      AND (p.place_id = ANY(w.lineage::bigint[]) OR p.place_id IS NULL AND p.unit_id = w.unit)
      AND p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s)
      AND (p.matters = '{}' OR w.class = '' OR w.class = ANY(p.matters))
    ORDER BY array_position(w.lineage::bigint[], p.place_id) DESC NULLS LAST, p.id LIMIT 1
) o
"""

Key = tuple[int, str]
"""Case id and code of tier."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A post or a unit, one of the two."""

    unit_id: int | None = None
    post_id: int | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """What decides who bears the duty for a case."""

    case_id: int
    lineage: tuple[int, ...]
    matter_class: str = ""
    item_key: str = ""
    unit_id: int | None = None
    point: tuple[float, float] | None = field(default=None, compare=False)

    @classmethod
    def of(cls, case: Case) -> Spot:
        """The spot of a case that comes with its item."""
        point = (case.lng, case.lat) if case.lng is not None and case.lat is not None else None
        item_key = case.item.key if case.item is not None else ""
        return cls(case.pk, tuple(case.lineage), case.matter_class, item_key, case.unit_id, point)


def bearers(wanted: Iterable[tuple[Spot, Tier]], at: dt.datetime) -> dict[Key, Bearer]:
    """Who bears each tier for each case at a moment. What nobody bears is not among the keys; at most five queries."""
    pairs = list(wanted)
    found: dict[Key, Bearer] = {}
    posts = [(spot, tier) for spot, tier in pairs if tier.bearer == Tier.Bearer.POST]
    if posts:
        found |= _by_post(posts, at)
    units = [(spot, tier) for spot, tier in pairs if tier.bearer == Tier.Bearer.UNIT]
    if units:
        found |= _by_unit(units, at)
    return found


def bearer_of(spot: Spot, tier: Tier, at: dt.datetime) -> Bearer | None:
    """`bearers` for one case and one tier."""
    return bearers([(spot, tier)], at).get((spot.case_id, tier.code))


def _by_post(pairs: Sequence[tuple[Spot, Tier]], at: dt.datetime) -> dict[Key, Bearer]:
    asked = [(tier.post_kind_id or 0, spot.lineage, spot.unit_id, spot.matter_class) for spot, tier in pairs]
    posts = _posts(list(dict.fromkeys(asked)), at)
    found = {
        (spot.case_id, tier.code): Bearer(post_id=posts[question])
        for (spot, tier), question in zip(pairs, asked, strict=True)
        if question in posts
    }
    for spot, tier in pairs:
        # A pin on the map lies beside a house, not in it: the head of the nearest one is who is meant.
        if tier.for_everyday and spot.point and (spot.case_id, tier.code) not in found:
            near = [building.place_id for building, _metres in buildings_near(*spot.point, DOORSTEP_METRES, 3)]
            for place_id in near:
                question = (tier.post_kind_id or 0, (place_id,), None, spot.matter_class)
                if post := _posts([question], at).get(question):
                    found[(spot.case_id, tier.code)] = Bearer(post_id=post)
                    break
    return found


_Question = tuple[int, tuple[int, ...], int | None, str]


def _posts(asked: Sequence[_Question], at: dt.datetime) -> dict[_Question, int]:
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _POSTS,
            {
                "n": list(range(len(asked))),
                "kind": [kind for kind, _lineage, _unit, _class in asked],
                "lineage": ["{" + ",".join(map(str, lineage)) + "}" for _kind, lineage, _unit, _class in asked],
                "unit": [unit for _kind, _lineage, unit, _class in asked],
                "class": [matter for _kind, _lineage, _unit, matter in asked],
                "at": at,
                "day": at.astimezone(CIVIL).date(),
            },
        )
        return {asked[n]: post_id for n, post_id in cursor.fetchall()}


def _by_unit(pairs: Sequence[tuple[Spot, Tier]], at: dt.datetime) -> dict[Key, Bearer]:
    day = at.astimezone(CIVIL).date()
    responsible = answering_units(
        (
            (spot.item_key, spot.matter_class, spot.lineage)
            for spot, tier in pairs
            if tier.unit_by == Tier.UnitBy.RESPONSIBLE
        ),
        at,
    )
    own = [(spot, tier) for spot, tier in pairs if tier.unit_by in (Tier.UnitBy.COMMUNITY, Tier.UnitBy.STREET)]
    territory = _territory({place for spot, _tier in own for place in spot.lineage}, day) if own else {}
    fixed = {tier.unit_id for _spot, tier in pairs if tier.unit_by == Tier.UnitBy.FIXED}
    standing = units_in_being(fixed, day) if fixed else set()
    found: dict[Key, Bearer] = {}
    for spot, tier in pairs:
        if tier.unit_by == Tier.UnitBy.RESPONSIBLE:
            unit = responsible.get((spot.item_key, spot.matter_class, spot.lineage))
        elif tier.unit_by == Tier.UnitBy.FIXED:
            unit = tier.unit_id if tier.unit_id in standing else None
        else:
            unit = next(
                (
                    territory[tier.unit_by, place]
                    for place in reversed(spot.lineage)
                    if (tier.unit_by, place) in territory
                ),
                None,
            )
        if unit is not None:
            found[(spot.case_id, tier.code)] = Bearer(unit_id=unit)
    return found


def _territory(places: Iterable[int], day: dt.date) -> Mapping[tuple[str, int], int]:
    """The own units of communities and streets, the oldest where there are several."""
    rows = Unit.objects.filter(place__in=list(places), kind__in=("community", "street"), valid_from__lte=day)
    rows = rows.exclude(valid_to__lte=day).order_by("-id")
    return {(kind, place): pk for pk, kind, place in rows.values_list("pk", "kind", "place_id")}


def units_in_being(unit_ids: Iterable[int | None], day: dt.date) -> set[int]:
    """Which of these units exist on a day."""
    rows = Unit.objects.filter(pk__in=[pk for pk in unit_ids if pk], valid_from__lte=day)
    return set(rows.exclude(valid_to__lte=day).values_list("pk", flat=True))
