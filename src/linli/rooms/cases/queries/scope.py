"""The one condition behind every list of cases: what this viewer may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case, Extension
from linli.rooms.people.rights import Reach, Viewer

# Which states wait for the holder of a capability: "mine to do now".
DUTY_STATES: dict[str, tuple[str, ...]] = {
    "case.accept": ("reported",),
    "case.check": ("checking",),
    "case.register": ("accepted",),
    "case.dispatch": ("registered",),
    "case.receive": ("dispatched",),
    "case.handle": ("handling",),
    "case.confirm": ("confirming",),
    "case.verify": ("verifying",),
    "case.close": ("closing",),
}
_OF_UNIT = {"case.receive", "case.handle", "case.confirm"}


def visible(viewer: Viewer) -> QuerySet[Case]:
    """The cases this viewer may see."""
    return Case.objects.filter(viewer.reach("case.view").q())


def may_see(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer may open this one."""
    return viewer.may("case.view", target_of(case)).ok


def to_do(viewer: Viewer) -> Q:
    """The condition for cases whose next step is this viewer's to take."""
    condition = Q(pk__in=[])
    plain: dict[Reach, list[str]] = {}  # duties of the same reach become one condition: cheaper to build and to plan
    for capability, states in DUTY_STATES.items():
        reach = viewer.reach(capability)
        if reach.nothing:
            continue
        if capability not in _OF_UNIT and capability not in ("case.dispatch", "case.verify"):
            plain.setdefault(reach, []).extend(states)
            continue
        part = reach.q() & Q(state__in=states)
        if capability in _OF_UNIT:
            units = {p.unit_id for p in viewer.posts if capability in p.duties and p.unit_id is not None}
            part &= Q(unit_id__in=units)
        if capability == "case.dispatch":
            part &= ~Q(barred_id=viewer.account_id) | Q(barred_id=None)
        if capability == "case.verify":
            part &= ~Q(unit_id__in=viewer.own_units) & ~Q(handler_ids__contains=[viewer.account_id])
        condition |= part
    for reach, states_of_it in plain.items():
        condition |= reach.q() & Q(state__in=states_of_it)
    return (condition | _to_approve(viewer) | _to_look_into(viewer)) & Q(is_open=True)


def _to_approve(viewer: Viewer) -> Q:
    """Extensions that wait for this viewer's word: not the asker's, not the first approver's."""
    reach = viewer.reach("case.approve")
    if reach.nothing:
        return Q(pk__in=[])
    asked = Extension.objects.filter(state=Extension.State.ASKED).exclude(asked_by_id=viewer.account_id)
    mine = asked.filter(~Q(first_approval_id=viewer.account_id) | Q(first_approval=None))
    return reach.q() & Q(state="handling", pk__in=mine.values("case_id"))


def _to_look_into(viewer: Viewer) -> Q:
    """What a reporter had reopened comes to the sight of those above the handler until it is closed again."""
    reach = viewer.reach("case.supervise")
    return Q(pk__in=[]) if reach.nothing else reach.q() & Q(reopened__gt=0)
