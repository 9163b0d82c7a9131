"""Several at once: several steps on one case, all or nothing (`process`); one step on several cases (`take_each`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import LinliError, Refused, Text
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.people.rights import Viewer

AT_ONCE = 100

# The straight road of a dispatcher, by the state it starts from.
ROADS: dict[str, tuple[str, ...]] = {
    "reported": ("accept", "register", "dispatch"),
    "accepted": ("register", "dispatch"),
    "registered": ("dispatch",),
}


def process(
    case_id: int,
    steps: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    viewer: Viewer,
    version: int | None = None,
    request_key: str,
) -> Case:
    """Take several steps on a case in order, in one transaction: when one is refused, none has happened.

    Each step is judged and journalled as if it were taken alone. version: the version the person saw before the
    first. request_key: the whole road counts once. Raises what `take` raises; `field` names the field of the step.
    """
    if not steps:
        raise Refused(_("没有要办的环节，请刷新页面。"), code="case.nothing_to_do")
    with transaction.atomic():
        for number, (step, given) in enumerate(steps):
            case = take(
                case_id,
                step,
                given,
                viewer=viewer,
                version=version if number == 0 else None,
                request_key=f"{request_key}:{number}",
            )
    return case


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case of several: taken, or why not."""

    case_id: int
    number: str
    taken: bool
    why: Text = ""


def take_each(
    cases: Iterable[tuple[int, int]], step: str, given: Mapping[str, Any], *, viewer: Viewer, key: str
) -> list[Result]:
    """Take one step on each of the cases (id, version seen); each has its own transaction and its own answer.

    A case that changed meanwhile or does not allow the step is told apart; the others go on. The same key again
    takes nothing twice. Raises Refused when there are more than `AT_ONCE`, or what is given is no good for any.
    """
    wanted = list(cases)
    if len(wanted) > AT_ONCE:
        raise Refused(
            _("一次最多办 %(n)d 件，请分几次办。") % {"n": AT_ONCE}, code="case.too_many_at_once", field="cases"
        )
    found: list[Result] = []
    for case_id, version in wanted:
        try:
            case = take(case_id, step, given, viewer=viewer, version=version, request_key=f"{key}:{case_id}")
        except LinliError as error:
            found.append(Result(case_id, "", False, error.message or error.code))
        else:
            found.append(Result(case_id, case.number or "", True))
    return found
