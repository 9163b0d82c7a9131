"""Where a case stands on its ladder, for its page and for the forms that move it: two queries, whatever its story."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from linli.doors.duty.showing import TierNames, due_words
from linli.kernel.clock.rules import light
from linli.rooms.cases.models import Case
from linli.rooms.ladder.judging import MayDo, may_do
from linli.rooms.ladder.models import Ladder, Stay, Tier
from linli.rooms.ladder.ways import InForce
from linli.rooms.people.models import Post
from linli.rooms.people.rights import Viewer

_LOADED = ("ladder", "unit", "post__kind", "post__holder", "post__deputy", "received_by", "moved_by")
TONES = {
    Stay.Outcome.CLIMBED: "info",
    Stay.Outcome.SWEPT: "overdue",
    Stay.Outcome.ASSIGNED: "info",
    Stay.Outcome.DONE: "done",
    Stay.Outcome.CLOSED: "done",
}


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier as the case's page draws it. place: above, here, below, passed (it stood there before)."""

    level: int
    name: str
    place: str
    bearer: str
    tier: Tier | None = None


@dataclass(slots=True)
class Standing:
    """A case on the ladder. stay: the open one, None when the duty has ended; story: all stays, the newest first."""

    case: Case
    stay: Stay | None
    stays: list[Stay]
    ladder: InForce | None
    names: TierNames
    may: MayDo = field(default_factory=MayDo)


def standing_of(case: Case, viewer: Viewer) -> Standing:
    """The stays of a case, the ladder in force where it lies, and what the viewer may do."""
    stays = list(Stay.objects.filter(case=case).select_related(*_LOADED).order_by("-sequence"))
    district = case.lineage[0] if case.lineage else 0
    wanted = {stay.ladder_id for stay in stays}
    rows = Tier.objects.filter(ladder__in=wanted) | Tier.objects.filter(
        ladder__district_id=district, ladder__state=Ladder.State.ACTIVE
    )
    tiers = list(rows.select_related("ladder", "post_kind", "unit").order_by("level"))
    ruling = [t for t in tiers if t.ladder.state == Ladder.State.ACTIVE and t.ladder.district_id == district]
    ladder = InForce(ruling[0].ladder, tuple(ruling)) if ruling else None
    stay = stays[0] if stays and stays[0].left_at is None else None
    ordered = sorted(tiers, key=lambda tier: tier.ladder.state == Ladder.State.ACTIVE)
    return Standing(case, stay, stays, ladder, TierNames.of(ordered), may_do(viewer, case, stay, ladder))


def bearer_words(stay: Stay, now: dt.datetime) -> str:
    """Who bears a stay: the unit, or the post with who carries it now."""
    if stay.unit is not None:
        return stay.unit.name
    return post_words(stay.post, now) if stay.post is not None else ""


def post_words(post: Post, now: dt.datetime) -> str:
    """A post with its holder, or the deputy while one stands in."""
    deputy = post.deputy
    if (
        deputy is not None
        and post.deputy_from
        and post.deputy_from <= now
        and not (post.deputy_to and post.deputy_to <= now)
    ):
        return _("%(post)s %(name)s（代）") % {"post": post.kind.name, "name": deputy.name}
    return f"{post.kind.name} {post.holder.name}"


def stay_light(stay: Stay, now: dt.datetime) -> str:
    """The light of a stay."""
    if stay.left_at is not None:
        return "done"
    if stay.stands:
        return "suspended"
    if stay.due_at is None:
        return "on_track"
    if stay.warn_at is not None and stay.due_at >= now:
        return "near" if now >= stay.warn_at else "on_track"
    return light(now, stay.entered_at, stay.due_at, 0)


def rungs(standing: Standing) -> list[Rung]:
    """The ladder with the case on it, the top first; a tier of an older edition is drawn where its level is."""
    stay = standing.stay or (standing.stays[0] if standing.stays else None)
    been = {s.tier_code for s in standing.stays}
    found = []
    here = stay.tier_code if stay is not None and standing.stay is not None else ""
    for tier in standing.ladder.tiers if standing.ladder else ():
        if tier.code == here:
            place = "here"
        elif tier.code in been:
            place = "passed"
        else:
            place = "above" if stay is not None and tier.level > stay.level else "below"
        bearer = tier.post_kind.name if tier.post_kind else tier.unit.name if tier.unit else tier.get_unit_by_display()
        found.append(Rung(tier.level, tier.name, place, bearer, tier))
    if here and here not in {rung.tier.code for rung in found if rung.tier} and stay is not None:
        found.append(Rung(stay.level, standing.names.get(stay.ladder_id, here), "here", ""))
    return sorted(found, key=lambda rung: -rung.level)


def story(standing: Standing, now: dt.datetime) -> list[dict[str, Any]]:
    """Every stay in words, the newest first."""
    items = []
    for stay in standing.stays:
        items.append(
            {
                "tier": standing.names.get(stay.ladder_id, stay.tier_code),
                "bearer": bearer_words(stay, now),
                "from": stay.entered_at,
                "to": stay.left_at,
                "how": stay.get_how_display(),
                "outcome": stay.get_outcome_display() if stay.outcome else _("还在这一层"),
                "tone": TONES.get(Stay.Outcome(stay.outcome), "plain") if stay.outcome else stay_light(stay, now),
                "days": stay.days,
                "late": bool(stay.due_at and (stay.left_at or now) > stay.due_at and not stay.stands),
                "limit": str(stay.limit or ""),
                "words": stay.words,
                "tried": stay.tried,
                "why": stay.why,
                "received": stay.received_at,
                "received_by": stay.received_by.name if stay.received_by else "",
                "moved_by": stay.moved_by.name if stay.moved_by else "",
                "skipped": [
                    _("“%(tier)s”没有人承担，越过") % {"tier": standing.names.get(stay.ladder_id, row.get("code"))}
                    if row.get("why") == "vacant"
                    else _("“%(tier)s”还是同一个单位，越过")
                    % {"tier": standing.names.get(stay.ladder_id, row.get("code"))}
                    for row in stay.skipped
                ],
            }
        )
    return items


def clock_words(stay: Stay, now: dt.datetime) -> str:
    """How much of the tier's limit is left."""
    return due_words(stay.due_at, now, stands=stay.stands)
