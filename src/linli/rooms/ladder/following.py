"""How the ladder follows the life of a case: it enters when it is dispatched, its clock stands and goes on, it ends.

Called by subscribers, perhaps late and perhaps twice: what an event says is done as of the event's own moment, and
then the stay is brought in line with what the case is by now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from linli.kernel.clock.queries import calendar
from linli.kernel.outbox import StoredEvent
from linli.rooms.cases.actions.duty import RUNNING
from linli.rooms.cases.models import Case
from linli.rooms.ladder import rules
from linli.rooms.ladder.bearers import Bearer, Spot, bearers
from linli.rooms.ladder.models import Stay, Tier
from linli.rooms.ladder.moving import Move, leave, move_all
from linli.rooms.ladder.ways import InForce, Way, find_ways, has_ladder_since, in_force
from linli.rooms.people.models import Unit

FOLLOWED = frozenset(
    {
        "case.dispatched",
        "case.received",
        "case.returned",
        "case.confirmed",
        "case.reworked",
        "case.suspended",
        "case.resumed",
        "case.closed",
        "case.reopened",
        "case.withdrawn",
        "case.merged",
        "case.refused",
    }
)
_ENDS = {
    "closed": Stay.Outcome.CLOSED,
    "withdrawn": Stay.Outcome.WITHDRAWN,
    "merged": Stay.Outcome.MERGED,
    "refused": Stay.Outcome.REFUSED,
}
_IN_HAND = (*RUNNING, "suspended", "verifying", "closing")


@dataclass(slots=True)
class Entry:
    """A case that comes onto the ladder: the unit it was given to, when, and how."""

    case: Case
    unit_id: int
    at: dt.datetime
    how: Stay.How = Stay.How.ENTERED
    after: Stay | None = None


def follow(event: StoredEvent) -> None:
    """What an event of a case means for its stay."""
    case = Case.objects.select_for_update(of=("self",)).select_related("item").filter(pk=event.object_id).first()
    if case is None or case.parent_id is not None:
        return
    stays = list(Stay.objects.select_for_update(of=("self",)).filter(case=case).order_by("-sequence")[:1])
    last = stays[0] if stays else None
    stay = last if last is not None and last.left_at is None else None
    if stay is not None and event.at > stay.entered_at:
        ended = _ENDS.get(event.kind.removeprefix("case."))
        if event.kind in ("case.returned", "case.dispatched") and stay.unit_id is not None:
            ended = Stay.Outcome.RETURNED
        if ended is not None:
            _end(stay, ended, event.at, case)
            stay, last = None, stay
    if stay is None and (last is None or (last.left_at is not None and event.at >= last.left_at)):
        unit_id = event.data.get("unit_id")
        # What was given out before there was a ladder is taken in when the first one takes force.
        if event.kind == "case.dispatched" and unit_id is not None and has_ladder_since(case.lineage[0], event.at):
            again = last is not None and last.outcome in (Stay.Outcome.CLOSED, Stay.Outcome.DONE)
            how = Stay.How.REOPENED if again else Stay.How.ENTERED
            stay = next(iter(enter_all([Entry(case, int(unit_id), event.at, how, last)])), None)
        elif event.kind == "case.reworked" and last is not None and last.outcome == Stay.Outcome.DONE:
            stay = _once_more(case, last, event.at)
    if stay is not None:
        settle(case, stay)


def settle(case: Case, stay: Stay) -> bool:
    """Bring an open stay in line with its locked case; False when it has ended by that.

    Its standstills are those of the case's handling clock: while the case is suspended, and from confirming on.
    """
    if not case.is_open:
        _end(stay, _ENDS.get(case.state, Stay.Outcome.CLOSED), case.ended_at or case.state_since, case)
        return False
    if stay.unit_id is not None and case.unit_id is None:
        _end(stay, Stay.Outcome.RETURNED, case.state_since, case)
        return False
    if stay.unit_id is not None and case.unit_id != stay.unit_id and case.unit_id is not None:
        # Given to somebody else by other means than the ladder's.
        at = case.dispatched_at or case.state_since
        _end(stay, Stay.Outcome.RETURNED, at, case)
        return bool(enter_all([Entry(case, case.unit_id, max(at, stay.entered_at), Stay.How.ENTERED, stay)]))
    if case.state in ("verifying", "closing") and _ends_at_confirming(stay):
        _end(stay, Stay.Outcome.DONE, case.confirmed_at or case.state_since, case)
        return False
    retime(case, stay)
    return True


def retime(case: Case, stay: Stay) -> bool:
    """Count the clock of an open stay anew from the case's standstills and the calendar; True when it was written."""
    pauses = rules.pauses_within(case.pauses, stay.clock_from)
    at = rules.times(stay.clock_from, stay.limit, stay.warn_share, pauses, calendar())
    wanted = {
        "pauses": pauses,
        "stands": at.stands,
        "due_at": at.due_at,
        "warn_at": at.warn_at,
        "provisional": at.provisional,
    }
    if stay.unit_id is not None and stay.received_at is None and case.received_at is not None:
        wanted |= {"received_at": max(case.received_at, stay.entered_at), "received_by_id": case.handler_id}
    changed = {name: value for name, value in wanted.items() if getattr(stay, name) != value}
    for name, value in changed.items():
        setattr(stay, name, value)
    if changed:
        stay.save(update_fields=[name.removesuffix("_id") for name in changed])
    return bool(changed)


def _end(stay: Stay, outcome: Stay.Outcome, at: dt.datetime, case: Case) -> None:
    # A case that was reopened meanwhile has forgotten its standstills; the stay has them as they were.
    if case.clock_from is None or case.clock_from <= stay.clock_from or case.pauses:
        stay.pauses = rules.pauses_within(case.pauses, stay.clock_from) or stay.pauses
    leave([(stay, outcome, at, "", "")])


