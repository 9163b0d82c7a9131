"""Who wants to hear of what: the subscribers, declared in code and known to every process alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened to an object, as the action tells it. `kind`: for example "case.closed"."""

    kind: str
    object_type: str
    object_id: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as a subscriber receives it. `at` is the moment of the action, `tries` counts from 1."""

    id: int
    at: datetime
    kind: str
    object_type: str
    object_id: int
    data: dict[str, Any]
    entry_id: int
    tries: int


Handler = Callable[[StoredEvent], None]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A handler with its name (stored with each delivery: rename with care) and the kinds it wants."""

    name: str
    kinds: frozenset[str]
    handle: Handler
    tries: int


_subscribers: dict[str, Subscriber] = {}
_by_kind: dict[str, tuple[str, ...]] = {}


def subscriber(name: str, *, kinds: Iterable[str], tries: int = 12) -> Callable[[Handler], Handler]:
    """Declare a subscriber: `@subscriber("cases.notices", kinds={"case.closed"})`, loaded in `apps.ready()`.

    The handler runs in the worker, in a transaction of its own that also marks the delivery as done: its
    effects
    in the database happen once. Effects elsewhere (a webhook) may repeat after a crash and must bear it.
    An exception sends the delivery back to wait; after `tries` of them it is dead and waits for an operator.
    Events from before a subscriber was added are not delivered to it.
    Raises ValueError when another handler has the name already.
    """
    wanted = frozenset(kinds)

    def declare(handle: Handler) -> Handler:
        known = _subscribers.get(name)
        if known is not None and _origin(known.handle) != _origin(handle):
            raise ValueError(f"there is already a subscriber {name!r}")
        _subscribers[name] = Subscriber(name, wanted, handle, tries)
        _index()
        return handle

    return declare


def withdraw(name: str) -> None:
    """Forget a subscriber (tests). What it is still owed stays and is delivered when it is declared again."""
    _subscribers.pop(name, None)
    _index()


def subscribers_of(kind: str) -> tuple[str, ...]:
    """The names of those who want events of this kind."""
    return _by_kind.get(kind, ())


def subscriber_named(name: str) -> Subscriber | None:
    """The subscriber, or None when this process does not know it (another version declared it)."""
    return _subscribers.get(name)


def all_subscribers() -> list[Subscriber]:
    """Every declared subscriber, by name."""
    return [_subscribers[name] for name in sorted(_subscribers)]


def _index() -> None:
    kinds = {kind for each in _subscribers.values() for kind in each.kinds}
    names = sorted(_subscribers)
    _by_kind.clear()
    _by_kind.update({kind: tuple(n for n in names if kind in _subscribers[n].kinds) for kind in kinds})


def _origin(handle: Handler) -> tuple[str, str]:
    return (handle.__module__, handle.__qualname__)
