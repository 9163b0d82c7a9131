"""Plays the scripts: every report and step through the real actions, in the order of their moments."""

from __future__ import annotations

import datetime as dt
import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation

from linli.demo import album, phrases
from linli.demo.people_told import Cast
from linli.demo.roads import Beat
from linli.demo.scripts import Script
from linli.demo.units import committee_of
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError
from linli.rooms.cases.actions.intake import Intake, join_case, report_problem
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case, Report
from linli.rooms.catalogue.models import FilingRule, Item
from linli.rooms.catalogue.queries import default_rule
from linli.rooms.people.rights import Viewer

_AT_ONCE = 40  # acts in one transaction

# Whose it is after the first unit sent it back, by item; elsewhere the first unit was simply wrong.
_AFTER_RETURN = {
    "M01002": "sz", "M01003": "committee", "M01037": "committee", "M01993": "ws", "M01997": "committee",
    "M06001": "zj", "M06013": "gl", "M06027": "fc", "M06996": "committee", "M09009": "committee", "M10002": "gdw",
}  # fmt: skip
_WRONG = ("cg", "sz", "hw", "zj")
_BY_THE_WAY = frozenset({"note", "ask_extension", "grant_extension", "refuse_extension"})
_ASSIST = ("cg", "sz", "jjzd", "pcs")


@dataclass(slots=True)
class _Played:
    """What has become of a script so far."""

    case_id: int = 0
    number: str = ""
    report: Report | None = None
    sub_id: int = 0
    dispatcher: str = ""
    approver: str = ""
    owner: int | None = None
    over: bool = False
    case: Case | None = None
    sub: Case | None = None


