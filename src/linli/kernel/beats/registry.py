"""The regular work of the house, declared where it belongs and run by the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from zlib import crc32

Work = TypeVar("Work", bound=Callable[[], Any])

RECORDED_FROM = 10.0
"""Seconds: slower beats are noted at each run and shared out among several workers by that note."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A piece of regular work: its name, every how many seconds it is due, and when it will next have something to do.

    `falls_due()` answers the moment by `clock.now` at which the work next finds something, at once or later; None when
    nothing is foreseen. Work without it has nothing to do with the clock.
    """

    name: str
    every: float
    work: Callable[[], Any]
    falls_due: Callable[[], datetime | None] | None = None

    @property
    def lock(self) -> int:
        """The key of its advisory lock (with the beats' class id), the same in every process."""
        return crc32(self.name.encode()) - 2**31


_beats: dict[str, Beat] = {}


def beat(name: str, *, every: float, falls_due: Callable[[], datetime | None] | None = None) -> Callable[[Work], Work]:
    """Declare regular work: `@beat("clock.sweep", every=30)`, in a module that `apps.ready()` imports.

    falls_due: for work that waits for a moment; travelling through time stops there (see `Beat`).

    The worker calls it every `every` seconds, each time after the one before has ended; never twice at
    once, however
    many workers there are. It opens its own transactions. An exception is noted and the beat goes on.
    Raises ValueError when other work has the name already.
    """
    if every <= 0:
        raise ValueError("a beat needs a positive interval")

    def declare(work: Work) -> Work:
        known = _beats.get(name)
        if known is not None and (known.work.__module__, known.work.__qualname__) != (
            work.__module__,
            work.__qualname__,
        ):
            raise ValueError(f"there is already a beat {name!r}")
        _beats[name] = Beat(name, every, work, falls_due)
        return work

    return declare


def withdraw(name: str) -> None:
    """Forget a beat (tests)."""
    _beats.pop(name, None)


def all_beats() -> list[Beat]:
    """Every declared beat, by name."""
    return [_beats[name] for name in sorted(_beats)]
