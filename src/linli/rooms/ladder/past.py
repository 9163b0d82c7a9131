"""The past as a replay needs it: cases of a period with the life of their duty, and who would bear each tier.

Cases that stood on a ladder come with their real entries: once for each time they came onto it. Cases from before the
ladder come as if it had been there: from their dispatch to their end. Who bears a tier is asked of today's posts, units
and responsibility matrix. Large periods are cut to the newest `AT_MOST` cases, and that is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from linli.kernel.clock.rules import Pause
from linli.rooms.cases.models import Case
from linli.rooms.ladder import rules
from linli.rooms.ladder.bearers import Bearer, Spot, bearers
from linli.rooms.ladder.models import Ladder, Stay, Tier
from linli.rooms.ladder.simulation import Passage, PastCase
from linli.rooms.people.models import Post, Unit
from linli.rooms.people.rights import Viewer

AT_MOST = 20_000
_BEGINS = (
    Stay.How.ENTERED,
    Stay.How.EVERYDAY,
    Stay.How.REWORKED,
    Stay.How.REOPENED,
    Stay.How.TAKEN_IN,
)
_BY_CLOCK = Stay.Outcome.SWEPT
_CASE = (
    "pk",
    "lineage",
    "matter_class",
    "item__key",
    "unit_id",
    "unit__kind",
    "lng",
    "lat",
    "dispatched_at",
    "ended_at",
    "is_open",
    "pauses",
)


@dataclass(slots=True)
class Run:
    """One coming of a case onto the ladder, with its real stays if it had any."""

    case_id: int
    spot: Spot
    unit_id: int | None
    unit_kind: str
    began: dt.datetime
    ended: dt.datetime | None
    pauses: tuple[Pause, ...]
    stays: list[Stay] = field(default_factory=list)

    @property
    def by_hand(self) -> bool:
        """Whether somebody moved it."""
        hands = (Stay.How.CLIMBED, Stay.How.ASSIGNED)
        return any(stay.how in hands for stay in self.stays)


@dataclass(slots=True)
class Past:
    """The runs of a period. cut: there were more cases than are replayed."""

    runs: list[Run]
    cases: int
    cut: bool


def past(viewer: Viewer | None, since: dt.datetime, until: dt.datetime, place: int | None = None) -> Past:
    """The cases reported in a period that were given to somebody, as far as the viewer sees them (None: all of them).

    Two queries, whatever the number of cases.
    """
    rows = Case.objects.filter(
        reported_at__gte=since, reported_at__lt=until, parent=None, dispatched_at__isnull=False, unit__isnull=False
    )
    if viewer is not None and not viewer.has("ladder.edit"):
        rows = rows.filter(viewer.reach("case.view").q())
    if place:
        rows = rows.filter(tokens__contains=[place])
    found = list(rows.order_by("-reported_at", "-pk").values_list(*_CASE)[: AT_MOST + 1])
    cut = len(found) > AT_MOST
    found = found[:AT_MOST]
    stays: dict[int, list[Stay]] = {}
    for stay in _stays([row[0] for row in found]):
        stays.setdefault(stay.case_id, []).append(stay)
    runs: list[Run] = []
    for pk, lineage, matter, item, unit_id, unit_kind, lng, lat, dispatched, ended, is_open, pauses in found:
        point = (lng, lat) if lng is not None and lat is not None else None
        spot = Spot(0, tuple(lineage), matter, item or "", unit_id, point)
        mine = stays.get(pk, [])
        if not mine:
            over = None if is_open else ended
            if dispatched is not None:
                runs.append(Run(pk, spot, unit_id, unit_kind or "", dispatched, over, _moments(pauses, over)))
            continue
        for part in _parts(mine):
            first, last = part[0], part[-1]
            unit = first.unit_id or unit_id
            held = {(start, end) for stay in part for start, end in _moments(stay.pauses, last.left_at)}
            if last.left_at is None:
                held |= set(_moments(pauses, None))
            runs.append(
                Run(
                    pk,
                    spot,
                    unit,
                    unit_kind or "",
                    first.entered_at,
                    last.left_at,
                    tuple(sorted(held, key=_start)),
                    part,
                )
            )
    return Past(runs, len(found), cut)


def _stays(case_ids: Sequence[int]) -> Sequence[Stay]:
    if not case_ids:
        return []
    names = (
        "case_id",
        "ladder_id",
        "tier_code",
        "level",
        "how",
        "outcome",
        "entered_at",
        "left_at",
        "due_at",
        "pauses",
    )
    rows = (
        Stay.objects.filter(case__in=case_ids)
        if len(case_ids) < 5000
        else Stay.objects.filter(case__gte=min(case_ids), case__lte=max(case_ids))
    )
    wanted = set(case_ids)
    return [
        stay
        for stay in rows.only(*names, "unit_id", "post_id").order_by("case_id", "sequence")
        if stay.case_id in wanted
    ]


def _parts(stays: Sequence[Stay]) -> list[list[Stay]]:
    """The stays of a case, split where it came onto the ladder anew."""
    parts: list[list[Stay]] = []
    for stay in stays:
        if not parts or stay.how in _BEGINS:
            parts.append([])
        parts[-1].append(stay)
    return parts


def _start(pause: Pause) -> dt.datetime:
    return pause[0]


def _moments(pauses: Sequence[Sequence[str | None]], ended: dt.datetime | None) -> tuple[Pause, ...]:
    """Standstills as moments; one that was still open when the duty ended ends with it."""
    found = []
    for start, end in rules.moments(pauses):
        stop = end or ended
        if stop is None or stop >= start:
            found.append((start, stop))
    return tuple(found)


# ── On a ladder ────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class OnLadder:
    """The runs with the tiers they would pass on one ladder, and who bears what: (spot, tier code) → bearer."""

    cases: list[PastCase]
    bearers: dict[tuple[Spot, str], Bearer]


def on_ladder(runs: Sequence[Run], ladder: Ladder, tiers: Sequence[Tier], at: dt.datetime) -> OnLadder:
    """Give each run the tiers it would pass on this ladder: its first one, then those above that somebody bears.

    tiers: from the lowest, with kind of post and unit. At most some ten
    queries, besides one for each everyday matter that is asked for a building head.
    """
    if not tiers:
        return OnLadder([], {})
    known = _known(runs, ladder, tiers, at)
    port = next((n for n, tier in enumerate(tiers) if tier.for_everyday), None)
    found_by = {tier.code: tier.unit_by for tier in tiers}
    codes = {tier.code: n for n, tier in enumerate(tiers)}
    cases = []
    for run in runs:
        units = {tier.code: known[run.spot, tier.code].unit_id for tier in tiers if (run.spot, tier.code) in known}
        real = codes.get(run.stays[0].tier_code) if run.stays else None
        if real is not None:
            first = real
        else:
            own = rules.tier_of_unit(tiers, units, found_by, run.unit_id or 0, run.unit_kind)
            first = codes[own.code]
            small = rules.is_everyday(ladder.everyday, run.spot.item_key, run.spot.matter_class)
            if port is not None and small and port < first and (run.spot, tiers[port].code) in known:
                first = port
        here = run.unit_id if tiers[first].bearer == Tier.Bearer.UNIT else None
        path = [first]
        for n in range(first + 1, len(tiers)):
            bearer = known.get((run.spot, tiers[n].code))
            if bearer is None or (bearer.unit_id is not None and bearer.unit_id == here):
                continue
            path.append(n)
            here = bearer.unit_id
        cases.append(PastCase(run.case_id, run.spot, run.began, run.ended, run.pauses, tuple(path)))
    return OnLadder(cases, known)


def _known(
    runs: Sequence[Run], ladder: Ladder, tiers: Sequence[Tier], at: dt.datetime
) -> dict[tuple[Spot, str], Bearer]:
    """Who bears each tier at each of the spots; what nobody bears is not there."""
    spots = list(dict.fromkeys(run.spot for run in runs))
    fresh = {run.spot for run in runs if not run.stays}
    numbered = {
        spot: Spot(n, spot.lineage, spot.matter_class, spot.item_key, spot.unit_id) for n, spot in enumerate(spots)
    }
    wanted = []
    for spot, asked in numbered.items():
        for tier in tiers:
            if tier.for_everyday and tier.level == 0:
                if spot not in fresh or not rules.is_everyday(ladder.everyday, spot.item_key, spot.matter_class):
                    continue
                pinned = Spot(asked.case_id, spot.lineage, spot.matter_class, spot.item_key, spot.unit_id, spot.point)
                wanted.append((pinned, tier))
            else:
                wanted.append((asked, tier))
    found = bearers(wanted, at)
    return {(spots[n], code): bearer for (n, code), bearer in found.items()}


def really(runs: Sequence[Run], codes: Sequence[str]) -> list[tuple[int, Spot, list[Passage]]]:
    """What really happened to the runs that stood on tiers of these codes, for `simulation.tally`."""
    index = {code: n for n, code in enumerate(codes)}
    found = []
    for run in runs:
        passages = [
            Passage(index[stay.tier_code], stay.entered_at, stay.left_at, stay.outcome == _BY_CLOCK, stay.due_at)
            for stay in run.stays
            if stay.tier_code in index
        ]
        if passages:
            found.append((run.case_id, run.spot, passages))
    return found


def names_of(found: Sequence[Bearer]) -> dict[Bearer, str]:
    """Bearers by name, posts with their holders; two queries."""
    units = {u.pk: u.name for u in Unit.objects.filter(pk__in={b.unit_id for b in found if b.unit_id})}
    posts = {
        p.pk: f"{p.kind.name} {p.holder.name}"
        for p in Post.objects.filter(pk__in={b.post_id for b in found if b.post_id}).select_related("kind", "holder")
    }
    return {b: units.get(b.unit_id or 0) or posts.get(b.post_id or 0, "") for b in found}
