"""The roads a case can take, as beats: who takes which step how long after the one before. Pure."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from linli.demo import phrases
from linli.demo.pace import Pace, leisure, working_minutes
from linli.demo.stories import Story
from linli.kernel.clock import TimeLimit


@dataclass(slots=True)
class Beat:
    """One step: `after` working minutes since the beat before (hours of the clock when `real`).

    who: the part that takes it, see `stage.Stage.actor`. `sub`: on the assisting unit's sub-case.
    """

    step: str
    who: str
    after: float
    given: dict[str, Any] = field(default_factory=dict)
    real: bool = False
    sub: bool = False


@dataclass(frozen=True, slots=True)
class Bends:
    """What happens on the way beside the straight road."""

    checked: bool = False
    returned: bool = False
    sent_back: bool = False
    reworked: bool = False
    reopened: bool = False
    extended: str = ""  # "" | asked | once | refused
    suspended: bool = False
    assisted: bool = False
    noted: bool = False
    rated: bool = True
    urgent: bool = False
    share: float = 0.5  # of the limit used by the time it is handled


def road(rng: random.Random, story: Story, limit: TimeLimit, target: str, bends: Bends) -> list[Beat]:
    """The beats from the report until the case is in the state `target`."""
    whole = _until_closed(rng, story, limit, bends)
    if target == "refused":
        reason, whose = (story.refused, phrases.REFUSED[0][1]) if story.refused else rng.choice(phrases.REFUSED)
        return [*_opening(rng, bends), Beat("refuse", "intake", _few(rng), {"words": reason, "whose": whose})]
    if target == "withdrawn":
        words = rng.choice(phrases.WITHDRAWN)
        head = _opening(rng, Bends()) if rng.random() < 0.6 else [*_opening(rng, Bends()), _accept(rng, bends)]
        return [*head, Beat("withdraw", "reporter", _few(rng), {"reason": words})]
    if target == "checking":
        note = rng.choice(phrases.CHECK_NOTE)
        return [Beat("report", "reporter", 0), Beat("request_check", "intake", _few(rng), {"note": note})]
    if target == "suspended":
        return [*_to_handling(rng, bends), _suspend(rng, 120)]
    last = {
        "reported": "check" if bends.checked else "report",
        "accepted": "accept",
        "registered": "return" if bends.returned else "register",
        "dispatched": "dispatch",
        "handling": "receive",
        "confirming": "handle",
        "verifying": "confirm",
        "closing": "verify_pass",
        "closed": "",
    }[target]
    if target == "handling" and (bends.extended or bends.reworked or bends.noted):
        last = "verify_fail" if bends.reworked else _last_of(whole, "grant_extension", "ask_extension", "note")
    if not last:
        return whole
    at = max(place for place, beat in enumerate(whole) if beat.step == last and not beat.sub)
    if target == "dispatched" and not bends.returned:
        at = next(place for place, beat in enumerate(whole) if beat.step == "dispatch")
    return whole[: at + 1]


def _last_of(beats: Sequence[Beat], *steps: str) -> str:
    present = {beat.step for beat in beats}
    return next((step for step in steps if step in present), "receive")


def _few(rng: random.Random, least: float = 12, most: float = 170) -> float:
    return rng.uniform(least, most)


def _opening(rng: random.Random, bends: Bends) -> list[Beat]:
    beats = [Beat("report", "reporter", 0)]
    if bends.checked:
        found = rng.choices(("as_reported", "different", "not_found"), (10, 3, 1))[0]
        beats.append(Beat("request_check", "intake", _few(rng), {"note": rng.choice(phrases.CHECK_NOTE)}))
        words = rng.choice(phrases.CHECKED[found])
        result = {"found": found, "words": words, "photos": ["before"]}
        beats.append(Beat("check", "checker", _few(rng, 50, 420), result))
    return beats


def _accept(rng: random.Random, bends: Bends) -> Beat:
    given: dict[str, Any] = {"item": True}
    if bends.urgent:
        given["urgent"] = True
    after = _few(rng, 8, 60) if bends.urgent else _few(rng)
    return Beat("accept", rng.choice(("intake", "intake", "dispatcher")), after, given)


def _to_handling(rng: random.Random, bends: Bends) -> list[Beat]:
    quick = 0.3 if bends.urgent else 1.0
    beats = [
        *_opening(rng, bends),
        _accept(rng, bends),
        Beat("register", "dispatcher", _few(rng, 5, 120) * quick, {"rule": True}),
    ]
    given: dict[str, Any] = {"unit": "proposed", "note": rng.choice(phrases.DISPATCH_NOTE)}
    if bends.assisted:
        given["assists"] = True
    beats.append(Beat("dispatch", "dispatcher", _few(rng, 5, 150) * quick, given))
    if bends.returned:
        beats.append(Beat("return", "contact", _few(rng, 20, 200), {"reason": True, "whose": True}))
        beats.append(Beat("dispatch", "other_dispatcher", _few(rng, 10, 140), {"unit": "hinted"}))
    beats.append(Beat("receive", "contact", _few(rng, 10, 190) * quick))
    return beats


def _suspend(rng: random.Random, days: int) -> Beat:
    return Beat("suspend", "approver", _few(rng, 200, 900), {"until": days, "words": rng.choice(phrases.SUSPENDED)})


def _handling(rng: random.Random, story: Story, limit: TimeLimit, bends: Bends, share: float) -> list[Beat]:
    """From receiving to the unit's confirmation."""
    room = working_minutes(limit) * share
    beats: list[Beat] = []
    if bends.noted:
        beats.append(Beat("note", "contact", min(room * 0.2, 300), {"note": rng.choice(phrases.STAFF_NOTE)}))
    if bends.extended:
        beats.append(Beat("ask_extension", "contact", room * 0.35, {"reason": rng.choice(phrases.EXTENSION)}))
        if bends.extended == "refused":
            reason = phrases.EXTENSION_REFUSED[0]
            beats.append(Beat("refuse_extension", "approver", _few(rng, 10, 60), {"reason": reason}))
        elif bends.extended == "once":
            beats.append(Beat("grant_extension", "approver", _few(rng, 10, 60)))
            beats.append(Beat("grant_extension", "second_approver", _few(rng, 10, 60)))
    if bends.suspended:
        beats.append(_suspend(rng, 21))
        beats.append(Beat("resume", "approver", 480 * rng.uniform(5, 12)))
    if bends.assisted:
        result = {"words": "已按主办单位安排配合完成。", "photos": ["after"]}
        beats.append(Beat("receive", "contact", _few(rng), sub=True))
        beats.append(Beat("handle", "handler", _few(rng, 60, 240), result, sub=True))
        beats.append(Beat("finish_assist", "contact", _few(rng, 10, 100), sub=True))
    beats.append(Beat("handle", "handler", max(room * 0.6, 20), {"words": story.done, "photos": ["after"]}))
    if bends.sent_back:
        beats.append(Beat("send_back", "contact", _few(rng, 10, 120), {"reason": rng.choice(phrases.SEND_BACK)}))
        beats.append(Beat("handle", "handler", _few(rng, 30, 200), {"words": story.done, "photos": ["after", "after"]}))
    beats.append(Beat("confirm", "contact", _few(rng, 8, 150), {"note": rng.choice(phrases.CONFIRM_NOTE)}))
    return beats