class Stage:
    """The actors and the play."""

    def __init__(self, cast: Cast, units: dict[str, int], places: dict[str, int], scenes: int = 3) -> None:
        self.cast, self.units, self.places = cast, units, places
        self.unit_key = {pk: key for key, pk in units.items()}
        self.place_key = {pk: key for key, pk in places.items()}
        self.scenes = scenes
        self.items: dict[str, Item] = {}
        self.rules: dict[str, FilingRule | None] = {}
        self.refused: list[tuple[int, str, str]] = []
        self.played: dict[int, _Played] = {}
        self.voices: dict[tuple[int, int], Report] = {}

    def play(self, scripts: list[Script], now: dt.datetime) -> Iterator[tuple[int, int]]:
        """Everything in the order of time; yields (played, all) acts after each transaction."""
        queue: list[tuple[dt.datetime, int, int, str]] = []
        for script in scripts:
            self.played[script.number] = _Played()
            for place, moment in enumerate(script.times):
                queue.append((moment, script.number, place, "beat"))
            for place, (moment, _words, rates) in enumerate(script.joined):
                queue.append((moment, script.number, place, "join"))
                if rates and script.beats[-1].step in ("close", "rate"):
                    queue.append((script.times[-1] + dt.timedelta(hours=5 + place), script.number, place, "rate"))
        by_number = {script.number: script for script in scripts}
        total = len(queue)
        heapq.heapify(queue)
        done = 0
        while queue:
            with transaction.atomic():
                for _ in range(min(_AT_ONCE, len(queue))):
                    moment, number, place, what = heapq.heappop(queue)
                    script = by_number[number]
                    if moment <= now:
                        with clock.at(moment):
                            {"beat": self._beat, "join": self._join, "rate": self._voice_rates}[what](script, place)
                    done += 1
            yield done, total

    # ── Acts ───────────────────────────────────────────────────────────────────────────────────────

    def _beat(self, script: Script, place: int) -> None:
        beat = script.beats[place]
        rng = random.Random(f"{script.number}|{place}|{script.story.text}")
        if beat.step == "report":
            self._report(script, rng)
            return
        at = self.played[script.number]
        if at.over or (beat.sub and not at.sub_id):
            return
        # What the last step gave back is what the house holds, but for voices that joined since.
        case = at.sub if beat.sub else at.case
        if case is None or beat.step in ("withdraw", "merge"):
            case = Case.objects.get(pk=at.sub_id if beat.sub else at.case_id)
        if beat.step in ("withdraw", "merge") and case.report_count != 1:
            return
        actor = self._actor(script, beat, case, at, rng)
        viewer = self.cast.viewer(actor)
        if beat.step in ("dispatch",):
            at.dispatcher = actor
        given = self._given(script, beat, case, at, viewer, rng)
        if given is None:
            return
        by_reporter = beat.who == "reporter"
        if by_reporter:
            assert at.report is not None
            at.report.refresh_from_db()
        try:
            case = take(case.pk, beat.step, given, viewer=viewer, report=at.report if by_reporter else None)
        except LinliError as refused:
            # The house knows better than the script. What hangs on a step that was not taken falls away too.
            self.refused.append((script.number, beat.step, str(refused.message)))
            at.over = beat.step not in _BY_THE_WAY
            return
        if beat.sub:
            at.sub = case
        else:
            at.case = case
        if beat.step == "dispatch" and given.get("assists"):
            at.sub_id = Case.objects.filter(parent_id=case.pk).values_list("pk", flat=True).first() or 0

    def _report(self, script: Script, rng: random.Random) -> None:
        story, at = script.story, self.played[script.number]
        username = self._teller(script, rng)
        viewer = self.cast.viewer(username)
        intake = self._intake(script, f"demo-{script.number:06d}", story.text)
        intake.photos = self._photos(["before"] * script.photos, script, viewer)
        intake.item_key = story.item if script.knows_item else ""
        intake.address, intake.legacy, intake.is_public = story.spot.address, story.legacy, script.public
        intake.name, intake.phone, intake.wants_callback = script.name, script.phone, script.wants_callback
        intake.occasion = script.occasion
        with translation.override("en" if story.english else "zh-hans"):
            receipt = report_problem(intake, viewer=viewer)
        at.case_id, at.number = receipt.case_id, receipt.number
        at.report = Report.objects.get(pk=receipt.report_id)

    def _intake(self, script: Script, key: str, words: str) -> Intake:
        spot = script.story.spot
        if script.by_place:
            return Intake(key, script.channel, words, place_id=self.places[spot.building_key])
        return Intake(key, script.channel, words, lng=spot.lng, lat=spot.lat, accuracy_m=script.accuracy_m)

    def _join(self, script: Script, place: int) -> None:
        at = self.played[script.number]
        case = Case.objects.get(pk=at.case_id)
        if not case.is_open:
            return
        _moment, words, _rates = script.joined[place]
        intake = self._intake(script, f"demo-{script.number:06d}-{place}", words)
        intake.channel = "portal"
        receipt = join_case(case.pk, intake, viewer=self.cast.viewer(""))
        self.voices[(script.number, place)] = Report.objects.get(pk=receipt.report_id)

    def _voice_rates(self, script: Script, place: int) -> None:
        report = self.voices.get((script.number, place))
        case = Case.objects.get(pk=self.played[script.number].case_id)
        if report is None or case.state != "closed":
            return
        level = random.Random(f"{script.number}|voice|{place}").choice(("5", "5", "4", "3"))
        take(case.pk, "rate", {"solved": "yes", "level": level}, viewer=self.cast.viewer(""), report=report)

    # ── Actors ─────────────────────────────────────────────────────────────────────────────────────

    def _teller(self, script: Script, rng: random.Random) -> str:
        """Who puts the report in: the resident, the grid worker, or a clerk for somebody."""
        if script.channel == "field":
            return self.cast.holders("grid_worker", script.story.spot.grid_key)[0]
        if script.channel in ("hotline", "walk_in", "meeting", "sheet"):
            return rng.choice(self.cast.holders("intake_clerk"))
        return script.reporter

    def _of_grid(self, kind: str, lineage: Sequence[int]) -> list[str]:
        """Who holds the post for the deepest place of the lineage where anybody does."""
        for place_id in reversed(lineage):
            if people := self.cast.holders(kind, self.place_key.get(place_id, "-")):
                return people
        return []

    def _actor(self, script: Script, beat: Beat, case: Case, at: _Played, rng: random.Random) -> str:
        who = beat.who
        if who == "reporter":
            return script.reporter
        if who == "intake":
            return rng.choice(self.cast.holders("intake_clerk"))
        if who in ("dispatcher", "other_dispatcher"):
            people = [name for name in self.cast.holders("dispatcher") if self.cast.ids[name] != case.barred_id]
            return rng.choice(people)
        if who == "checker":
            return rng.choice(self._of_grid("grid_worker", case.lineage) or self.cast.holders("verifier"))
        if who == "verifier":
            return self._verifier(case, rng)
        if who in ("approver", "second_approver"):
            people = [*self.cast.holders("supervisor"), *self.cast.holders("leader")]
            at_work = [name for name in people if name != at.approver]
            at.approver = rng.choice(at_work)
            return at.approver
        unit = self.unit_key.get(case.unit_id or 0, "cg")
        if unit.startswith("c_") and rng.random() < 0.7:
            kind = "grid_worker" if who == "handler" else "community_cadre"
            return rng.choice(self._of_grid(kind, case.lineage) or self.cast.holders("unit_contact", unit))
        return rng.choice(self.cast.holders("unit_handler" if who == "handler" else "unit_contact", unit))

    def _verifier(self, case: Case, rng: random.Random) -> str:
        people = [*self.cast.holders("verifier"), *self._of_grid("grid_worker", case.lineage) * 4]
        fitting = [
            name
            for name in people
            if self.cast.ids[name] not in case.handler_ids and case.unit_id not in self.cast.viewer(name).own_units
        ]
        return rng.choice(fitting)

    # ── What is given ──────────────────────────────────────────────────────────────────────────────

    def _given(
        self, script: Script, beat: Beat, case: Case, at: _Played, viewer: Viewer, rng: random.Random
    ) -> dict[str, Any] | None:
        given = dict(beat.given)
        if "photos" in given:
            given["photos"] = self._photos(given["photos"], script, viewer)
        if beat.step == "accept":
            given["item"] = self._item(script.story.item)
            if case.located == "near_border" and case.candidates and rng.random() < 0.5:
                given["place"] = case.place_id
        elif beat.step == "register":
            given["rule"] = self._rule(script.story.item)
        elif beat.step == "dispatch":
            self._dispatch(script, given, case, at, rng)
        elif beat.step == "return":
            given["reason"] = script.story.returned or rng.choice(phrases.RETURN)
            given["whose"] = at.owner
        elif beat.step == "suspend":
            day = clock.now().astimezone(CIVIL).date() + dt.timedelta(days=given["until"])
            given["until"] = day.isoformat()
        elif beat.step == "merge":
            host = self.played[script.merge_into or 0]
            if not Case.objects.filter(pk=host.case_id, is_open=True).exists():
                return None
            given["target"] = host.number
        return given

    def _dispatch(self, script: Script, given: dict[str, Any], case: Case, at: _Played, rng: random.Random) -> None:
        """To whom; where the unit is going to return it, it is noted who really answers."""
        proposed = case.proposed_unit_id or self.units["cg"]
        wanted = given.get("unit")
        if wanted == "hinted":
            given["unit"] = at.owner or proposed
        elif any(beat.step == "return" for beat in script.beats) and at.owner is None:
            if script.story.returned and script.story.item in _AFTER_RETURN:
                at.owner = self._unit(_AFTER_RETURN[script.story.item], script)
                given["unit"] = proposed
            else:
                at.owner = proposed
                others = [key for key in _WRONG if self.units[key] != proposed]
                given["unit"] = self.units[rng.choice(others)]
            if at.owner == given["unit"]:
                given["unit"] = next(self.units[key] for key in _WRONG if self.units[key] != at.owner)
        else:
            given["unit"] = proposed
        if given.pop("assists", None):
            given["assists"] = [self.units[next(key for key in _ASSIST if self.units[key] != given["unit"])]]

    def _unit(self, key: str, script: Script) -> int:
        return self.units[committee_of(script.story.spot.community_code) if key == "committee" else key]

    def _item(self, key: str) -> Item:
        if key not in self.items:
            self.items[key] = Item.objects.select_related("matter_class").get(key=key)
        return self.items[key]

    def _rule(self, key: str) -> FilingRule | None:
        if key not in self.rules:
            rule = default_rule(key)
            self.rules[key] = FilingRule.objects.select_related("rule_set").get(pk=rule.id) if rule else None
        return self.rules[key]

    def _photos(self, phases: list[str], script: Script, viewer: Viewer) -> list[str]:
        spot, rng = script.story.spot, script.rng()
        scene = rng.randrange(self.scenes)
        uids = []
        for k, phase in enumerate(phases):
            lng, lat = spot.lng + rng.uniform(-4e-5, 4e-5), spot.lat + rng.uniform(-4e-5, 4e-5)
            moment = clock.now() - dt.timedelta(seconds=rng.randint(20, 240))
            uids.append(album.keep(script.story.photo, (scene + k) % self.scenes, phase, moment, lng, lat, viewer))
        return uids
