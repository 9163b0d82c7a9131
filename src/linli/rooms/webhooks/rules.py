"""When a message is tried again, and what counts as what. Pure: the random part is given."""

from __future__ import annotations

from datetime import timedelta

from linli.rooms.cases.flow import FLOW

VERSION = 1
"""Of the payload: it grows only by new fields; what is removed or means another thing gets a new number."""

CASE_KINDS = tuple(dict.fromkeys(step.event for step in FLOW.steps if step.event))
CHECKPOINT = "journal.checkpoint"
TEST = "webhook.test"
KINDS = (*CASE_KINDS, CHECKPOINT)
"""What an endpoint may ask for. A test message comes whatever it asked for."""

# Waits before the second, third, … try: about three days in all (Standard Webhooks, operational considerations).
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
TRIES = len(WAITS) + 1
LONGEST_WAIT = timedelta(hours=24)
FAILING_FOR = timedelta(days=5)
"""An endpoint that has taken nothing for so long is paused; its messages wait."""
AT_ONCE = 4
"""Messages on their way to one endpoint at the same time."""
AT_ONCE_FAILING = 1
"""The same, as long as nothing has arrived there since a failure: those that hang keep no senders from the rest."""
OVERLAP = timedelta(hours=24)
"""How long an old secret stays good after a rotation, if nothing else is said."""
LONGEST_OVERLAP = timedelta(days=7)
DONE_KEPT = timedelta(days=30)
REST_KEPT = timedelta(days=90)


def wait_after(tries: int, chance: float, retry_after: str = "") -> timedelta | None:
    """How long to wait after `tries` failures; None when that was the last try.

    chance: 0 to 1, draws the wait out by up to a fifth, so that messages that failed together do not come back
    together. retry_after: what the receiver asked for in seconds; heeded up to a day, never to come earlier.
    """
    if tries >= TRIES:
        return None
    wait = WAITS[tries - 1] * (1 + 0.2 * chance)
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= 6:
        wait = max(wait, min(timedelta(seconds=int(retry_after)), LONGEST_WAIT))
    return wait


def wanted(kinds: list[str], place_id: int | None, kind: str, lineage: list[int]) -> bool:
    """Whether an endpoint with these wishes hears of an event of this kind at a place with this lineage.

    Events of no place (a checkpoint) reach only endpoints for the whole house.
    """
    return (not kinds or kind in kinds) and (place_id is None or place_id in lineage)