def _within(beats: list[Beat], room: float) -> None:
    """Let the time from registering to the unit's confirmation be as long as the limit's share says."""
    since = next(place for place, beat in enumerate(beats) if beat.step == "register") + 1
    running = [beat for beat in beats[since:] if beat.step != "resume"]
    used = sum(beat.after for beat in running)
    for beat in running:
        beat.after *= room / used


def _ending(rng: random.Random, story: Story) -> list[Beat]:
    done = story.done.rstrip("。")
    return [
        Beat("verify_pass", "verifier", _few(rng, 40, 700), {"photos": ["verify"], "words": story.checked}),
        Beat("close", "dispatcher", _few(rng, 10, 300), {"words": f"{done}。{rng.choice(phrases.CLOSED)}"}),
    ]


def _until_closed(rng: random.Random, story: Story, limit: TimeLimit, bends: Bends) -> list[Beat]:
    beats = [*_to_handling(rng, bends), *_handling(rng, story, limit, bends, bends.share)]
    _within(beats, working_minutes(limit) * bends.share * (2.0 if bends.extended == "once" else 1.0))
    if bends.reworked:
        reason = story.unsolved or rng.choice(phrases.REWORK)
        beats.append(Beat("verify_fail", "verifier", _few(rng, 40, 500), {"reason": reason, "photos": ["before"]}))
        beats += _handling(rng, story, limit, Bends(), 0.25)
    beats += _ending(rng, story)
    if bends.reopened:
        words = story.unsolved or rng.choice(phrases.UNSOLVED)
        beats.append(Beat("rate", "reporter", rng.uniform(3, 60), _rating(rng, "no", words), real=True))
        beats.append(Beat("reopen", "reporter", 0.1, {"reason": words}, real=True))
        again = {"unit": "proposed", "note": phrases.DISPATCH_AGAIN}
        beats.append(Beat("dispatch", "dispatcher", _few(rng, 10, 150), again))
        beats.append(Beat("receive", "contact", _few(rng, 10, 100)))
        beats += _handling(rng, story, limit, Bends(), 0.3)
        beats += _ending(rng, story)
    if bends.rated:
        beats.append(Beat("rate", "reporter", rng.uniform(1, 60), _opinion(rng, late=bends.share > 0.95), real=True))
    return beats


