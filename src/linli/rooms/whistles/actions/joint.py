"""Joint handling (联合处置): the leading department takes the case on, every other one gets a sub-case of its own."""

from __future__ import annotations

from django.utils.translation import gettext as _

from linli.rooms.cases.actions.assists import open_assist
from linli.rooms.cases.actions.duty import RUNNING, HandOver, hand_over
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case
from linli.rooms.whistles.actions.telling import Situation
from linli.rooms.whistles.models import Call

_UNREGISTERED = ("reported", "checking", "accepted")


def take_on(s: Situation, call: Call) -> None:
    """Turn a promise into duty: the case itself for the leading department, a sub-case for the others.

    A department that is already lead or assisting keeps what it has: nothing is opened twice.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=s.whistle.case_id)
    if not case.is_open:
        return
    if call.lead and _lead(s, case, call):
        return
    standing = case.assists.filter(unit_id=call.unit_id, is_open=True).order_by("pk").first()
    if standing is not None:
        call.sub = standing
        return
    post = s.post_for("whistle.answer")
    call.sub = open_assist(
        case, call.unit_id, now=s.now, actor=s.viewer.acting(post), task=call.task, due_at=call.promise_due_at
    )
    case.save(update_fields=["tokens"])


def _lead(s: Situation, case: Case, call: Call) -> bool:
    """Make the department the case's unit; False where the case is already being checked and keeps its unit."""
    if case.unit_id == call.unit_id:
        _receive(s, case)
        return True
    if case.state in _UNREGISTERED:
        # Filing it is still the desk's: the dispatcher finds the unit that answered at the whistle proposed.
        case.proposed_unit_id = call.unit_id
        case.tokens = sorted({*case.tokens, -call.unit_id})
        case.version += 1
        case.save(update_fields=["proposed_unit", "tokens", "version"])
        return True
    move = HandOver(
        case.pk,
        unit_id=call.unit_id,
        actor=s.viewer.acting(s.post_for("whistle.answer")),
        note=_("吹哨现场议定由%(unit)s牵头：%(task)s") % {"unit": call.unit.name_zh, "task": call.task},
        facts={"whistle": s.whistle.pk},
    )
    if case.state not in RUNNING or not hand_over([move], {case.pk: case}):
        return False
    _receive(s, case)
    return True


def _receive(s: Situation, case: Case) -> None:
    """Who promises has received; unless the duty to receive is a colleague's."""
    if case.state == "dispatched" and s.viewer.may("case.receive", target_of(case)).ok:
        take(case.pk, "receive", {}, viewer=s.viewer)
