"""Who keeps the set-up's secret and its progress: the house says so when it starts (`kept_by`)."""

from __future__ import annotations

import secrets
from typing import Any, Protocol

from linli.kernel import clock
from linli.kernel.authority import Authority
from linli.kernel.journal import Actor
from linli.rooms.people.models import Account
from linli.rooms.people.rights import Viewer


class Keeper(Protocol):
    """The house, as far as the set-up knows it."""

    def token(self) -> str: ...
    def forget_token(self) -> None: ...
    def read(self) -> dict[str, Any]: ...
    def write(self, progress: dict[str, Any]) -> None: ...


_keeper: Keeper | None = None
_closed = False


def kept_by(keeper: Keeper) -> None:
    """Name the keeper."""
    global _keeper, _closed
    _keeper, _closed = keeper, False


def token_fits(text: str) -> bool:
    """Whether this is the token of the printed link, in a house without any account."""
    known = _keeper.token() if _keeper else ""
    return bool(known) and secrets.compare_digest(text.encode(), known.encode()) and is_empty_house()


def is_empty_house() -> bool:
    """Nobody has an account yet."""
    return not Account.objects.exists()


def progress() -> dict[str, Any]:
    """begun, skipped (keys of steps), closed."""
    return _keeper.read() if _keeper else {}


def is_open() -> bool:
    """Whether the set-up may go on: before the first account, or begun in the browser and not finished.

    Once closed it stays closed; that is remembered without asking again.
    """
    global _closed
    if _closed:
        return False
    kept = progress()
    if kept.get("closed") or (not kept.get("begun") and not is_empty_house()):
        _closed = True
        return False
    return True


def begin() -> None:
    """The first administrators are there: the link has done its work."""
    assert _keeper is not None
    _keeper.write({"begun": clock.now().isoformat(), "skipped": []})
    _keeper.forget_token()


def skip(step: str, skipped: bool = True) -> None:
    """Remember that a step was left out on purpose, or taken up again."""
    assert _keeper is not None
    kept = progress()
    steps = [key for key in kept.get("skipped", []) if key != step]
    _keeper.write({**kept, "skipped": [*steps, step] if skipped else steps})


def saw(step: str) -> None:
    """Remember that what ships was looked at and found good."""
    assert _keeper is not None
    kept = progress()
    _keeper.write({**kept, "seen": sorted({*kept.get("seen", []), step})})


def close() -> None:
    """The house is set up; this door stays shut for ever."""
    global _closed
    assert _keeper is not None
    _keeper.write({**progress(), "closed": clock.now().isoformat()})
    _keeper.forget_token()
    _closed = True


class SetUp:
    """The authority of who sets an empty house up: all rights until the set-up is closed, journalled by name.

    Afterwards the three administrators exclude one another, as everywhere.
    """

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer

    @property
    def actor(self) -> Actor:
        return self.viewer.actor

    def require(self, *args: Any, **kwargs: Any) -> None:
        return None

    def has(self, capability: str) -> bool:
        return True


def authority(viewer: Viewer) -> Authority:
    """The authority for the actions of the set-up."""
    return SetUp(viewer)
