"""The switches about signing in; read on every request of staff, so remembered for a moment."""

from __future__ import annotations

import time

from linli.rooms.people.models import SignInPolicy

FRESH_SECONDS = 2.0
_seen: tuple[float, SignInPolicy] | None = None


def sign_in_policy() -> SignInPolicy:
    """The policy now in force, the defaults in a new house; at most two seconds old."""
    global _seen
    if _seen is None or time.monotonic() - _seen[0] > FRESH_SECONDS:
        _seen = (time.monotonic(), SignInPolicy.objects.filter(pk=1).first() or SignInPolicy())
    return _seen[1]


def forget_policy() -> None:
    """Read it anew next time: after a change in this process."""
    global _seen
    _seen = None
