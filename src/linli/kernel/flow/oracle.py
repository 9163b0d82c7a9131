"""Walks over a table, for tests: what the table says must happen is compared with what the actions did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from linli.kernel.flow.table import START, Flow, Step

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Path = tuple[Step, ...]


def beginning(flow: Flow) -> str:
    """Where a walk begins: `START` or the flow's initial state."""
    return flow.initial


def paths(flow: Flow, length: int, start: str | None = None) -> Iterator[Path]:
    """Every possible sequence of 1 … `length` steps from `start` (default: the beginning), shortest first."""
    todo: list[tuple[str, Path]] = [(beginning(flow) if start is None else start, ())]
    for _round in range(length):
        grown = [(step.target(state), (*path, step)) for state, path in todo for step in flow.leaving(state)]
        yield from (path for _state, path in grown)
        todo = grown


def endings(flow: Flow, length: int, start: str | None = None) -> Iterator[Path]:
    """Every path of up to `length` steps whose last step leads to a state of kind `ended`."""
    for path in paths(flow, length, start):
        if flow.state(trace(flow, path, start)[-1]).kind == "ended":
            yield path


def trace(flow: Flow, path: Path, start: str | None = None) -> list[str]:
    """The states a path goes through, the first one included. Raises ValueError where a step does not fit."""
    states = [beginning(flow) if start is None else start]
    for step in path:
        if states[-1] not in step.from_states:
            raise ValueError(f"{step.code} does not leave {states[-1]}")
        states.append(step.target(states[-1]))
    return states


def forbidden(flow: Flow) -> Iterator[tuple[str, Step]]:
    """Every pair of a state and a step that must be refused there."""
    for state in (START, *flow.codes()):
        for step in flow.steps:
            if state not in step.from_states:
                yield state, step


def shortest(flow: Flow, state: str) -> Path:
    """A shortest path from the beginning to `state`. Raises LookupError when there is none."""
    todo: list[tuple[str, Path]] = [(beginning(flow), ())]
    seen = {beginning(flow)}
    while todo:
        here, path = todo.pop(0)
        if here == state:
            return path
        for step in flow.leaving(here):
            target = step.target(here)
            if target not in seen:
                seen.add(target)
                todo.append((target, (*path, step)))
    raise LookupError(state)


def walks(flow: Flow, longest: int = 12, start: str | None = None) -> SearchStrategy[Path]:
    """A hypothesis strategy of random walks over the table, up to `longest` steps; shrinks to short walks."""
    from hypothesis import strategies

    @strategies.composite
    def walk(draw: strategies.DrawFn) -> Path:
        state = beginning(flow) if start is None else start
        path: list[Step] = []
        for _round in range(draw(strategies.integers(min_value=0, max_value=longest))):
            possible = flow.leaving(state)
            if not possible:
                break
            step = draw(strategies.sampled_from(possible))
            path.append(step)
            state = step.target(state)
        return tuple(path)

    return walk()
