"""A problem that somebody with the duty to look finds on a patrol or an inspection: filed and given out on the spot.

One transaction takes the case from the report to the unit by the flow's own steps, each judged and journalled: the
duty of whoever looks (`patrol.walk`, `inspection.check`) stands for those of intake and dispatch, for the places of
that post only. The limit chosen (立行立改) is kept on the case beside the filing rule it was registered under.

What the finder puts right at once (随手处置) is given to the finder's own unit and goes on to 待核查: who handles
cannot verify, so another person still looks and a dispatcher closes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.clock import TimeLimit
from linli.kernel.errors import NotAllowed, Refused
from linli.rooms.cases.actions.intake import Intake, report_problem
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case
from linli.rooms.catalogue.queries import default_rule
from linli.rooms.people.rights import HeldPost, Viewer

DUTIES = ("patrol.walk", "inspection.check")
_FILED = ("case.accept", "case.register", "case.dispatch")
_DONE = ("case.receive", "case.handle", "case.confirm")


@dataclass(slots=True)
class Righted:
    """The finder's own work on the spot: what was done, and pictures of afterwards (uids)."""

    words: str
    photos: Sequence[str] = ()


def register_on_the_spot(
    intake: Intake,
    *,
    viewer: Viewer,
    duty: str,
    unit_id: int | None = None,
    limit: TimeLimit | None = None,
    note: str = "",
    righted: Righted | None = None,
) -> tuple[Case, bool]:
    """File a finding and give it to its unit in one transaction; returns the case and whether the key was known.

    duty: "patrol.walk" or "inspection.check", asked for at the place of the finding. unit_id: the unit that answers;
    without it the one that the matrix names. limit: instead of the filing rule's. righted: see the module; then the
    case goes to the finder's own unit. The same `intake.key` again gives the same case and changes nothing.
    Raises Refused with the field to mend, NotAllowed; nothing is kept then.
    """
    if duty not in DUTIES:
        raise ValueError(f"{duty} files nothing")
    if not intake.item_key:
        raise Refused(_("请选是哪一类问题。"), code="case.item_needed", field="item")
    rule = default_rule(intake.item_key)
    if rule is None:
        raise Refused(
            _("这个事项还没有立案条件，不能当场立案。"),
            code="case.no_rule",
            field="item",
            what_next=_("请换一个事项，或用“上报”交给受理员。"),
        )
    if righted is not None and not (righted.words.strip() and righted.photos):
        raise Refused(
            _("当场处置好的，请写做了什么，并拍一张处置后的照片。"), code="case.righted_needs_proof", field="righted"
        )
    viewer.require(duty)
    with transaction.atomic():
        receipt = report_problem(replace(intake, channel="field"), viewer=viewer)
        case = Case.objects.get(pk=receipt.case_id)
        if receipt.repeated:
            return case, True
        verdict = viewer.may(duty, target_of(case))
        if not verdict.ok:
            raise NotAllowed(verdict.why, code="case.spot_elsewhere", field="place")
        own = _own_unit(verdict.post) if righted is not None else None
        unit = own or unit_id or case.proposed_unit_id
        if unit is None:
            raise Refused(_("请选由哪个单位整改。"), code="case.unit_needed", field="unit")
        stands = dict.fromkeys((*_FILED, *_DONE) if righted is not None else _FILED, duty)
        road: list[tuple[str, dict[str, object]]] = [
            ("accept", {"item": intake.item_key, "urgent": case.urgent}),
            ("register", {"rule": rule.id}),
            ("dispatch", {"unit": unit, "note": note}),
        ]
        if righted is not None:
            done: dict[str, object] = {"words": righted.words, "photos": list(righted.photos)}
            road += [("receive", {}), ("handle", done), ("confirm", {"note": _RIGHTED})]
        for step, given in road:
            case = take(case.pk, step, given, viewer=viewer, instead=stands, limit=limit)
        return case, False


_RIGHTED = "随手处置：发现人当场处置，等另一人核查。"


def _own_unit(post: HeldPost | None) -> int:
    """The unit behind the finder's post. Raises Refused: without one nobody would answer for the work."""
    if post is None or post.unit_id is None:
        raise Refused(
            _("您的岗位不属于任何单位，不能登记为自己处置。"),
            code="case.no_own_unit",
            field="righted",
            what_next=_("请交给责任单位整改。"),
        )
    return post.unit_id