def _ends_at_confirming(stay: Stay) -> bool:
    tiers = Tier.objects.filter(ladder=stay.ladder_id, code=stay.tier_code)
    return tiers.values_list("ends_at", flat=True).first() == Tier.EndsAt.CONFIRMED


def _once_more(case: Case, last: Stay, at: dt.datetime) -> Stay | None:
    """Rework where the duty had ended with confirming: the same bearer, the same tier, its limit from now."""
    tier = Tier.objects.filter(ladder=last.ladder_id, code=last.tier_code).select_related("post_kind", "unit").first()
    if tier is None:
        return None
    bearer = Bearer(case.unit_id if last.unit_id else None, last.post_id)
    return move_all([Move(case, None, tier, bearer, Stay.How.REWORKED, "duty.entered", at)])[0]


# ── Entering ───────────────────────────────────────────────────────────────────────────────────────


def enter_all(entries: Sequence[Entry]) -> list[Stay]:
    """Put cases on the ladders in force, where they have none yet; cases of a district without a ladder stay off it.

    The cases are locked and come with their items. A case begins on the tier of the unit it was given to, or on the
    first one; everyday matters that were not given straight to a department begin at the tier for them. After a
    reopening it begins at least one tier above the one it was last on.
    """
    ladders = in_force({entry.case.lineage[0] for entry in entries})
    known = [(entry, ladders[entry.case.lineage[0]]) for entry in entries if entry.case.lineage[0] in ladders]
    if not known:
        return []
    kinds = dict(Unit.objects.filter(pk__in={entry.unit_id for entry, _l in known}).values_list("pk", "kind"))
    wanted = [
        (Spot.of(entry.case), tier)
        for entry, ladder in known
        for tier in ladder.tiers
        if tier.bearer == Tier.Bearer.UNIT
    ]
    at = max(entry.at for entry, _ladder in known)
    units = {key: bearer.unit_id for key, bearer in bearers(wanted, at).items()}
    ways = []
    for entry, ladder in known:
        mine = {tier.code: units.get((entry.case.pk, tier.code)) for tier in ladder.tiers}
        start = _first_tiers(entry, ladder, mine, kinds.get(entry.unit_id, ""))
        ways.append(Way(Spot.of(entry.case), start, given=entry.unit_id))
    moves = []
    for (entry, ladder), way, found in zip(known, ways, find_ways(ways, at), strict=True):
        if found.move is None:
            continue  # a ladder of posts only, and nobody holds one
        tier, bearer = found.move
        everyday = tier.for_everyday and tier is way.tiers[0] and _is_everyday(entry.case, ladder)
        how = Stay.How.EVERYDAY if everyday and entry.how == Stay.How.ENTERED else entry.how
        moves.append(Move(entry.case, None, tier, bearer, how, "duty.entered", entry.at, skipped=found.skipped))
    return move_all(moves)


def _is_everyday(case: Case, ladder: InForce) -> bool:
    return rules.is_everyday(ladder.ladder.everyday, case.item.key if case.item else "", case.matter_class)


def _first_tiers(entry: Entry, ladder: InForce, units: dict[str, int | None], unit_kind: str) -> list[Tier]:
    """The tiers a case may begin on, the wanted one first, then those above it."""
    found_by = {tier.code: tier.unit_by for tier in ladder.tiers}
    own = rules.tier_of_unit(ladder.tiers, units, found_by, entry.unit_id, unit_kind)
    upwards = [tier for tier in ladder.tiers if tier.level >= own.level]
    port = next((tier for tier in ladder.tiers if tier.for_everyday), None)
    lowest = min(tier.level for tier in ladder.tiers if tier.level > 0 or len(ladder.tiers) == 1)
    near = own.level == lowest or own.unit_by == Tier.UnitBy.COMMUNITY
    if port is not None and near and port.level <= own.level and _is_everyday(entry.case, ladder):
        upwards = [port, *(tier for tier in upwards if tier is not port)]
    if entry.how == Stay.How.REOPENED and entry.after is not None:
        higher = rules.above(ladder.tiers, entry.after.tier_code, entry.after.level) or [ladder.tiers[-1]]
        upwards = [tier for tier in higher if tier.level >= own.level] or [ladder.tiers[-1]]
    return upwards


def take_in(district_id: int, at: dt.datetime, after: int, most: int) -> int | None:
    """Put cases that are in hand already, and on no tier, on the ladder that took force; those with an id above
    `after`, so many at once. Returns the last id while there may be more."""
    found = Case.objects.filter(tokens__contains=[district_id], is_open=True, parent=None, pk__gt=after)
    # What was dispatched since comes by its own event.
    found = found.filter(state__in=_IN_HAND, unit__isnull=False, dispatched_at__lte=at)
    ids = list(found.order_by("pk").values_list("pk", flat=True)[:most])
    cases = Case.objects.select_for_update(of=("self",)).select_related("item").filter(pk__in=ids).order_by("pk")
    rows = [case for case in cases if case.state in _IN_HAND and case.unit_id is not None]
    standing = set(Stay.objects.filter(case__in=ids, left_at=None).values_list("case_id", flat=True))
    fresh = enter_all(
        [
            Entry(case, case.unit_id, at, Stay.How.TAKEN_IN)
            for case in rows
            if case.pk not in standing and case.unit_id is not None
        ]
    )
    cases_by_id = {case.pk: case for case in rows}
    for stay in fresh:
        settle(cases_by_id[stay.case_id], stay)
    return ids[-1] if len(ids) == most else None
