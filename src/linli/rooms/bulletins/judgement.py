"""Whether the steps of an issue may be taken by a viewer. Pure over what is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from linli.kernel.flow import Judgements, Offer, Verdict, offers
from linli.rooms.bulletins.flow import BULLETIN, GUARDS
from linli.rooms.bulletins.models import Issue
from linli.rooms.people.rights import Target, Viewer

PUBLISHERS = ("bulletin.draft", "bulletin.approve")
"""Whoever carries one of these for the place of an issue sees it in every state, and who has read it."""


@dataclass(slots=True)
class Situation:
    """An issue as one viewer meets it; corrected: another issue that was not dropped stands in its place."""

    issue: Issue
    viewer: Viewer
    corrected: bool = False


_GUARDS: dict[str, Callable[[Situation], bool]] = {
    "others_draft": lambda s: (
        s.viewer.account_id is not None and s.viewer.account_id not in (*s.issue.editor_ids, s.issue.submitted_by_id)
    ),
    "newest": lambda s: not s.corrected,
}


def publishes(issue: Issue, viewer: Viewer) -> bool:
    """Whether this viewer drafts or issues bulletins of the place."""
    target = Target(lineage=issue.lineage)
    return any(viewer.may(capability, target).ok for capability in PUBLISHERS)


def context(s: Situation) -> Judgements:
    """The verdicts of this situation, each reached only when a step asks for it."""

    def capability(name: str) -> Verdict:
        verdict = s.viewer.may(name, Target(lineage=s.issue.lineage))
        return Verdict(verdict.ok, verdict.why)

    names: dict[str, Callable[[], Verdict]] = {}
    for name in PUBLISHERS:
        names[name] = lambda name=name: capability(name)  # type: ignore[misc]
    for guard in GUARDS:
        names[guard] = lambda name=guard: Verdict(_GUARDS[name](s), GUARDS[name])  # type: ignore[misc]
    return Judgements(names)


def next_steps(s: Situation) -> list[Offer]:
    """What this viewer may do next; what another duty does is left out, what a guard forbids says why."""
    return [offer for offer in offers(BULLETIN, s.issue.state, context(s)) if offer.refused_by != "who"]
