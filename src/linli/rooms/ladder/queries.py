"""Reads of single cases on the ladder: where one stands, whose turn it is, and the whole story of its stays.

Lists and counts for pages are in `lists`. Whoever asks about a case has seen to it that the viewer may open it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.queries import calendar
from linli.rooms.cases.models import Case
from linli.rooms.ladder import rules
from linli.rooms.ladder.judging import MayDo, may_do
from linli.rooms.ladder.lists import Counts, counts_by_tier
from linli.rooms.ladder.models import Ladder, Stay, Tier
from linli.rooms.ladder.ways import InForce, in_force
from linli.rooms.people.models import in_language
from linli.rooms.people.rights import Viewer

_BEARER = ("unit", "post__kind", "post__holder", "post__deputy", "post__place", "moved_by", "received_by", "ladder")


@dataclass(frozen=True, slots=True)
class Leg:
    """One stay in words. bearer: name of the unit, or of the kind of post; holder: who carries the post now.

    light: on_track | near | overdue | suspended of a running stay, done of one that was left. late: days and hours are
    over the limit, or were when it was left. days: working days used until it was left, or until now.
    """

    stay: Stay
    tier_name: str
    bearer: str
    holder: str
    how: str
    outcome: str
    light: str
    late: bool
    days: float
    limit: TimeLimit | None
    skipped: tuple[str, ...]
    joint: bool
    on_agenda: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands. next_up: the tiers above on the ladder in force; may: what the viewer may do."""

    leg: Leg
    case: Case
    tiers: tuple[Tier, ...]
    next_up: tuple[Tier, ...]
    may: MayDo

    @property
    def stay(self) -> Stay:
        return self.leg.stay


def standing(case_id: int, viewer: Viewer | None = None) -> Standing | None:
    """Where a case stands on the ladder now and what the viewer may do; None when it stands on no tier."""
    stay = Stay.objects.select_related("case", *_BEARER).filter(case=case_id, left_at=None).first()
    if stay is None:
        return None
    case = stay.case
    ladder = in_force([case.lineage[0]]).get(case.lineage[0])
    tiers = _tiers_of([stay], ladder)
    higher = tuple(rules.above(ladder.tiers, stay.tier_code, stay.level)) if ladder is not None else ()
    return Standing(
        _leg(stay, tiers, clock.now()),
        case,
        ladder.tiers if ladder is not None else (),
        higher,
        may_do(viewer, case, stay, ladder) if viewer is not None else MayDo(),
    )


def story(case_id: int) -> list[Leg]:
    """Every stay of a case, oldest first: who had it, for how long, what was tried and what came of it."""
    stays = list(Stay.objects.select_related(*_BEARER).filter(case=case_id).order_by("sequence"))
    tiers = _tiers_of(stays, None)
    now = clock.now()
    return [_leg(stay, tiers, now) for stay in stays]


def tier_counts(viewer: Viewer, place: int | None = None) -> list[Counts]:
    """How many cases stand on each tier, by light, the highest tier first."""
    return counts_by_tier(viewer, place)


def legacy_and_major(viewer: Viewer) -> list[Case]:
    """The open legacy and major problems this viewer may see, oldest first, at most five hundred."""
    rows = Case.objects.filter(viewer.reach("case.view").q(), is_open=True, parent=None)
    return list(rows.filter(Q(legacy=True) | Q(major=True)).order_by("reported_at", "id")[:500])


def on_agenda(district_id: int) -> list[Stay]:
    """The open stays on tiers that go to the leading group's meeting, longest standing first."""
    tiers = Tier.objects.filter(ladder__district=district_id, on_agenda=True)
    pairs = set(tiers.values_list("ladder_id", "code"))
    if not pairs:
        return []
    rows = Stay.objects.select_related("case", *_BEARER).filter(left_at=None, case__tokens__contains=[district_id])
    rows = rows.filter(tier_code__in={code for _ladder, code in pairs}).order_by("entered_at", "id")
    return [stay for stay in rows if (stay.ladder_id, stay.tier_code) in pairs]


_Tiers = dict[tuple[int, str], Tier]


def _tiers_of(stays: Iterable[Stay], ladder: InForce | None) -> _Tiers:
    """The tiers as they were named when the stays began; no query when they are of the ladder in force."""
    found: _Tiers = {(ladder.ladder.pk, tier.code): tier for tier in ladder.tiers} if ladder is not None else {}
    wanted = {stay.ladder_id for stay in stays if (stay.ladder_id, stay.tier_code) not in found}
    for tier in Tier.objects.filter(ladder__in=wanted) if wanted else ():
        found[tier.ladder_id, tier.code] = tier
    return found


def _leg(stay: Stay, tiers: _Tiers, now: dt.datetime) -> Leg:
    tier = tiers.get((stay.ladder_id, stay.tier_code))
    end = stay.left_at or now
    holder = ""
    if stay.unit is not None:
        bearer = stay.unit.name
    else:
        assert stay.post is not None
        post = stay.post
        place = post.place.name_zh if post.place is not None else ""
        kind = in_language(post.kind.name_zh, post.kind.name_en)
        bearer = f"{place} · {kind}" if place else kind
        deputised = (
            post.deputy is not None
            and post.deputy_from is not None
            and post.deputy_from <= now
            and (post.deputy_to is None or post.deputy_to > now)
        )
        holder = post.deputy.name if deputised and post.deputy is not None else post.holder.name
    late = stay.due_at is not None and end > stay.due_at and not (stay.left_at is None and stay.stands)
    days = stay.days
    if days is None:
        days = rules.days_used(stay.entered_at, now, stay.pauses, calendar())
    names = {code: known.name for (_ladder, code), known in tiers.items()}
    return Leg(
        stay=stay,
        tier_name=tier.name if tier is not None else stay.tier_code,
        bearer=bearer,
        holder=holder,
        how=str(stay.get_how_display()),
        outcome=str(stay.get_outcome_display()) if stay.outcome else "",
        light=_light(stay, now),
        late=late,
        days=days,
        limit=stay.limit,
        skipped=tuple(names.get(part["code"], part["code"]) for part in stay.skipped),
        joint=tier is not None and tier.joint,
        on_agenda=tier is not None and tier.on_agenda,
    )


def _light(stay: Stay, now: dt.datetime) -> str:
    if stay.left_at is not None:
        return "done"
    if stay.stands:
        return "suspended"
    if stay.overdue_at is not None or (stay.due_at is not None and stay.due_at < now):
        return "overdue"
    return "near" if stay.warn_at is not None and stay.warn_at <= now else "on_track"


def ladder_in_force(district_id: int) -> Ladder | None:
    """The district's ladder in force."""
    return Ladder.objects.filter(district=district_id, state=Ladder.State.ACTIVE).first()
