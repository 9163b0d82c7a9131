"""The table of a life cycle: states, steps, and the checks it must pass before anything runs on it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext

StateKind = Literal["open", "waiting", "ended"]
FieldKind = Literal["text", "choice", "photo", "unit", "place", "item", "rule", "bool"]

START = "●"
"""In `from_states`: the step brings the thing into being."""
STAY = "="
"""As `to_state`: the step leaves the thing in the state it is in (a note, a reminder, an extension)."""

_CODE = re.compile(r"[a-z][a-z0-9_]*\Z")


class FlowError(ValueError):
    """A table that contradicts itself. Raised while the module that holds it is imported."""


def say(text: str | Promise) -> str:
    """The words of a table in the language of the moment.

    Tables may hold plain msgids (`gettext_noop("受理")`) or lazy texts (`gettext_lazy("受理")`).
    """
    if isinstance(text, Promise):
        return str(text)
    return gettext(text) if text else ""


@dataclass(frozen=True, slots=True)
class State:
    """Where a thing can be.

    `kind`: `open` = somebody here has to act; `waiting` = it rests until somebody else or a date moves it;
    `ended` = nothing more is owed. `meaning` is one sentence for people who ask what the word stands for.
    """

    code: str
    label: str | Promise
    kind: StateKind
    meaning: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Field:
    """What a step needs to be told. `choices` are the codes a `choice` may take; empty = the room decides."""

    name: str
    kind: FieldKind
    required: bool = True
    label: str | Promise = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """How a thing gets from one state to another.

    `who` names a capability, `guards` named predicates: the room judges both and hands the verdicts to
    `offers`. `starts` and `stops` name clocks, `event` is the kind of the outbox event, `words` is the public
    sentence of the timeline, `confirm` the question asked before a step that cannot be taken back lightly.
    """

    code: str
    label: str | Promise
    from_states: tuple[str, ...]
    to_state: str
    who: str
    guards: tuple[str, ...] = ()
    needs: tuple[Field, ...] = ()
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    words: str | Promise = ""
    event: str = ""
    confirm: str | Promise = ""

    def target(self, state: str) -> str:
        """The state after this step when the thing was in `state`."""
        return state if self.to_state == STAY else self.to_state


@dataclass(frozen=True)
class Flow:
    """A whole life cycle. Refuses, with every fault named, a table that is not sound.

    `capabilities`, `guards`, `clocks` declare the names that steps may use, so that a slip of the pen is
    found at import. Give a mapping from name to words to have them written out in the documents.
    `initial` is the state things begin in, unless some steps start at `START`.
    """

    code: str
    label: str | Promise
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    capabilities: Collection[str]
    guards: Collection[str] = ()
    clocks: Collection[str] = ()
    initial: str = START

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise FlowError(f"flow {self.code!r}: " + "; ".join(faults))

    @cached_property
    def by_state(self) -> Mapping[str, State]:
        return {state.code: state for state in self.states}

    @cached_property
    def by_step(self) -> Mapping[str, Step]:
        return {step.code: step for step in self.steps}

    @cached_property
    def _leaving(self) -> Mapping[str, tuple[Step, ...]]:
        return {
            code: tuple(step for step in self.steps if code in step.from_states)
            for code in (START, *(state.code for state in self.states))
        }

    def state(self, code: str) -> State:
        """The state of that code. Raises KeyError."""
        return self.by_state[code]

    def step(self, code: str) -> Step:
        """The step of that code. Raises KeyError."""
        return self.by_step[code]

    def leaving(self, state: str) -> tuple[Step, ...]:
        """The steps that may be taken in `state` (or `START`), in the order of the table. Raises KeyError."""
        return self._leaving[state]

    def codes(self, *kinds: StateKind) -> tuple[str, ...]:
        """The codes of the states of these kinds, for queries and constraints; all of them without a kind."""
        return tuple(state.code for state in self.states if not kinds or state.kind in kinds)

    def __hash__(self) -> int:
        return hash(self.code)


def _faults(flow: Flow) -> Iterator[str]:
    states = [state.code for state in flow.states]
    known = set(states)
    yield from _doubles("state", states)
    yield from _doubles("step", [step.code for step in flow.steps])
    for state in flow.states:
        if not _CODE.match(state.code):
            yield f"state code {state.code!r} must be lower case letters, digits and _"
        if state.kind not in get_args(StateKind):
            yield f"state {state.code} has the unknown kind {state.kind!r}"
    for step in flow.steps:
        yield from _step_faults(flow, step, known)
    births = any(START in step.from_states for step in flow.steps)
    if flow.initial == START and not births:
        yield "nothing begins: give `initial` or a step from START"
    elif flow.initial != START and flow.initial not in known:
        yield f"the initial state {flow.initial!r} is unknown"
    else:
        yield from _shape_faults(flow, states)


def _step_faults(flow: Flow, step: Step, known: set[str]) -> Iterator[str]:
    name = f"step {step.code}"
    if not _CODE.match(step.code):
        yield f"step code {step.code!r} must be lower case letters, digits and _"
    if not step.from_states:
        yield f"{name} starts nowhere"
    for code in step.from_states:
        if code != START and code not in known:
            yield f"{name} starts in the unknown state {code!r}"
    yield from _doubles(f"{name}: from state", list(step.from_states))
    if step.to_state != STAY and step.to_state not in known:
        yield f"{name} leads to the unknown state {step.to_state!r}"
    if step.to_state == STAY and START in step.from_states:
        yield f"{name} cannot stay where nothing is yet"
    if step.who not in flow.capabilities:
        yield f"{name} asks for the unknown capability {step.who!r}"
    for guard in step.guards:
        if guard not in flow.guards:
            yield f"{name} asks the unknown guard {guard!r}"
        elif guard in flow.capabilities:
            yield f"{name}: {guard!r} is a guard and a capability, the context could not tell them apart"
    for clock in (*step.starts, *step.stops):
        if clock not in flow.clocks:
            yield f"{name} moves the unknown clock {clock!r}"
    for clock in set(step.starts) & set(step.stops):
        yield f"{name} both starts and stops the clock {clock!r}"
    yield from _doubles(f"{name}: field", [field.name for field in step.needs])
    for field in step.needs:
        if field.kind not in get_args(FieldKind):
            yield f"{name}: field {field.name} has the unknown kind {field.kind!r}"
        if field.choices and field.kind != "choice":
            yield f"{name}: field {field.name} has choices but is a {field.kind}"


def _shape_faults(flow: Flow, states: list[str]) -> Iterator[str]:
    after: dict[str, set[str]] = {code: set() for code in (START, *states)}
    for step in flow.steps:
        for code in step.from_states:
            target = step.target(code)
            if code in after and target in after:
                after[code].add(target)
    if flow.initial != START:
        after[START].add(flow.initial)
    reached = _closure({START}, after)
    for code in states:
        if code not in reached:
            yield f"state {code} cannot be reached"
    before: dict[str, set[str]] = {code: set() for code in after}
    for code, targets in after.items():
        for target in targets:
            before[target].add(code)
    ended = {state.code for state in flow.states if state.kind == "ended"}
    if not ended:
        yield "no state is an end"
    ending = _closure(ended, before)
    for state in flow.states:
        if state.kind == "ended":
            continue
        if not after[state.code] - {state.code}:
            yield f"state {state.code} is a dead end"
        elif state.code not in ending:
            yield f"no way leads from state {state.code} to an end"


def _closure(seeds: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    seen, todo = set(seeds), list(seeds)
    while todo:
        for code in edges[todo.pop()] - seen:
            seen.add(code)
            todo.append(code)
    return seen


def _doubles(what: str, codes: list[Any]) -> Iterator[str]:
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"{what} {code} is there twice"
