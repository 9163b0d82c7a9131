"""Whether the steps of the flow may be taken: the verdicts behind every name of `flow.WHO` and `flow.GUARDS`.

Pure over what is already loaded: a case, its open extension, a viewer, and the report that the viewer
follows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from linli.kernel.clock import TimeLimit
from linli.kernel.flow import Judgements, Offer, Verdict, offers
from linli.rooms.cases.flow import FLOW, GUARDS, NOT_BY_HAND, WHO
from linli.rooms.cases.models import Case, Extension, Report
from linli.rooms.people.rights import HeldPost, Target, Viewer
from linli.rooms.people.rules import CAPABILITIES


@dataclass(slots=True)
class Situation:
    """A case as one viewer meets it at a moment. `report` is set when the viewer follows it by its code or account.

    instead: duties that stand for others here, by the duty of the flow: who finds something on the spot accepts it
    with the duty to inspect. limit: takes the place of the filing rule's limit when the case is registered.
    duty: the ladder hands the case over, having judged by itself who may.
    """

    case: Case
    viewer: Viewer
    now: dt.datetime
    report: Report | None = None
    already_rated: bool = False
    open_assists: int = 0
    asked_extension: Extension | None = None
    was_suspended: bool = False
    system: bool = False
    instead: Mapping[str, str] = field(default_factory=dict)
    limit: TimeLimit | None = None
    duty: bool = False

    def target(self) -> Target:
        return target_of(self.case)

    def post_for(self, capability: str) -> HeldPost | None:
        """The post through which the viewer has the capability here, for the journal."""
        if capability not in CAPABILITIES:
            return None
        return self.viewer.may(self.instead.get(capability, capability), self.target()).post


def target_of(case: Case) -> Target:
    """What rights are asked for when a case is meant."""
    return Target(
        lineage=case.lineage,
        unit_ids=[-token for token in case.tokens if token < 0],
        lead_unit_id=case.unit_id,
        matter_class=case.matter_class,
    )


def _reporter(s: Situation) -> Verdict:
    return Verdict(s.report is not None and s.report.withdrawn_at is None, WHO["reporter"])


def _not_handler(s: Situation) -> Verdict:
    own = s.viewer.account_id in s.case.handler_ids or s.case.unit_id in s.viewer.own_units
    return Verdict(not own, GUARDS["not_handler"])


def _may_be_extended(s: Situation) -> Verdict:
    if s.case.parent_id is not None and s.case.limit_amount is None:
        return Verdict(False, _("这是本单位自己承诺的期限，不能延期"))
    return Verdict(s.case.due_at is not None and s.now <= s.case.due_at, GUARDS["not_overdue"])


def _other_approver(s: Situation) -> Verdict:
    asked = s.asked_extension
    seen = {asked.asked_by_id, asked.first_approval_id} if asked else set()
    return Verdict(s.viewer.account_id not in seen, GUARDS["other_approver"])


_GUARDS: dict[str, Callable[[Situation], bool | Verdict]] = {
    "not_barred": lambda s: s.case.barred_id is None or s.case.barred_id != s.viewer.account_id,
    "not_handler": _not_handler,
    "not_handling_unit": lambda s: s.case.unit_id not in s.viewer.own_units,
    "main_case": lambda s: s.case.parent_id is None,
    "assist_case": lambda s: s.case.parent_id is not None,
    "assists_done": lambda s: s.open_assists == 0,
    "not_rated": lambda s: not s.already_rated,
    "reopen_left": lambda s: s.report is not None and s.report.reopened_at is None,
    "only_reporter": lambda s: s.case.report_count <= 1,
    "not_overdue": _may_be_extended,
    "extension_left": lambda s: s.case.extended < 2,
    "no_extension_asked": lambda s: s.asked_extension is None,
    "extension_asked": lambda s: s.asked_extension is not None,
    "other_approver": _other_approver,
    "never_suspended": lambda s: not s.was_suspended,
}


def _guard(name: str, s: Situation) -> Verdict:
    found = _GUARDS[name](s)
    return found if isinstance(found, Verdict) else Verdict(found, GUARDS[name])


def _capability(name: str, s: Situation) -> Verdict:
    if s.system:
        return Verdict(True)
    verdict = s.viewer.may(s.instead.get(name, name), s.target())
    return Verdict(verdict.ok, verdict.why)


def context(s: Situation) -> Judgements:
    """The verdicts of this situation, each reached only when a step asks for it."""
    names: dict[str, Callable[[], Verdict]] = {
        "anyone": lambda: Verdict(True),
        "reporter": lambda: _reporter(s),
        "duty": lambda: Verdict(s.duty, WHO["duty"]),
    }
    for capability in CAPABILITIES:
        names[capability] = lambda name=capability: _capability(name, s)  # type: ignore[misc]
    for guard in GUARDS:
        names[guard] = lambda name=guard: _guard(name, s)  # type: ignore[misc]
    return Judgements(names)


def next_steps(s: Situation) -> list[Offer]:
    """Exactly what this viewer may do next, and, for steps that concern the viewer, why others are not
    possible.

    A step that is refused for want of the duty as such (no post of the viewer carries it) is left out:
    telling a grid worker that she is no dispatcher helps nobody.
    """
    found = []
    for offer in offers(FLOW, s.case.state, context(s)):
        if offer.step.code in NOT_BY_HAND:
            continue
        if offer.refused_by == "who" and (offer.step.who == "reporter" or not s.viewer.has(offer.step.who)):
            continue
        if offer.step.code in ("finish_assist", "grant_extension", "refuse_extension") and not offer.allowed:
            continue
        if offer.step.who == "reporter" and s.report is None:
            continue
        found.append(offer)
    return found
