"""The working calendar: what time it is, how long a limit lasts, when it runs out.

`now()` is the only place where the house reads the time; actions read it once and pass it on, rules never
call it. Tests, the demo and replays put a moment in its place with `with at(moment): …`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from linli.kernel.clock.limits import Convention, TimeLimit
from linli.kernel.clock.rules import Calendar, Deadline

__all__ = ["Calendar", "Convention", "Deadline", "TimeLimit", "at", "now", "run_ahead"]

_moment: ContextVar[datetime | None] = ContextVar("linli_clock_moment", default=None)
_ahead: Callable[[], timedelta] | None = None


def now() -> datetime:
    """The present moment, aware and in UTC; the injected one inside `with at(…)`."""
    injected = _moment.get()
    if injected is not None:
        return injected
    real = datetime.now(UTC)
    return real if _ahead is None else real + _ahead()


def run_ahead(by: Callable[[], timedelta] | None) -> None:
    """Let this process's clock run ahead of the real one by what `by` says, or no longer (None).

    For demo homes in which somebody has travelled through time; a real house's clock is never moved.
    """
    global _ahead
    _ahead = by


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let `now()` answer `moment` (aware) within this block, in this thread or task only."""
    if moment.tzinfo is None:
        raise ValueError("clock.at() needs an aware moment")
    token = _moment.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _moment.reset(token)
