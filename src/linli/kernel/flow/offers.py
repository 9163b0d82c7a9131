"""What may happen next: pure judgement over a table, a state and verdicts that the room has reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.flow.table import Flow, FlowError, Step, say


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a capability or guard holds, and if not, why, in words for the viewer."""

    ok: bool
    why: str | Promise = ""


Context = Mapping[str, Verdict]


class Judgements(Mapping[str, Verdict]):
    """A context whose predicates are asked only when a step needs them, and each at most once."""

    def __init__(self, predicates: Mapping[str, Callable[[], Verdict]]) -> None:
        self._predicates = predicates
        self._reached: dict[str, Verdict] = {}

    def __getitem__(self, name: str) -> Verdict:
        if name not in self._reached:
            self._reached[name] = self._predicates[name]()
        return self._reached[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._predicates)

    def __len__(self) -> int:
        return len(self._predicates)


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that leaves the present state. `refused_by` says what kind of verdict stands against it."""

    step: Step
    allowed: bool
    why_not: str | Promise = ""
    refused_by: Literal["", "who", "guard"] = ""
    predicate: str = ""


def offers(flow: Flow, state: str, context: Context) -> list[Offer]:
    """Every step that leaves `state` (or `START`), allowed or with the first reason why it is not.

    Raises FlowError when the context knows nothing of a name that a step asks for: silence is never consent.
    """
    return [_judge(step, context) for step in flow.leaving(state)]


def require(flow: Flow, state: str, step_code: str, context: Context, given: Mapping[str, Any] | None = None) -> Step:
    """The step, if it may be taken now with what was `given`; otherwise the refusal.

    NotFound: no such step. Conflict: the thing is in another state by now. NotAllowed: not this viewer.
    Refused: a guard stands against it, or a required field is missing (`field` names it).
    """
    step = flow.by_step.get(step_code)
    if step is None:
        raise NotFound(_("没有这一步操作。请刷新页面再试。"), code="flow.no_such_step")
    if state not in step.from_states:
        now = say(flow.state(state).label) if state in flow.by_state else state
        raise Conflict(
            _("现在是“%(state)s”，不能“%(step)s”。请刷新页面看最新情况。") % {"state": now, "step": say(step.label)},
            code="flow.moved_on",
        )
    offer = _judge(step, context)
    if offer.refused_by == "who":
        raise NotAllowed(str(offer.why_not), code=f"flow.{offer.predicate}")
    if offer.refused_by == "guard":
        raise Refused(str(offer.why_not), code=f"flow.{offer.predicate}")
    for field in step.needs:
        value = (given or {}).get(field.name)
        if field.required and _is_empty(value):
            words = say(field.label) or field.name
            message = _("请填写“%(field)s”。") % {"field": words}
            raise Refused(message, code="flow.field_missing", field=field.name)
        if field.choices and not _is_empty(value) and value not in field.choices:
            words = say(field.label) or field.name
            message = _("“%(field)s”不在可选范围内，请重新选择。") % {"field": words}
            raise Refused(message, code="flow.field_unknown", field=field.name)
    return step


def _judge(step: Step, context: Context) -> Offer:
    for kind, name in (("who", step.who), *(("guard", guard) for guard in step.guards)):
        try:
            verdict = context[name]
        except KeyError:
            raise FlowError(f"step {step.code} asks for {name!r}, the context does not judge it") from None
        if not verdict.ok:
            why = verdict.why or _("您不能进行这一步。")
            return Offer(step, False, why, "who" if kind == "who" else "guard", name)
    return Offer(step, True)


def _is_empty(value: Any) -> bool:
    """Nothing was said. A bool that is False has been said."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | tuple | dict) and not value)
