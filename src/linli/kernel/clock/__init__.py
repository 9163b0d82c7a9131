"""The working calendar: what time it is, how long a limit lasts, when it runs out.

`now()` is the only place where the house reads the time; actions read it once and pass it on, rules never
call it. Tests, the demo and replays put a moment in its place with `with at(moment): …`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from linli.kernel.clock.limits import Convention, TimeLimit
from linli.kernel.clock.rules import Calendar, Deadline

__all__ = ["Calendar", "Convention", "Deadline", "TimeLimit", "at", "now"]

_moment: ContextVar[datetime | None] = ContextVar("linli_clock_moment", default=None)


def now() -> datetime:
    """The present moment, aware and in UTC; the injected one inside `with at(…)`."""
    return _moment.get() or datetime.now(UTC)


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
