"""Who belongs to an audience of a case at a moment. Two queries a case, whatever its event.

Of the posts that carry a duty for a case, those of each kind that are
nearest are told: the grid's own
worker before one who has the whole community. While a deputy stands in, the deputy is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case, Extension, Report
from linli.rooms.messages.rules import DOERS, TABLE, Told
from linli.rooms.people.queries.carriers import Carrier, carriers
from linli.rooms.people.rights import Target


@dataclass(frozen=True, slots=True)
class Recipient:
    """Exactly one of the three: an account, a report without an account, a unit (its group's robot)."""

    account_id: int | None = None
    report_id: int | None = None
    unit_id: int | None = None
    code: str = field(default="", compare=False)
    """The tracking code under which a reporter follows the case."""


@dataclass
class Scene:
    """A case at the moment of an event, with what the audiences may ask."""

    case: Case
    kind: str
    at: dt.datetime
    data: dict[str, object] = field(default_factory=dict)
    words: str = ""
    """What the public is told of the step."""

    @cached_property
    def target(self) -> Target:
        return target_of(self.case)

    @cached_property
    def carried(self) -> list[Carrier]:
        units = {*self.target.unit_ids, *filter(None, (self.case.unit_id, self.case.proposed_unit_id))}
        return carriers(self.case.lineage, sorted(units), self.at)

    def nearest(self, duty: str) -> list[Carrier]:
        """Carriers of a duty for this case: of each kind of post held for places only those nearest to it."""
        covering = [each for each in self.carried if each.post.covers(duty, self.target)]
        depth = {place: number for number, place in enumerate(self.case.lineage)}
        reached: dict[str, int] = {}
        for each in covering:
            if each.post.held_for == "place":
                level = depth.get(each.post.place_id or 0, -1)
                reached[each.post.kind] = max(reached.get(each.post.kind, -1), level)
        return [
            each
            for each in covering
            if each.post.held_for != "place" or depth.get(each.post.place_id or 0, -1) == reached[each.post.kind]
        ]

    @cached_property
    def asked(self) -> Extension | None:
        return Extension.objects.filter(case=self.case).order_by("-sequence").first()


def recipients(scene: Scene) -> dict[Recipient, Told]:
    """Everybody who hears of the event, each once: under the first row of the table that names them."""
    found: dict[Recipient, Told] = {}
    for told in TABLE.get(scene.kind, ()):
        for recipient in _AUDIENCES[told.audience](scene):
            found.setdefault(recipient, told)
    return found


def _accounts(these: Iterable[Carrier], *, but: Iterable[int | None] = ()) -> list[Recipient]:
    left_out = set(but)
    return [Recipient(account_id=each.account_id) for each in these if each.account_id not in left_out]


def _duty(duty: str) -> Callable[[Scene], list[Recipient]]:
    return lambda scene: _accounts(scene.nearest(duty))


def _reporters(scene: Scene) -> list[Recipient]:
    """Each report behind the case, joined ones too; those of a merged case live on with the other one."""
    case = scene.case
    case_id: int = case.pk
    if scene.kind == "case.merged" and case.merged_into_id is not None:
        case_id = case.merged_into_id
    if scene.kind == "case.merged":
        told = set(_moved(scene))
        rows = Report.objects.filter(case_id=case_id, withdrawn_at=None, pk__in=told) if told else Report.objects.none()
    else:
        rows = Report.objects.filter(case_id=case_id, withdrawn_at=None)
    return [
        Recipient(account_id=reporter, report_id=None if reporter else pk, code=code)
        for pk, reporter, code in rows.order_by("pk").values_list("pk", "reporter_id", "tracking_code")
    ]


def _moved(scene: Scene) -> list[int]:
    """The reports that came to the other case with this merger."""
    listed = scene.data.get("reports")
    if isinstance(listed, list):
        return [int(each) for each in listed]
    joined = Report.objects.filter(case_id=scene.case.merged_into_id or 0, joined=True)
    return list(joined.values_list("pk", flat=True))


def _dispatchers(scene: Scene) -> list[Recipient]:
    """Not the dispatcher who is barred from the next step: another one has to take it."""
    return _accounts(scene.nearest("case.dispatch"), but=[scene.case.barred_id])


def _unit(scene: Scene) -> list[Recipient]:
    """The lead unit: those of it who receive cases, and its group's robot."""
    if scene.kind == "case.rated" and scene.data.get("solved") == "yes":
        return []
    unit = [Recipient(unit_id=scene.case.unit_id)] if scene.case.unit_id else []
    return _accounts(scene.nearest("case.receive")) + unit


def _handlers(scene: Scene) -> list[Recipient]:
    """The person who handles it; while nobody does, whoever of the unit may."""
    handling = scene.nearest("case.handle")
    own = [each for each in handling if each.account_id == scene.case.handler_id]
    if own:
        return _accounts(own[:1])
    # The handler may be away or gone: the deputy carries the post, or the unit's other people know it.
    return _accounts(handling)


def _verifiers(scene: Scene) -> list[Recipient]:
    """Not those who handled it, nor anybody of the unit that did."""
    case = scene.case
    of_unit = {each.account_id for each in scene.carried if case.unit_id and each.post.unit_id == case.unit_id}
    return _accounts(scene.nearest("case.verify"), but={*case.handler_ids, case.handler_id, *of_unit})


def _closers(scene: Scene) -> list[Recipient]:
    case = scene.case
    of_unit = {each.account_id for each in scene.carried if case.unit_id and each.post.unit_id == case.unit_id}
    return _accounts(scene.nearest("case.close"), but=of_unit)


def _approvers(scene: Scene) -> list[Recipient]:
    """Those whose word is still needed for the extension that is asked for."""
    asked = scene.asked
    if asked is None or asked.state != Extension.State.ASKED:
        return []
    return _accounts(scene.nearest("case.approve"), but=[asked.asked_by_id, asked.first_approval_id])


def _asker(scene: Scene) -> list[Recipient]:
    """Who asked for the extension, once it is decided."""
    asked = scene.asked
    decided = asked is not None and asked.state != Extension.State.ASKED
    return [Recipient(account_id=asked.asked_by_id)] if asked is not None and decided else []


def _superiors(scene: Scene) -> list[Recipient]:
    if scene.kind == "case.rated" and scene.data.get("solved") == "yes":
        return []
    return _accounts(scene.nearest("case.supervise"))


def _former_unit(scene: Scene) -> list[Recipient]:
    """The unit whose work is being questioned: it is proposed again when a case is reopened."""
    unit = scene.case.proposed_unit_id
    if unit is None:
        return []
    people = [each for each in scene.carried if each.post.unit_id == unit and "case.receive" in each.post.duties]
    return [*_accounts(people), Recipient(unit_id=unit)]


def _lead_unit(scene: Scene) -> list[Recipient]:
    """Of an assisting case: the unit that leads the main one."""
    parent = scene.case.parent
    if parent is None or parent.unit_id is None:
        return []
    main = Scene(parent, scene.kind, scene.at)
    return _accounts(main.nearest("case.confirm"))


def _doers(scene: Scene) -> list[Recipient]:
    """Whoever has to take the next step."""
    audience = DOERS.get(scene.case.state)
    return _AUDIENCES[audience](scene) if audience else []


_AUDIENCES: dict[str, Callable[[Scene], list[Recipient]]] = {
    "reporters": _reporters,
    "acceptors": _duty("case.accept"),
    "checkers": _duty("case.check"),
    "registrars": _duty("case.register"),
    "dispatchers": _dispatchers,
    "unit": _unit,
    "handlers": _handlers,
    "confirmers": _duty("case.confirm"),
    "verifiers": _verifiers,
    "closers": _closers,
    "approvers": _approvers,
    "asker": _asker,
    "superiors": _superiors,
    "former_unit": _former_unit,
    "lead_unit": _lead_unit,
    "doers": _doers,
}