def _opinion(rng: random.Random, late: bool) -> dict[str, Any]:
    solved = rng.choices(("yes", "partly", "no"), (60, 30, 10) if late else (88, 9, 3))[0]
    return _rating(rng, solved, "")


def _rating(rng: random.Random, solved: str, words: str) -> dict[str, Any]:
    levels = {"yes": ((5, 4, 3), (60, 32, 8)), "partly": ((4, 3, 2), (2, 6, 2)), "no": ((2, 1), (1, 1))}[solved]
    level = rng.choices(*levels)[0]
    said = words or rng.choice(phrases.PRAISE if level >= 4 else phrases.GRUMBLE)
    return {"solved": solved, "level": str(level), "words": said}


def on_the_clock(
    beats: Sequence[Beat], pace: Pace, rng: random.Random, anchor: int, moment: dt.datetime, *, at_leisure: bool
) -> list[dt.datetime]:
    """The moment of every beat, given that of one: backwards before it, forwards after it.

    at_leisure: the report is a resident's and may come in the evening before.
    """
    times: list[dt.datetime] = [moment] * len(beats)
    for place in range(anchor + 1, len(beats)):
        beat = beats[place]
        times[place] = (
            times[place - 1] + dt.timedelta(hours=beat.after) if beat.real else pace.later(times[place - 1], beat.after)
        )
    for place in range(anchor - 1, -1, -1):
        gap = beats[place + 1]
        times[place] = (
            times[place + 1] - dt.timedelta(hours=gap.after) if gap.real else pace.earlier(times[place + 1], gap.after)
        )
    if at_leisure and anchor > 0 and len(beats) > 1:
        day_before = leisure(rng, times[0] - dt.timedelta(days=1))
        if rng.random() < 0.4 and pace.later(day_before, 1) < times[1] and _same_step(pace, day_before, times[1]):
            times[0] = day_before
    return times


def _same_step(pace: Pace, told: dt.datetime, taken: dt.datetime) -> bool:
    """Whether a report of that moment would be accepted within its four working hours."""
    return pace.later(told, 235) >= taken
