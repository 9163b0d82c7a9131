"""Plans what happens in the town: for each story who tells it, how far it has come, and when each step was taken.

Pure: the same town, day and calendar give the same scripts. `stage` plays them through the real actions.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from linli.demo import names, phrases, roads
from linli.demo.pace import Pace, leisure, working_minutes
from linli.demo.roads import Beat, Bends
from linli.demo.staffing import TOWN_CENTRE, showcase_grid, staff
from linli.demo.stories import Spot, Story, tell, tell_at
from linli.demo.town import Town
from linli.demo.units import matrix
from linli.kernel.clock import Calendar, TimeLimit
from linli.kernel.clock.calendar import CIVIL

DAYS = 120
RESIDENT = "resident01"
MERGED, VILLAGES = (14, 2), (5, 2)
"""How many reports are merged into another, and come from the villages: in a district, in the small town."""
Limits = Callable[[str], tuple[TimeLimit, bool]]
StepLimits = Mapping[tuple[str, bool], TimeLimit]


_STRAIGHT = Bends()


@dataclass(frozen=True, slots=True)
class Target:
    """A case that is to be in `state` now. share: of the limit that counts there, used by now (over 1: overdue).

    who: "" anybody's; "cg" of the showcase unit; "own" / "out" in the showcase grid, its committee's own
    matter or another unit's. small: told in the small town too. mine: of the showcase resident.
    """

    state: str
    share: float
    who: str = ""
    bends: Bends = _STRAIGHT
    small: bool = False
    mine: bool = False
    legacy: bool = False


_B = Bends
OPEN: tuple[Target, ...] = (
    Target("reported", 0.2, "out", small=True), Target("reported", 0.85, "out", small=True),
    Target("reported", 0.35, "own"), Target("reported", 0.1, mine=True, small=True),
    Target("reported", 1.4, small=True), Target("reported", 0.5, bends=_B(checked=True), small=True),
    Target("reported", 0.3), Target("reported", 0.6), Target("reported", 0.9), Target("reported", 0.15),
    Target("reported", 0.45), Target("reported", 0.4, bends=_B(checked=True)),
    Target("checking", 0.3, "out", small=True), Target("checking", 1.5, "out", small=True),
    Target("checking", 0.55, "own", small=True), Target("checking", 0.2), Target("checking", 0.9),
    Target("checking", 0.5), Target("checking", 1.2), Target("checking", 0.4),
    Target("accepted", 0.2, small=True), Target("accepted", 0.95), Target("accepted", 0.5),
    Target("accepted", 1.3), Target("accepted", 0.3, "out"),
    Target("registered", 0.2, small=True), Target("registered", 0.7, bends=_B(returned=True), small=True),
    Target("registered", 0.4, bends=_B(returned=True)), Target("registered", 0.9), Target("registered", 0.3),
    Target("registered", 1.2), Target("registered", 0.5),
    Target("dispatched", 0.25, "cg", small=True), Target("dispatched", 0.9, "cg", small=True),
    Target("dispatched", 0.4, "cg"), Target("dispatched", 0.3, "own", small=True), Target("dispatched", 0.5, "own"),
    Target("dispatched", 0.2), Target("dispatched", 1.3), Target("dispatched", 0.6),
    Target("dispatched", 0.7), Target("dispatched", 0.4, bends=_B(returned=True)),
    Target("handling", 0.3, "cg", small=True), Target("handling", 0.9, "cg", small=True),
    Target("handling", 1.3, "cg", small=True), Target("handling", 0.5, "cg", _B(noted=True), small=True),
    Target("handling", 0.6, "cg", _B(extended="asked"), small=True), Target("handling", 0.4, "cg", _B(reworked=True)),
    Target("handling", 0.45, "own", small=True), Target("handling", 0.95, "own"),
    Target("handling", 0.5, bends=_B(assisted=True), small=True), Target("handling", 0.7, bends=_B(extended="once")),
    Target("handling", 0.65, bends=_B(extended="asked")), Target("handling", 1.5, bends=_B(noted=True)),
    Target("handling", 0.3, mine=True, small=True), Target("handling", 0.4, legacy=True, small=True),
    Target("handling", 0.7, legacy=True), Target("handling", 1.1, legacy=True), Target("handling", 0.6),
    Target("handling", 0.3, bends=_B(noted=True)),
    Target("confirming", 0.3, "cg", small=True), Target("confirming", 0.9, "cg"), Target("confirming", 0.5, "cg"),
    Target("confirming", 0.4), Target("confirming", 1.3), Target("confirming", 0.2),
    Target("verifying", 0.2, "out", small=True), Target("verifying", 1.25, "out", small=True),
    Target("verifying", 0.5, "out", _B(urgent=True), small=True), Target("verifying", 0.3, small=True),
    Target("verifying", 0.8), Target("verifying", 0.5), Target("verifying", 1.1),
    Target("verifying", 0.4, bends=_B(reworked=True)), Target("verifying", 0.15),
    Target("closing", 0.3, small=True), Target("closing", 0.9), Target("closing", 0.5), Target("closing", 0.2),
    Target("closing", 1.2),
    Target("suspended", 8, legacy=True, small=True), Target("suspended", 15, legacy=True),
    Target("suspended", 4, legacy=True), Target("suspended", 22),
)  # fmt: skip

ENDED: tuple[Target, ...] = (
    Target("closed", 0.04, bends=_B(rated=False), mine=True, small=True),
    Target("closed", 0.2, bends=_B(rated=False), small=True), Target("closed", 0.35, bends=_B(rated=False)),
    Target("closed", 0.5, bends=_B(rated=False)), Target("closed", 0.8, bends=_B(rated=False)),
    Target("closed", 1.1, bends=_B(rated=False)), Target("closed", 1.5, bends=_B(rated=False)),
)  # fmt: skip
"""Closed just now: `share` is in working days before now."""


@dataclass(slots=True)
class Script:
    """One case to play. photos: how many the reporter adds. joined: (moment, words, rates) of neighbours.

    by_place: told by naming the building, without a point on the map.
    """

    number: int
    story: Story
    channel: str
    beats: list[Beat]
    times: list[dt.datetime]
    reporter: str = ""
    name: str = ""
    phone: str = ""
    wants_callback: bool = False
    accuracy_m: float | None = None
    photos: int = 0
    knows_item: bool = True
    occasion: str = ""
    public: bool = True
    joined: list[tuple[dt.datetime, str, bool]] = field(default_factory=list)
    merge_into: int | None = None
    by_place: bool = False

    def rng(self) -> random.Random:
        """Random numbers of this script alone, so that one more script changes no other."""
        return random.Random(f"{self.number}|{self.story.text}")


def plan(
    town: Town, count: int, legacy: int, calendar: Calendar, limits: Limits, steps: StepLimits, now: dt.datetime
) -> list[Script]:
    """All scripts, in no particular order. limits: of an item's default rule, and whether the item
    means danger; steps: limits of the states.
    """
    return _Planner(town, calendar, limits, steps, now).plan(count, legacy)


class _Planner:
    def __init__(self, town: Town, calendar: Calendar, limits: Limits, steps: StepLimits, now: dt.datetime) -> None:
        self.town, self.limits, self.steps, self.now = town, limits, steps, now
        self.rng = random.Random(f"{town.seed}|{now:%Y-%m-%d}")
        self.pace = Pace(calendar, now)
        self.home = showcase_grid(town).key
        self.names: Iterator[str] = names.people(random.Random(town.seed + 77))
        self.owners: dict[str, str] = {}
        for row in matrix(town):
            if not row.from_time:
                self.owners[row.matter] = row.unit_key
        self.scripts: list[Script] = []

    def plan(self, count: int, legacy: int) -> list[Script]:
        small = self.town.size == "small"
        pool = tell(self.town, count * (5 if small else 2), legacy * 2)
        for target in (target for target in (*OPEN, *ENDED) if target.small or not small):
            self._add(self._pick(pool, target), target)
        olds = sum(script.story.legacy for script in self.scripts)
        rest = [story for story in pool if story.legacy][: legacy - olds]
        fresh = [story for story in pool if not story.legacy]
        reserved = MERGED[small] + VILLAGES[small] + 3
        rest += fresh[: max(0, count - len(self.scripts) - len(rest) - reserved)]
        self.rng.shuffle(rest)
        for k, story in enumerate(rest):
            self._add(story, self._ended(k, story))
        self._house()
        self._villages(VILLAGES[small])
        self._meet()
        return self.scripts

    def owner(self, story: Story) -> str:
        """Who answers for the story, as far as the plan needs it: a unit's key, or "committee"."""
        found = self.owners.get(story.item) or self.owners.get(story.item[:3]) or "c_"
        return "committee" if found.startswith(("c_", "t_")) else found

    def _pick(self, pool: list[Story], target: Target) -> Story:
        def fits(story: Story) -> bool:
            limit, danger = self.limits(story.item)
            if danger or limit.unit == "urgent_hours":
                return False  # their clocks run round the night: open ones would all be late by the morning
            if target.bends.extended and working_minutes(limit) < 1200:
                return False  # nobody asks for more time within hours
            if story.legacy is not target.legacy or (target.mine and (story.channel != "resident" or story.english)):
                return False
            if target.who == "cg":
                return self.owner(story) == "cg"
            if target.who in ("own", "out"):
                return story.spot.grid_key == self.home and (self.owner(story) == "committee") is (target.who == "own")
            return True

        found = next((story for story in pool if fits(story)), None)
        if found is None:
            found = next(story for story in pool if story.legacy is target.legacy)
        pool.remove(found)
        return found

    def _ended(self, k: int, story: Story) -> Target:
        """How an older case came to its end; the mixture is fixed, the order is not."""
        rng = self.rng
        if not story.legacy:
            if k % 14 == 3:
                return Target("refused", 0)
            if k % 40 == 7:
                return Target("withdrawn", 0)
        turn, roomy = k % 20, working_minutes(self.limits(story.item)[0]) >= 1200
        bends = Bends(
            checked=rng.random() < 0.22,
            returned=turn in (1, 11) or (bool(story.returned) and rng.random() < 0.6),
            sent_back=turn == 2,
            reworked=turn in (4, 14),
            reopened=turn == 5,
            extended=("once" if turn == 6 else "refused" if turn == 16 else "") if roomy else "",
            suspended=story.legacy and turn in (8, 18),
            assisted=turn == 9,
            noted=rng.random() < 0.2,
            rated=rng.random() < 0.7 or k % 40 == 0,
            share=rng.choices((rng.uniform(0.15, 0.8), rng.uniform(0.8, 0.97), rng.uniform(1.05, 1.6)), (84, 10, 6))[0],
        )
        return Target("closed", 0, bends=bends, mine=k == 0)

    def _add(self, story: Story, target: Target) -> None:
        number = len(self.scripts)
        rng = random.Random(f"{self.town.seed}|{number}|{story.text}")
        limit, _danger = self.limits(story.item)
        beats = roads.road(rng, story, limit, target.state, target.bends)
        channel = "portal" if target.mine else _channel(rng, story)
        at_leisure = channel in ("portal", "api")
        anchor, moment = self._anchor(rng, beats, target, limit)
        times = roads.on_the_clock(beats, self.pace, rng, anchor, moment, at_leisure=at_leisure)
        if times[-1] >= self.now:
            # It would end after now: tell it as one that has just ended.
            late = self.pace.earlier(self.now, rng.uniform(5, 900))
            times = roads.on_the_clock(beats, self.pace, rng, len(beats) - 1, late, at_leisure=at_leisure)
        script = Script(number, story, channel, beats, times)
        self._dress(script, rng, target)
        self.scripts.append(script)

    def _anchor(
        self, rng: random.Random, beats: list[Beat], target: Target, limit: TimeLimit
    ) -> tuple[int, dt.datetime]:
        """Which beat is fixed first, and when it was taken."""
        last = len(beats) - 1
        if target.state == "closed" and target.share:
            return last, self.pace.earlier(self.now, target.share * 480)
        if target.state in ("closed", "refused", "withdrawn"):
            day = self.now - dt.timedelta(days=1.5 + (DAYS - 2) * rng.random() ** 1.25)
            return 0, leisure(rng, day)
        if target.state == "suspended":
            return last, self.pace.earlier(self.now, target.share * 480)
        if target.state == "handling":
            return self._anchor_handling(beats, target, limit)
        step = self.steps.get((target.state, target.bends.urgent)) or TimeLimit(1, "working_days")
        if target.bends.urgent:
            return last, self._due_today(step)
        moment = self.pace.back(self.now, step, target.share)
        if target.state == "reported" and target.share < 0.4 and last == 0:
            # Residents tell of things on Sundays too, when nobody's clock runs.
            told = next(t for t in (leisure(rng, self.now - dt.timedelta(days=d)) for d in (0, 1, 2)) if t < self.now)
            moment = told if self.pace.later(told, 200) > self.now else moment
        return last, moment

    def _due_today(self, step: TimeLimit) -> dt.datetime:
        """When a limit round the clock began that runs out in four hours, or before midnight."""
        midnight = self.now.astimezone(CIVIL).replace(hour=23, minute=55, second=0)
        due = max(min(self.now + dt.timedelta(hours=4), midnight), self.now + dt.timedelta(minutes=3))
        return self.pace.back(due, step, 1.0)

    def _anchor_handling(self, beats: list[Beat], target: Target, limit: TimeLimit) -> tuple[int, dt.datetime]:
        """Registered so long ago that the share of the limit is used now; the steps since then fit in between."""
        place = next(k for k, beat in enumerate(beats) if beat.step == "register")
        share = target.share / 2 if target.bends.extended == "once" else target.share
        moment = self.pace.back(self.now, limit, share)
        after = beats[place + 1 :]
        needed = sum(beat.after for beat in after)
        until = self.now - dt.timedelta(minutes=3)
        if self.pace.later(moment, 1) < until:
            room = needed
            while self.pace.later(moment, room) >= until:
                room *= 0.7
            for beat in after:
                beat.after *= room / needed
        else:
            # Registered at night or on a Sunday: then whoever was on call took the next steps at once.
            moment = min(moment, until - dt.timedelta(minutes=2))
            for beat in after:
                beat.after, beat.real = (until - moment) / dt.timedelta(hours=1) / len(after), True
        return place, moment

    def _dress(self, script: Script, rng: random.Random, target: Target) -> None:
        story, portal = script.story, script.channel == "portal"
        if target.mine:
            script.reporter = RESIDENT
        elif portal and rng.random() < 0.3:
            script.reporter = f"resident{rng.randint(2, 24):02d}"
        by_phone = script.channel in ("hotline", "walk_in")
        if by_phone or (portal and rng.random() < 0.45):
            script.phone = f"154{rng.randint(10_000_000, 99_999_999)}"
            script.wants_callback = rng.random() < 0.4
            if by_phone or rng.random() < 0.5:
                script.name = next(self.names)
        if portal or script.channel == "field":
            script.accuracy_m = rng.choices((6.0, 8.0, 14.0), (7, 2, 1))[0]
        chance = {"portal": 0.6, "field": 0.95, "api": 0.3}.get(script.channel, 0.08)
        script.photos = (1 + (rng.random() < 0.25)) if rng.random() < chance else 0
        script.knows_item = not portal or rng.random() < 0.4
        script.occasion = {
            "meeting": rng.choice(phrases.MEETINGS),
            "sheet": phrases.LISTS[0],
            "api": phrases.TRANSFERRED,
        }.get(script.channel, "")
        if by_phone and story.spot.building_key and rng.random() < 0.25:
            script.by_place, script.photos = True, 0
        script.public = story.item not in ("M06992", "M06998") or rng.random() < 0.5

    def _house(self) -> None:
        """The house of the showcase building head: told by telephone, without a point on the map."""
        house = next(post.place_key for post in staff(self.town).posts if post.kind == "building_head")
        targets = (Target("closed", 0.7), Target("handling", 0.3), Target("reported", 0.5))
        for story, target in zip(tell_at(self.town, house, len(targets)), targets, strict=True):
            self._add(story, target)
            script = self.scripts[-1]
            script.channel, script.by_place, script.photos, script.accuracy_m = "hotline", True, 0, None
            script.reporter, script.knows_item, script.name = "", True, script.name or next(self.names)
            script.phone = script.phone or "15420261122"

    def _villages(self, count: int) -> None:
        """Problems where no grid is: they fall to the village's town (属地兜底)."""
        villages = [
            division
            for division in self.town.divisions
            if division.level == "community" and not division.urban and division.parent_code != TOWN_CENTRE
        ]
        targets = (Target("reported", 0.3), Target("dispatched", 0.4), Target("handling", 0.4), Target("refused", 0))
        for k in range(count):
            item, photo, text = phrases.VILLAGE[k % len(phrases.VILLAGE)]
            village = self.rng.choice(villages)
            point = village.polygon.representative_point()
            address = village.name_zh
            spot = Spot(round(point.x, 7), round(point.y, 7), "", village.code, "", {"address": address})
            text = f"{address.removesuffix('村').removesuffix('居委会')}{text}"
            self._add(Story(item, photo, "resident", text, spot, "", ""), targets[k % len(targets)])

    def _meet(self) -> None:
        """Neighbours add their voice; some report what is known already and are merged into it."""
        fitting = [
            script
            for script in self.scripts
            if script.public and script.beats[-1].step not in ("refuse", "withdraw") and len(script.beats) > 2
        ]
        for k, script in enumerate(fitting):
            rng = script.rng()
            if k % 11 == 4:
                until = script.times[min(4, len(script.times) - 1)]
                for _ in range(3 if k % 44 == 4 else rng.randint(1, 2)):
                    moment = script.times[0] + (until - script.times[0]) * rng.uniform(0.1, 0.95)
                    script.joined.append((moment, rng.choice(phrases.JOINED), rng.random() < 0.5))
        hosts = [s for s in fitting if s.times[2] - s.times[0] > dt.timedelta(minutes=30) and not s.joined][::7]
        for host in hosts[: MERGED[self.town.size == "small"]]:
            self._merged(host)

    def _merged(self, host: Script) -> None:
        rng = random.Random(f"merge|{host.number}|{host.story.text}")
        moved = replace(host.story.spot, lng=round(host.story.spot.lng + rng.uniform(-9e-5, 9e-5), 7))
        story = replace(host.story, text=rng.choice(phrases.MERGED) + host.story.text, spot=moved, legacy=False)
        room = host.times[2] - host.times[0]
        times = [host.times[0] + room * 0.4, host.times[0] + room * 0.8]
        beats = [Beat("report", "reporter", 0), Beat("merge", "intake", 20)]
        script = Script(len(self.scripts), story, "portal", beats, times, merge_into=host.number)
        self._dress(script, rng, Target("merged", 0))
        self.scripts.append(script)


def _channel(rng: random.Random, story: Story) -> str:
    if story.channel == "resident":
        return rng.choices(("portal", "walk_in", "api"), (90, 6, 4))[0]
    if story.legacy and story.channel == "meeting" and rng.random() < 0.5:
        return "sheet"
    return {"hotline": "hotline", "worker": "field", "meeting": "meeting"}[story.channel]
