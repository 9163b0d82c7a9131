"""Whether the steps of a whistle and of its calls may be taken: the verdicts behind the names of `flow`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from linli.kernel.flow import Judgements, Offer, Verdict, offers
from linli.rooms.people.rights import HeldPost, Target, Viewer
from linli.rooms.whistles.flow import CALL, GUARDS, WHISTLE, WHO
from linli.rooms.whistles.models import Call, Whistle
from linli.rooms.whistles.rules import may_check_in

CAME = ("present", "promised", "done")
OVER = ("replaced", "withdrawn")
"""States of a call that was called away: it counts no more."""


@dataclass(slots=True)
class Situation:
    """A whistle (and one of its calls) as one viewer meets it at a moment. `calls`: all of the whistle."""

    whistle: Whistle
    calls: Sequence[Call]
    viewer: Viewer
    now: dt.datetime
    call: Call | None = None
    system: bool = False

    def post_for(self, who: str) -> HeldPost | None:
        """The post through which the viewer acts, for the journal."""
        capability = "whistle.blow" if who == "whistler" else who
        if self.system or capability not in WHO or capability == "system":
            return None
        return self.viewer.may(capability, target_of(self.whistle, self.call)).post


def target_of(whistle: Whistle, call: Call | None = None) -> Target:
    """What rights are asked for: the whistle's places, and for a call the unit that was called."""
    return Target(
        lineage=whistle.lineage,
        unit_ids=() if call is None else (call.unit_id,),
        lead_unit_id=None if call is None else call.unit_id,
        matter_class=whistle.matter_class,
    )


def is_whistler(whistle: Whistle, viewer: Viewer) -> bool:
    """Whether the viewer blew it, or carries the post it was blown for (a deputy, a successor)."""
    held = any(post.id == whistle.blown_post_id for post in viewer.posts)
    return viewer.account_id is not None and (viewer.account_id == whistle.blown_by_id or held)


def _whistler(s: Situation) -> Verdict:
    may = s.viewer.may("whistle.blow", target_of(s.whistle))
    if not may.ok:
        return Verdict(False, may.why)
    return Verdict(is_whistler(s.whistle, s.viewer), WHO["whistler"])


def _not_party(s: Situation) -> bool:
    return s.call is not None and s.call.unit_id not in s.viewer.own_units and not is_whistler(s.whistle, s.viewer)


def _there(s: Situation) -> bool:
    return s.call is not None and (not s.whistle.on_site or s.call.state == "present")


_GUARDS: dict[str, Callable[[Situation], bool]] = {
    "on_site": lambda s: s.whistle.on_site,
    "in_window": lambda s: may_check_in(s.now, s.whistle.meet_at),
    "there": _there,
    "not_decided": lambda s: s.call is not None and not s.call.decided,
    "not_party": _not_party,
    "not_scored": lambda s: s.call is not None and not hasattr(s.call, "score"),
    "no_open_tasks": lambda s: not any(call.state == "promised" for call in s.calls),
    "nobody_came": lambda s: not any(call.state in CAME for call in s.calls),
}


def context(s: Situation) -> Judgements:
    """The verdicts of this situation, each reached only when a step asks for it."""

    def capability(name: str) -> Verdict:
        target = target_of(s.whistle, s.call if name == "whistle.answer" else None)
        verdict = s.viewer.may(name, target)
        return Verdict(s.system or verdict.ok, verdict.why)

    names: dict[str, Callable[[], Verdict]] = {
        name: lambda name=name: capability(name)  # type: ignore[misc]
        for name in ("whistle.blow", "whistle.answer", "whistle.decide")
    }
    names["whistler"] = lambda: Verdict(True) if s.system else _whistler(s)
    names["system"] = lambda: Verdict(s.system, WHO["system"])
    for guard, judge in _GUARDS.items():
        names[guard] = lambda guard=guard, judge=judge: Verdict(  # type: ignore[misc]
            s.system or judge(s), GUARDS[guard]
        )
    return Judgements(names)


def steps_of_call(s: Situation) -> list[Offer]:
    """What this viewer may do next with a call, and why not what else concerns the viewer."""
    assert s.call is not None
    return _concerning(offers(CALL, s.call.state, context(s)))


def steps_of_whistle(s: Situation) -> list[Offer]:
    """What this viewer may do next with the whistle itself."""
    return _concerning(offers(WHISTLE, s.whistle.state, context(s)))


def _concerning(found: Sequence[Offer]) -> list[Offer]:
    return [offer for offer in found if offer.refused_by != "who" and offer.step.who != "system"]
